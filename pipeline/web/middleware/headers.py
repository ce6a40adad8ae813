"""Security headers on every answer, NUL kept out of addresses, and an error page for exceptions outside our family.

Which hosts are answered at all is Starlette's own check, set up in `app`; errors of our family are answered by
`error_pages`.
"""

from __future__ import annotations

import secrets
import traceback
from pathlib import Path

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.errors import InternalError
from pipeline.errors.disk import disk_error
from pipeline.web import error_pages
from pipeline.web.security.redaction import redacted

POLICY = "default-src 'self'; object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


# A year, as the preload lists ask for; of this name alone, since others of the domain may have no certificate.
STRICT_TRANSPORT = {"Strict-Transport-Security": "max-age=31536000"}


class SecurityHeaders:
    """Puts the security headers on every answer, refusals and errors included. `secure`: a proxy speaks https, and browsers
    are to use nothing else (RFC 6797; over plain http the header has no meaning)."""

    def __init__(self, app: ASGIApp, *, secure: bool = False) -> None:
        self.app = app
        self.headers = HEADERS | (STRICT_TRANSPORT if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class PlainAddresses:
    """Keeps NUL out of addresses, for not every database takes it.

    No name of anything holds it, so that a path with it leads nowhere; in a query it is a blank, as other control signs are.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if "\0" in scope["path"]:
                request = Request(scope, receive)
                await error_pages.respond(request, error_pages.no_address(request))(scope, receive, send)
                return
            scope["query_string"] = scope.get("query_string", b"").replace(b"%00", b"%20").replace(b"\0", b"%20")
        await self.app(scope, receive, send)


class UnexpectedErrors:
    """Turns an exception outside our family into an internal error with an id; the details go to the log under it.

    A full or read-only disk in `home` is reported as such."""

    def __init__(self, app: ASGIApp, home: Path) -> None:
        self.app, self.home = app, home

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            ident = secrets.token_hex(4)
            details = "".join(traceback.format_exception(error))  # as text: a formatter would add local values to it
            structlog.get_logger().error("web_unforeseen", id=ident, path=redacted(scope["path"]), details=details)
            if started:  # too late for a page; a broken connection at least cannot be taken for a whole file
                raise
            known = disk_error(error, self.home) or InternalError(id=ident)
            await error_pages.respond(Request(scope, receive), known)(scope, receive, send)
