"""Every address of the real application, with every role in their own, another, both and no office: nothing that is answered
holds anything of an office that the asker has no role in; and no value of any parameter makes the application fail.

The addresses and their parameters are taken from the application itself, so that a new one is tried without a line here.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import quote

import cv2
import httpx
import numpy as np
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from pipeline.model.accounts import Grant
from pipeline.model.roles import Role
from pipeline.preprocess.codes import find_codes
from tests.integration.application import TUS, routes_of
from tests.security.mixed_scan import MARK, NUMBER, PAGES, PAGES_OF, SECRET, WORD, A, B, C, Mixed, mixed_scan

ENDLESS = "/scanning/events"
MISSING = "0" * 20
FILE_KEY = {A: "4711/2019", B: "8822/2020"}
PICTURE_FROM = 400  # pixels of a side from which the code on a page can be read
WRONG: tuple[Any, ...] = (
    2**63,
    10**30,
    -1,
    "a\0b",
    "\ud800",
    "9" * 5000,
    [10**30],
    ["\0"],
    {"subject": "\0"},
    {"date": "\ud800"},
)
SPOILED = (*map(str, (2**63, 10**30, -(2**63) - 1)), "9" * 5000, "%00", "%ED%A0%80")  # beyond integers, and no text


@pytest.fixture(scope="module")
def mixed() -> Iterator[Mixed]:
    with mixed_scan() as made:
        for office in (A, B):  # what people keep, send and draw, each named with their office's word
            keeper = Grant(Role.RECORD_KEEPER, office)
            query = f"q={WORD[office]}"
            assert (
                made.ask("POST", "/api/v1/searches", keeper, json={"name": SECRET[office], "query": query}).status_code
                == 201
            )
            sample = {"office": office, "percent": 100, "limit": 2, "since": "2020-01-01"}
            assert made.ask("POST", "/api/v1/samples", keeper, json=sample).status_code == 201
            wish = {"version": _version(made, office), "page": 1, "reason": f"{SECRET[office]} blurred"}
            ident = made.documents[office][0]
            assert made.ask("POST", f"/api/v1/review/{ident}/rescan", keeper, json=wish).status_code == 200
        yield made


def _version(made: Mixed, office: str) -> str:
    keeper = Grant(Role.RECORD_KEEPER, office)
    return str(made.ask("GET", f"/api/v1/review/{made.documents[office][0]}", keeper).json()["version"])


@dataclass(frozen=True)
class Asked:
    """One request. `of` is the office whose document or page it names, empty where it names none."""

    method: str
    path: str
    body: dict[str, Any] | None = None


def secrets_of(mixed: Mixed, office: str) -> list[str]:
    """What stands in answers to this office's people alone."""
    key = FILE_KEY[office]
    names = (f"Office {office}", f"कार्यालय {office}")
    numbers = (NUMBER[office], key, quote(key, safe=""), key.split("/")[0])
    return [WORD[office], SECRET[office], *names, *numbers, *mixed.documents[office]]


def requests(mixed: Mixed) -> list[Asked]:
    """Every route with every thing that its path and its query may name, of both offices, and without a body."""
    things: dict[str, list[str]] = {
        "ident": [*mixed.documents[A], *mixed.documents[B], f"{MISSING}-0001"],
        "batch": [mixed.batch],
        "page": [str(page) for page in range(1, PAGES + 1)],
        "number": ["1", "2", "3"],
        "turn": ["0", "1"],
        "office": [A, B, "-"],
        "key": [FILE_KEY[A], FILE_KEY[B]],
        "kind": ["files", "offices", "blank"],
        "table": ["offices", "days", "operators"],
        "sample": [sample.id for sample in mixed.container.services().sampling.rows.of(None)],
        "search": [one.ident for name in _names(mixed) for one in mixed.container.services().saved.of(name)],
        "region": ["full"],
        "size": ["max"],
        "rotation": ["0"],
        "quality": ["default"],
        "action": ["accept"],
        "wanted": ["en"],
    }
    asked = []
    for route in routes(mixed):
        if route.path == ENDLESS:
            continue
        names = re.findall(r"{(\w+)(?::\w+)?}", route.path)
        for values in product(*(things.get(name, ["x"]) for name in names)):
            path = route.path
            for name, value in zip(names, values, strict=True):
                path = re.sub(rf"{{{name}(?::\w+)?}}", value, path)
            asked += [Asked(method, address) for method in sorted(route.methods) for address in queries(route, path)]
    return asked


