"""Every page in both languages: nothing that keeps people out (axe-core), no page too heavy for a slow office network, none
that must be pushed sideways on a telephone, and results that need no script."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, expect

from pipeline.web import server
from tests.acceptance.web.conftest import NARROW, OFFICE, RecordRoom, Visit
from tests.integration.web.test_routes import routes_of

MOST_BYTES = 300_000  # of a page before its images, as sent
GRAVE = ("serious", "critical")
WORD = "अमलीखार"  # stands in every document of the sample file


class Places:
    """What stands where in this installation, found by the API."""

    def __init__(self, room: RecordRoom) -> None:
        hit = room.get("/api/v1/search", q=WORD).json()["hits"][0]
        self.document, self.office, self.key = hit["document"], hit["office"], hit["file_key"]
        self.batch = room.get(f"/api/v1/documents/{self.document}").json()["batch"]
        cookies = room.cookies_of("keeper")
        with httpx.Client(base_url=room.address, cookies=cookies, timeout=30) as client:
            sign = client.get("/samples").text.split('name="csrf" value="')[1].split('"')[0]
            drawn = client.post(
                "/samples", data={"csrf": sign, "office": OFFICE, "percent": "50", "limit": "2", "seed": "1"}
            )
        self.sample = drawn.headers["location"]

    def document_page(self) -> str:
        return f"/documents/{self.document}/pages/1?q={quote(WORD)}"

    def file_page(self) -> str:
        return f"/files/{quote(self.office)}/{quote(self.key)}"


Address = Callable[[Places], str]
PAGES: dict[str, tuple[str, str, Address]] = {  # by name: who looks, the route that it shows, the address
    "search": ("officer", "/", lambda at: "/"),
    "results": ("officer", "/", lambda at: f"/?q={quote('ग्राम')}"),
    "nothing found": ("officer", "/", lambda at: "/?q=zzzqqq"),
    "bad filter": ("officer", "/", lambda at: "/?q=x&from=never"),
    "document": ("officer", "/documents/{ident}/pages/{number}", Places.document_page),
    "beside the original": (
        "officer",
        "/documents/{ident}/pages/{number}",
        lambda at: at.document_page() + "&side=original",
    ),
    "file": ("officer", "/files/{office}/{key:path}", Places.file_page),
    "scanning": ("operator", "/scanning", lambda at: "/scanning"),
    "upload": ("operator", "/scanning/upload", lambda at: "/scanning/upload"),
    "rescans": ("operator", "/scanning/rescans", lambda at: "/scanning/rescans"),
    "blank": ("operator", "/scanning/blank", lambda at: "/scanning/blank"),
    "one page": (
        "operator",
        "/scanning/batches/{batch}/pages/{page}",
        lambda at: f"/scanning/batches/{at.batch}/pages/1",
    ),
    "status": ("administrator", "/status", lambda at: "/status"),
    "queue": ("keeper", "/review", lambda at: "/review?state=filed"),
    "review": ("keeper", "/review/{ident}", lambda at: f"/review/{at.document}"),
    "samples": ("keeper", "/samples", lambda at: "/samples"),
    "sample": ("keeper", "/samples/{sample}", lambda at: at.sample),
    "judging": ("keeper", "/samples/{sample}/next", lambda at: f"{at.sample}/next"),
    "api": ("officer", "/api", lambda at: "/api"),
    "progress": ("keeper", "/progress", lambda at: "/progress"),
    "audit": ("auditor", "/audit", lambda at: "/audit"),
    "users": ("administrator", "/users", lambda at: "/users"),
    "account": ("officer", "/account", lambda at: "/account"),
    "own code": ("officer", "/account/code", lambda at: "/account/code"),
    "login": ("", "/login", lambda at: "/login"),
    "not there": ("officer", "", lambda at: "/nowhere"),
}
SHOWN_OTHERWISE = {  # routes for people that are no page of their own
    "/documents/{ident}",
    "/review/next",
    "/scanning/now",
    "/scanning/events",
    "/language/{wanted}",
    "/healthz",
    "/scanning/batches/{batch}/pages/{page}/image",
    "/scanning/batches/{batch}/pages/{page}/versions/{turn}",
    "/login/code",  # needs a sign-in that waits: the security tests
    "/results.csv",
    "/login/outside",
    "/login/outside/back",
    "/login/outside/out",
    "/api/v1/openapi.json",
    "/documents/{ident}/pdf",
    "/documents/{ident}/original",
    "/documents/{ident}/text",
    "/audit.csv",
    "/progress/{table}.csv",
    "/documents/{ident}/pages/{number}/image",
    "/documents/{ident}/pages/{number}/cut",
    "/documents/{ident}/pages/{number}/scan",
    "/scanning/batches/{batch}/pages/{page}/thumb",
    "/welcome/{secret}",  # the day of the administrator
}


@pytest.fixture(scope="session")
def at(room: RecordRoom) -> Places:
    return Places(room)


def test_every_page_is_among_those_looked_at(room: RecordRoom) -> None:
    app = server.application(room.container)
    routes = {route.path for route in routes_of(app) if "GET" in route.methods and not route.include_in_schema}

    assert routes == {route for _, route, _ in PAGES.values() if route} | SHOWN_OTHERWISE


def opened(visit: Visit, at: Places, name: str, code: str, **more: Any) -> Page:
    who, _, address = PAGES[name]
    page = visit(who, code, **more)
    page.goto(address(at))
    expect(page.locator("h1")).to_be_attached()
    if page.locator("[data-levels]").count() and more.get("scripts", True):
        expect(page.locator(".glass canvas").first).to_be_visible()
    return page


@pytest.mark.parametrize("code", ["hi", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_nobody_out_and_is_light(visit: Visit, at: Places, name: str, code: str) -> None:
    who, _, address = PAGES[name]
    page = visit(who, code)
    sent: list[Request] = []
    page.on("requestfinished", lambda request: sent.append(request))  # noqa: PLW0108 - Playwright takes no builtin
    page.goto(address(at), wait_until="networkidle" if name != "scanning" else "load")

    grave = [
        f"{found['id']}: {found['help']} {[node['target'] for node in found['nodes']]}"
        for found in Axe().run(page).response["violations"]
        if found["impact"] in GRAVE
    ]
    assert not grave, grave
    heavy = {request.url: weight(request) for request in sent if request.resource_type not in ("image", "eventsource")}
    assert heavy and sum(heavy.values()) < MOST_BYTES, heavy
    assert page.locator("html").get_attribute("lang") == code
    assert re.search(r"\S+ · (अभिलेख|Abhilekh)$", page.title()), page.title()
    assert page.locator("body > :first-child").evaluate("first => first.matches('a.skip[href=\"#main\"]')")


def weight(request: Request) -> int:
    sizes = request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]


@pytest.mark.parametrize("name", PAGES)
def test_nothing_has_to_be_pushed_sideways_on_a_telephone(visit: Visit, at: Places, name: str) -> None:
    page = opened(visit, at, name, "hi", size=NARROW)

    for code in ("hi", "en"):
        if page.locator("html").get_attribute("lang") != code:
            page.get_by_role("link", name="English").click()
            expect(page.locator("html")).to_have_attribute("lang", code)
        shown, wide = page.evaluate("[document.documentElement.clientWidth, document.documentElement.scrollWidth]")
        assert wide <= shown == NARROW[0], f"{name}, {code}: {wide} pixels"


def test_results_documents_and_files_can_be_used_without_scripts(visit: Visit, at: Places) -> None:
    page = visit("officer", "en", scripts=False)
    page.goto("/")
    page.locator("#q").fill(WORD)
    page.get_by_role("button", name="Search").click()
    expect(page.locator("mark").first).to_have_text(WORD)
    page.get_by_role("main").get_by_role("heading", level=3).get_by_role("link").first.click()
    expect(page.locator(".sheet img")).to_be_visible()
    page.wait_for_load_state("load")
    assert page.locator(".sheet img").evaluate("image => image.complete && image.naturalWidth > 1000")
    expect(page.locator(".marks rect").first).to_be_visible()
    page.goto(at.file_page())
    assert page.get_by_role("main").get_by_role("link").count() > 3


def test_the_order_of_headings_and_one_h1(visit: Visit, at: Places) -> None:
    for name in ("results", "document", "file", "scanning", "review", "progress"):
        page = opened(visit, at, name, "en")
        levels = [int(tag[1]) for tag in page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(e => e.tagName)")]
        assert levels.count(1) == 1, name
        assert all(after - before <= 1 for before, after in pairwise(levels)), (name, levels)
