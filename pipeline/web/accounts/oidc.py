"""Signing in at an identity provider by OpenID Connect: the authorization code flow with PKCE.

Here are the questions to the provider and the checks of its answers (OpenID Connect Core 1.0, 3.1; RFC 7636, RFC 9207). Who
is let in under which name is decided in `oidc_routes`. The only home of authlib and joserfc.
"""

from __future__ import annotations

import json
import secrets
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.error import URLError
from urllib.parse import parse_qs, quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

import structlog
from authlib.oauth2.auth import encode_client_secret_basic
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from pipeline.errors import IdentityError
from pipeline.locale import Message
from pipeline.settings import OidcSettings

log = structlog.get_logger()

# Signed with a key that only the provider has; `none` and those that share our secret are not taken.
_ALGORITHMS = ("RS256", "PS256", "ES256", "RS384", "PS384", "ES384", "RS512", "PS512", "ES512", "EdDSA")
_METADATA = "/.well-known/openid-configuration"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_KEPT_SECONDS = 3600.0  # the provider's metadata and keys
_AGAIN_SECONDS = 30.0  # between two looks for a key that was not there
_TIMEOUT, _MOST_BYTES = 10.0, 1 << 20
_LEEWAY = 60  # seconds by which two clocks may differ
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to the provider and back, as the visitor's browser keeps it meanwhile."""

    state: str
    nonce: str
    verifier: str
    onward: str

    @classmethod
    def new(cls, onward: str) -> Attempt:
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), onward)

    def packed(self) -> str:
        return urlencode([("s", self.state), ("n", self.nonce), ("v", self.verifier), ("o", self.onward)])

    @classmethod
    def unpacked(cls, text: str) -> Attempt | None:
        found = parse_qs(text)
        if not all(found.get(name) for name in "snvo"):
            return None
        return cls(*(found[name][0] for name in "snvo"))


class _NoRedirects(HTTPRedirectHandler):
    """A provider answers itself; being led elsewhere, our secret would go along."""

    def redirect_request(self, *args: Any) -> None:
        return None


