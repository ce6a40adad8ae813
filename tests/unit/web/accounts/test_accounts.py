"""Signing in, sessions, links, tokens and the walls of the web application, on a real database."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from pipeline import errors
from pipeline.accounts import passwords
from pipeline.db.account_tables import AttemptRow, LinkRow, SessionRow
from pipeline.db.accounts import AccountRepository
from pipeline.db.audit import AuditFilter, AuditLog
from pipeline.db.database import Database, now
from pipeline.model.accounts import Grant, Person
from pipeline.model.audit import Action
from pipeline.model.document import Field
from pipeline.model.roles import Right, Role
from pipeline.web import server
from pipeline.web.app import create_app
from pipeline.web.security.cookies import COOKIE, sign_of
from tests.databases import new_database
from tests.signing import open_app
from tests.unit.shelf import LETTER, Shelf

PASSWORD = "नीला घोड़ा सात पहाड़"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = new_database(tmp_path / "people.db")
    yield made
    made.close()


@pytest.fixture
def people(database: Database) -> AccountRepository:
    return AccountRepository(database, idle=timedelta(hours=1), whole=timedelta(hours=12))


@pytest.fixture
def audit_log(database: Database) -> Iterator[AuditLog]:
    made = AuditLog(database)
    yield made
    made.close()


@pytest.fixture
def app(people: AccountRepository, audit_log: AuditLog) -> FastAPI:
    people.add("sarita", "सरिता वर्मा", [Grant(Role.RECORD_KEEPER)])
    people.set_password("sarita", passwords.hashed(PASSWORD))
    return create_app(Shelf(), among=people, audit_log=audit_log)


def call(app: FastAPI, method: str, path: str, **more: Any) -> httpx.Response:
    async def ask() -> httpx.Response:
        wire = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, **more)

    return asyncio.run(ask())


def login(app: FastAPI, password: str = PASSWORD, **more: Any) -> httpx.Response:
    return call(app, "POST", "/login", data={"name": "sarita", "password": password, "next": "/status"}, **more)


def cookie(answer: httpx.Response) -> dict[str, str]:
    return {"cookie": f"{COOKIE}={answer.cookies[COOKIE]}"}


def test_the_hash_for_unknown_names_takes_as_long_as_any() -> None:
    asked = "from pipeline.accounts import passwords; print(passwords.is_outdated(passwords._NOBODYS))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


def test_nobody_gets_in_without_signing_in(app: FastAPI) -> None:
    page = call(app, "GET", "/documents/d1/pages/1?q=x")
    program = call(app, "GET", "/api/v1/documents/d1")

    assert page.status_code == 303 and page.headers["location"] == "/login?next=%2Fdocuments%2Fd1%2Fpages%2F1%3Fq%3Dx"
    assert program.status_code == 401 and program.json()["error"]["code"] == "sign_in"
    assert call(app, "GET", "/healthz").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://["}, 403),  # no address
        ({"origin": "http://[::1"}, 403),
        ({"origin": "null"}, 403),
        ({"content-length": "\u00b2"}, 303),  # a digit to Python, and no number
        ({"content-length": "9" * 5000}, 413),  # more digits than Python reads
    ],
)
def test_headers_that_are_none_are_refused_and_no_fault_of_ours(
    app: FastAPI, headers: dict[str, str], status: int
) -> None:
    raw = {name: value.encode("latin-1") for name, value in headers.items()}

    assert login(app, headers=raw).status_code == status


def test_signing_in_leads_where_somebody_wanted_to_go_and_signing_out_ends_it(app: FastAPI) -> None:
    done = login(app)
    holding = cookie(done)

    assert done.status_code == 303 and done.headers["location"] == "/status"
    flags = done.headers["set-cookie"].lower()
    assert "httponly" in flags and "samesite=lax" in flags
    assert call(app, "GET", "/status", headers=holding).status_code == 200
    sign = {"x-csrf-token": sign_of(done.cookies[COOKIE])}
    assert call(app, "POST", "/logout", headers=holding | sign).status_code == 303
    assert call(app, "GET", "/status", headers=holding).status_code == 303


def test_a_proxy_with_https_gets_cookies_that_never_cross_the_network_in_the_clear(
    people: AccountRepository, audit_log: AuditLog
) -> None:
    people.add("sarita", "", [Grant(Role.OFFICER)])
    people.set_password("sarita", passwords.hashed(PASSWORD))
    done = login(create_app(Shelf(), among=people, audit_log=audit_log, secure_cookies=True))

    assert done.headers["set-cookie"].startswith("__Host-abhilekh_session=") and "Secure" in done.headers["set-cookie"]


@pytest.mark.parametrize(
    "onward", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:1"]
)
def test_signing_in_never_leads_to_another_site(app: FastAPI, onward: str) -> None:
    done = call(app, "POST", "/login", data={"name": "sarita", "password": PASSWORD, "next": onward})

    assert done.headers["location"] == "/"


def test_two_hundred_guesses_are_refused_and_so_is_the_right_word_among_them(app: FastAPI, audit_log: AuditLog) -> None:
    answers = [login(app, f"guess number {guess}").status_code for guess in range(199)]
    last = login(app)

    assert set(answers) == {401, 429} and answers.count(401) == 5
    assert last.status_code == 429 and COOKIE not in last.cookies
    app.state.events.flush()
    audit_log.close()
    total, found = audit_log.page(AuditFilter(action=Action.LOGIN_FAILED), 0, 10)
    assert (total, found[0].details["count"], found[0].details["why"]) == (
        2,
        199,
        {"wrong_login": 4, "too_many_tries": 195},
    )


def test_the_wait_ends(app: FastAPI, people: AccountRepository, database: Database) -> None:
    for guess in range(6):
        login(app, f"guess number {guess}")
    assert login(app).status_code == 429
    with database.write() as session:
        session.execute(update(AttemptRow).values(until=now() - timedelta(seconds=1)))

    assert login(app).status_code == 303


def test_an_unknown_name_is_answered_like_a_wrong_password(app: FastAPI) -> None:
    unknown = call(app, "POST", "/login", data={"name": "nobody", "password": PASSWORD, "next": "/status"})

    assert unknown.status_code == 401
    assert unknown.text.replace("nobody", "") == login(app, "wrong password").text.replace("sarita", "")


@pytest.mark.parametrize("column", ["seen_at", "created_at"])
def test_a_session_ends_by_itself(app: FastAPI, database: Database, column: str) -> None:
    holding = cookie(login(app))
    long_ago = now() - timedelta(hours=13)
    with database.write() as session:
        session.execute(update(SessionRow).values({column: long_ago}))

    assert call(app, "GET", "/status", headers=holding).status_code == 303


def test_who_is_disabled_is_out_at_once(app: FastAPI, people: AccountRepository) -> None:
    people.add("chief", "", [Grant(Role.ADMINISTRATOR)])
    holding = cookie(login(app))
    people.disable("sarita")

    assert call(app, "GET", "/status", headers=holding).status_code == 303
    assert login(app).status_code == 401


@pytest.mark.parametrize("forged", ["", "x", "0" * 43, "../../etc/passwd", "नकली", "'; DROP TABLE session; --"])
def test_forged_cookies_and_tokens_let_nobody_in(app: FastAPI, forged: str) -> None:
    held = {"cookie": f"{COOKIE}={forged}".encode()}
    bearer = {"authorization": f"Bearer {forged or 'x'}".encode()}

    assert call(app, "GET", "/api/v1/status", headers=held).status_code == 401  # type: ignore[arg-type]
    assert call(app, "GET", "/api/v1/status", headers=bearer).status_code == 401  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-csrf-token": "0" * 64},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_change_that_our_pages_did_not_ask_for_is_refused(app: FastAPI, headers: dict[str, str]) -> None:
    done = login(app)
    sign = {} if headers.keys() <= {"x-csrf-token"} else {"x-csrf-token": sign_of(done.cookies[COOKIE])}
    answer = call(app, "POST", "/logout", headers=cookie(done) | sign | headers)

    assert answer.status_code == 403
    assert call(app, "GET", "/status", headers=cookie(done)).status_code == 200


def test_the_sign_counts_in_the_form_and_in_the_address_too(app: FastAPI) -> None:
    for how in ("form", "address"):
        done = login(app)
        sign = sign_of(done.cookies[COOKIE])
        more = {"data": {"csrf": sign}} if how == "form" else {"params": {"csrf": sign}}

        assert call(app, "POST", "/logout", headers=cookie(done), **more).status_code == 303


def test_one_may_not_sign_in_others_from_elsewhere(app: FastAPI) -> None:
    answer = login(app, headers={"origin": "https://elsewhere.example"})

    assert answer.status_code == 403 and COOKIE not in answer.cookies


def test_too_much_is_refused_whatever_it_announces(app: FastAPI) -> None:
    done = login(app)
    headers = cookie(done) | {"x-csrf-token": sign_of(done.cookies[COOKIE])}

    async def pieces() -> Any:
        for _ in range(20):
            yield b"x" * 100_000

    assert call(app, "POST", "/account/password", headers=headers, content=b"x" * 2_000_000).status_code == 413
    assert call(app, "POST", "/account/password", headers=headers, content=pieces()).status_code == 413


def test_a_link_sets_a_password_once(app: FastAPI, people: AccountRepository) -> None:
    people.add("new", "", [Grant(Role.OFFICER)])
    path = f"/welcome/{people.link('new')}"
    good = {"password": "hathi mere saathi", "again": "hathi mere saathi"}

    assert call(app, "GET", path).status_code == 200
    assert call(app, "POST", path, data=good | {"again": "something else"}).status_code == 400
    assert call(app, "POST", path, data=good).status_code == 303
    assert call(app, "POST", path, data=good).status_code == 404 and call(app, "GET", path).status_code == 404


def test_people_entered_before_the_first_sign_in_leave_the_first_link_alone(people: AccountRepository) -> None:
    people.add("asha", "", [Grant(Role.OPERATOR)])
    people.add("usha", "", [Grant(Role.ADMINISTRATOR, "sagar")])

    assert people.waits_for_first()
    first = people.link_of(people.first_link())
    assert (first.name, first.grants) == ("admin", (Grant(Role.ADMINISTRATOR),))
    assert people.waits_for_first() and people.link_of(people.first_link()) == first
    people.set_password("admin", passwords.hashed(PASSWORD))
    assert not people.waits_for_first()


def test_a_link_ends_with_time_and_with_the_next_one(people: AccountRepository, database: Database) -> None:
    people.add("new", "", [Grant(Role.OFFICER)])
    first, second = people.link("new"), people.link("new")
    with pytest.raises(errors.LinkExpiredError):
        people.link_of(first)
    with database.write() as session:
        session.execute(update(LinkRow).values(expires_at=now() - timedelta(seconds=1)))
    with pytest.raises(errors.LinkExpiredError):
        people.use_link(second, "hash")


@pytest.mark.parametrize(
    "bad", ["short", "aaaaaaaaaaaa", "password123", "sarita1234", "1234567890", "अभिलेख123", "x" * 300]
)
def test_passwords_that_are_guessed_at_once_are_refused(bad: str) -> None:
    with pytest.raises(errors.PasswordError):
        passwords.check(bad, "sarita")


@pytest.mark.parametrize("good", [PASSWORD, "hathi mere saathi", "kR7#pq9!Lm2x"])
def test_other_passwords_are_taken_whatever_signs_they_have(good: str) -> None:
    passwords.check(good, "sarita")

    assert passwords.fits(good, passwords.hashed(good)) and not passwords.fits(good + "x", passwords.hashed(good))


def test_a_new_password_ends_the_sessions_elsewhere(app: FastAPI) -> None:
    here, elsewhere = login(app), login(app)
    sign = {"x-csrf-token": sign_of(here.cookies[COOKIE])}
    new = {"old": PASSWORD, "password": "hathi mere saathi", "again": "hathi mere saathi"}

    assert (
        call(app, "POST", "/account/password", headers=cookie(here) | sign, data=new | {"old": "no"}).status_code == 401
    )
    assert call(app, "POST", "/account/password", headers=cookie(here) | sign, data=new).status_code == 303
    assert call(app, "GET", "/account", headers=cookie(here)).status_code == 200
    assert call(app, "GET", "/account", headers=cookie(elsewhere)).status_code == 303


def test_a_token_has_no_more_rights_than_it_was_given_and_ends(app: FastAPI, people: AccountRepository) -> None:
    headers = {"authorization": f"Bearer {people.make_token('sarita', 'e-Office', [Right.VIEW])}"}

    assert call(app, "GET", "/api/v1/documents/d1", headers=headers).status_code == 200
    assert call(app, "GET", "/api/v1/status", headers=headers).status_code == 403
    assert people.end_token(people.tokens()[0].ident)
    assert call(app, "GET", "/api/v1/documents/d1", headers=headers).status_code == 401


def test_the_last_administrator_stays(people: AccountRepository) -> None:
    people.add("chief", "", [Grant(Role.ADMINISTRATOR)])
    with pytest.raises(errors.LastAdministratorError):
        people.disable("chief")
    with pytest.raises(errors.LastAdministratorError):
        people.grant("chief", Grant(Role.ADMINISTRATOR), take=True)
    assert not people.known("chief").disabled


@pytest.mark.parametrize("name", ["", "A", "a b", "अ", "../x", "x" * 80])
def test_odd_names_are_refused(people: AccountRepository, name: str) -> None:
    with pytest.raises(errors.PersonNameError):
        people.add(name, "", [])


def test_the_documents_of_another_office_are_as_if_they_were_not_there() -> None:
    rewa = replace(LETTER, fields=LETTER.fields | {"office": Field("rewa", 1.0)})
    paths = [f"/documents/d1{rest}" for rest in ("/pages/1", "/pages/1/image", "/pdf", "/original", "")]
    for office, status in (("sagar", 404), ("rewa", None)):
        shelf = Shelf(document=rewa)
        shelf.office = "rewa"
        app, headers = open_app(shelf, [Grant(Role.OFFICER, office)])
        for path in (*paths, "/api/v1/documents/d1"):
            got = call(app, "GET", path, headers=headers).status_code
            assert got == status if status else got < 400, (office, path)


def test_a_search_stays_within_the_offices_of_whoever_asks() -> None:
    shelf = Shelf()
    app, headers = open_app(shelf, [Grant(Role.OFFICER, "sagar"), Grant(Role.OPERATOR, "rewa")])
    call(app, "GET", "/?q=x&office=satna", headers=headers)
    call(app, "GET", "/api/v1/search?q=x", headers=headers)

    assert [query.offices for query in shelf.asked] == [frozenset({"sagar", "rewa"})] * 2


def test_who_may_what() -> None:
    nobody = Person("nobody")
    keeper = Person("keeper", "", (Grant(Role.RECORD_KEEPER, "sagar"), Grant(Role.AUDITOR)))

    assert not any(nobody.may_somewhere(right) for right in Right)
    assert (
        keeper.may(Right.REVIEW, "sagar")
        and not keeper.may(Right.REVIEW, "rewa")
        and not keeper.may(Right.REVIEW, None)
    )
    assert keeper.offices(Right.VIEW) is None and keeper.offices(Right.REVIEW) == {"sagar"}


@pytest.mark.parametrize(("behind_proxy", "address"), [(False, "127.0.0.1"), (True, "10.9.8.7")])
def test_only_a_proxy_says_whom_a_request_comes_from(
    app: FastAPI, people: AccountRepository, audit_log: AuditLog, behind_proxy: bool, address: str
) -> None:
    config = server.configured(app, behind_proxy=behind_proxy)
    config.load()

    async def guess() -> int:
        wire = httpx.ASGITransport(app=config.loaded_app, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1") as client:
            headers = {"x-forwarded-for": "10.9.8.7"}
            return (await client.post("/login", data={"name": "x", "password": "y"}, headers=headers)).status_code

    assert asyncio.run(guess()) == 401
    audit_log.close()  # written a moment later
    assert [event.details["address"] for event in audit_log.every()] == [address]
