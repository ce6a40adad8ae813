"""Notes every view, search, download and change as it is answered.

Which address is which deed stands in one table here, so that a route cannot forget to tell; signing in and the like note
themselves, since they know more.
"""

from __future__ import annotations

from collections import OrderedDict
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl

from anyio import to_thread
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.audit.event_aggregator import Event, EventAggregator
from pipeline.errors import AbhilekhError
from pipeline.model.audit import Action
from pipeline.web.accounts.services import AuditWriter
from pipeline.web.addresses import THUMB
from pipeline.web.middleware.auth import SAFE
from pipeline.web.security import refusals
from pipeline.web.security.permissions import NOBODY, Visitor

# The address as its route writes it, without the API's prefix. What is not here is noted when it changes something.
READING = {
    "/": Action.SEARCH,
    "/search": Action.SEARCH,
    "/search.csv": Action.EXPORT,
    "/results.csv": Action.EXPORT,
    "/documents/{ident}": Action.VIEW,
    "/documents/{ident}/pages/{number}": Action.VIEW,
    "/documents/{ident}/pdf": Action.DOWNLOAD,
    "/documents/{ident}/original": Action.DOWNLOAD,
    "/documents/{ident}/text": Action.DOWNLOAD,
    "/files/{office}/{key:path}": Action.VIEW,
    "/iiif/documents/{ident}/manifest.json": Action.VIEW,
    "/iiif/files/{office}/{key:path}/manifest.json": Action.VIEW,
    "/batches/{batch}/pages/{page}": Action.VIEW,
    "/scanning/batches/{batch}/pages/{page}": Action.VIEW,
    "/register/files/{office}/{key:path}": Action.VIEW,
    "/register/{kind}.csv": Action.EXPORT,
    "/review/{ident}": Action.VIEW,
    "/samples/{sample}/next": Action.VIEW,
    "/board/{table}.csv": Action.EXPORT,
    "/progress/{table}.csv": Action.EXPORT,
    "/audit": Action.VIEW,
    "/audit.csv": Action.EXPORT,
    "/samples/{sample}": Action.VIEW,
    "/board": Action.VIEW,
    "/progress": Action.VIEW,
}
# Lists and suggestions, which are asked for again and again: the first is an event, those of the next minutes are one more.
COUNTED = {
    "/suggest": Action.SEARCH,
    "/searches": Action.VIEW,
    "/watch": Action.VIEW,
    "/scanning": Action.VIEW,
    "/scanning/rescans": Action.VIEW,
    "/scanning/blank": Action.VIEW,
    "/again": Action.VIEW,
    "/blank": Action.VIEW,
    "/uploads": Action.VIEW,
    "/review": Action.VIEW,
    "/review/next": Action.VIEW,
    "/review/number": Action.SEARCH,
    "/samples": Action.VIEW,
    "/register/offices": Action.VIEW,
    "/register/unregistered": Action.VIEW,
    "/register/files": Action.VIEW,
    "/people": Action.VIEW,
    "/users": Action.VIEW,
    "/identities": Action.VIEW,
    "/tokens": Action.VIEW,
}
# Pictures of what somebody looks at. They follow a page that is noted; by themselves they are views, too.
PICTURES = (
    "/documents/{ident}/places",
    "/iiif/images/{ident}/{number}/info.json",
    "/documents/{ident}/pages/{number}/image",
    "/documents/{ident}/pages/{number}/cut",
    "/documents/{ident}/pages/{number}/scan",
    "/iiif/images/{ident}/{number}/{region}/{size}/{rotation}/{quality}.jpg",
    "/batches/{batch}/pages/{page}/image",
    "/batches/{batch}/pages/{page}/was/{turn}",
    "/scanning/batches/{batch}/pages/{page}/image",
    "/scanning/batches/{batch}/pages/{page}/versions/{turn}",
)
CHANGING = (
    ("/review", Action.REVIEW),
    ("/samples", Action.REVIEW),
    ("/uploads", Action.UPLOAD),
    ("/scanning", Action.UPLOAD),
    ("/batches", Action.UPLOAD),
    ("/register", Action.REGISTER),
)
THEMSELVES = ("/login", "/logout", "/welcome", "/account", "/people", "/users", "/tokens")
Noted = tuple[str, Action, str, dict[str, Any]]  # who, what they did, to what, what else there is to tell
_API = "/api/v1"
_TOLD = "abhilekh.told"  # of a request's scope
_REFUSED = frozenset({403, 413})
_NOT_FOUND, _FIRST_ERROR = 404, 400
_LONGEST = 300
_SAME_LOOK = 600.0  # seconds in which pictures of a thing belong to the look at it that was noted
_MOST_LOOKS = 10_000


def tell(request: Request, **what: Any) -> None:
    """Let the deed that is being noted hold this besides: the names of files that are sent."""
    request.scope[_TOLD] = what


