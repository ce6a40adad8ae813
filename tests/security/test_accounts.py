"""Accounts under attack: old tokens, planted cookies, weak passwords, codes that are guessed or used again."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from fastapi import FastAPI
from sqlalchemy import text, update

from pipeline import errors
from pipeline.accounts import passwords, totp
from pipeline.accounts.second_factor import SecondFactor
from pipeline.accounts.secret_box import SecretBox
from pipeline.db.account_tables import PersonRow, TokenRow
from pipeline.db.accounts import AccountRepository
from pipeline.db.audit import AuditFilter, AuditLog
from pipeline.db.database import Database, now
from pipeline.db.second_factor import SecondFactorRows
from pipeline.model.accounts import Grant
from pipeline.model.audit import Action
from pipeline.model.roles import Right, Role
from pipeline.settings import Settings, WebSettings
from pipeline.web.accounts import second_step, sessions
from pipeline.web.app import create_app
from pipeline.web.security.cookies import COOKIE, SECURE_COOKIE, STEP, sign_of
from tests.databases import new_database
from tests.unit.shelf import Shelf

PASSWORD = "नीला घोड़ा सात पहाड़"
HASHED = passwords.hashed(PASSWORD)
SEE_OTHER, UNKNOWN, FORBIDDEN, WAIT = 303, 401, 403, 429


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = new_database(tmp_path / "people.db")
    yield made
    made.close()


@pytest.fixture
def people(database: Database) -> AccountRepository:
    found = AccountRepository(database, idle=timedelta(hours=1), whole=timedelta(hours=12))
    for name, role in (("admin", Role.ADMINISTRATOR), ("sarita", Role.OFFICER)):
        found.add(name, "", [Grant(role)])
        found.set_password(name, HASHED)
    return found


class Browser:
    """A browser with its own cookies. `form` is what a page of ours would send."""

    def __init__(self, app: FastAPI, *, secure: bool = False) -> None:
        self.app, self.cookie = app, SECURE_COOKIE if secure else COOKIE
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            wire = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=wire, base_url="https://127.0.0.1", cookies=self.cookies) as client:
                found = await client.request(method, path, **more)
                self.cookies |= dict(found.cookies)
                return found

        return asyncio.run(send())

    def get(self, path: str) -> httpx.Response:
        return self.ask("GET", path, headers={"accept-language": "en"})

    def form(self, path: str, **values: str) -> httpx.Response:
        sign = sign_of(self.cookies[self.cookie]) if self.cookie in self.cookies else ""
        return self.ask("POST", path, data=values | {"csrf": sign}, headers={"accept-language": "en"})

    def sign_in(self, name: str = "admin", password: str = PASSWORD) -> httpx.Response:
        return self.form("/login", name=name, password=password, next="/account")


@pytest.fixture
def app(people: AccountRepository) -> FastAPI:
    return create_app(Shelf(), among=people, audit_log=AuditLog(people.database), secrets=SecretBox())


# --- tokens ------------------------------------------------------------------------------------------------------


def with_token(app: FastAPI, secret: str) -> int:
    return Browser(app).ask("GET", "/api/v1/me", headers={"authorization": f"Bearer {secret}"}).status_code


def test_a_token_ends_by_itself_and_tells_when(app: FastAPI, people: AccountRepository, database: Database) -> None:
    secret, short = people.make_token("sarita", "e-Office", [Right.VIEW]), people.make_token("sarita", "x", [], 3)
    me = Browser(app).ask("GET", "/api/v1/me", headers={"authorization": f"Bearer {secret}"}).json()
    ends = {one.name: one for one in people.tokens()}

    assert timedelta(days=364) < ends["e-Office"].expires_at - now() < timedelta(days=366)  # type: ignore[operator]
    assert me["token_expires_at"] is not None
    assert ends["x"].ends_soon and not ends["e-Office"].ends_soon
    with database.write() as session:
        session.execute(update(TokenRow).values(expires_at=now() - timedelta(seconds=1)))
    assert with_token(app, secret) == UNKNOWN and with_token(app, short) == UNKNOWN
    assert all(one.has_ended for one in people.tokens())


def test_a_token_does_not_come_back_to_life_with_its_account(app: FastAPI, people: AccountRepository) -> None:
    secret = people.make_token("sarita", "e-Office", [Right.VIEW])
    assert with_token(app, secret) == 200
    assert people.disable("sarita") == 1
    people.disable("sarita", disabled=False)

    assert with_token(app, secret) == UNKNOWN and people.tokens() == []


def test_nobody_makes_a_token_of_a_disabled_account(people: AccountRepository) -> None:
    people.disable("sarita")
    with pytest.raises(errors.PersonUnknownError):
        people.make_token("sarita", "x", [Right.VIEW])


def test_tokens_made_before_they_had_an_end_get_one(tmp_path: Path) -> None:
    from alembic import command
    from alembic.config import Config

    from pipeline.db import database as module

    old = Database(f"sqlite:///{tmp_path}/old.db")
    config = Config()
    config.set_main_option("script_location", str(module._MIGRATIONS))
    with old.engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0012")
        columns = "name, full_name, grants, disabled, outside, created_at"
        person = f"INSERT INTO person ({columns}) VALUES (:n, :n, '[]', :d, 0, :at)"  # noqa: S608
        token = "INSERT INTO token (hash, person, name, rights, created_at) VALUES (:n, :n, 't', '[]', :at)"
        for name, disabled in (("kept", False), ("gone", True)):
            values = {"n": name, "d": disabled, "at": "2020-01-01 00:00:00"}
            connection.execute(text(person), values)
            connection.execute(text(token), values)
    old.migrate()
    tokens = AccountRepository(old, idle=timedelta(hours=1), whole=timedelta(hours=1)).tokens()
    old.close()

    assert [one.person for one in tokens] == ["kept"]
    assert timedelta(days=364) < tokens[0].expires_at - now() < timedelta(days=366)  # type: ignore[operator]


# --- cookies and headers -----------------------------------------------------------------------------------------


def test_behind_tls_a_plain_cookie_is_nobodys(people: AccountRepository) -> None:
    app = create_app(Shelf(), among=people, audit_log=AuditLog(people.database), secure_cookies=True)
    browser = Browser(app, secure=True)
    done = browser.sign_in("sarita")
    secret = browser.cookies[SECURE_COOKIE]

    assert all(
        "__Host-" in line and "Secure" in line for line in done.headers.get_list("set-cookie") if '=""' not in line
    )
    assert browser.get("/account").status_code == 200
    planted = Browser(app)
    planted.cookies = {COOKIE: secret}
    assert planted.get("/account").status_code == SEE_OTHER
    assert planted.ask("GET", "/api/v1/me").status_code == UNKNOWN


@pytest.mark.parametrize("secure", [False, True])
def test_browsers_are_told_to_use_tls_alone_where_there_is_tls(people: AccountRepository, secure: bool) -> None:
    app = create_app(Shelf(), among=people, audit_log=AuditLog(people.database), secure_cookies=secure)
    for path in ("/login", "/nowhere", "/healthz", "/static/abhilekh.css"):
        found = Browser(app).get(path).headers.get("strict-transport-security")
        assert found == ("max-age=31536000" if secure else None), path


# --- passwords ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "weak",
    [
        "Password@123",
        "qwertyuiop12",
        "Welcome@2024",
        "Bharat@1947",
        "jaishreeram",
        "omsairam108",
        "पासवर्ड12345",
        "9876543210",
        "abcdefghijkl",
        "राम राम राम राम",
        "sarita.verma1",
        "Verma@1985",
        "सरिता वर्मा1",
        "Abhilekh@123",
        "24041985abc",
    ],
)
def test_a_password_that_is_guessed_quickly_is_refused_in_both_languages(weak: str) -> None:
    with pytest.raises(errors.PasswordError) as refused:
        passwords.check(weak, "sarita.verma", "सरिता वर्मा Sarita Verma")

    assert "?" not in refused.value.text("en") + refused.value.text("hi")
    assert re.search("[ऀ-ॿ]", refused.value.details["cause"].text("hi"))


@pytest.mark.parametrize(
    "good", [PASSWORD, "hathi mere saathi", "kR7#pq9!Lm2x", "correct horse battery staple", "x7Q!" * 3 + "mango lotus"]
)
def test_other_passwords_are_taken(good: str) -> None:
    passwords.check(good, "sarita.verma", "सरिता वर्मा")


def test_every_reason_of_the_estimator_has_words_here() -> None:
    import inspect

    from zxcvbn import feedback

    source = inspect.getsource(feedback)
    source = re.sub(r"'\s*\\?\s*\n\s*'", "", source)
    said = set(re.findall(r"warning = _\(['\"](.+?)['\"]\)\n", source)) | set(
        re.findall(r"'warning': _\(['\"](.+?)['\"]\),\n", source)
    )

    assert len(said) > 10 and said - passwords.CAUSES.keys() == set()


def test_a_weak_password_that_was_set_before_still_signs_in(app: FastAPI, people: AccountRepository) -> None:
    people.set_password("sarita", passwords.hashed("Password@123"))

    assert Browser(app).sign_in("sarita", "Password@123").headers["location"] == "/account"


# --- codes -------------------------------------------------------------------------------------------------------


def enrol(browser: Browser, password: str = PASSWORD) -> tuple[pyotp.TOTP, list[str]]:
    """Set up a code by the pages; returns the app and the recovery codes."""
    page = browser.get("/account/code").text
    sealed = re.search('name="sealed" value="([^"]+)"', page)[1]  # type: ignore[index]
    secret = re.search('<code class="secret">([^<]+)</code>', page)[1].replace(" ", "")  # type: ignore[index]
    app = pyotp.TOTP(secret)
    done = browser.form("/account/code", sealed=sealed, typed=app.now(), password=password)
    assert done.status_code == 200, done.text
    return app, re.findall("<li><code>([^<]+)</code></li>", done.text)


def later(app: pyotp.TOTP, steps: int = 1) -> str:
    """The code of a coming moment, which the drift allows."""
    import time

    return app.at(int(time.time()), counter_offset=steps)


def test_a_password_alone_opens_nothing_once_a_code_is_set_up(app: FastAPI) -> None:
    browser = Browser(app)
    browser.sign_in()
    codes, recovery = enrol(browser)
    assert len(recovery) == 10

    thief = Browser(app)
    half = thief.sign_in()
    assert half.headers["location"] == "/login/code" and COOKIE not in thief.cookies
    assert thief.get("/account").status_code == SEE_OTHER and thief.ask("GET", "/api/v1/me").status_code == UNKNOWN
    assert thief.form("/login/code", typed="000000").status_code == UNKNOWN
    owner = Browser(app)
    owner.sign_in()
    done = owner.form("/login/code", typed=later(codes))
    assert done.status_code == SEE_OTHER and done.headers["location"] == "/account"
    assert owner.get("/account").status_code == 200


def test_a_code_counts_once(app: FastAPI) -> None:
    first = Browser(app)
    first.sign_in()
    codes, recovery = enrol(first)
    seen = later(codes)
    for typed, status in (
        (seen, SEE_OTHER),
        (seen, UNKNOWN),
        (recovery[0].lower().replace("-", " "), SEE_OTHER),
        (recovery[0], UNKNOWN),
    ):
        browser = Browser(app)
        browser.sign_in()
        assert browser.form("/login/code", typed=typed).status_code == status, typed


def test_an_older_code_than_the_last_is_refused(app: FastAPI) -> None:
    first = Browser(app)
    first.sign_in()
    codes, _ = enrol(first)
    browser = Browser(app)
    browser.sign_in()
    assert browser.form("/login/code", typed=later(codes)).status_code == SEE_OTHER
    again = Browser(app)
    again.sign_in()
    assert again.form("/login/code", typed=later(codes, 0)).status_code == UNKNOWN


def test_guesses_at_codes_are_few_and_recorded(app: FastAPI, people: AccountRepository) -> None:
    owner = Browser(app)
    owner.sign_in()
    enrol(owner)
    thief = Browser(app)
    answers = []
    for number in range(12):
        if number % 4 == 0:
            thief.sign_in()
        answers.append(thief.form("/login/code", typed=f"{number:06d}").status_code)

    assert answers.count(UNKNOWN) <= 6 and WAIT in answers
    assert Browser(app).sign_in().status_code == WAIT  # and the right password does not begin anew
    app.state.events.flush()
    app.state.audit_log.close()
    total, found = app.state.audit_log.page(AuditFilter(action=Action.LOGIN_FAILED), 0, 9)
    assert total == 2 and "wrong_code" in str(found[1].details["why"])


def test_a_sign_in_that_waits_ends_after_five_codes(app: FastAPI, people: AccountRepository) -> None:
    factor = SecondFactor(SecondFactorRows(people.database), SecretBox())
    sealed = factor.propose("sarita")
    secret = factor.proposed("sarita", sealed)
    factor.enable("sarita", sealed, pyotp.TOTP(secret).now())
    waiting = factor.rows.begin("sarita", "/")
    for _ in range(5):
        with pytest.raises(errors.WrongCodeError):
            factor.finish(waiting, "123456")
    with pytest.raises(errors.LoginStepError):
        factor.finish(waiting, later(pyotp.TOTP(secret)))


def test_a_session_alone_sets_up_no_code_and_ends_none(app: FastAPI) -> None:
    stolen = Browser(app)
    stolen.sign_in("sarita")
    page = stolen.get("/account/code").text
    sealed = re.search('name="sealed" value="([^"]+)"', page)[1]  # type: ignore[index]
    secret = re.search('<code class="secret">([^<]+)</code>', page)[1].replace(" ", "")  # type: ignore[index]
    good = pyotp.TOTP(secret).now()
    assert stolen.form("/account/code", sealed=sealed, typed=good, password="guess").status_code == UNKNOWN
    assert stolen.form("/account/code", sealed="mine", typed=good, password=PASSWORD).status_code == UNKNOWN
    codes, _ = enrol(stolen)
    for path in ("/account/code/off", "/account/code/recovery"):
        assert stolen.form(path, typed=later(codes), password="guess").status_code == UNKNOWN
        assert stolen.form(path, typed="000000", password=PASSWORD).status_code in (UNKNOWN, WAIT)
    assert stolen.get("/account/code").text.count("recovery code") >= 1


def test_setting_up_a_code_ends_the_other_sessions(app: FastAPI) -> None:
    here, elsewhere = Browser(app), Browser(app)
    here.sign_in()
    elsewhere.sign_in()
    enrol(here)

    assert here.get("/account").status_code == 200 and elsewhere.get("/account").status_code == SEE_OTHER


def test_roles_that_need_a_code_get_nothing_else_until_it_is_set_up(
    database: Database, people: AccountRepository
) -> None:
    strict = AccountRepository(
        database, idle=timedelta(hours=1), whole=timedelta(hours=12), totp_roles=[Role.ADMINISTRATOR]
    )
    app = create_app(Shelf(), among=strict, audit_log=AuditLog(database), secrets=SecretBox())
    token = strict.make_token("admin", "program", list(Right))
    browser = Browser(app)
    browser.sign_in()
    for path in ("/", "/users", "/documents/d1/pages/1", "/status"):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers.get("location")) == (SEE_OTHER, "/account/code"), path
    assert browser.ask("GET", "/api/v1/people").json()["error"]["code"] == "code_required"
    assert browser.form("/users", name="mallory", role="administrator").status_code == FORBIDDEN
    codes, _ = enrol(browser)
    assert browser.get("/users").status_code == 200
    assert browser.form("/account/code/off", typed=later(codes), password=PASSWORD).status_code == FORBIDDEN
    assert Browser(app).sign_in("sarita").headers["location"] == "/account"  # other roles as before
    assert with_token(app, token) == 200  # programs as before
    outside = Browser(app)
    strict.add("k.sharma", "", [Grant(Role.ADMINISTRATOR)], outside=True)
    outside.cookies = {COOKIE: strict.sign_in("k.sharma", outside=True)}
    assert outside.get("/users").status_code == 200  # the provider asks itself


def test_the_first_administrator_starts_with_the_link(database: Database) -> None:
    """Where codes are asked for as where they are not."""
    for number, roles in enumerate(([], [Role.ADMINISTRATOR])):
        people = AccountRepository(database, idle=timedelta(hours=1), whole=timedelta(hours=12), totp_roles=roles)
        app = create_app(Shelf(), among=people, audit_log=AuditLog(database), secrets=SecretBox())
        browser = Browser(app)
        name = f"first{number}"
        people.add(name, "", [Grant(Role.ADMINISTRATOR)])
        done = browser.form(f"/welcome/{people.link(name)}", password=PASSWORD, again=PASSWORD)
        assert done.status_code == SEE_OTHER
        if roles:
            enrol(browser)
        assert browser.get("/users").status_code == 200


@pytest.mark.parametrize(
    ("web", "roles"),
    [
        ({}, set()),
        ({"behind_tls": True}, {Role.ADMINISTRATOR, Role.RECORD_KEEPER}),
        ({"behind_tls": True, "totp_roles": []}, set()),
        ({"totp_roles": ["auditor"]}, {Role.AUDITOR}),
    ],
)
def test_who_needs_a_code_is_set(web: dict[str, Any], roles: set[Role]) -> None:
    assert WebSettings(**web).roles_with_code == roles


def test_a_lost_telephone_is_mended_by_a_link(app: FastAPI, people: AccountRepository) -> None:
    browser = Browser(app)
    browser.sign_in("sarita")
    enrol(browser)
    path = f"/welcome/{people.link('sarita')}"
    assert Browser(app).sign_in("sarita").headers["location"] == "/login/code"  # not before it is used
    Browser(app).form(path, password="hathi mere saathi", again="hathi mere saathi")

    assert Browser(app).sign_in("sarita", "hathi mere saathi").headers["location"] == "/account"


def test_secrets_and_codes_are_not_in_the_database(
    app: FastAPI, people: AccountRepository, database: Database, tmp_path: Path
) -> None:
    browser = Browser(app)
    browser.sign_in()
    codes, recovery = enrol(browser)
    copy = tmp_path / "backup.db"
    database.snapshot(copy)
    with sqlite3.connect(copy) as rows:
        dump = "\n".join(rows.iterdump())

    assert codes.secret not in dump
    assert not [code for code in recovery if code in dump or totp.plain_recovery_code(code) in dump]
    with sqlite3.connect(copy) as rows:
        sealed = rows.execute("SELECT totp_secret FROM person WHERE name = 'admin'").fetchone()[0]
    with pytest.raises(errors.AccountKeyError):  # another key
        SecretBox().open("admin", sealed)
    with pytest.raises(errors.AccountKeyError):  # another account
        app.state.second_factor.box.open("sarita", sealed)


def test_a_secret_moved_to_another_account_opens_nothing(app: FastAPI, database: Database) -> None:
    thief = Browser(app)
    thief.sign_in("sarita")
    codes, _ = enrol(thief)
    with database.write() as session:
        stolen = session.get_one(PersonRow, "sarita").totp_secret
        session.execute(update(PersonRow).where(PersonRow.name == "admin").values(totp_secret=stolen))  # type: ignore[arg-type]
    browser = Browser(app)
    browser.sign_in("admin")

    assert browser.form("/login/code", typed=later(codes)).status_code == 503
    assert COOKIE not in browser.cookies


def test_the_key_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    place = Settings(home=tmp_path).account_key_file
    sealed = SecretBox.at(place).seal("admin", "x")

    assert SecretBox.at(place).open("admin", sealed) == "x"
    assert place.stat().st_mode & 0o777 == 0o600 and place.parent.stat().st_mode & 0o777 == 0o700
    with pytest.raises(errors.AccountKeyError):
        SecretBox.at(place, "no key")


def test_the_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B, in six digits."""
    import base64

    secret = base64.b32encode(b"12345678901234567890").decode()
    for at, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        assert totp.step_of(secret, code, at) == at // 30
        assert totp.step_of(secret, code, at + 30) == at // 30 and totp.step_of(secret, code, at + 90) is None
    assert totp.step_of(secret, "२८७०८२", 59) == 1  # typed in Devanagari digits
    assert totp.step_of(secret, "", 59) is None and totp.step_of(secret, "287 082", 59) == 1


def test_the_picture_is_read_by_a_reader_of_codes() -> None:
    import numpy as np

    from pipeline.preprocess.codes import find_codes
    from pipeline.web.accounts.qr import draw

    address = totp.address_of(totp.new_secret(), "s.verma", "sagar.example")
    drawn = draw(address)
    paper = np.full((drawn.side, drawn.side), 255, np.uint8)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1", drawn.path):
        paper[int(y), int(x) : int(x) + int(width)] = 0

    assert [code.text for code in find_codes(np.kron(paper, np.ones((8, 8), np.uint8)))] == [address]


def test_the_cookie_between_password_and_code_is_no_session(app: FastAPI) -> None:
    owner = Browser(app)
    owner.sign_in()
    enrol(owner)
    thief = Browser(app)
    thief.sign_in()
    thief.cookies[COOKIE] = thief.cookies[STEP]

    assert thief.get("/account").status_code == SEE_OTHER
    assert {route.path for route in second_step.router.routes} == {"/login/code"} and sessions.STEP_SECONDS == 600  # type: ignore[attr-defined]
