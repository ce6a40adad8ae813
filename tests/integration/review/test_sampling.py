"""A sample for acceptance on filed documents, through the pages: drawn, judged, signed, and back from the store alone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from pipeline.accounts import passwords
from pipeline.app import Container
from pipeline.db.samples import SampleRepository
from pipeline.model.accounts import Grant
from pipeline.model.audit import Action
from pipeline.model.roles import Right, Role
from pipeline.preservation.verify import verify
from pipeline.review.sampling import replay
from pipeline.storage import keys
from pipeline.storage.journal import Replayed
from pipeline.web import server
from pipeline.web.security.cookies import COOKIE, sign_of
from tests.conftest import Office
from tests.integration.filled_home import copy_of, opened

PASSWORD = "नीला घोड़ा सात पहाड़"


@pytest.fixture(scope="module")
def container(archive: Office) -> Iterator[Container]:
    with copy_of(archive) as copy, opened(copy.home) as found:
        yield found


class Visitor:
    def __init__(self, container: Container, app: FastAPI, name: str, *grants: Grant) -> None:
        self.app = app
        container.people.add(name, "सीता", grants)
        container.people.set_password(name, passwords.hashed(PASSWORD))
        secret = container.people.sign_in(name)
        self.headers = {"cookie": f"{COOKIE}={secret}", "x-csrf-token": sign_of(secret), "accept-language": "en"}

    def ask(self, method: str, path: str, **data: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            wire = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1") as client:
                return await client.request(method, path, headers=self.headers, data=data or None)

        return asyncio.run(ask())


def test_a_sample_is_drawn_judged_signed_and_comes_back_from_the_store(container: Container) -> None:
    app = server.application(container)
    sita, away = (
        Visitor(container, app, "sita", Grant(Role.RECORD_KEEPER)),
        Visitor(container, app, "away", Grant(Role.RECORD_KEEPER, "x")),
    )
    since = (date.today() - timedelta(days=2)).isoformat()

    assert sita.ask("POST", "/samples", percent="many", limit="2").status_code == 400
    assert (
        "no document was filed" in sita.ask("POST", "/samples", since="1950", until="1951", percent="5", limit="2").text
    )
    assert away.ask("POST", "/samples", office="*", since=since, percent="50", limit="2").status_code == 404
    drawn = sita.ask("POST", "/samples", office="*", since=since, percent="५०", limit="2,5", seed="seven")
    place = drawn.headers["location"]
    ident = place.rpartition("/")[2]
    sample = container.services().sampling.rows.one(ident)
    assert (sample.limit, sample.seed) == (2.5, "seven") and 2 <= len(sample.documents) < sample.population

    assert "have not been looked at" in sita.ask("POST", f"{place}/sign", password=PASSWORD).text
    for number in range(len(sample.documents)):
        page = sita.ask("GET", f"{place}/next")
        document = re.findall(r'name="document" value="([^"]+)"', page.text)[0]
        assert "/cut?" in page.text or "Is this what the scan says?" in page.text
        if number == 0:
            assert sita.ask("POST", f"{place}/verdicts", document=document, verdict="wrong").status_code == 400
            sita.ask("POST", f"{place}/verdicts", document=document, verdict="wrong", remark="विषय <ग़लत>")
        else:
            assert sita.ask("POST", f"{place}/verdicts", document=document, verdict="right").status_code == 303
    assert sita.ask("GET", f"{place}/next").headers["location"] == place
    assert sita.ask("POST", f"{place}/verdicts", document="elsewhere", verdict="right").status_code == 404

    for path in (place, f"{place}/next", f"/api/v1/samples/{ident}"):
        assert away.ask("GET", path).status_code == 404
    assert sita.ask("POST", f"{place}/sign", password="wrong").status_code == 401
    assert sita.ask("POST", f"{place}/sign", password=PASSWORD).status_code == 303
    report = sita.ask("GET", place).text
    signed = container.services().sampling.rows.one(ident)
    assert signed.signature is not None and signed.signature.sha256 in report and "विषय &lt;ग़लत&gt;" in report
    assert "Unchanged since it was signed." in report and "Not accepted" in report
    noted = [
        event
        for event in container.audit_log.every()
        if event.action is Action.REVIEW and event.details.get("did") == "sign"
    ]
    assert [event.details["sha256"] for event in noted] == [signed.signature.sha256]
    assert "it is signed" in sita.ask("POST", f"{place}/verdicts", document=document, verdict="right").text

    assert verify(container.store, container.records, sample=None, tell=lambda done, total: None).is_well
    rows = SampleRepository(container.database)
    assert replay(container.store, rows) == Replayed(committed=1) and rows.one(ident) == signed
    container.store.put_bytes(
        keys.sample(ident), container.store.get(keys.sample(ident)).replace(b"seven", b"eight"), "application/json"
    )
    assert replay(container.store, rows) == Replayed(damaged=[keys.sample(ident)])


def test_a_program_draws_and_judges_and_signs_only_with_the_password_of_its_person(container: Container) -> None:
    app = server.application(container)
    Visitor(container, app, "gita", Grant(Role.RECORD_KEEPER))
    bearer = {"authorization": f"Bearer {container.people.make_token('gita', 'program', [Right.REVIEW])}"}

    def ask(path: str, told: dict[str, object], status: int) -> Any:
        async def post() -> httpx.Response:
            wire = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1", headers=bearer) as client:
                return await client.post(path, json=told)

        found = asyncio.run(post())
        assert found.status_code == status, found.text
        return found.json() if found.content and path.startswith("/api/") else None

    since = (date.today() - timedelta(days=2)).isoformat()
    place = "/api/v1/samples/" + ask("/api/v1/samples", {"since": since, "percent": 1}, 201)["sample"]["id"]
    ask(f"{place}/sign", {"password": PASSWORD}, 400)  # nobody has looked yet
    ask(f"{place}/verdicts", {"document": "elsewhere", "right": True}, 404)
    for document in _waiting(container, place):
        ask(f"{place}/verdicts", {"document": document, "right": True}, 200)
    ask(f"{place}/sign", {}, 401)
    ask(place.removeprefix("/api/v1") + "/sign", {}, 401)  # nor on the page's address
    signed = ask(f"{place}/sign", {"password": PASSWORD}, 200)

    assert signed["accepted"] and signed["sample"]["signature"]["by"] == "gita"


def _waiting(container: Container, place: str) -> tuple[str, ...]:
    return container.services().sampling.rows.one(place.rpartition("/")[2]).waiting
