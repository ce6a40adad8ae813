"""A small OpenID Connect provider on the loopback: it signs people in at once, and checks all that a client must send.

The authorization code flow of OpenID Connect Core 1.0 with PKCE. A test may have it lie, one claim at a time.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "abhilekh", "a secret: 100% of + and /"

Alter = Callable[[dict[str, Any]], dict[str, Any]]


class LoopbackProvider:
    """`person` are the claims of whoever comes; `alter` changes what an ID token says."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {"sub": "u-1", "preferred_username": "k.sharma"}
        self.alter: Alter = lambda claims: claims
        self.sign: Callable[[dict[str, Any]], str] = self._signed
        self.refuse = ""
        self.told_besides: dict[str, Any] = {}  # what UserInfo tells
        self.issuer = ""
        self.back = ""
        self.key = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
        self.published = self.key
        self.codes: dict[str, dict[str, str]] = {}
        self.exchanges = 0

    def change_key(self) -> None:
        self.key = self.published = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig"})

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/me",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }

    def keys(self) -> dict[str, Any]:
        return dict(KeySet([self.published]).as_dict(private=False))

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser is sent back to."""
        assert asked["client_id"] == CLIENT and asked["response_type"] == "code" and "openid" in asked["scope"].split()
        assert asked["redirect_uri"] == self.back and asked["code_challenge_method"] == "S256" and asked["nonce"]
        if self.refuse:
            return f"{self.back}?" + urlencode({"error": self.refuse, "state": asked["state"], "iss": self.issuer})
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{self.back}?" + urlencode({"code": code, "state": asked["state"], "iss": self.issuer})

    def token(self, authorization: str, sent: dict[str, str]) -> dict[str, Any] | None:
        """The tokens for a code, once; None where the client has not proved what it must."""
        kind, _, told = authorization.partition(" ")
        client, _, secret = base64.b64decode(told).decode().partition(":")
        asked = self.codes.pop(sent.get("code", ""), None)
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        proved = kind == "Basic" and (unquote_plus(client), unquote_plus(secret)) == (CLIENT, SECRET)
        fits = asked is not None and asked["code_challenge"] == challenge and sent.get("redirect_uri") == self.back
        if not proved or not fits or asked is None or sent.get("grant_type") != "authorization_code":
            return None
        self.exchanges += 1
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.person,
        }
        return {
            "access_token": secrets.token_urlsafe(16),
            "token_type": "Bearer",
            "id_token": self.sign(self.alter(claims)),
        }

    def _signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)


@contextmanager
def running() -> Iterator[LoopbackProvider]:
    """A provider that listens until the end of the block."""
    provider = LoopbackProvider()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...

        def _answer(self, status: int, told: object) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/.well-known/openid-configuration":
                self._answer(200, provider.metadata())
            elif parts.path == "/me":
                told = provider.told_besides or {"sub": provider.person["sub"]}
                self._answer(200 if self.headers["Authorization"].startswith("Bearer ") else 401, told)
            elif parts.path == "/keys":
                self._answer(200, provider.keys())
            elif parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize(asked))
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self._answer(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            sent = {name: values[0] for name, values in parse_qs(body).items()}
            told = provider.token(self.headers.get("Authorization", ""), sent)
            self._answer(*((200, told) if told else (400, {"error": "invalid_grant"})))

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
