"""Guessing passwords: the guesser waits, those whose name or address is attacked do not, and the audit log stays small."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func
from sqlmodel import col, select

from pipeline.accounts import passwords
from pipeline.audit.event_aggregator import Event, EventAggregator
from pipeline.db.account_tables import AttemptOriginRow, AttemptRow, AuditEventRow, DeviceRow
from pipeline.db.accounts import AccountRepository
from pipeline.db.audit import AuditFilter, AuditLog
from pipeline.db.database import now
from pipeline.db.throttling import network_of
from pipeline.model.accounts import Grant
from pipeline.model.audit import Action
from pipeline.model.roles import Role
from pipeline.web.app import create_app
from pipeline.web.security.cookies import COOKIE, device_cookie, sign_of
from tests.conftest import wait_for
from tests.databases import new_database
from tests.unit.shelf import Shelf

PASSWORD = "नीला घोड़ा सात पहाड़"
HASHED = passwords.hashed(PASSWORD)
OFFICE_ADDRESS, ELSEWHERE = "10.1.1.1", "203.0.113.9"
SEE_OTHER, REFUSED, WAIT = 303, 401, 429


class Browser:
    """A browser at an address, with its own cookies."""

    def __init__(self, app: FastAPI, address: str = OFFICE_ADDRESS) -> None:
        self.app, self.address = app, address
        self.cookies: dict[str, str] = {}

    def post(self, path: str, data: dict[str, str], **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            wire = httpx.ASGITransport(app=self.app, client=(self.address, 1))
            async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1", cookies=self.cookies) as client:
                found = await client.post(path, data=data, **more)
                self.cookies |= dict(found.cookies)
                return found

        return asyncio.run(ask())

    def sign_in(self, name: str, password: str = PASSWORD) -> int:
        return self.post("/login", {"name": name, "password": password}).status_code

    def sign_out(self) -> None:
        """Close the browser: sessions end with it, devices do not."""
        self.cookies = {name: value for name, value in self.cookies.items() if "session" not in name}


@pytest.fixture
def people(tmp_path: Path) -> Iterator[AccountRepository]:
    database = new_database(tmp_path / "people.db")
    found = AccountRepository(database, idle=timedelta(hours=1), whole=timedelta(hours=12))
    for name, role in (("admin", Role.ADMINISTRATOR), ("sarita", Role.RECORD_KEEPER), ("new", Role.OFFICER)):
        found.add(name, "", [Grant(role)])
        found.set_password(name, HASHED)
    yield found
    database.close()


@pytest.fixture
def app(people: AccountRepository) -> FastAPI:
    return create_app(Shelf(), among=people, audit_log=AuditLog(people.database))


def guess(app: FastAPI, name: str, times: int, address: str = ELSEWHERE) -> list[int]:
    guesser = Browser(app, address)
    return [guesser.sign_in(name, f"guess {number}") for number in range(times)]


def test_a_device_that_has_signed_in_before_does_not_wait_for_the_guesses_of_others(app: FastAPI) -> None:
    own = Browser(app)
    assert own.sign_in("admin") == SEE_OTHER
    own.sign_out()

    assert guess(app, "admin", 8)[-1] == WAIT
    assert Browser(app).sign_in("admin") == WAIT  # who is unknown waits
    assert own.sign_in("admin") == SEE_OTHER


def test_an_office_behind_one_address_goes_on_working_while_somebody_in_it_guesses(app: FastAPI) -> None:
    own = Browser(app)
    assert own.sign_in("sarita") == SEE_OTHER
    own.sign_out()
    for number in range(8):
        guess(app, f"name-{number}", 5, OFFICE_ADDRESS)

    assert Browser(app).sign_in("new") == WAIT
    assert own.sign_in("sarita") == SEE_OTHER


def test_unlock_frees_the_name_and_the_address(app: FastAPI, people: AccountRepository) -> None:
    for number in range(8):
        guess(app, f"name-{number}", 5, OFFICE_ADDRESS)
    assert Browser(app).sign_in("new") == WAIT
    assert next(known.waits_until for known in people.every() if known.person.name == "new") is not None

    assert people.unlock("new") == [OFFICE_ADDRESS]
    assert Browser(app).sign_in("new") == SEE_OTHER
    guess(app, "admin", 6)
    assert people.unlock("admin") == [ELSEWHERE]
    assert Browser(app, ELSEWHERE).sign_in("admin") == SEE_OTHER


def test_a_device_guesses_no_more_than_anybody_else(app: FastAPI) -> None:
    stolen = Browser(app)
    stolen.sign_in("admin")
    stolen.sign_out()
    answers = [stolen.sign_in("admin", f"guess {number}") for number in range(8)]

    assert answers == [REFUSED] * 5 + [WAIT] * 3 and stolen.sign_in("admin") == WAIT


def test_a_device_is_known_to_its_own_account_alone_and_its_secret_changes(
    app: FastAPI, people: AccountRepository
) -> None:
    own = Browser(app)
    own.sign_in("sarita")
    name, first = next((name, value) for name, value in own.cookies.items() if name.startswith("abhilekh_device"))
    own.sign_out()
    own.sign_in("sarita")
    second = own.cookies[name]
    assert first != second
    guess(app, "admin", 6)
    guess(app, "sarita", 6)
    other = Browser(app)
    other.cookies = {name: second, device_cookie("admin"): second}
    assert other.sign_in("admin") == WAIT
    other.cookies = {name: first}
    assert other.sign_in("sarita") == WAIT  # the secret before the last
    with people.database.read() as session:
        rows = session.exec(select(DeviceRow)).all()
    assert len(rows) == 1 and second not in rows[0].hash


def test_the_cookie_of_a_device_is_read_by_no_script_and_sent_by_no_other_site(app: FastAPI) -> None:
    done = Browser(app).post("/login", {"name": "sarita", "password": PASSWORD})
    flags = next(line for line in done.headers.get_list("set-cookie") if line.startswith("abhilekh_device")).lower()

    assert "httponly" in flags and "samesite=strict" in flags and "max-age=" in flags


def test_who_is_signed_in_changes_the_password_while_others_guess(app: FastAPI) -> None:
    own = Browser(app)
    own.sign_in("admin")
    own.cookies = {COOKIE: own.cookies[COOKIE]}
    guess(app, "admin", 6)
    new = {"old": PASSWORD, "password": "hathi mere saathi", "again": "hathi mere saathi"}
    sign = {"x-csrf-token": sign_of(own.cookies[COOKIE])}
    assert own.post("/account/password", new, headers=sign).status_code == SEE_OTHER


def test_hundreds_of_refusals_are_a_handful_of_entries(people: AccountRepository) -> None:
    log = AuditLog(people.database)
    app = create_app(Shelf(), among=people, audit_log=log)
    guess(app, "admin", 300)
    guess(app, "sarita", 40, "10.2.2.2")
    app.state.events.flush()
    log.close()

    total, found = log.page(AuditFilter(action=Action.LOGIN_FAILED), 0, 50)
    counts = {entry.details.get("address"): entry.details["count"] for entry in found if "count" in entry.details}
    assert total == 4 and counts == {ELSEWHERE: 299, "10.2.2.2": 39}  # the first of each, and all the others


def test_invented_names_and_addresses_fill_neither_the_log_nor_the_tables(people: AccountRepository) -> None:
    log = AuditLog(people.database)
    app = create_app(Shelf(), among=people, audit_log=log)
    for number in range(120):
        Browser(app, ELSEWHERE).sign_in(f"invented-{number}", "x")
    app.state.events.flush()
    log.close()

    with people.database.read() as session:
        entries = session.exec(select(func.count()).select_from(AuditEventRow)).one()
        origins = session.exec(select(func.count()).select_from(AttemptOriginRow)).one()
    assert entries <= 35 and origins == 0
    counted = sum(entry.details.get("count", 1) for entry in log.every() if entry.action is Action.LOGIN_FAILED)
    assert counted == 120  # none is dropped


def test_windows_of_many_visitors_stay_few(people: AccountRepository) -> None:
    log = AuditLog(people.database)
    events = EventAggregator(log)
    for number in range(5000):
        address = f"198.51.{number // 250}.{number % 250}"
        events.add(Event("", Action.LOGIN_FAILED, "admin", address, f"admin {address}", {"address": address}))
    events.flush()
    log.close()

    with people.database.read() as session:
        assert session.exec(select(func.count()).select_from(AuditEventRow)).one() <= 502
    assert sum(entry.details.get("count", 1) for entry in log.every()) == 5000


def test_what_was_counted_is_written_when_its_time_is_over(people: AccountRepository) -> None:
    log = AuditLog(people.database)
    events = EventAggregator(log, window_seconds=0.3)
    for _ in range(3):
        events.add(Event("", Action.LOGIN_FAILED, "admin", ELSEWHERE, "admin", {"why": "wrong_login"}))

    assert wait_for(
        lambda: [entry.details.get("count") for entry in log.every()] == [None, 2], "the window", seconds=20
    )
    log.close()


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.1"),
        ("", ""),
    ],
)
def test_an_address_that_its_owner_can_change_counts_as_one(address: str, counted_as: str) -> None:
    assert network_of(address) == counted_as


def test_the_wait_of_a_name_is_forgotten_and_so_is_where_it_was_tried(app: FastAPI, people: AccountRepository) -> None:
    guess(app, "admin", 6)
    long_ago = now() - timedelta(hours=2)
    with people.database.write() as session:
        for row in (*session.exec(select(AttemptRow)), *session.exec(select(AttemptOriginRow))):
            row.at = long_ago
            session.add(row)
    guess(app, "sarita", 1, "10.9.9.9")

    with people.database.read() as session:
        assert session.exec(select(AttemptOriginRow.person).order_by(col(AttemptOriginRow.person))).all() == ["sarita"]
        assert not [key for key in session.exec(select(AttemptRow.key)) if "admin" in key]
