"""Record every view, search, download and change in the audit log as it is answered.

Which action a route is, and which of its requests become events, is declared at the route (`web.audited`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from urllib.parse import parse_qsl

from anyio import to_thread
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.audit.event_aggregator import Event, EventAggregator
from pipeline.errors import AbhilekhError
from pipeline.model.audit import Action
from pipeline.model.json_values import JsonObject, JsonValue
from pipeline.web.accounts.services import AuditWriter
from pipeline.web.addresses import THUMB
from pipeline.web.audited import AuditRule, Recording, added_details, rule_of
from pipeline.web.middleware.auth import SAFE
from pipeline.web.security import refusals
from pipeline.web.security.permissions import NOBODY, Visitor

_API = "/api/v1"
_UNDECLARED_CHANGE = AuditRule(Action.OTHER, Recording.EACH)  # by a method that no route takes: answered with an error
_REFUSED = frozenset({403, 413})
_NOT_FOUND, _FIRST_ERROR = 404, 400
_LONGEST = 300  # characters of a text in an event
_VIEW_SECONDS = 600.0  # in which pictures of a document belong to the view of it that was recorded
_MOST_VIEWS = 10_000


@dataclass(frozen=True, slots=True)
class RequestEvent:
    """An event of a request: who did what to which thing."""

    person: str
    action: Action
    what: str
    details: JsonObject


class AuditMiddleware:
    """Stands inside the auth middleware, so that it knows who asks."""

    def __init__(self, app: ASGIApp, audit_log: AuditWriter | None, events: EventAggregator) -> None:
        self.app = app
        self.audit_log = audit_log
        self.events = events
        self.views = ViewThrottle()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.audit_log is None:
            await self.app(scope, receive, send)
            return
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if _is_recorded_first(scope):
                    await to_thread.run_sync(self._record_now, event_of(scope, status))
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            await self._record_answered(scope, status)

    def _record_now(self, event: RequestEvent | None) -> None:
        """Write a change before it is answered; where the database is busy, as soon as it is not."""
        if event is None or self.audit_log is None:
            return
        try:
            self.audit_log.note(event.person, event.action, event.what, event.details)
        except AbhilekhError:
            self.audit_log.record_soon(event.person, event.action, event.what, event.details)

    async def _record_answered(self, scope: Scope, status: int) -> None:
        """Record what was not recorded before the answer; `status` is 0 where nothing was answered."""
        if status in _REFUSED and refusals.RECORDED not in scope:  # answered by a page of its own
            await to_thread.run_sync(refusals.add, Request(scope), "", status)
        if counted := counted_of(scope, status):
            await to_thread.run_sync(self.events.add, counted)
        event = None if status and _is_recorded_first(scope) else event_of(scope, status)
        if event is not None and self.audit_log is not None and self.views.is_new(scope, event.action):
            await to_thread.run_sync(self.audit_log.record_soon, event.person, event.action, event.what, event.details)


class ViewThrottle:
    """Who viewed which document or batch a while ago, so that a page and its pictures are one event."""

    def __init__(self) -> None:
        self._at: OrderedDict[tuple[str, str], float] = OrderedDict()

    def is_new(self, scope: Scope, action: Action) -> bool:
        """Whether this view is to be recorded; everything but views is. Called from the event loop alone."""
        parameters = scope.get("path_params", {})
        thing = str(parameters.get("ident") or parameters.get("batch") or "")
        if action is not Action.VIEW or not thing:
            return True
        key, at = (scope["visitor"].person.name, thing), monotonic()
        covered = key in self._at and at - self._at[key] < _VIEW_SECONDS
        if covered and _declared(scope).recording is Recording.WITH_PAGE:
            return False
        self._at[key] = at
        self._at.move_to_end(key)
        if len(self._at) > _MOST_VIEWS:
            self._at.popitem(last=False)
        return True


def event_of(scope: Scope, status: int) -> RequestEvent | None:
    """The event of a request that was answered with this status; None for one that leaves none, or is counted."""
    person, rule = _person_of(scope), _declared(scope)
    if status in _REFUSED or status == _NOT_FOUND:
        return None  # counted as refusals
    if not person or rule.action is None or rule.recording is Recording.COUNTED:
        return None
    query = _query_of(scope)
    if not _is_event(rule.recording, query, status):
        return None
    details: dict[str, JsonValue] = {"status": status} if status >= _FIRST_ERROR else {}
    if scope["method"] not in SAFE:
        details |= added_details(Request(scope))
        return RequestEvent(person, rule.action, f"{scope['method']} {scope['path']}"[:_LONGEST], details)
    what = query.get("q", "") if rule.action is Action.SEARCH else str(scope["path"]).removeprefix(_API)
    return RequestEvent(person, rule.action, what[:_LONGEST], details | _asked(query))


def counted_of(scope: Scope, status: int) -> Event | None:
    """The event of a list or a suggestion that was read; None for all else, and where nothing was given."""
    person, rule = _person_of(scope), _declared(scope)
    if rule.action is None or rule.recording is not Recording.COUNTED or not person or not 0 < status < _FIRST_ERROR:
        return None
    query, route = _query_of(scope), _route_path(scope)
    text = query.get("q") or query.get("text") or ""
    what = text if rule.action is Action.SEARCH and text else str(scope["path"]).removeprefix(_API)
    return Event(person, rule.action, what[:_LONGEST], person, route, {"list": route} | _asked(query))


def _declared(scope: Scope) -> AuditRule:
    """The rule of the matched route; where none takes the request's method, a change is an error worth an event."""
    route = scope.get("route")
    rule = rule_of(getattr(route, "endpoint", None))
    if rule is None:
        return AuditRule(None, Recording.NEVER)
    is_change = scope["method"] not in SAFE
    if is_change == SAFE.isdisjoint(getattr(route, "methods", ())):
        return rule
    return _UNDECLARED_CHANGE if is_change else AuditRule(None, Recording.NEVER)


def _is_recorded_first(scope: Scope) -> bool:
    """Whether the event is written before the answer: a record or the register may have been changed."""
    return scope["method"] not in SAFE and _declared(scope).recording is Recording.EACH


def _is_event(recording: Recording, query: Mapping[str, str], status: int) -> bool:
    """Whether this one request is to be recorded."""
    match recording:
        case Recording.WITH_QUERY:
            return bool(query)
        case Recording.WITH_PAGE:
            return not _is_thumb(query)
        case Recording.FAILED:
            return status >= _FIRST_ERROR
        case _:
            return True


def _person_of(scope: Scope) -> str:
    """The name of who asks; empty for nobody."""
    visitor = scope.get("visitor")
    return visitor.person.name if isinstance(visitor, Visitor) and visitor.person != NOBODY else ""


def _route_path(scope: Scope) -> str:
    """The address as its route writes it, without the API's prefix."""
    return str(getattr(scope.get("route"), "path", "")).removeprefix(_API)


def _query_of(scope: Scope) -> dict[str, str]:
    """The query of a request, without the CSRF token of our pages."""
    query = {key: value[:_LONGEST] for key, value in parse_qsl(scope.get("query_string", b"").decode("latin-1"))}
    query.pop("csrf", None)
    return query


def _asked(query: Mapping[str, str]) -> dict[str, JsonValue]:
    return {"asked": dict(query)} if query else {}


def _is_thumb(query: Mapping[str, str]) -> bool:
    """Whether a picture is too small to be read, as in a list of results."""
    width = query.get("width", "")
    return width.isdecimal() and 0 < int(width) <= THUMB
