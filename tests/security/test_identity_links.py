"""Borrowed names at the identity provider: a name leads to a request, and only an administrator makes a link of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from pipeline import errors
from pipeline.accounts import passwords
from pipeline.db.accounts import AccountRepository
from pipeline.db.audit import AuditLog
from pipeline.db.database import Database
from pipeline.db.identities import subject_at
from pipeline.model.accounts import Grant
from pipeline.model.roles import Role
from pipeline.settings import OidcSettings
from pipeline.web.accounts.oidc import Provider
from pipeline.web.app import create_app
from pipeline.web.security.cookies import COOKIE, sign_of
from tests.databases import new_database
from tests.provider import CLIENT, SECRET, LoopbackProvider, running
from tests.unit.shelf import Shelf

ADDRESS = "http://127.0.0.1:8420"
SEE_OTHER, UNKNOWN, NOT_UNDERSTOOD = 303, 401, 400
OFFICER = [Grant(Role.OFFICER)]


@pytest.fixture(scope="module")
def listening() -> Iterator[LoopbackProvider]:
    with running() as provider:
        provider.back = f"{ADDRESS}/login/outside/back"
        yield provider


@pytest.fixture
def provider(listening: LoopbackProvider) -> LoopbackProvider:
    listening.person = {"sub": "victim", "preferred_username": "k.sharma", "name": "कविता शर्मा"}
    return listening


@pytest.fixture
def people(tmp_path: Path) -> AccountRepository:
    database = new_database(tmp_path / "people.db")
    found = AccountRepository(database, idle=timedelta(hours=1), whole=timedelta(hours=12))
    found.add("admin", "", [Grant(Role.ADMINISTRATOR)])
    found.set_password("admin", passwords.hashed("नीला घोड़ा सात पहाड़"))
    found.add("k.sharma", "", OFFICER, outside=True)
    return found


@pytest.fixture
def app(provider: LoopbackProvider, people: AccountRepository) -> FastAPI:
    told = {"issuer": provider.issuer, "client_id": CLIENT, "client_secret": SecretStr(SECRET)}
    return create_app(
        Shelf(), among=people, audit_log=AuditLog(people.database), provider=Provider(OidcSettings(**told))
    )


def come(app: FastAPI) -> httpx.Response:
    """Through the provider and back, in a browser of one's own."""

    async def ask() -> httpx.Response:
        wire = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=wire, base_url=ADDRESS, headers={"accept-language": "en"}) as client:
            leaving = await client.get("/login/outside")
            back = await asyncio.to_thread(httpx.get, leaving.headers["location"])
            return await client.get(back.headers["location"])

    return asyncio.run(ask())


def administer(app: FastAPI, people: AccountRepository, path: str, **form: str) -> httpx.Response:
    secret = people.sign_in("admin")

    async def ask() -> httpx.Response:
        wire = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=wire, base_url=ADDRESS, cookies={COOKIE: secret}) as client:
            return await client.post(path, data=form | {"csrf": sign_of(secret)})

    return asyncio.run(ask())


def test_a_name_alone_lets_nobody_in(app: FastAPI, provider: LoopbackProvider, people: AccountRepository) -> None:
    provider.person = {"sub": "thief", "preferred_username": "k.sharma"}
    answer = come(app)

    assert answer.status_code == UNKNOWN and "is not linked" in answer.text and COOKIE not in answer.cookies
    assert people.known("k.sharma").subject is None
    assert [one.person for one in people.identities.requests()] == ["k.sharma"]


def test_the_administrator_confirms_the_one_whose_code_is_the_same(
    app: FastAPI, provider: LoopbackProvider, people: AccountRepository
) -> None:
    shown = come(app).text
    provider.person = {"sub": "thief", "preferred_username": "k.sharma"}
    come(app)
    mine = next(one for one in people.identities.requests() if one.pin in shown)
    assert mine.subject == subject_at(provider.issuer, "victim") and mine.shown_name == "कविता शर्मा"
    assert administer(app, people, "/users/k.sharma/identity", pin="0000-0000").status_code == NOT_UNDERSTOOD

    assert administer(app, people, "/users/k.sharma/identity", pin=mine.pin.lower()).status_code == SEE_OTHER
    assert come(app).status_code == UNKNOWN  # the thief
    provider.person = {"sub": "victim", "preferred_username": "another.name"}
    assert come(app).status_code == SEE_OTHER
    assert people.identities.requests() == []


def test_the_administrator_enters_the_subject(
    app: FastAPI, provider: LoopbackProvider, people: AccountRepository
) -> None:
    entered = {"name": "r.singh", "role": "officer", "outside": "1", "subject": "u-77"}
    assert administer(app, people, "/users", **entered).status_code == SEE_OTHER
    provider.person = {"sub": "u-77"}  # it tells no name at all

    assert come(app).status_code == SEE_OTHER
    again = entered | {"name": "second"}
    assert administer(app, people, "/users", **again).status_code == NOT_UNDERSTOOD
    assert [known.person.name for known in people.every()] == ["admin", "k.sharma", "r.singh"]  # nobody half entered


def test_a_request_can_be_refused_and_many_do_not_fill_the_table(people: AccountRepository) -> None:
    for number in range(50):
        assert people.identities.request(f"issuer s{number}", "k.sharma", "")
    requests = people.identities.requests()
    assert len(requests) == 10 and requests[0].subject == "issuer s49"

    assert people.identities.refuse("k.sharma", requests[0].pin) and not people.identities.refuse("k.sharma", "x")
    with pytest.raises(errors.IdentityLinkError):
        people.identities.confirm("k.sharma", requests[0].pin)


def test_one_identity_is_one_account(people: AccountRepository) -> None:
    people.add("r.singh", "", OFFICER, outside=True)
    people.identities.link("k.sharma", "issuer u-1")
    for name in ("r.singh", "admin"):
        with pytest.raises(errors.IdentityLinkError):
            people.identities.link(name, "issuer u-1")
    assert people.identities.linked("issuer u-1") == "k.sharma"
    assert people.identities.linked("another issuer u-1") is None
    assert not people.identities.request("issuer u-1", "r.singh", "")


def test_an_administrator_who_is_not_linked_yet_does_not_shut_the_first_link(people: AccountRepository) -> None:
    """Whoever enters themselves for the provider before the first sign-in can still come in by the link."""
    fresh = Database(str(people.database.url).replace("people.db", "fresh.db"))
    fresh.migrate()
    others = AccountRepository(fresh, idle=timedelta(hours=1), whole=timedelta(hours=12))
    others.add("chief", "", [Grant(Role.ADMINISTRATOR)], outside=True)

    assert others.waits_for_first()
    others.identities.link("chief", "issuer chief")
    assert not others.waits_for_first()
    fresh.close()
