"""What programs do by the API: accounts and tokens, the register; stored as by the pages and commands, and audited."""

from __future__ import annotations

import asyncio
import base64
import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from pipeline import settings
from pipeline.app import Container
from pipeline.db.throttling import Client
from pipeline.model.accounts import Grant
from pipeline.model.audit import Action, AuditEvent
from pipeline.model.roles import Right, Role
from pipeline.web import server
from tests.conftest import short_folder, wait_for

EVERY = Grant(Role.ADMINISTRATOR)
WORD = "नीला घोड़ा सात पहाड़"


@pytest.fixture(scope="module")
def container() -> Iterator[Container]:
    home = short_folder()
    made = Container(settings.load(home))
    made.people.add("chief", "सरिता वर्मा", [EVERY])
    yield made
    made.close()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def app(container: Container) -> FastAPI:
    return server.application(container)


class Program:
    """A program with a token of somebody."""

    def __init__(self, container: Container, app: FastAPI, person: str, rights: list[Right]) -> None:
        self.container, self.app = container, app
        self.headers = {"authorization": f"Bearer {container.people.make_token(person, 'program', rights)}"}

    def __call__(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        async def ask() -> httpx.Response:
            wire = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1", headers=self.headers) as client:
                return await client.request(method, path, **more)

        found = asyncio.run(ask())
        assert found.status_code == status, found.text
        is_json = bool(found.content) and found.headers["content-type"].startswith("application/json")
        return found.json() if is_json else found.text


@pytest.fixture(scope="module")
def ask(container: Container, app: FastAPI) -> Program:
    return Program(container, app, "chief", list(Right))


def noted(container: Container, action: Action) -> list[AuditEvent]:
    return [event for event in container.audit_log.every() if event.action is action and event.person == "chief"]


def test_people_are_entered_changed_and_let_in_by_a_program(container: Container, ask: Program) -> None:
    wanted = {"name": "K.Meena", "full_name": "कमला मीणा", "roles": [{"role": "officer", "office": "sagar"}]}
    added = ask("POST", "/api/v1/people", 201, json=wanted)
    assert added["person"]["name"] == "k.meena" and not added["person"]["has_password"]
    assert container.people.link_of(added["link"].rpartition("/welcome/")[2]).name == "k.meena"
    assert ask("POST", "/api/v1/people", 400, json=wanted)["error"]["code"] == "already_a_person"

    person = ask("POST", "/api/v1/people/k.meena/grants", json={"role": "auditor"})
    assert person["roles"] == [{"role": "officer", "office": "sagar"}, {"role": "auditor", "office": "*"}]
    assert ask("DELETE", "/api/v1/people/k.meena/grants/auditor/*")["roles"] == wanted["roles"]
    assert ask("POST", "/api/v1/people/k.meena/disable")["disabled"]
    assert not ask("POST", "/api/v1/people/k.meena/enable")["disabled"]
    for _ in range(6):
        container.people.throttle.failed(Client("k.meena", "127.0.0.7"))
    listed = {one["name"]: one for one in ask("GET", "/api/v1/people")["people"]}
    assert listed["k.meena"]["waits_until"] and listed["chief"]["waits_until"] is None
    assert ask("POST", "/api/v1/people/k.meena/unlock")["waits_until"] is None
    assert container.people.throttle.waits(Client("k.meena", "")) is None
    link = ask("POST", "/api/v1/people/k.meena/link")["link"]
    assert container.people.link_of(link.rpartition("/")[2]).name == "k.meena"
    assert ask("POST", "/api/v1/people/chief/disable", 400)["error"]["code"] == "last_administrator"

    did = [event.details["did"] for event in noted(container, Action.PEOPLE) if event.what == "k.meena"]
    assert did == ["add", "grant", "revoke", "disable", "enable", "unlock", "reset"]


def test_tokens_are_made_shown_without_their_secret_and_ended(container: Container, app: FastAPI, ask: Program) -> None:
    container.people.add("reader", "", [Grant(Role.OFFICER, "sagar")])
    wanted = {"person": "reader", "name": "dashboard", "rights": ["look", "audit"]}
    made = ask("POST", "/api/v1/tokens", 201, json=wanted | {"days": 20})
    secret, ends = made["secret"], made["expires_at"]
    assert ask("POST", "/api/v1/tokens", 400, json=wanted | {"days": 0})["error"]["code"] == "request"
    listed = next(one for one in ask("GET", "/api/v1/tokens")["tokens"] if one["name"] == "dashboard")
    assert (listed["expires_at"], listed["ends_soon"]) == (ends, True)
    program = Program(container, app, "reader", [])
    program.headers = {"authorization": f"Bearer {secret}"}

    assert program("GET", "/api/v1/me") == {
        "name": "reader",
        "full_name": "",
        "roles": [{"role": "officer", "office": "sagar"}],
        "rights": ["look"],
        "token_expires_at": ends,
    }
    program("GET", "/api/v1/people", 403)
    details = next(one for one in ask("GET", "/api/v1/tokens")["tokens"] if one["name"] == "dashboard")
    assert details["person"] == "reader" and secret not in str(details)
    ask("DELETE", f"/api/v1/tokens/{details['id']}", 204)
    program("GET", "/api/v1/me", 401)
    ask("DELETE", f"/api/v1/tokens/{details['id']}", 404)


def test_a_file_goes_through_the_register_by_a_program(container: Container, ask: Program) -> None:
    sagar = {"code": "sagar", "name_hi": "तहसील सागर", "name_en": "Sagar tehsil"}
    ask("POST", "/api/v1/register/offices", 201, json=sagar)
    ask("POST", "/api/v1/register/offices", 400, json=sagar)
    ask("PUT", "/api/v1/register/offices/sagar", json={"name_hi": "तहसील कार्यालय, सागर", "parent": None})
    assert container.register.office("sagar").name_hi == "तहसील कार्यालय, सागर"

    wanted = {"office": "sagar", "number": "एफ 19-76/2019", "subject": "सीमांकन", "record_class": "ख", "year": "2019"}
    entered = ask("POST", "/api/v1/register/files", 201, json=wanted)
    assert (entered["record_class"], entered["state"], entered["alike"]) == ("B", "open", [])
    bad = ask("POST", "/api/v1/register/files", 400, json=wanted | {"number": "7/2019", "closed_on": "कल"})
    assert "closed_on" in bad["error"]["message"] and "31.12.2018" in bad["error"]["message"]
    at = f"/api/v1/register/files/sagar/{entered['key']}"
    assert ask("PATCH", at, json={"rack": "4", "subject": ""})["subject"] == ""
    assert ask("POST", f"{at}/count", json={"pages": 12})["figures"]["missing"] == 12
    assert ask("POST", f"{at}/close", 400, json={})["error"]["code"] == "figures_differ"
    noted_missing = ask("POST", f"{at}/reconcile", json={"missing": [3, 4], "reason": "फटे हुए"})
    assert (noted_missing["missing"], noted_missing["figures"]["missing"]) == ([3, 4], 10)
    closed = ask("POST", f"{at}/close", json={"reason": "शेष पृष्ठ अपठनीय"})
    assert closed["state"] == "closed"
    assert (closed["events"][-1]["by"], closed["events"][-1]["signed_by"]) == ("chief", "सरिता वर्मा")
    assert ask("POST", f"{at}/count", 400, json={"pages": 13})["error"]["code"] == "file_closed"
    assert ask("POST", f"{at}/reopen", json={"reason": "दो पृष्ठ और मिले"})["state"] == "open"
    ask("GET", f"{at}?volume=2", 404)
    assert [event["what"] for event in ask("GET", at)["events"]] == [
        "created",
        "changed",
        "counted",
        "noted",
        "closed",
        "reopened",
    ]

    changed = [event.what for event in noted(container, Action.REGISTER) if "status" not in event.details]
    assert f"POST {at}/close" in changed and f"PATCH {at}" in changed
    container.audit_log.close()  # views are written a moment later
    assert any(event.what == at.removeprefix("/api/v1") for event in noted(container, Action.VIEW))


def test_a_list_is_tried_taken_and_given_back(container: Container, ask: Program) -> None:
    container.registrar().put_office(_office("rewa"), by="test", change=False)
    rows = "number,subject,year\nस्थापना/12/2004,वेतन निर्धारण,2004\nस्थापना/13/2004,,२००\n".encode()
    how = {"content": rows, "headers": {"content-type": "text/csv"}}
    tried = ask("POST", "/api/v1/register/files/import?office=rewa&dry_run=true", **how)
    assert (tried["created"], tried["refused"], tried["written"]) == (1, 1, False)
    assert tried["bad_lines"][0]["line"] == 3 and "2018-19" in tried["bad_lines"][0]["next_hi"]
    assert container.register.files("rewa") == []

    none = ask("POST", "/api/v1/register/files/import?office=rewa&all_or_nothing=true", **how)
    assert not none["written"] and container.register.files("rewa") == []
    assert ask("POST", "/api/v1/register/files/import?office=rewa", **how)["written"]
    assert [file.subject for file in container.register.files("rewa")] == ["वेतन निर्धारण"]
    page = ask("GET", "/api/v1/register/files?office=rewa&words=वेतन")
    assert (page["total"], page["files"][0]["number"]) == (1, "स्थापना/12/2004")

    given = ask("GET", "/api/v1/register/files.csv")
    again = ask("POST", "/api/v1/register/files/import", content=given.encode(), headers=how["headers"])
    assert (again["created"], again["updated"], again["refused"]) == (0, 0, 0) and again["unchanged"] >= 1
    offices = ask("GET", "/api/v1/register/offices.csv")
    taken = ask("POST", "/api/v1/register/offices/import", content=offices.encode(), headers=how["headers"])
    assert taken["unchanged"] == len(container.register.offices())
    refused = ask("POST", "/api/v1/register/files/import", 422, content=b"%PDF-1.7 no list", headers=how["headers"])
    assert refused["error"]["code"] == "register_list"


def test_who_keeps_one_office_changes_no_other(container: Container, app: FastAPI, ask: Program) -> None:
    container.registrar().put_office(_office("bina"), by="test", change=False)
    container.registrar().put_office(_office("damoh"), by="test", change=False)
    ours, theirs = (
        ask("POST", "/api/v1/register/files", 201, json={"office": office, "number": "लेखा/5/2001"})
        for office in ("bina", "damoh")
    )
    container.people.add("keeper", "", [Grant(Role.RECORD_KEEPER, "bina"), Grant(Role.OFFICER, "damoh")])
    keeper = Program(container, app, "keeper", list(Right))

    assert [one["office"] for one in keeper("GET", "/api/v1/register/files")["files"]] == ["bina"]
    assert [one["code"] for one in keeper("GET", "/api/v1/register/offices")["offices"]] == ["bina"]
    assert "damoh" not in keeper("GET", "/api/v1/register/files.csv")
    assert "damoh" not in keeper("GET", "/api/v1/register/offices.csv")
    keeper("PATCH", f"/api/v1/register/files/bina/{ours['key']}", json={"rack": "1"})
    keeper("PATCH", f"/api/v1/register/files/damoh/{theirs['key']}", 404, json={"rack": "1"})
    keeper("POST", "/api/v1/register/files", 404, json={"office": "damoh", "number": "6/2001"})
    keeper("POST", "/api/v1/register/offices", 403, json={"code": "new"})
    keeper("PUT", "/api/v1/register/offices/bina", 403, json={})
    how = {"content": b"number,office\n9/2001,damoh\n", "headers": {"content-type": "text/csv"}}
    keeper("POST", "/api/v1/register/files/import?office=bina", 403, **how)
    keeper("POST", "/api/v1/register/offices/import", 403, content=b"code\ndamoh\n", headers=how["headers"])
    assert [file.key for file in container.register.files("damoh")] == [theirs["key"]]


def _office(code: str) -> Any:
    from pipeline.model.register import Office

    return Office(code)


def test_what_is_sent_is_noted_once_by_its_name(container: Container, ask: Program) -> None:
    tus = {"tus-resumable": "1.0.0"}
    name = base64.b64encode("नस्ती 7.pdf".encode()).decode()
    begun = {**tus, "upload-length": "7", "upload-metadata": f"filename {name}"}
    ask("POST", "/api/v1/uploads", 201, headers=begun)
    ident = ask("GET", "/api/v1/uploads")[0]["id"]
    piece = {**tus, "content-type": "application/offset+octet-stream", "upload-offset": "0"}
    ask("PATCH", f"/api/v1/uploads/{ident}", 204, headers=piece, content=b"abcd")
    ask("DELETE", f"/api/v1/uploads/{ident}", 204, headers=tus)

    def details() -> list[dict[str, Any]] | None:
        found = [dict(event.details) for event in noted(container, Action.UPLOAD) if "/uploads" in event.what]
        return found if len(found) == 2 else None

    assert wait_for(details, "the events to be written", seconds=10) == [
        {"file": "नस्ती 7.pdf", "upload": ident},
        {},
    ]