def queries(route: APIRoute, path: str) -> list[str]:
    """The address bare, and with what its query may ask for of either office."""
    if path.endswith("/cut"):
        return [f"{path}?x=0&y=0&w=2000&h=3000"]
    named = {field.alias for field in query_fields(route.dependant)}
    found = [path]
    for office in (A, B):
        wanted = {
            "q": WORD[office],
            "text": NUMBER[office],
            "office": office,
            "words": WORD[office],
            "bundle": WORD[office],
        }
        found += [
            f"{path}?{name}={quote(value)}"
            for name, value in wanted.items()
            if name in named or path in ("/", "/results.csv")
        ]
    return found


def routes(mixed: Mixed) -> list[APIRoute]:
    return [route for route in routes_of(mixed.app) if isinstance(route, APIRoute)]


def query_fields(dependant: Dependant) -> list[Any]:
    return [*dependant.query_params, *(one for inner in dependant.dependencies for one in query_fields(inner))]


def _names(mixed: Mixed) -> list[str]:
    return [known.person.name for known in mixed.container.people.every()]


def answers(mixed: Mixed, asked: list[Asked], headers: dict[str, str]) -> list[tuple[Asked, httpx.Response]]:
    async def ask_all() -> list[tuple[Asked, httpx.Response]]:
        wire = httpx.ASGITransport(app=mixed.app)
        async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1", headers=headers | TUS) as client:
            return [(one, await client.request(one.method, one.path, json=one.body)) for one in asked]

    return asyncio.run(ask_all())


READING = ("GET", "HEAD", "OPTIONS")
PLACES = {
    "own": lambda role: (Grant(role, A),),
    "other": lambda role: (Grant(role, B),),
    "mixed": lambda role: (Grant(role, A), Grant(Role.OFFICER, B)),
    "none": lambda role: (Grant(role, C),),
}
CLOSED = {"own": (B,), "other": (A,), "mixed": (), "none": (A, B)}
# Of B, whoever is an officer there may look; the addresses of other rights show nothing of it.
NOT_FOR_OFFICERS = ("/scanning", "/watch", "/batches/", "/again", "/blank", "/review", "/samples", "/register")


def closed(place: str, path: str) -> tuple[str, ...]:
    return (B,) if place == "mixed" and any(one in path for one in NOT_FOR_OFFICERS) else CLOSED[place]


@pytest.fixture(scope="module")
def seen() -> dict[str, set[str]]:
    """The contents that were searched already, by what they were searched for."""
    return {}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", Role)
def test_nothing_of_an_office_without_a_role_is_answered(
    mixed: Mixed, seen: dict[str, set[str]], role: Role, place: str
) -> None:
    headers = mixed.headers(*PLACES[place](role))
    told = answers(mixed, [one for one in requests(mixed) if one.method in READING], headers)

    assert len(told) > 250, "the crawl reaches the addresses"
    assert [(one.path, answer.status_code) for one, answer in told if answer.status_code >= 500] == []
    leaks = [
        (one.method, one.path, answer.status_code, found)
        for one, answer in told
        for office in closed(place, one.path)
        if (found := leaked(mixed, office, one, answer, seen))
    ]
    assert leaks == []
    opened = [answer for one, answer in told if answer.status_code == 200 and "/documents/" in one.path]
    assert bool(opened) is (place != "none"), "who may, gets"


