"""Every address of the real application, on a real letter: with every role, with nobody, from another office, with tokens.

What is expected stands in one table. It is compared with the application's own list of routes: a new one needs a line.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from fastapi import FastAPI

from pipeline.accounts import passwords
from pipeline.model.accounts import Grant
from pipeline.model.roles import RIGHTS, Right, Role
from pipeline.web.security.cookies import COOKIE
from tests.integration.application import OFFICE, Room, letter_filed, routes_of

ENDLESS = "GET /scanning/events"  # answers for as long as somebody listens


@dataclass(frozen=True)
class Expected:
    """What is asked of the visitor (None: only to be somebody), and the answer to those who may.

    `of_office`: names something of one office, which is not there for others. `whole`: needs the right in every office.
    `programs`: open to every token."""

    right: Right | None
    answer: int
    of_office: bool = False
    whole: bool = False
    programs: bool = False


PUBLIC = {  # the answer to nobody
    "GET /login": 200,
    "POST /login": 401,
    "GET /welcome/{secret}": 404,
    "POST /welcome/{secret}": 404,
    "GET /language/{wanted}": 404,
    "GET /healthz": 200,
    "GET /login/code": 303,
    "POST /login/code": 401,
    "GET /login/outside": 404,
    "GET /login/outside/back": 404,
    "GET /login/outside/out": 404,  # no identity provider is set
}
VIEW, SCAN, REVIEW, BOARD = Right.VIEW, Right.SCAN, Right.REVIEW, Right.BOARD
REGISTER, AUDIT, ADMINISTER = Right.REGISTER, Right.AUDIT, Right.ADMINISTER
TABLE = {
    "GET /": Expected(VIEW, 200),
    "GET /api/v1/search": Expected(VIEW, 200),
    "GET /results.csv": Expected(VIEW, 400),  # asks for nothing
    "GET /api/v1/search.csv": Expected(VIEW, 400),
    "GET /api/v1/suggest": Expected(VIEW, 200),
    "POST /searches": Expected(VIEW, 303),
    "POST /searches/{search}/forget": Expected(VIEW, 404),
    "GET /api/v1/searches": Expected(VIEW, 200),
    "POST /api/v1/searches": Expected(VIEW, 400),
    "DELETE /api/v1/searches/{search}": Expected(VIEW, 404),
    "GET /documents/{ident}": Expected(VIEW, 302, of_office=True),
    "GET /documents/{ident}/pages/{number}": Expected(VIEW, 200, of_office=True),
    "GET /documents/{ident}/pages/{number}/image": Expected(VIEW, 200, of_office=True),
    "GET /documents/{ident}/pages/{number}/cut": Expected(VIEW, 200, of_office=True),
    "GET /documents/{ident}/pages/{number}/scan": Expected(VIEW, 200, of_office=True),
    "GET /documents/{ident}/pdf": Expected(VIEW, 200, of_office=True),
    "GET /documents/{ident}/original": Expected(VIEW, 200, of_office=True),
    "GET /documents/{ident}/text": Expected(VIEW, 200, of_office=True),
    "GET /files/{office}/{key:path}": Expected(VIEW, 200, of_office=True),
    "GET /iiif/documents/{ident}/manifest.json": Expected(VIEW, 200, of_office=True),
    "GET /iiif/files/{office}/{key:path}/manifest.json": Expected(VIEW, 200, of_office=True),
    "GET /iiif/images/{ident}/{number}": Expected(VIEW, 303, of_office=True),
    "GET /iiif/images/{ident}/{number}/info.json": Expected(VIEW, 200, of_office=True),
    "GET /iiif/images/{ident}/{number}/{region}/{size}/{rotation}/{quality}.jpg": Expected(VIEW, 400, of_office=True),
    "GET /api/v1/documents/{ident}": Expected(VIEW, 200, of_office=True),
    "GET /api/v1/documents/{ident}/places": Expected(VIEW, 200, of_office=True),
    "GET /api/v1/documents/{ident}/pdf": Expected(VIEW, 200, of_office=True),
    "GET /api/v1/documents/{ident}/text": Expected(VIEW, 200, of_office=True),
    "GET /api/v1/documents/{ident}/original": Expected(VIEW, 200, of_office=True),
    "GET /api/v1/documents/{ident}/pages/{number}/image": Expected(VIEW, 200, of_office=True),
    "GET /api/v1/documents/{ident}/pages/{number}/cut": Expected(VIEW, 200, of_office=True),
    "GET /api/v1/documents/{ident}/pages/{number}/scan": Expected(VIEW, 200, of_office=True),
    "GET /api/v1/files/{office}/{key:path}": Expected(VIEW, 200, of_office=True),
    "GET /status": Expected(SCAN, 200, whole=True),
    "GET /api/v1/status": Expected(SCAN, 200, whole=True),
    "GET /scanning": Expected(SCAN, 200),
    "GET /scanning/now": Expected(SCAN, 200),
    "GET /scanning/batches/{batch}/pages/{page}/thumb": Expected(SCAN, 200, of_office=True),
    "POST /scanning/batches/{batch}/retry": Expected(SCAN, 303, of_office=True),
    "GET /scanning/rescans": Expected(SCAN, 200),
    "GET /scanning/blank": Expected(SCAN, 200),
    "GET /scanning/batches/{batch}/pages/{page}": Expected(SCAN, 200, of_office=True),
    "GET /scanning/batches/{batch}/pages/{page}/image": Expected(SCAN, 200, of_office=True),
    "GET /scanning/batches/{batch}/pages/{page}/versions/{turn}": Expected(SCAN, 404, of_office=True),
    "POST /scanning/batches/{batch}/pages/{page}/{kind}": Expected(SCAN, 404, of_office=True),
    "GET /api/v1/again": Expected(SCAN, 200),
    "GET /api/v1/blank": Expected(SCAN, 200),
    "GET /api/v1/batches/{batch}/pages/{page}": Expected(SCAN, 200, of_office=True),
    "POST /api/v1/batches/{batch}/pages/{page}/said": Expected(SCAN, 400),
    "GET /api/v1/batches/{batch}/pages/{page}/image": Expected(SCAN, 200, of_office=True),
    "GET /api/v1/batches/{batch}/pages/{page}/thumb": Expected(SCAN, 200, of_office=True),
    "GET /api/v1/batches/{batch}/pages/{page}/was/{turn}": Expected(SCAN, 404, of_office=True),
    "GET /scanning/upload": Expected(SCAN, 200),
    "POST /scanning/upload": Expected(SCAN, 400),
    ENDLESS: Expected(SCAN, 200),
    "OPTIONS /api/v1/uploads": Expected(SCAN, 204),
    "GET /api/v1/uploads": Expected(SCAN, 200),
    "POST /api/v1/uploads": Expected(SCAN, 400),  # says no length
    "GET /api/v1/uploads/{ident}": Expected(SCAN, 404),  # a document is no upload
    "HEAD /api/v1/uploads/{ident}": Expected(SCAN, 404),
    "PATCH /api/v1/uploads/{ident}": Expected(SCAN, 415),  # what it brings is no piece of a file
    "DELETE /api/v1/uploads/{ident}": Expected(SCAN, 404),
    "GET /api/v1/watch": Expected(SCAN, 200),
    "POST /api/v1/batches/{batch}/retry": Expected(SCAN, 200, of_office=True),
    "GET /review": Expected(REVIEW, 200),
    "GET /review/next": Expected(REVIEW, 303),
    "GET /review/{ident}": Expected(REVIEW, 200, of_office=True),
    "POST /review/{ident}/{action}": Expected(REVIEW, 404, of_office=True),  # there is no such action
    "GET /api/v1/review": Expected(REVIEW, 200),
    "GET /api/v1/review/number": Expected(REVIEW, 200),
    "GET /api/v1/review/{ident}": Expected(REVIEW, 200, of_office=True),
    "POST /api/v1/review/{ident}/accept": Expected(REVIEW, 400),
    "POST /api/v1/review/{ident}/correct": Expected(REVIEW, 400),
    "POST /api/v1/review/{ident}/split": Expected(REVIEW, 400),  # these say nothing that could be done
    "POST /api/v1/review/{ident}/merge": Expected(REVIEW, 400),
    "POST /api/v1/review/{ident}/reorder": Expected(REVIEW, 400),
    "POST /api/v1/review/{ident}/move": Expected(REVIEW, 400),
    "POST /api/v1/review/{ident}/page": Expected(REVIEW, 400),
    "POST /api/v1/review/{ident}/rescan": Expected(REVIEW, 400),
    "POST /api/v1/review/{ident}/undo/{number}": Expected(REVIEW, 400, of_office=True),
    "GET /samples": Expected(REVIEW, 200),
    "POST /samples": Expected(REVIEW, 400),
    "GET /samples/{sample}": Expected(REVIEW, 404),
    "GET /samples/{sample}/next": Expected(REVIEW, 404),
    "POST /samples/{sample}/verdicts": Expected(REVIEW, 404),
    "POST /samples/{sample}/sign": Expected(REVIEW, 404),
    "GET /api/v1/samples": Expected(REVIEW, 200),
    "POST /api/v1/samples": Expected(REVIEW, 400),
    "GET /api/v1/samples/{sample}": Expected(REVIEW, 404),
    "POST /api/v1/samples/{sample}/verdicts": Expected(REVIEW, 400),
    "POST /api/v1/samples/{sample}/sign": Expected(REVIEW, 400),
    "GET /progress": Expected(BOARD, 200),
    "GET /progress/{table}.csv": Expected(BOARD, 404),
    "GET /api/v1/board": Expected(BOARD, 200),
    "GET /api/v1/board/{table}.csv": Expected(BOARD, 404),
    "GET /api/v1/register/offices": Expected(REGISTER, 200),
    "POST /api/v1/register/offices": Expected(REGISTER, 400, whole=True),
    "PUT /api/v1/register/offices/{code}": Expected(REGISTER, 400, whole=True),
    "GET /api/v1/register/{kind}.csv": Expected(REGISTER, 404),
    "POST /api/v1/register/{kind}/import": Expected(REGISTER, 404),
    "GET /api/v1/register/unregistered": Expected(REGISTER, 200),
    "GET /api/v1/register/files": Expected(REGISTER, 200),
    "POST /api/v1/register/files": Expected(REGISTER, 400),
    "GET /api/v1/register/files/{office}/{key:path}": Expected(REGISTER, 200, of_office=True),
    "PATCH /api/v1/register/files/{office}/{key:path}": Expected(REGISTER, 400, of_office=True),
    "POST /api/v1/register/files/{office}/{key:path}/count": Expected(REGISTER, 400, of_office=True),
    "POST /api/v1/register/files/{office}/{key:path}/reconcile": Expected(REGISTER, 400, of_office=True),
    "POST /api/v1/register/files/{office}/{key:path}/close": Expected(REGISTER, 400, of_office=True),
    "POST /api/v1/register/files/{office}/{key:path}/reopen": Expected(REGISTER, 400, of_office=True),
    "GET /audit": Expected(AUDIT, 200, whole=True),
    "GET /audit.csv": Expected(AUDIT, 200, whole=True),
    "GET /api/v1/audit": Expected(AUDIT, 200, whole=True),
    "GET /api/v1/audit.csv": Expected(AUDIT, 200, whole=True),
    "GET /users": Expected(ADMINISTER, 200, whole=True),
    "POST /users": Expected(ADMINISTER, 400, whole=True),
    "POST /users/{name}/grants": Expected(ADMINISTER, 400, whole=True),
    "POST /users/{name}/identity": Expected(ADMINISTER, 400, whole=True),  # no identity provider is set
    "POST /users/{name}/{change}": Expected(ADMINISTER, 404, whole=True),
    "POST /tokens": Expected(ADMINISTER, 400, whole=True),
    "POST /tokens/{ident}/end": Expected(ADMINISTER, 303, whole=True),
    "GET /api/v1/people": Expected(ADMINISTER, 200, whole=True),
    "POST /api/v1/people": Expected(ADMINISTER, 400, whole=True),
    "POST /api/v1/people/{name}/grants": Expected(ADMINISTER, 400, whole=True),
    "DELETE /api/v1/people/{name}/grants/{role}/{office}": Expected(ADMINISTER, 404, whole=True),
    "POST /api/v1/people/{name}/link": Expected(ADMINISTER, 404, whole=True),
    "GET /api/v1/identities": Expected(ADMINISTER, 200, whole=True),
    "POST /api/v1/people/{name}/identity": Expected(ADMINISTER, 400, whole=True),
    "DELETE /api/v1/people/{name}/identity/{pin}": Expected(ADMINISTER, 404, whole=True),
    "POST /api/v1/people/{name}/{change}": Expected(ADMINISTER, 404, whole=True),
    "GET /api/v1/tokens": Expected(ADMINISTER, 200, whole=True),
    "POST /api/v1/tokens": Expected(ADMINISTER, 400, whole=True),
    "DELETE /api/v1/tokens/{ident}": Expected(ADMINISTER, 404, whole=True),
    "GET /api/v1/me": Expected(None, 200, programs=True),
    "GET /api": Expected(None, 200, programs=True),
    "GET /api/v1/openapi.json": Expected(None, 200, programs=True),
    "GET /account": Expected(None, 200),
    "GET /account/code": Expected(None, 200),
    "POST /account/code": Expected(None, 401),  # as below
    "POST /account/code/recovery": Expected(None, 401),
    "POST /account/code/off": Expected(None, 401),
    "POST /account/password": Expected(None, 401),  # the present one was not sent
    "POST /logout": Expected(None, 303),
}


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with letter_filed() as made:
        yield made


def asked(*but: str) -> list[str]:
    return [route for route in TABLE if route not in (ENDLESS, *but)]


def refused(route: str) -> int:
    """The answer to nobody: people who come to look are led to the sign-in page."""
    method, path = route.split(" ", 1)
    return 303 if method in ("GET", "HEAD") and not path.startswith(("/api/", "/iiif/")) else 401


def differences(found: dict[str, int], expected: dict[str, int]) -> dict[str, tuple[int, int]]:
    return {route: (found[route], status) for route, status in expected.items() if found[route] != status}


def test_the_table_names_every_route_and_no_other(room: Room) -> None:
    named = [f"{method} {route.path}" for route in routes_of(room.app) for method in methods(route)]

    assert sorted(named) == sorted([*PUBLIC, *TABLE]), "a new route needs a line in the table of this test"


def methods(route: Any) -> set[str]:
    return set(route.methods) - ({"HEAD"} if "GET" in route.methods else set())


def test_nobody_gets_in_anywhere(room: Room) -> None:
    assert differences(room.ask([*asked(), ENDLESS], {}), {route: refused(route) for route in TABLE}) == {}


def test_what_is_open_to_nobody(room: Room) -> None:
    assert differences(room.ask(PUBLIC, {}), PUBLIC) == {}


@pytest.mark.parametrize("role", Role)
def test_every_role_gets_what_it_may_and_nothing_else(room: Room, role: Role) -> None:
    expected = {}
    for route in asked():
        wanted = TABLE[route]
        allowed = wanted.right is None or wanted.right in RIGHTS[role]
        expected[route] = wanted.answer if allowed else 403
    found = room.ask(asked("POST /logout"), room.headers(Grant(role)))
    found |= room.ask(["POST /logout"], room.headers(Grant(role)))

    assert differences(found, expected) == {}


def test_what_belongs_to_another_office_is_not_there(room: Room) -> None:
    routes = asked("POST /logout")
    ours, theirs = (room.ask(routes, room.headers(Grant(Role.ADMINISTRATOR, one))) for one in (OFFICE, "rewa"))

    assert differences(ours, {route: 403 if TABLE[route].whole else TABLE[route].answer for route in routes}) == {}
    elsewhere = {route: 404 if TABLE[route].of_office else ours[route] for route in routes}
    assert differences(theirs, elsewhere) == {}


@pytest.mark.parametrize("right", Right)
def test_a_token_opens_what_its_right_opens_and_is_nobody_elsewhere(room: Room, right: Right) -> None:
    secret = room.container.people.make_token(room.person(Grant(Role.ADMINISTRATOR)), "program", [right])
    expected = {}
    for route in asked():
        wanted = TABLE[route]
        expected[route] = wanted.answer if wanted.right is right else 403
        if wanted.right is None:  # one's own account is not a program's
            expected[route] = wanted.answer if wanted.programs else refused(route)

    assert differences(room.ask(asked(), {"authorization": f"Bearer {secret}"}), expected) == {}


@pytest.mark.parametrize("action", ["accept", "correct", "split", "merge", "move", "page", "reorder", "rescan"])
def test_nobody_of_another_office_changes_a_document(room: Room, action: str) -> None:
    headers = room.headers(Grant(Role.RECORD_KEEPER, "rewa"))
    sent = {"version": "x", "values": {}, "page": 1, "with": "next", "number": "1/2/2003", "order": [1], "say": "blank"}

    async def change() -> list[int]:
        wire = httpx.ASGITransport(app=room.app)
        async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1", headers=headers) as client:
            by_program = await client.post(f"/api/v1/review/{room.document}/{action}", json=sent | {"reason": "torn"})
            form = {name: str(value) for name, value in sent.items() if name != "values"}
            by_form = await client.post(f"/review/{room.document}/{action.replace('correct', 'save')}", data=form)
            return [by_program.status_code, by_form.status_code]

    assert set(asyncio.run(change())) <= {404, 400}
    assert room.container.records.document(room.document).state.value != "reviewed"


def test_no_change_is_taken_without_the_sign_of_our_pages(room: Room) -> None:
    headers = room.headers(Grant(Role.ADMINISTRATOR))
    bare = {"cookie": headers["cookie"]}
    other = room.headers(Grant(Role.ADMINISTRATOR))["x-csrf-token"]
    changing = [route for route in asked() if route.split(" ", 1)[0] not in ("GET", "HEAD", "OPTIONS")]
    assert len(changing) > 15

    for forged in ({}, {"x-csrf-token": "0" * 64}, {"x-csrf-token": other}, {"x-csrf-token": ""}):
        found = room.ask(changing, bare | forged)
        assert differences(found, dict.fromkeys(changing, 403)) == {}, forged
    foreign = headers | {"origin": "https://elsewhere.example"}
    assert set(room.ask(changing, foreign).values()) == {403}


@pytest.mark.parametrize(
    "path",
    [
        "/documents/../../etc/passwd",
        "/documents/%2e%2e%2f%2e%2e%2fabhilekh.db/original",
        "/documents/..%5C..%5Cx/pdf",
        "/documents/%00/pages/1",
        "/documents/{ident}%00/pdf",
        "/documents/{ident}/pages/1%00",
        "/documents/{ident}/pages/-1",
        "/documents/{ident}/pages/99999999999999999999999",
        "/documents/{ident}/pages/%D9%A1x/image",
        "/static/../app.py",
        "/static/%2e%2e/%2e%2e/people.py",
        "/static/..%2f..%2fapp.py",
        "/static//etc/passwd",
        "/static/%00",
        "/files/-/..%2f..",
        "/files/%00/%00",
        "/files/sagar/%ED%A0%80",
        "/iiif/images/{ident}/1/full/max/0/..%2f..%2fdefault.jpg",
        "/iiif/documents/..%2f/manifest.json",
        "/api/v1/documents/%2e%2e%2foriginals",
        "/api/v1/uploads/..%2f..%2fabhilekh.db",
        "/api/v1/uploads/%00",
        "/scanning/batches/..%2f/pages/1/thumb",
        "/scanning/batches/%00/pages/1/thumb",
        "/review/%00",
        "/review/..%2f..%2fx",
        "/api/v1/review/%00",
        "/welcome/%00",
        "/welcome/..%2f..%2fx",
        "/progress/..%2f..%2fx.csv",
    ],
)
def test_tricks_in_the_path_find_nothing(room: Room, path: str) -> None:
    path = path.replace("{ident}", room.document)
    secret = room.headers(Grant(Role.ADMINISTRATOR))["cookie"]

    status, body = asyncio.run(raw(room.app, path, secret))

    assert status in (404, 400), (path, status)
    assert b"root:" not in body and b"import " not in body and b"SQLite format" not in body


async def raw(app: FastAPI, path: str, cookie: str) -> tuple[int, bytes]:
    """An answer to a path that no client has tidied up: it goes to the application as a server hands it over."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(path, errors="surrogateescape").encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
        "headers": [(b"host", b"127.0.0.1"), (b"cookie", cookie.encode())],
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


