"""What the audit log's page calls an address and a short name that were recorded."""

from __future__ import annotations

import pytest

from pipeline.locale import translations
from pipeline.model.audit import Action
from pipeline.web.app import create_app
from pipeline.web.audit import wording
from pipeline.web.audited import rule_of
from tests.integration.application import routes_of
from tests.signing import open_app, people
from tests.unit.shelf import Shelf, get


def hindi(what: str) -> str:
    found = wording.thing(what)
    return translations("hi").gettext(found.msgid) % found.values if found.msgid else found.text


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("/documents/b1-0001/pages/3", "दस्तावेज़ b1-0001, पृष्ठ 3"),
        ("/documents/b1-0001/pdf", "दस्तावेज़ b1-0001"),
        ("GET /api/v1/documents/b1-0001", "दस्तावेज़ b1-0001"),
        ("POST /review/b1-0001/accept", "दस्तावेज़ b1-0001"),
        ("/files/sagar/पं/भ/41/2012", "नस्ती पं/भ/41/2012"),
        ("POST /api/v1/register/files/sagar/1/2/close", "नस्ती 1/2"),
        ("POST /watch/batches/b1/pages/2/written", "बैच b1, पृष्ठ 2"),
        ("POST /scanning/batches/b1/retry", "बैच b1"),
        ("/board", "प्रगति"),
        ("/progress/days.csv", "प्रगति"),
        ("POST /people/k.sharma/grants", "उपयोगकर्ता"),
        ("मरम्मत", "मरम्मत"),
        ("/nowhere", "/nowhere"),
        ("k.sharma", "k.sharma"),
    ],
)
def test_what_an_event_is_about_is_said_in_words(what: str, said: str) -> None:
    assert hindi(what) == said


def recorded_addresses() -> list[str]:
    """The addresses of routes whose reading leaves an event."""
    reading = [route for route in routes_of(create_app(Shelf())) if route.methods & {"GET"}]
    rules = {route.path.removeprefix("/api/v1"): rule_of(route.endpoint) for route in reading}
    return sorted(path for path, rule in rules.items() if rule is not None and rule.action is not None)


@pytest.mark.parametrize("address", recorded_addresses())
def test_every_address_that_is_recorded_has_words(address: str) -> None:
    assert wording.thing(address.replace("{number}", "1").replace("{page}", "1").replace(":path", "")).msgid


@pytest.mark.parametrize(
    ("what", "address"),
    [
        ("/documents/b1-0001/pages/3", "/documents/b1-0001/pages/3"),
        ("/review/b1-0001", "/review/b1-0001"),
        ("/review/next", ""),
        ("POST /review/b1-0001/accept", ""),
        ("/board", ""),
    ],
)
def test_only_what_can_be_opened_is_a_link(what: str, address: str) -> None:
    assert wording.thing(what).address == address


def test_values_have_words_where_they_are_short_names() -> None:
    assert wording.value_label("did", "grant") == "role assigned"
    assert wording.value_label("role", "officer") == "Officer"
    assert wording.value_label("office", "*") == "every office"
    assert wording.value_label("office", "sagar") == wording.value_label("q", "grant") == ""


def test_the_page_takes_dates_as_people_type_them_and_says_which_is_none() -> None:
    app, _ = open_app(Shelf())
    app.state.audit_log.note("anybody", Action.VIEW, "/documents/b1-0001/pages/3", {"status": 400, "asked": {"q": "x"}})
    assert people().known("anybody")

    page = get("/audit?since=०१-०१-२०२०&until=31-12-2099", app=app).text
    assert 'value="०१-०१-२०२०"' in page and 'role="alert"' not in page
    assert "दस्तावेज़ b1-0001, पृष्ठ 3" in page and "पूरा नहीं हुआ" in page and "400" not in page
    assert "दिनांक नहीं है" in get("/audit?since=gestern", app=app).text
    assert "दस्तावेज़ b1-0001" not in get("/audit?since=01-01-2099", app=app).text