@pytest.mark.parametrize("place", ["own", "other", "none"])
@pytest.mark.parametrize("role", [Role.OPERATOR, Role.RECORD_KEEPER, Role.ADMINISTRATOR])
def test_nobody_changes_what_belongs_to_another_office(mixed: Mixed, role: Role, place: str) -> None:
    pages = {page for office in CLOSED[place] for page in PAGES_OF[office]}
    idents = {ident for office in CLOSED[place] for ident in mixed.documents[office]}
    before = picture(mixed, idents)
    asked = []
    for one in requests(mixed):
        names_page = re.search(r"/pages/(\d+)", one.path)
        theirs = any(ident in one.path for ident in idents) or (
            mixed.batch in one.path and names_page is not None and int(names_page[1]) in pages
        )
        if one.method not in READING and theirs:
            body = {
                "version": "x",
                "values": {"subject": "taken"},
                "page": 1,
                "following": True,
                "order": [1],
                "file_no": "1/1999",
                "say": "not_blank",
                "reason": "r",
                "saying": "written",
            }
            asked += [one, Asked(one.method, one.path, body)]
    told = answers(mixed, asked, mixed.headers(*PLACES[place](role)))

    assert len(told) > 20
    assert {
        (one.path, answer.status_code) for one, answer in told if answer.status_code not in (400, 403, 404, 415)
    } == set()
    assert picture(mixed, idents) == before


def picture(mixed: Mixed, idents: set[str]) -> Any:
    notes = mixed.container.page_notes.of(mixed.batch).every
    return (
        {ident: mixed.document(ident) for ident in idents},
        notes,
        mixed.container.corrections().rows.last(mixed.batch),
    )


def leaked(mixed: Mixed, office: str, one: Asked, answer: httpx.Response, seen: dict[str, set[str]]) -> str:
    """What of this office stands in an answer; empty where nothing does. What the asker typed may come back to them."""
    searched = seen.setdefault(office, set())
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items() if name != "content-security-policy")
    digest = hashlib.sha256(head.encode() + answer.content).hexdigest()
    if digest in searched:
        return ""
    searched.add(digest)
    kind = answer.headers.get("content-type", "")
    if kind.startswith("image/"):
        return picture_of(office, answer.content)
    if kind == "application/pdf":
        found = pdf_of(office, answer.content)
        if found:
            return found
        body = subprocess.run(
            ["pdftotext", "-", "-"], input=answer.content, capture_output=True, check=True
        ).stdout.decode()
    else:
        body = answer.text
    typed = {one.path, quote(one.path), quote(one.path, safe="")}
    query = one.path.partition("?")[2].partition("=")[2]
    for echo in sorted(
        {*typed, query, quote(query), quote(query, safe=""), *parts_of(one.path)}, key=len, reverse=True
    ):
        body = body.replace(echo, "") if echo else body
        head = head.replace(echo, "") if echo else head
    return next((secret for secret in secrets_of(mixed, office) if secret in body or secret in head), "")


def parts_of(path: str) -> set[str]:
    """What the asker typed as a part of the address: an answer may name it, for it is theirs."""
    from urllib.parse import unquote

    bare, _, query = path.partition("?")
    value = unquote(query.partition("=")[2])
    named = {part for part in bare.split("/") if len(part) > 8}
    key = re.search(r"/files/[^/]+/([^?]+?)(?:/manifest\.json)?$", bare)
    return {value, *named, *([key[1]] if key else [])} - {""}


def picture_of(office: str, data: bytes) -> str:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    if pixels is None or max(pixels.shape) < PICTURE_FROM:
        return ""
    codes = [code.text for code in find_codes(np.asarray(pixels, np.uint8))]
    return MARK.format(office=office) if MARK.format(office=office) in codes else ""


def pdf_of(office: str, data: bytes) -> str:
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer.pdf"
        path.write_bytes(data)
        subprocess.run(["pdftoppm", "-r", "60", "-gray", "-png", str(path), str(path.with_suffix(""))], check=True)
        found = (picture_of(office, one.read_bytes()) for one in sorted(Path(folder).glob("*.png")))
        return next(filter(None, found), "")


# --- what cannot be a value


def spoiled(route: APIRoute) -> Iterator[tuple[str, str, dict[str, Any] | None]]:
    """Requests to a route with one value that no database holds: path, query string, body."""
    for name in re.findall(r"{(\w+)(?::\w+)?}", route.path):
        for value in SPOILED:
            yield re.sub(rf"{{{name}(?::\w+)?}}", value, route.path), "", None
    for field in query_fields(route.dependant):
        for value in (*SPOILED, "nan", "inf", "1e999"):
            yield route.path, f"{field.alias}={value}", None
    if route.body_field is not None:
        for body in bodies(route.body_field.field_info.annotation):
            yield route.path, "", body