def test_a_session_that_somebody_planted_is_not_the_one_that_signs_in(room: Room) -> None:
    name = room.person(Grant(Role.OFFICER))
    word = "नीला घोड़ा सात पहाड़"
    room.container.people.set_password(name, passwords.hashed(word))
    planted = {"cookie": f"{COOKIE}=planted-by-somebody-else-0123456789"}

    async def sign_in() -> httpx.Response:
        wire = httpx.ASGITransport(app=room.app)
        async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1") as client:
            return await client.post("/login", data={"name": name, "password": word}, headers=planted)

    done = asyncio.run(sign_in())

    assert done.status_code == 303
    assert done.cookies[COOKIE] not in planted["cookie"] and len(done.cookies[COOKIE]) > 30
    assert room.ask(["GET /account"], planted) == {"GET /account": 303}


def test_many_guesses_at_once_are_counted_like_guesses_one_after_the_other(room: Room) -> None:
    name = room.person(Grant(Role.OFFICER))
    word = "नीला घोड़ा सात पहाड़"
    room.container.people.set_password(name, passwords.hashed(word))

    async def guess_all() -> list[int]:
        wire = httpx.ASGITransport(app=room.app, client=("127.0.0.9", 1))
        async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1", timeout=60) as client:
            guesses = [client.post("/login", data={"name": name, "password": f"guess {at}"}) for at in range(200)]
            waiting = [asyncio.create_task(guess) for guess in guesses]
            await asyncio.sleep(0)
            assert (await client.get("/login")).status_code == 200
            assert not all(guess.done() for guess in waiting), "a flood of guesses is not to hold up anybody else"
            answers = await asyncio.gather(*waiting)
            last = await client.post("/login", data={"name": name, "password": word})
            return [answer.status_code for answer in (*answers, last)]

    *guessed, right = asyncio.run(guess_all())

    assert guessed.count(401) == 5 and guessed.count(429) == 195
    assert right == 429