class Provider:
    """One identity provider. Every call raises `IdentityError`; the details go to the log. Safe to use from many threads."""

    def __init__(self, settings: OidcSettings) -> None:
        self.settings = settings
        tls = ssl.create_default_context(cafile=str(settings.ca) if settings.ca else None)
        self._opener = build_opener(HTTPSHandler(context=tls), _NoRedirects)
        self._lock = threading.Lock()
        self._known: dict[str, Any] = {}
        self._known_until = 0.0
        self._keys: KeySet | None = None
        self._keys_at = 0.0

    def way_there(self, attempt: Attempt, back: str) -> str:
        """The address at the provider to which the visitor is sent; they come back to the address `back`."""
        found: str = prepare_grant_uri(
            self._metadata()["authorization_endpoint"],
            client_id=self.settings.client_id,
            response_type="code",
            redirect_uri=back,
            scope=self.settings.scope,
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        return found

    def who(self, attempt: Attempt, back: str, query: Mapping[str, str]) -> dict[str, Any]:
        """The claims of the checked ID token of the visitor who came back with this query."""
        if not secrets.compare_digest(query.get("state", "").encode(), attempt.state.encode()):
            raise _refused(Message("the way back does not belong to the way there"))
        if query.get("error"):
            log.warning("identity", error=query["error"][:100], description=query.get("error_description", "")[:300])
            raise _refused(Message("the provider did not let you in"))
        if query.get("iss", self.settings.issuer) != self.settings.issuer or not query.get("code"):
            raise _refused(Message("the answer did not come from the provider"))
        tokens = self._exchange(query["code"], attempt, back)
        claims = self._checked(str(tokens.get("id_token", "")), attempt, tokens)
        return claims if self.settings.name_claim in claims else self._user_info(claims, tokens) | claims

    def way_out(self, back: str) -> str | None:
        """The address at which the visitor signs out at the provider, to come back to `back`; None where there is none."""
        address = self._metadata().get("end_session_endpoint")
        if not _is_safe(address):
            return None
        asked = {"client_id": self.settings.client_id, "post_logout_redirect_uri": back}
        return f"{address}{'&' if '?' in str(address) else '?'}{urlencode(asked)}"

    def _user_info(self, claims: Mapping[str, Any], tokens: Mapping[str, Any]) -> dict[str, Any]:
        """The claims of the UserInfo endpoint: many providers keep names out of ID tokens (Core, 5.4)."""
        address, token = self._metadata().get("userinfo_endpoint"), tokens.get("access_token")
        if not _is_safe(address) or not token:
            return {}
        found = self._ask(str(address), headers={"Authorization": f"Bearer {token}"})
        if found.get("sub") != claims["sub"]:  # Core, 5.3.2: it must be the same person
            raise _refused(Message("what the provider says of you cannot be trusted"))
        return found

    def _exchange(self, code: str, attempt: Attempt, back: str) -> dict[str, Any]:
        """The tokens for a code."""
        metadata, secret = self._metadata(), self.settings.client_secret.get_secret_value()
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": attempt.verifier,
        }
        headers: dict[str, str] = {"Content-Type": "application/x-www-form-urlencoded"}
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if not secret:
            body["client_id"] = self.settings.client_id
        elif "client_secret_basic" in methods:
            proof = _Client(*(quote(part, safe="") for part in (self.settings.client_id, secret)))  # RFC 6749, 2.3.1
            _, headers, _ = encode_client_secret_basic(proof, "POST", "", headers, "")
        else:
            body |= {"client_id": self.settings.client_id, "client_secret": secret}
        return self._ask(metadata["token_endpoint"], urlencode(body).encode(), headers)

    def _checked(self, id_token: str, attempt: Attempt, tokens: Mapping[str, Any]) -> dict[str, Any]:
        token = self._decoded(id_token)
        claims = CodeIDToken(
            token.claims,
            token.header,
            options={
                "iss": {"essential": True, "values": [self.settings.issuer]},
                "aud": {"essential": True, "value": self.settings.client_id},
                "sub": {"essential": True},
                "nonce": {"essential": True, "value": attempt.nonce},
            },
            params={
                "client_id": self.settings.client_id,
                "nonce": attempt.nonce,
                "access_token": tokens.get("access_token"),
            },
        )
        try:
            claims.validate(leeway=_LEEWAY)
        except JoseError as error:
            raise _unsound(error) from error
        return dict(token.claims)

    def _decoded(self, id_token: str) -> jwt.Token:
        """The token, if its signature is the provider's; where it is not, its keys may have changed since we last looked."""
        try:
            return jwt.decode(id_token, self._keys_now(), algorithms=list(_ALGORITHMS))
        except (JoseError, ValueError):
            pass
        try:
            return jwt.decode(id_token, self._keys_now(anew=True), algorithms=list(_ALGORITHMS))
        except (JoseError, ValueError) as error:
            raise _unsound(error) from error

    def _metadata(self) -> dict[str, Any]:
        """The provider's metadata (OpenID Connect Discovery 1.0)."""
        with self._lock:
            if time.monotonic() < self._known_until:
                return self._known
        found = self._ask(self.settings.issuer.rstrip("/") + _METADATA)
        addresses = [found.get(name) for name in _ENDPOINTS]
        if found.get("issuer") != self.settings.issuer or not all(map(_is_safe, addresses)):
            log.warning("identity", metadata=found)
            raise _refused(Message("the provider describes itself wrongly"))
        with self._lock:
            self._known, self._known_until = found, time.monotonic() + _KEPT_SECONDS
        return found

    def _keys_now(self, *, anew: bool = False) -> KeySet:
        with self._lock:
            age = time.monotonic() - self._keys_at
            if self._keys is not None and age < (_AGAIN_SECONDS if anew else _KEPT_SECONDS):
                return self._keys
        try:
            keys = KeySet.import_key_set(self._ask(self._metadata()["jwks_uri"]))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise _unsound(error) from error
        with self._lock:
            self._keys, self._keys_at = keys, time.monotonic()
        return keys

    def _ask(self, address: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON object at an address of the provider."""
        request = Request(address, body, {"Accept": "application/json", **(headers or {})})  # noqa: S310 - `_is_safe`
        try:
            with self._opener.open(request, timeout=_TIMEOUT) as answer:
                found = json.loads(answer.read(_MOST_BYTES))
        except (URLError, OSError, ValueError) as error:
            log.warning("identity", address=address, reason=str(error))
            raise _refused(Message("the provider does not answer as it should")) from error
        if not isinstance(found, dict):
            raise _refused(Message("the provider does not answer as it should"))
        return found


@dataclass(frozen=True, slots=True)
class _Client:
    """The two attributes that authlib's helper reads."""

    client_id: str
    client_secret: str


def _is_safe(address: object) -> bool:
    """Whether nobody on the way can read along: https, or this machine."""
    parts = urlsplit(address) if isinstance(address, str) else None
    return parts is not None and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK))


def _refused(cause: Message) -> IdentityError:
    return IdentityError(cause=cause)


def _unsound(error: Exception) -> IdentityError:
    log.warning("identity", reason=f"{type(error).__name__}: {error}")
    return _refused(Message("what the provider says of you cannot be trusted"))