def bodies(model: Any) -> Iterator[dict[str, Any]]:
    """Bodies that are right but for one value."""
    if not hasattr(model, "model_json_schema"):
        return
    properties = model.model_json_schema()["properties"]
    usual = {name: usual_of(schema) for name, schema in properties.items()}
    for name in properties:
        for value in WRONG:
            yield usual | {name: value}


def usual_of(schema: dict[str, Any]) -> Any:
    kind = schema.get("type") or next((one.get("type") for one in schema.get("anyOf", []) if one.get("type")), "string")
    return {"integer": 1, "number": 1.0, "boolean": True, "array": [], "object": {}}.get(kind, "x")


FORMS = {
    "/review/{ident}/{action}": [
        ("split", "page"),
        ("page", "page"),
        ("rescan", "page"),
        ("undo", "number"),
        ("reorder", "order"),
        ("move", "number"),
        ("accept", "subject"),
        ("save", "date"),
        ("move", "to_office"),
    ],
}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"])
def test_no_value_makes_the_application_fail(mixed: Mixed, method: str) -> None:
    headers = mixed.headers(Grant(Role.ADMINISTRATOR))
    known = {
        "ident": mixed.documents[A][0],
        "batch": mixed.batch,
        "office": A,
        "key": FILE_KEY[A],
        "number": "1",
        "page": "1",
        "name": headers["x-name"],
        "sample": mixed.container.services().sampling.rows.of(None)[0].id,
        "action": "split",
    }
    failed = []

    async def ask_all() -> int:
        count = 0
        wire = httpx.ASGITransport(app=mixed.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1", headers=headers | TUS) as client:
            for route in routes(mixed):
                if (
                    method not in route.methods
                    or route.path == ENDLESS
                    or route.path in ("/logout", "/account/password")
                ):
                    continue
                for path, query, body in spoiled(route):
                    named = re.sub(r"{(\w+)(?::\w+)?}", lambda hole: known.get(hole[1], "x"), path)
                    address = httpx.URL("http://127.0.0.1").copy_with(
                        raw_path=(named + (f"?{query}" if query else "")).encode("ascii", "replace")
                    )
                    sent = (
                        {}
                        if body is None
                        else {"content": dumped(body), "headers": {"content-type": "application/json"}}
                    )
                    answer = await client.request(method, address, **sent)
                    count += 1
                    if answer.status_code >= 500:
                        failed.append((method, named[:80], query[:40], str(body)[:80], answer.status_code))
        return count

    assert asyncio.run(ask_all()) > (0 if method == "HEAD" else 5)
    assert failed == []


def dumped(body: dict[str, Any]) -> bytes:
    import json

    return json.dumps(body).encode()


@pytest.mark.parametrize("value", ["9" * 30, "9" * 5000, "-1", "\0", "१" * 30, "x" * 3000])
def test_no_field_of_a_form_makes_the_application_fail(mixed: Mixed, value: str) -> None:
    for path, fields in FORMS.items():
        for event, field in fields:
            address = path.replace("{ident}", mixed.documents[A][0]).replace("{action}", event)
            answer = mixed.ask("POST", address, Grant(Role.ADMINISTRATOR), data={"version": "x", field: value})
            assert answer.status_code < 500, (event, field)
    headers = {"tus-resumable": "1.0.0", "upload-length": value if value.isascii() and value.isprintable() else "1"}
    assert mixed.ask("POST", "/api/v1/uploads", Grant(Role.ADMINISTRATOR), headers=headers).status_code < 500


@pytest.mark.parametrize(
    "size", ["pct:" + "9" * 400, "9" * 30 + ",", "pct:1e5", "!" + "9" * 400 + ",1", "pct:0." + "0" * 400 + "1"]
)
@pytest.mark.parametrize(
    "region", ["full", "pct:" + ",".join(["9" * 400] * 4), ",".join(["9" * 400] * 4), "pct:1.1.1,1,1,1"]
)
def test_no_piece_of_an_image_makes_the_application_fail(mixed: Mixed, region: str, size: str) -> None:
    path = f"/iiif/images/{mixed.documents[A][0]}/1/{region}/{size}/0/default.jpg"

    assert mixed.ask("GET", path, Grant(Role.ADMINISTRATOR)).status_code in (200, 400, 404)
