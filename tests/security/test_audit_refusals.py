"""Probing leaves a trace, and does not fill the disk: every request for what is closed is in the audit log, and so is every
list that was read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from pipeline.audit.event_aggregator import EventAggregator
from pipeline.db.audit import AuditLog
from pipeline.model.accounts import Grant
from pipeline.model.audit import Action, AuditEvent
from pipeline.model.roles import Right, Role
from tests.integration.application import OFFICE, Room, letter_filed, routes_of
from tests.integration.web.test_routes import ENDLESS, PUBLIC, TABLE

NOT_FOUND, FORBIDDEN, UNKNOWN = 404, 403, 401
# Read without an entry of their own, and why.
UNRECORDED = {
    "GET /status",
    "GET /api/v1/status",  # how the parts are; nothing of a record
    "GET /scanning/now",
    ENDLESS,  # the page that shows them is recorded; they are asked for every few seconds
    "GET /scanning/batches/{batch}/pages/{page}/thumb",
    "GET /api/v1/batches/{batch}/pages/{page}/thumb",  # cannot be read
    "GET /scanning/upload",
    "GET /api",
    "GET /api/v1/openapi.json",  # forms and descriptions
    "GET /api/v1/me",
    "GET /account",
    "GET /account/code",  # of oneself
    "GET /documents/{ident}",  # leads on to the first page
    "GET /iiif/images/{ident}/{number}",  # leads on to info.json
}


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with letter_filed() as made:
        yield made


@pytest.fixture
def fresh(room: Room) -> Iterator[Room]:
    """The room with nothing counted yet."""
    room.app.state.events.flush()
    entries(room)
    yield room


def entries(room: Room) -> list[AuditEvent]:
    """All entries, those too that wait to be written."""
    room.app.state.events.flush()
    log = room.container.audit_log
    with log._changed:
        log._changed.wait_for(lambda: not log._waiting, 20)
    number = log.last_number()
    log.note("", Action.OTHER, "the writer has come this far")  # waits for the lock that the writer holds
    return [one for one in log.every() if one.number != number + 1 or one.what != "the writer has come this far"]


def recorded_of(room: Room, route: str, headers: dict[str, str]) -> tuple[int, list[AuditEvent]]:
    """The answer to one request, and the entries that it left."""
    before = room.container.audit_log.last_number()
    status = room.ask([route], headers)[route]
    return status, [one for one in entries(room) if one.number > before]


def send(room: Room, method: str, path: str, **more: Any) -> int:
    async def ask() -> int:
        wire = httpx.ASGITransport(app=room.app)
        async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1") as client:
            return (await client.request(method, path, **more)).status_code

    return asyncio.run(ask())


@pytest.mark.parametrize(
    "grant",
    [Grant(Role.ADMINISTRATOR, "rewa"), Grant(Role.OFFICER, OFFICE)],
    ids=["of another office", "without rights"],
)
def test_whatever_is_closed_to_somebody_and_asked_for_is_recorded(fresh: Room, grant: Grant) -> None:
    headers = fresh.headers(grant)
    untold = {}
    for route, wanted in TABLE.items():
        if route in (ENDLESS, "POST /logout"):
            continue
        status, found = recorded_of(fresh, route, headers)
        is_there = wanted.answer != NOT_FOUND  # for those who may
        is_closed = status == FORBIDDEN or (status == NOT_FOUND and wanted.of_office and is_there)
        refusals = [one for one in found if one.action is Action.REFUSED]
        if is_closed and not (refusals and refusals[0].details["status"] == status and refusals[0].person):
            untold[route] = (status, found)

    assert untold == {}


def test_ids_that_were_made_up_forged_changes_and_false_tokens_are_recorded(fresh: Room) -> None:
    officer = fresh.headers(Grant(Role.OFFICER, OFFICE))
    asked: list[tuple[str, str, dict[str, str], int, str]] = [
        ("GET", "/documents/ffffffffffffffff/pages/1", officer, NOT_FOUND, "not_found"),
        ("GET", "/api/v1/documents/" + "0" * 16, officer, NOT_FOUND, "not_found"),
        ("GET", f"/files/{OFFICE}/9-9-9", officer, NOT_FOUND, "not_found"),
        ("POST", "/searches", {"cookie": officer["cookie"]}, FORBIDDEN, "forged_request"),
        ("POST", "/searches", officer | {"origin": "https://elsewhere.example"}, FORBIDDEN, "forged_request"),
        ("GET", "/api/v1/me", {"authorization": "Bearer abhilekh_guess"}, UNKNOWN, "sign_in"),
        ("GET", "/welcome/guess", {}, NOT_FOUND, "link_expired"),
    ]
    for method, path, headers, status, why in asked:
        before = fresh.container.audit_log.last_number()
        assert send(fresh, method, path, headers=headers) == status, path
        found = [one for one in entries(fresh) if one.number > before and one.action is Action.REFUSED]
        noted = path.replace("/welcome/guess", "/welcome/***")  # a link opens an account: it is never written down
        assert [(one.what, one.details["why"]) for one in found] == [(f"{method} {noted}", why)]


def test_probing_two_thousand_documents_is_two_entries_that_tell_how_often(fresh: Room) -> None:
    headers = fresh.headers(Grant(Role.OFFICER, "rewa"))
    before = fresh.container.audit_log.last_number()

    async def probe() -> None:
        wire = httpx.ASGITransport(app=fresh.app)
        async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1", headers=headers) as client:
            for number in range(500):
                assert (await client.get(f"/api/v1/documents/{number:016x}")).status_code == NOT_FOUND

    asyncio.run(probe())
    found = [one for one in entries(fresh) if one.number > before and one.action is Action.REFUSED]
    assert len(found) == 2 and found[1].details["count"] == 499
    assert (
        len(found[1].details["among"]) == 20
        and found[1].details["among"][0] == "GET /api/v1/documents/0000000000000001"
    )


def test_everything_that_is_read_is_recorded_but_for_what_is_named_here(fresh: Room) -> None:
    untold = []
    for route in TABLE:
        if not route.startswith("GET ") or route in UNRECORDED:
            continue
        somebody = fresh.headers(Grant(Role.ADMINISTRATOR))  # of whom no page is known to which a picture could belong
        status, found = recorded_of(fresh, route, somebody)
        if status < 400 and not [one for one in found if one.person]:
            untold.append(route)

    assert set(untold) <= {"GET /"}  # the form, before anything is asked


def test_the_exceptions_are_routes(room: Room) -> None:
    named = {f"{method} {route.path}" for route in routes_of(room.app) for method in route.methods}

    assert UNRECORDED | set(PUBLIC) <= named


def test_suggestions_while_somebody_types_are_two_entries(fresh: Room) -> None:
    headers = fresh.headers(Grant(Role.OFFICER, OFFICE))
    before = fresh.container.audit_log.last_number()
    for end in range(1, 8):
        send(fresh, "GET", "/api/v1/suggest", params={"q": "सीमांकन"[:end]}, headers=headers)
    send(fresh, "GET", "/api/v1/suggest", params={"q": "नामांतरण"}, headers=headers)

    found = [one for one in entries(fresh) if one.number > before]
    assert [one.action for one in found] == [Action.SEARCH] * 2
    assert found[1].details["among"] == ["सीमांकन", "नामांतरण"] and found[1].details["count"] == 7


def test_a_page_that_answers_a_refusal_itself_is_recorded_too() -> None:
    """Whatever answers 403 or 413 without an error that passes `faults`."""
    kept: list[tuple[Any, ...]] = []

    class Log:
        def record_soon(self, *details: Any) -> None:
            kept.append(details)

        note = record_soon

    async def refusing(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": FORBIDDEN, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    from types import SimpleNamespace

    from pipeline.web.middleware.audit import AuditMiddleware

    events = EventAggregator(Log())
    app = AuditMiddleware(refusing, Log(), events)
    scope = {"type": "http", "method": "GET", "path": "/x", "headers": [], "query_string": b""}
    scope["app"] = SimpleNamespace(state=SimpleNamespace(events=events))

    async def nothing(*_: Any) -> Any:
        return {"type": "http.request"}

    asyncio.run(app(scope, nothing, nothing))
    assert [details[1] for details in kept] == [Action.REFUSED]


def test_a_right_that_a_token_was_not_given_is_recorded(fresh: Room) -> None:
    secret = fresh.container.people.make_token(fresh.person(Grant(Role.ADMINISTRATOR)), "program", [Right.VIEW])
    status, found = recorded_of(fresh, "GET /api/v1/people", {"authorization": f"Bearer {secret}"})

    assert status == FORBIDDEN and [one.action for one in found] == [Action.REFUSED]


def test_what_is_left_when_the_process_ends_is_written(fresh: Room) -> None:
    log = AuditLog(fresh.container.database)
    log.close()  # what is still answered then is kept at once
    events = EventAggregator(log)
    before = log.last_number()
    from pipeline.audit.event_aggregator import Event

    for _ in range(4):
        events.add(Event("p", Action.REFUSED, "GET /x", "p", "x"))
    events.flush()
    assert [one.details.get("count") for one in log.every(after=before)] == [None, 3]
