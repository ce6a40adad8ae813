"""Redirect the addresses of earlier versions, which stand in bookmarks, circulars and the audit log, to those of today.

Addresses of the API under `/api/v1` never move.
"""

from __future__ import annotations

import re

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

MOVED = {  # an earlier address, or the beginning of one, and that of today; the first that fits counts
    "/watch/batches/{batch}/pages/{page}/was/{turn}": "/scanning/batches/{batch}/pages/{page}/versions/{turn}",
    "/watch/again": "/scanning/rescans",
    "/watch": "/scanning",
    "/board": "/progress",
    "/people": "/users",
}
_MOVED_PERMANENTLY, _PERMANENT_REDIRECT = 301, 308  # browsers repeat only the second with its method and body
_WITHOUT_BODY = frozenset({"GET", "HEAD"})
_PARAMETER = re.compile(r"\{(\w+)\}")


def _compiled(earlier: str) -> re.Pattern[str]:
    return re.compile(_PARAMETER.sub(r"(?P<\1>[^/]+)", earlier) + r"(?P<_rest>/.*)?", re.DOTALL)


_PATTERNS = [(_compiled(earlier), today) for earlier, today in MOVED.items()]


def address_of_today(path: str) -> str | None:
    """Where an earlier address leads now; None for one that did not move. What is percent-encoded stays so."""
    for pattern, today in _PATTERNS:
        if found := pattern.fullmatch(path):
            values = found.groupdict(default="")
            return _PARAMETER.sub(lambda one, values=values: values[one[1]], today) + values["_rest"]  # type: ignore[misc]
    return None


class MovedAddresses:
    """Answer a request for an earlier address with a redirect that keeps the query."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        today = address_of_today(_written_path(scope)) if scope["type"] == "http" else None
        if today is None:
            await self.app(scope, receive, send)
            return
        query = scope.get("query_string", b"").decode("latin-1")
        status = _MOVED_PERMANENTLY if scope["method"] in _WITHOUT_BODY else _PERMANENT_REDIRECT
        address = f"{today}?{query}" if query else today
        await RedirectResponse(address, status)(scope, receive, send)


def _written_path(scope: Scope) -> str:
    """The path as it was sent, before percent-decoding, without the query."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.partition(b"?")[0].decode("latin-1")
