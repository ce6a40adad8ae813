"""What the audit log keeps of a request: each route declares it, and the middleware reads it from the matched route."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI

from pipeline.model.accounts import Person
from pipeline.model.audit import Action
from pipeline.web.app import create_app
from pipeline.web.audited import AuditRule, Recording, audited, audits_itself, not_audited, rule_of
from pipeline.web.middleware.audit import ViewThrottle, counted_of, event_of
from pipeline.web.security.permissions import Visitor
from tests.integration.application import routes_of
from tests.unit.shelf import Shelf


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app(Shelf())


def undeclared(app: FastAPI) -> list[str]:
    """The routes that do not say what the audit log keeps of them."""
    return [f"{sorted(route.methods)} {route.path}" for route in routes_of(app) if rule_of(route.endpoint) is None]


def test_every_route_is_audited_or_says_that_it_is_not(app: FastAPI) -> None:
    assert undeclared(app) == []


def test_a_new_route_that_says_nothing_is_found() -> None:
    app = create_app(Shelf())
    app.add_api_route("/everything", lambda: "")

    assert undeclared(app) == ["['GET'] /everything"]


def test_what_is_not_audited_says_why_and_only_that(app: FastAPI) -> None:
    rules = [rule for route in routes_of(app) if (rule := rule_of(route.endpoint))]

    assert len(rules) > 100
    assert [rule for rule in rules if (rule.action is None) != (rule.recording is Recording.NEVER)] == []
    assert [rule for rule in rules if bool(rule.reason) != (rule.action is None)] == []


def test_every_download_and_list_is_recorded(app: FastAPI) -> None:
    """Whatever leaves as a file does so with an event."""
    endings = (".csv", "/pdf", "/original", "/text")
    files = [route for route in routes_of(app) if route.path.endswith(endings)]
    rules = {route.path: rule_of(route.endpoint) for route in files}
    fitting = (AuditRule(Action.DOWNLOAD, Recording.EACH), AuditRule(Action.EXPORT, Recording.EACH))

    assert len(files) > 10 and [path for path, rule in rules.items() if rule not in fitting] == []


@audited(Action.VIEW)
def page() -> None: ...


@audited(Action.VIEW, Recording.WITH_PAGE)
def image() -> None: ...


@audited(Action.VIEW, Recording.COUNTED)
def listing() -> None: ...


@audited(Action.SEARCH, Recording.WITH_QUERY)
def search() -> None: ...


@audited(Action.DOWNLOAD)
def pdf() -> None: ...


@audited(Action.REVIEW)
def review() -> None: ...


@audited(Action.UPLOAD, Recording.FAILED)
def piece() -> None: ...


@audits_itself
def login() -> None: ...


@not_audited("an empty form")
def form() -> None: ...


def request(
    endpoint: object, method: str = "GET", query: str = "", name: str = "sarita", **path: str
) -> dict[str, Any]:
    route_method = "POST" if endpoint in (review, login) else "PATCH" if endpoint is piece else "GET"
    return {
        "type": "http",
        "method": method,
        "path": "/api/v1/x",
        "query_string": query.encode(),
        "route": SimpleNamespace(path="/api/v1/x", methods={route_method}, endpoint=endpoint),
        "path_params": path,
        "visitor": Visitor(Person(name)),
    }


@pytest.mark.parametrize(
    ("scope", "status", "expected"),
    [
        (request(page), 200, (Action.VIEW, "/x", {})),
        (request(page, query="side=original&csrf=abc"), 200, (Action.VIEW, "/x", {"asked": {"side": "original"}})),
        (request(page), 500, (Action.VIEW, "/x", {"status": 500})),
        (request(page), 404, None),  # counted as a refusal
        (request(page, name=""), 200, None),
        (request(image, query="width=160"), 200, None),  # too small to be read
        (request(image, query="width=161"), 200, (Action.VIEW, "/x", {"asked": {"width": "161"}})),
        (request(listing), 200, None),  # counted
        (request(search), 200, None),  # the form
        (request(search, query="q=7"), 200, (Action.SEARCH, "7", {"asked": {"q": "7"}})),
        (request(review, "POST"), 303, (Action.REVIEW, "POST /api/v1/x", {})),
        (request(piece, "PATCH"), 204, None),
        (request(piece, "PATCH"), 409, (Action.UPLOAD, "PATCH /api/v1/x", {"status": 409})),
        (request(page, "DELETE"), 405, (Action.OTHER, "DELETE /api/v1/x", {"status": 405})),  # no route takes it
        (request(review, "GET"), 405, None),
        (request(login, "POST"), 303, None),
        (request(form), 200, None),
        (request(None), 200, None),
    ],
)
def test_the_event_of_a_request(scope: dict[str, Any], status: int, expected: tuple[Any, ...] | None) -> None:
    event = event_of(scope, status)

    assert (event and (event.action, event.what, dict(event.details))) == expected
    assert event is None or event.person == "sarita"


def test_a_list_that_was_read_is_counted_by_its_address() -> None:
    found = counted_of(request(listing, query="office=sagar"), 200)

    assert found is not None and (found.action, found.kind) == (Action.VIEW, "/x")
    assert found.details == {"list": "/x", "asked": {"office": "sagar"}}
    assert counted_of(request(listing), 400) is None and counted_of(request(page), 200) is None


def test_a_page_and_its_pictures_are_one_view_and_a_picture_alone_is_one_too() -> None:
    views = ViewThrottle()

    assert views.is_new(request(page, ident="d1"), Action.VIEW)
    assert not views.is_new(request(image, ident="d1"), Action.VIEW)
    assert views.is_new(request(page, ident="d1"), Action.VIEW)  # pages are recorded each time
    assert views.is_new(request(image, ident="d2"), Action.VIEW)  # nobody has opened this document
    assert views.is_new(request(image, ident="d1", name="ravi"), Action.VIEW)
    assert views.is_new(request(pdf, ident="d1"), Action.DOWNLOAD)
