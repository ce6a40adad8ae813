// oidc-provider on the loopback with its own pages of sign-in and consent: node provider.mjs ORIGIN SECONDS
// ORIGIN is where Abhilekh is, SECONDS how far the provider's clock is behind. Whoever signs in there as NAME is the subject
// `subject-of-NAME`; the name is told by UserInfo alone. Prints its issuer.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const [origin, behind] = process.argv.slice(2);
const now = Date.now;
Date.now = () => now() - Number(behind) * 1000;
const client = {
  client_id: "abhilekh", client_secret: "a secret of 32 signs, + and / in it", redirect_uris: [`${origin}/login/outside/back`],
  post_logout_redirect_uris: [`${origin}/login`], response_types: ["code"], grant_types: ["authorization_code"],
};
const person = (ctx, name) => ({ accountId: name, claims: () => ({ sub: `subject-of-${name}`, preferred_username: name }) });
let provider;
const server = createServer((request, answer) => provider.callback()(request, answer));
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  provider = new Provider(issuer, {
    clients: [client],
    claims: { openid: ["sub"], profile: ["preferred_username"] },
    findAccount: person,
    pkce: { required: () => true },
    ttl: { IdToken: 300, AccessToken: 300, Grant: 900, Interaction: 900, Session: 900 },
  });
  console.log(issuer);
});
