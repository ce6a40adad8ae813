"""Notes every view, search, download and change as it is answered.

Which address is which deed stands in one table here, so that a route cannot forget to tell; signing in and the like note
themselves, since they know more.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from anyio import to_thread
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.people.deeds import Action
from pipeline.web.gate import NOBODY, Visitor
from pipeline.web.people.access import Notes
from pipeline.web.people.entrance import SAFE

# The address as its route writes it, without the API's prefix. What is not here is noted when it changes something.
READING = {
    "/": Action.SEARCH,
    "/search": Action.SEARCH,
    "/results.csv": Action.EXPORT,
    "/documents/{ident}": Action.VIEW,
    "/documents/{ident}/pages/{number}": Action.VIEW,
    "/documents/{ident}/manifest": Action.VIEW,
    "/documents/{ident}/pdf": Action.DOWNLOAD,
    "/documents/{ident}/original": Action.DOWNLOAD,
    "/documents/{ident}/text": Action.DOWNLOAD,
    "/files/{office}/{key}": Action.VIEW,
    "/review/{ident}": Action.VIEW,
    "/samples/{sample}/next": Action.VIEW,
    "/board.csv": Action.EXPORT,
    "/audit": Action.VIEW,
    "/audit.csv": Action.EXPORT,
    "/samples/{sample}": Action.VIEW,
    "/board": Action.VIEW,
}
CHANGING = (
    ("/review", Action.REVIEW), ("/samples", Action.REVIEW), ("/documents", Action.CORRECT), ("/uploads", Action.UPLOAD),
    ("/watch", Action.UPLOAD),
    ("/files", Action.REGISTER), ("/export", Action.EXPORT),
)  # fmt: skip
THEMSELVES = ("/login", "/logout", "/welcome", "/account", "/people", "/tokens")
_API = "/api/v1"
_REFUSED = frozenset({403, 413})
_LONGEST = 300


class Noting:
    """Stands inside the entrance, so that it knows who asks."""

    def __init__(self, app: ASGIApp, deeds: Notes | None) -> None:
        self.app = app
        self.deeds = deeds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.deeds is None:
            await self.app(scope, receive, send)
            return
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            noted = deed_of(scope, status)
            if noted is not None:
                await to_thread.run_sync(self.deeds.note_soon, *noted)


def deed_of(scope: Scope, status: int) -> tuple[str, Action, str, dict[str, Any]] | None:
    """What is noted of a request that was answered with this status; None for what nobody needs to know."""
    visitor = scope.get("visitor")
    person = visitor.person if isinstance(visitor, Visitor) else NOBODY
    route = getattr(scope.get("route"), "path", "")
    told: dict[str, Any] = {"status": status} if status >= 400 else {}  # noqa: PLR2004 - the first that refuses
    if status in _REFUSED:
        return person.name, Action.REFUSED, f"{scope['method']} {scope['path']}"[:_LONGEST], told
    if person == NOBODY or not route or status == 404 or route.startswith(THEMSELVES):  # noqa: PLR2004
        return None
    bare = route.removeprefix(_API) or "/"
    asked = {key: value[:_LONGEST] for key, value in parse_qsl(scope.get("query_string", b"").decode("latin-1"))}
    asked.pop("csrf", None)
    if scope["method"] in SAFE:
        action = READING.get(bare)
        if action is None or (bare == "/" and not asked):
            return None
        searched = asked.get("q", "")
        what = searched if action is Action.SEARCH else scope["path"].removeprefix(_API)
        return person.name, action, what[:_LONGEST], told | ({"asked": asked} if asked else {})
    action = next((action for begin, action in CHANGING if bare.startswith(begin)), Action.OTHER)
    return person.name, action, f"{scope['method']} {scope['path']}"[:_LONGEST], told
