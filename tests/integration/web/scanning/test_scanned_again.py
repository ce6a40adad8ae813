"""A record keeper wants a page scanned again, the operator sends the new scan in the browser, and the wish is answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from pipeline.app import Container
from pipeline.model.accounts import Grant, Person
from pipeline.model.annotation import AnnotationKind
from pipeline.model.review import RESCAN_WANTED, version_of
from pipeline.model.roles import Role
from pipeline.web import server
from pipeline.web.security.cookies import COOKIE, sign_of
from tests.conftest import SCANS, Office
from tests.integration.filled_home import FILE, batch_named, copy_of, opened

SITA = Person("sita", "सीता", (Grant(Role.RECORD_KEEPER),))
NEW = SCANS / "letters" / "letter-10-office.jpg"
PAGE = 4
SECONDS = 60.0


@pytest.fixture(scope="module")
def container(archive: Office) -> Iterator[Container]:
    with copy_of(archive) as copy, opened(copy.home) as found:
        yield found


@pytest.fixture(scope="module")
def app(container: Container) -> Iterator[FastAPI]:
    made = server.application(container)
    yield made
    made.state.services.receiving.stop()


def ask(container: Container, app: FastAPI, name: str, method: str, path: str, **more: object) -> httpx.Response:
    secret = container.people.sign_in(name)
    headers = {"cookie": f"{COOKIE}={secret}", "x-csrf-token": sign_of(secret), "accept-language": "en"}

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
            return await client.request(method, path, headers=headers, **more)  # type: ignore[arg-type]

    return asyncio.run(send())


def test_a_page_that_is_wanted_again_is_replaced_in_the_browser_and_wanted_no_more(
    container: Container, app: FastAPI
) -> None:
    container.people.add("meena", "", [Grant(Role.OPERATOR)])
    container.people.add("elsewhere", "", [Grant(Role.OPERATOR, "rewa")])
    batch = batch_named(container, FILE.name)
    ident = container.records.documents_with(batch, [PAGE], [])[0]
    document = container.records.document(ident)
    number = next(i for i, page in enumerate(document.pages, start=1) if page.source_page == PAGE)
    container.reviewing().want_again(SITA, ident, version_of(document), number, "कोना <मुड़ा> है")
    place = f"/scanning/batches/{batch}/pages/{PAGE}"

    assert "/scanning/rescans" in ask(container, app, "meena", "GET", "/scanning").text
    wanted = ask(container, app, "meena", "GET", "/scanning/rescans").text
    assert "कोना &lt;मुड़ा&gt; है" in wanted and place in wanted
    assert place not in ask(container, app, "elsewhere", "GET", "/scanning/rescans").text
    assert ask(container, app, "meena", "GET", "/api/v1/again").json()[0]["reason"] == "कोना <मुड़ा> है"
    assert ask(container, app, "meena", "GET", "/scanning/blank").status_code == 200

    form = {
        "data": {"replaces": f"{batch}/{PAGE}", "reason": "मुड़ा था"},
        "files": {"file": (NEW.name, NEW.read_bytes())},
    }
    assert ask(container, app, "elsewhere", "POST", "/scanning/upload", **form).status_code == 404
    wrong = {**form, "data": {"replaces": f"{batch}/999"}}
    assert ask(container, app, "meena", "POST", "/scanning/upload", **wrong).status_code == 404
    sent = ask(container, app, "meena", "POST", "/scanning/upload", **form)
    assert (sent.status_code, sent.headers["location"]) == (303, place)

    deadline = time.monotonic() + SECONDS
    while not (sent_now := ask(container, app, "meena", "GET", "/api/v1/uploads").json())[0]["batch"]:
        assert time.monotonic() < deadline, sent_now
        time.sleep(0.1)
    assert sent_now[0]["status"] == "received" and sent_now[0]["batch"] == batch
    (note,) = container.page_notes.of(batch).of(PAGE)
    assert (note.kind, note.by, note.reason) == (AnnotationKind.REPLACED, "meena", "मुड़ा था")
    assert note.source is not None and note.source.name == NEW.name
    page = ask(container, app, "meena", "GET", place).text
    assert NEW.name in page and "stands for the page now" in page
    assert ask(container, app, "meena", "GET", f"{place}/versions/{note.turn}").status_code == 200

    assert place not in ask(container, app, "meena", "GET", "/scanning/rescans").text
    assert all(RESCAN_WANTED not in one.flags for one in container.records.document(ident).pages)
    assert [one.by for one in container.corrections().rows.history(ident)] == ["sita", "meena"]
