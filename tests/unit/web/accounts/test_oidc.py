"""Signing in at an identity provider: a real one on the loopback, honest and lying; who is let in and who is not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OctKey
from pydantic import SecretStr, ValidationError

from pipeline.db.accounts import AccountRepository
from pipeline.db.audit import AuditLog
from pipeline.db.identities import subject_at
from pipeline.model.accounts import Grant
from pipeline.model.audit import Action
from pipeline.model.roles import Role
from pipeline.settings import OidcSettings
from pipeline.web.accounts import oidc
from pipeline.web.accounts.oidc import Provider
from pipeline.web.app import create_app
from tests.databases import new_database
from tests.provider import CLIENT, SECRET, LoopbackProvider, running
from tests.unit.shelf import Shelf

OFFICER = [Grant(Role.OFFICER)]
ADDRESS = "http://127.0.0.1:8420"


@pytest.fixture(scope="module")
def listening() -> Iterator[LoopbackProvider]:
    with running() as provider:
        provider.back = f"{ADDRESS}/login/outside/back"
        yield provider


@pytest.fixture
def provider(listening: LoopbackProvider) -> LoopbackProvider:
    """The provider, honest again, with the person it had at first."""
    listening.person = {"sub": "u-1", "preferred_username": "k.sharma"}
    listening.alter, listening.sign, listening.refuse = (lambda claims: claims), listening._signed, ""
    listening.told_besides = {}
    return listening


@pytest.fixture
def people(tmp_path: Path) -> AccountRepository:
    database = new_database(tmp_path / "people.db")
    found = AccountRepository(database, idle=timedelta(hours=1), whole=timedelta(hours=12))
    found.add("k.sharma", "कविता शर्मा", OFFICER, outside=True)
    found.add("inside", "", OFFICER)
    return found


def settings_of(provider: LoopbackProvider, **more: Any) -> OidcSettings:
    told = {"issuer": provider.issuer, "client_id": CLIENT, "client_secret": SecretStr(SECRET), "title_en": "Sagar SSO"}
    return OidcSettings(**(told | more))


@pytest.fixture
def app(provider: LoopbackProvider, people: AccountRepository) -> FastAPI:
    people.identities.link("k.sharma", subject_at(provider.issuer, "u-1"))
    return create_app(
        Shelf(), among=people, audit_log=AuditLog(people.database), provider=Provider(settings_of(provider))
    )


class Browser:
    """A browser that keeps cookies and goes to the provider and back."""

    def __init__(self, app: FastAPI) -> None:
        self.app, self.cookies = app, httpx.Cookies()

    def get(self, path: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            wire = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=wire, base_url=ADDRESS, cookies=self.cookies) as client:
                found = await client.get(path, headers={"accept-language": "en"})
                self.cookies = client.cookies
                return found

        return asyncio.run(ask())

    def way_back(self, onward: str = "/") -> str:
        """The address that the provider sends the browser to."""
        leaving = self.get(f"/login/outside?next={onward}")
        assert leaving.status_code == 303, leaving.text
        return httpx.get(leaving.headers["location"]).headers["location"]

    def sign_in(self, onward: str = "/") -> httpx.Response:
        return self.get(self.way_back(onward))


def test_who_is_entered_signs_in_and_is_who_they_are(app: FastAPI, people: AccountRepository) -> None:
    browser = Browser(app)
    assert "Sign in with Sagar SSO" in browser.get("/login").text

    done = browser.sign_in("/progress%3Ffrom=2004")

    assert (done.status_code, done.headers["location"]) == (303, "/progress?from=2004")
    assert "कविता शर्मा" in browser.get("/account").text
    assert [event.action for event in AuditLog(people.database).every()] == [Action.LOGIN]
    assert "abhilekh_way" not in browser.cookies  # of no use any more


def test_from_the_first_time_on_the_subject_counts_and_not_the_name(
    app: FastAPI, provider: LoopbackProvider, people: AccountRepository
) -> None:
    assert Browser(app).sign_in().status_code == 303
    provider.person = {"sub": "u-1", "preferred_username": "kavita.sharma"}
    assert Browser(app).sign_in().status_code == 303  # she goes by another name now
    provider.person = {"sub": "u-2", "preferred_username": "k.sharma"}
    assert Browser(app).sign_in().status_code == 401  # and her old one was given to somebody else
    assert people.identities.requests() == []  # who is linked is linked


@pytest.mark.parametrize(
    "person", [{"preferred_username": "stranger"}, {"preferred_username": "inside"}, {"preferred_username": 7}, {}]
)
def test_nobody_is_let_in_whom_no_administrator_entered_to_sign_in_outside(
    app: FastAPI, provider: LoopbackProvider, people: AccountRepository, person: dict[str, Any]
) -> None:
    provider.person = {"sub": "u-9", **person}
    answer = Browser(app).sign_in()

    assert answer.status_code == 401 and "is not entered here" in answer.text
    app.state.audit_log.close()
    assert [event.action for event in AuditLog(people.database).every()] == [Action.LOGIN_FAILED]


def test_who_is_disabled_stays_out(app: FastAPI, people: AccountRepository) -> None:
    people.add("admin", "", [Grant(Role.ADMINISTRATOR)])
    people.disable("k.sharma")

    assert Browser(app).sign_in().status_code == 401


def test_an_address_counts_as_a_name_only_where_it_is_verified(
    provider: LoopbackProvider, people: AccountRepository
) -> None:
    people.add("kavita@sagar.example", "", OFFICER, outside=True)
    by_mail = Provider(settings_of(provider, name_claim="email"))
    app = create_app(Shelf(), among=people, audit_log=AuditLog(people.database), provider=by_mail)

    for verified, status in ((False, 401), ("true", 401), (True, 303)):
        provider.person = {"sub": "u-5", "email": "Kavita@sagar.example", "email_verified": verified}
        answer = Browser(app).sign_in()
        assert answer.status_code == 401 and ("is not linked to the account" in answer.text) is (status == 303)


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another client"},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"nonce": "of another time"},
        {"exp": 1_700_000_000},  # long ago
        {"sub": None},
        {"nonce": None},
    ],
    ids=str,
)
def test_a_token_that_says_something_else_is_not_believed(
    app: FastAPI, provider: LoopbackProvider, lie: dict[str, Any]
) -> None:
    provider.alter = lambda claims: {name: value for name, value in (claims | lie).items() if value is not None}
    answer = Browser(app).sign_in()

    assert answer.status_code == 401 and "cannot be trusted" in answer.text


def test_a_token_that_the_provider_did_not_sign_is_not_believed(app: FastAPI, provider: LoopbackProvider) -> None:
    shared = OctKey.import_key(SECRET)
    forgeries = {
        "by our own secret": lambda claims: jwt.encode({"alg": "HS256"}, claims, shared),
        "by nobody": lambda claims: jwt.encode({"alg": "none"}, claims, shared, algorithms=["none"]),
        "altered": lambda claims: provider._signed(claims).replace(".", ".e30", 1),
        "no token": lambda claims: "nonsense",
        "nothing": lambda claims: "",
    }
    for name, sign in forgeries.items():
        provider.sign = sign
        assert Browser(app).sign_in().status_code == 401, name


def test_keys_may_change(app: FastAPI, provider: LoopbackProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "_AGAIN_SECONDS", 0.0)
    assert Browser(app).sign_in().status_code == 303
    provider.change_key()
    assert Browser(app).sign_in().status_code == 303
    other = LoopbackProvider()
    provider.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": provider.key.kid}, claims, other.key)
    assert Browser(app).sign_in().status_code == 401


def test_the_way_back_belongs_to_the_browser_that_left(app: FastAPI, provider: LoopbackProvider) -> None:
    mine, theirs = Browser(app), Browser(app)
    back, stolen = mine.way_back(), theirs.way_back()

    assert Browser(app).get(back).status_code == 401  # a browser that never left
    assert mine.get(stolen).status_code == 401  # and one that left for something else
    again = Browser(app)
    back = again.way_back()
    kept = dict(again.cookies)
    assert again.get(back).status_code == 303
    again.cookies = httpx.Cookies(kept)
    assert again.get(back).status_code == 401  # a code counts once
    query = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    mixed = Browser(app)
    mixed.way_back()
    state = parse_qs(urlsplit(mixed.way_back()).query)["state"][0]
    assert mixed.get(f"/login/outside/back?code=x&state={state}&iss=https://elsewhere.example").status_code == 401
    assert query["iss"] == provider.issuer


def test_a_refusal_of_the_provider_is_told_kindly(app: FastAPI, provider: LoopbackProvider) -> None:
    provider.refuse = "access_denied"
    answer = Browser(app).sign_in()

    assert answer.status_code == 401 and "did not let you in" in answer.text


def test_onward_leads_to_no_other_site(app: FastAPI) -> None:
    assert Browser(app).sign_in("//evil.example").headers["location"] == "/"


def test_a_provider_that_is_away_or_describes_itself_wrongly_lets_nobody_in(people: AccountRepository) -> None:
    class Mistaken(LoopbackProvider):
        def metadata(self) -> dict[str, Any]:
            return super().metadata() | {"token_endpoint": "http://elsewhere.example/token"}

    away = Provider(OidcSettings(issuer="http://127.0.0.1:9", client_id=CLIENT))
    app = create_app(Shelf(), among=people, audit_log=AuditLog(people.database), provider=away)
    assert Browser(app).get("/login/outside").status_code == 401
    assert not oidc._is_safe(Mistaken().metadata()["token_endpoint"])


def test_without_a_provider_there_is_no_such_way(people: AccountRepository) -> None:
    app = create_app(Shelf(), among=people, audit_log=AuditLog(people.database))

    assert Browser(app).get("/login/outside").status_code == 404
    assert Browser(app).get("/login/outside/back").status_code == 404
    assert "/login/outside" not in Browser(app).get("/login").text


@pytest.mark.parametrize("issuer", ["http://login.example.gov", "ftp://x", "login"])
def test_an_issuer_over_an_open_line_is_refused(issuer: str) -> None:
    with pytest.raises(ValidationError):
        OidcSettings(issuer=issuer, client_id="x")
    with pytest.raises(ValidationError):
        OidcSettings(issuer="https://login.example.gov")


def test_a_name_that_is_no_claim_of_the_token_is_asked_for_and_believed_of_the_same_person_only(
    app: FastAPI, provider: LoopbackProvider, people: AccountRepository
) -> None:
    people.add("r.singh", "", OFFICER, outside=True)
    provider.person = {"sub": "u-3"}
    assert "is not entered here" in Browser(app).sign_in().text  # nobody tells a name
    provider.told_besides = {"sub": "u-2", "preferred_username": "k.sharma"}
    assert Browser(app).sign_in().status_code == 401
    provider.told_besides = {"sub": "u-3", "preferred_username": "r.singh", "iss": "somebody else"}
    assert "is not linked to the account" in Browser(app).sign_in().text
    assert [one.subject for one in people.identities.requests()] == [subject_at(provider.issuer, "u-3")]


def test_no_way_out_is_shown_where_the_provider_has_none(app: FastAPI) -> None:
    assert Browser(app).get("/login/outside/out").status_code == 404
