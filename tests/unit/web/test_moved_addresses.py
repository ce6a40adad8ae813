"""Every address of the pages before they were renamed still leads to the page, with its method, its body and its query."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest
from starlette.routing import Match

from pipeline.web.app import create_app
from tests.signing import EVERYTHING, open_app
from tests.unit.shelf import Shelf, get

# The addresses as they were; each with the one that answers now.
EARLIER = [
    ("GET", "/watch", "/scanning"),
    ("GET", "/watch/now", "/scanning/now"),
    ("GET", "/watch/events", "/scanning/events"),
    ("GET", "/watch/upload", "/scanning/upload"),
    ("POST", "/watch/upload", "/scanning/upload"),
    ("GET", "/watch/again", "/scanning/rescans"),
    ("GET", "/watch/blank", "/scanning/blank"),
    ("GET", "/watch/batches/b1/pages/2", "/scanning/batches/b1/pages/2"),
    ("GET", "/watch/batches/b1/pages/2/image", "/scanning/batches/b1/pages/2/image"),
    ("GET", "/watch/batches/b1/pages/2/thumb", "/scanning/batches/b1/pages/2/thumb"),
    ("GET", "/watch/batches/b1/pages/2/was/3", "/scanning/batches/b1/pages/2/versions/3"),
    ("POST", "/watch/batches/b1/pages/2/blank", "/scanning/batches/b1/pages/2/blank"),
    ("POST", "/watch/batches/b1/retry", "/scanning/batches/b1/retry"),
    ("GET", "/board", "/progress"),
    ("GET", "/board/offices.csv", "/progress/offices.csv"),
    ("GET", "/people", "/users"),
    ("POST", "/people", "/users"),
    ("POST", "/people/k.sharma/grants", "/users/k.sharma/grants"),
    ("POST", "/people/k.sharma/identity", "/users/k.sharma/identity"),
    ("POST", "/people/k.sharma/disable", "/users/k.sharma/disable"),
]


def ask(method: str, path: str) -> httpx.Response:
    app, signed_in = open_app(Shelf(), EVERYTHING)

    async def request() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
            return await client.request(method, path, headers=signed_in)

    return asyncio.run(request())


@pytest.mark.parametrize(("method", "earlier", "today"), EARLIER)
def test_an_earlier_address_redirects_to_one_that_answers(method: str, earlier: str, today: str) -> None:
    answer = ask(method, f"{earlier}?a=%20x&b=1")

    assert answer.status_code == (301 if method == "GET" else 308)
    assert answer.headers["location"] == f"{today}?a=%20x&b=1"
    assert "x-content-type-options" in answer.headers
    scope = {"type": "http", "method": method, "path": today}
    routes = [route for route in create_app(Shelf()).routes if route.matches(scope)[0] is Match.FULL]
    assert routes


def test_an_encoded_name_stays_encoded() -> None:
    assert ask("POST", "/people/a%2Fb/grants").headers["location"] == "/users/a%2Fb/grants"
    assert get("/watch/batches/%E0%A4%95").headers["location"] == "/scanning/batches/%E0%A4%95"


@pytest.mark.parametrize(
    "path", ["/watchman", "/boards", "/api/v1/watch", "/api/v1/board", "/api/v1/people", "/peoples"]
)
def test_other_addresses_are_left_alone(path: str) -> None:
    assert get(path).status_code not in (301, 308)


def test_no_page_leads_to_an_earlier_address() -> None:
    earlier = re.compile(r"[\"'](/watch|/board|/people)\b")

    for path in ("/", "/?q=x", "/documents/d1/pages/1", "/status"):
        assert not earlier.search(get(path).text)
