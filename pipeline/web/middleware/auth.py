"""Authenticate each request before it is routed, and refuse changes that our own pages did not send.

A browser is known by its cookie, a program by `Authorization: Bearer`. Changes that come with a cookie must carry the sign
of the session (a header, a field of the form, or `csrf` in the address) and come from our own origin: the defences that
OWASP's cheat sheet on cross-site request forgery names, one behind the other.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.db.accounts import AccountRepository
from pipeline.errors import AbhilekhError, CodeRequiredError, ForgedRequestError, SignInError, TooLargeError
from pipeline.web import error_pages
from pipeline.web.security.cookies import bearer_of, cookie_of, sign_of
from pipeline.web.security.permissions import Visitor

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN = ("/static/", "/healthz", "/language/")  # nobody is asked who they are
UNSIGNED = ("/login", "/welcome/")  # changes before anybody is signed in: only the origin is checked
WITHOUT_CODE = ("/account", "/logout")  # all that is open to somebody who must set up a code first
MOST_BYTES = 1 << 20  # of an ordinary request
_MOST_FIELDS = 1000
_LENGTH_DIGITS = 18  # of an announced length: more is too large as well, and Python refuses to read thousands
_FORM = "application/x-www-form-urlencoded"

Large = Callable[[str], bool]


class AuthMiddleware:
    """`is_large`: whether more than `MOST_BYTES` may be sent to a path; its routes set limits of their own.
    `secure`: a proxy speaks https, and only cookies of that connection count."""

    def __init__(
        self, app: ASGIApp, people: AccountRepository | None, is_large: Large, *, secure: bool = False
    ) -> None:
        self.app = app
        self.people = people
        self.is_large = is_large
        self.secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(OPEN):
            await self.app(scope, receive, send)
            return
        try:
            receive = await self._let_in(scope, receive)
        except AbhilekhError as error:
            answer = await to_thread.run_sync(error_pages.respond, Request(scope, receive), error)
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)

    async def _let_in(self, scope: Scope, receive: Receive) -> Receive:
        headers = Headers(scope=scope)
        secret, bearer = cookie_of(headers, secure=self.secure), bearer_of(headers)
        scope["visitor"] = Visitor()
        if self.people is not None:
            scope["visitor"], lacks_code = await to_thread.run_sync(_who, self.people, secret, bearer)
            if lacks_code and not scope["path"].startswith(WITHOUT_CODE):
                raise CodeRequiredError
        if scope["method"] in SAFE:
            return receive
        if not self.is_large(scope["path"]):
            body, receive = await _whole(headers, receive)
        else:
            body = b""
        if not bearer:
            _require_own(scope, headers, body, scope["visitor"].csrf)
        return receive


def _who(people: AccountRepository, secret: str, bearer: str) -> tuple[Visitor, bool]:
    """Who holds this token or session, and whether a code must be set up first. Raises `SignInError` for a token that is
    none."""
    if bearer:
        found = people.by_token(bearer)
        if found is None:
            raise SignInError
        return Visitor(found[0], "", found[1]), False
    signed_in = people.signed_in(secret) if secret else None
    return (Visitor(signed_in.person, sign_of(secret)), signed_in.lacks_code) if signed_in else (Visitor(), False)


async def _whole(headers: Headers, receive: Receive) -> tuple[bytes, Receive]:
    """The body of a request, and a `receive` that replays it. Raises `TooLargeError`."""
    if _length_of(headers.get("content-length", "")) > MOST_BYTES:
        raise TooLargeError(limit="1 MB")
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            break
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            raise TooLargeError(limit="1 MB")
        if not message.get("more_body"):
            break
    is_replayed = False

    async def replay() -> Message:
        nonlocal is_replayed
        if is_replayed:
            return await receive()
        is_replayed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return body, replay


def _length_of(announced: str) -> int:
    """The length that a request announces; 0 for what is no number: what really comes is counted as well."""
    if not (announced.isascii() and announced.isdigit()):
        return 0
    return int(announced[:_LENGTH_DIGITS])


def _host_of(origin: str) -> str | None:
    """The host and port of an origin; None for what is no address."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def _fields(data: bytes) -> dict[str, list[str]]:
    """The fields of a form. Raises `TooLargeError` for more than any form has: they are taken apart for every request."""
    try:
        return parse_qs(data.decode("latin-1"), max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise TooLargeError(limit=f"{_MOST_FIELDS} fields") from error


def _require_own(scope: Scope, headers: Headers, body: bytes, sign: str) -> None:
    """Raise `ForgedRequestError` for a change that our own pages did not ask for."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site not in ("same-origin", "none"):
        raise ForgedRequestError
    if origin is not None and _host_of(origin) != headers.get("host", ""):
        raise ForgedRequestError
    if not sign:
        if scope["path"].startswith(UNSIGNED):
            return
        raise SignInError
    asked = _fields(scope.get("query_string", b"")).get("csrf", [])
    if headers.get("content-type", "").startswith(_FORM):
        asked += _fields(body).get("csrf", [])
    asked.append(headers.get("x-csrf-token", ""))
    if not any(hmac.compare_digest(one.encode(), sign.encode()) for one in asked):
        raise ForgedRequestError