class AuditMiddleware:
    """Stands inside the entrance, so that it knows who asks."""

    def __init__(self, app: ASGIApp, audit_log: AuditWriter | None, events: EventAggregator) -> None:
        self.app = app
        self.audit_log = audit_log
        self.events = events
        self.looks = ViewThrottle()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.audit_log is None:
            await self.app(scope, receive, send)
            return
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if _is_change(scope):
                    await to_thread.run_sync(self._keep, event_of(scope, status))
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            if status in _REFUSED and refusals.RECORDED not in scope:  # answered by a page of its own
                await to_thread.run_sync(refusals.add, Request(scope), "", status)
            if counted := counted_of(scope, status):
                await to_thread.run_sync(self.events.add, counted)
            noted = None if status and _is_change(scope) else event_of(scope, status)
            if noted is not None and self.looks.is_new(scope, noted[1]):
                await to_thread.run_sync(self.audit_log.record_soon, *noted)

    def _keep(self, noted: Noted | None) -> None:
        """Keep what was changed before it is answered; where the database is busy, as soon as it is not."""
        if noted is None or self.audit_log is None:
            return
        try:
            self.audit_log.note(*noted)
        except AbhilekhError:
            self.audit_log.record_soon(*noted)


class ViewThrottle:
    """Who looked at which document or batch a while ago, so that a page and its pictures are one entry."""

    def __init__(self) -> None:
        self._at: OrderedDict[tuple[str, str], float] = OrderedDict()

    def is_new(self, scope: Scope, action: Action) -> bool:
        """Whether this is to be noted. Called from the event loop alone."""
        asked = scope.get("path_params", {})
        thing = str(asked.get("ident") or asked.get("batch") or "")
        if action is not Action.VIEW or not thing:
            return True
        key, at = (scope["visitor"].person.name, thing), monotonic()
        covered = key in self._at and at - self._at[key] < _SAME_LOOK
        if covered and _bare(scope) in PICTURES:
            return False
        self._at[key] = at
        self._at.move_to_end(key)
        if len(self._at) > _MOST_LOOKS:
            self._at.popitem(last=False)
        return True


def _is_change(scope: Scope) -> bool:
    """Whether a record or the register may have been changed. Uploads come in many pieces; they are noted like views."""
    return scope["method"] not in SAFE and not _bare(scope).startswith("/uploads")


def _bare(scope: Scope) -> str:
    """The address as its route writes it, without the API's prefix."""
    return str(getattr(scope.get("route"), "path", "")).removeprefix(_API)


def event_of(scope: Scope, status: int) -> Noted | None:
    """What is noted of a request that was answered with this status; None for what nobody needs to know."""
    visitor = scope.get("visitor")
    person = visitor.person if isinstance(visitor, Visitor) else NOBODY
    bare = _bare(scope)
    details: dict[str, Any] = {"status": status} if status >= _FIRST_ERROR else {}
    if status in _REFUSED or status == _NOT_FOUND:
        return None  # counted as refusals
    if person == NOBODY or not bare or bare.startswith(THEMSELVES):
        return None
    asked = _asked(scope)
    if scope["method"] in SAFE:
        action = Action.VIEW if bare in PICTURES else READING.get(bare)
        if action is None or (bare == "/" and not asked) or _is_thumb(bare, asked):
            return None
        searched = asked.get("q", "")
        what = searched if action is Action.SEARCH else scope["path"].removeprefix(_API)
        return person.name, action, what[:_LONGEST], details | ({"asked": asked} if asked else {})
    if (
        scope["method"] == "PATCH" and bare.startswith("/uploads") and not details
    ):  # a piece of what was noted when it began
        return None
    action = next((action for begin, action in CHANGING if bare.startswith(begin)), Action.OTHER)
    details |= scope.get(_TOLD, {})
    return person.name, action, f"{scope['method']} {scope['path']}"[:_LONGEST], details


def counted_of(scope: Scope, status: int) -> Event | None:
    """The event of a list or a suggestion that was read; None of all else, and where nothing was given."""
    visitor, bare = scope.get("visitor"), _bare(scope)
    action = COUNTED.get(bare) if scope["method"] in SAFE else None
    if action is None or not isinstance(visitor, Visitor) or visitor.person == NOBODY or not 0 < status < _FIRST_ERROR:
        return None
    asked, name = _asked(scope), visitor.person.name
    text = asked.get("q") or asked.get("text") or ""
    what = text if action is Action.SEARCH and text else str(scope["path"]).removeprefix(_API)
    return Event(name, action, what[:_LONGEST], name, bare, {"list": bare} | ({"asked": asked} if asked else {}))


def _asked(scope: Scope) -> dict[str, str]:
    """The query of a request, without the sign of our pages."""
    asked = {key: value[:_LONGEST] for key, value in parse_qsl(scope.get("query_string", b"").decode("latin-1"))}
    asked.pop("csrf", None)
    return asked


def _is_thumb(bare: str, asked: dict[str, str]) -> bool:
    """Whether a picture is too small to be read, as in a list of results."""
    width = asked.get("width", "")
    return bare in PICTURES and width.isdecimal() and 0 < int(width) <= THUMB
