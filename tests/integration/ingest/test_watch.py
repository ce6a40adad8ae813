"""The operator's page on a real installation: what arrives, what went wrong, what is done, with pictures."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import text

from pipeline.app import Container, Services
from pipeline.errors import StoreUnavailableError
from pipeline.model.batch import BatchState
from tests.conftest import Office
from tests.integration.filled_home import copy_of, opened
from tests.signing import open_app


@pytest.fixture(scope="module")
def services(archive: Office) -> Iterator[Services]:
    """Two letters and a file on the shelf, one letter received, one file rejected."""
    with copy_of(archive) as copy, opened(copy.home) as container:
        yield container.services()


def ask(services: Services, method: str, path: str, lang: str = "hi") -> httpx.Response:
    app, signed_in = open_app(services)
    wire = httpx.ASGITransport(app=app)

    async def call() -> httpx.Response:
        async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, headers={**signed_in, "accept-language": lang})

    return asyncio.run(call())


def metadata(services: Services) -> Any:
    return ask(services, "GET", "/api/v1/watch").json()


def test_the_page_tells_what_is_done_what_waits_and_what_went_wrong(services: Services) -> None:
    hindi, english = (ask(services, "GET", "/scanning", lang).text for lang in ("hi", "en"))

    for page in (hindi, english):
        assert "letter-01-clean.jpg" in page and "letter-14-clean.jpg" in page and "file-02-office.tif" in page
    assert "स्कैनर में पीडीएफ़ या टिफ़ चुनकर फिर से स्कैन करें" in hindi
    assert "Set the scanner to PDF or TIFF and scan again" in english
    assert 'http-equiv="refresh"' in hindi, "without a script the page loads itself again"


def test_the_same_as_json(services: Services) -> None:
    found = metadata(services)

    assert [scan["name"] for scan in found["in_work"]] == ["letter-14-clean.jpg"]
    assert [(scan["status"], scan["can_be_retried"]) for scan in found["troubled"]] == [("rejected", False)]
    done = {scan["name"]: scan for scan in found["done"]}
    assert set(done) == {"letter-01-clean.jpg", "letter-05-clean.jpg", "file-02-office.tif"}
    assert done["file-02-office.tif"]["done"] == done["file-02-office.tif"]["pages"] == 6
    assert len(done["file-02-office.tif"]["sheets"]) == 6
    assert [scan["ended_at"] for scan in found["done"]] == sorted((s["ended_at"] for s in found["done"]), reverse=True)


def test_a_thumbnail_is_the_page_made_small(services: Services) -> None:
    sheet = metadata(services)["done"][0]["sheets"][0]

    answer = ask(services, "GET", sheet["thumb"])

    assert answer.headers["content-type"] == "image/jpeg"
    with Image.open(BytesIO(answer.content)) as small:
        assert small.width <= 180 and 200 <= small.height <= 240
    assert len(answer.content) < 20_000
    assert ask(services, "GET", "/scanning/batches/nothing/pages/1/thumb").status_code == 404


def test_who_has_another_office_sees_nothing_of_this_one(services: Services) -> None:
    other = services.dashboard.work(frozenset({"another"}))

    assert not (other.in_work or other.troubled or other.done or other.repeats or other.pace.today)
    assert services.dashboard.work(None).done


def test_the_mark_changes_with_what_happens_and_only_then(services: Services) -> None:
    before = services.dashboard.mark()
    assert services.dashboard.mark() == before

    with services.container.database.write() as session:
        session.execute(text("UPDATE batch SET filed_at = :at WHERE name = 'letter-01-clean.jpg'"), {"at": _now()})

    assert services.dashboard.mark() != before
    assert metadata(services)["done"][0]["name"] == "letter-01-clean.jpg"


def test_a_failed_batch_tells_what_to_do_and_is_tried_again_at_the_press_of_a_button(services: Services) -> None:
    batch = metadata(services)["in_work"][0]["batch"]
    queue = services.container.queue()
    assert queue.claim(batch)
    queue.fail(batch, StoreUnavailableError(endpoint="s3", cause="away"), pause_seconds=3600)

    found = metadata(services)["troubled"][0]
    assert (found["status"], found["can_be_retried"], found["error"]["code"]) == ("failed", True, "store_unavailable")
    page = ask(services, "GET", "/scanning", "en").text
    assert f'action="/scanning/batches/{batch}/retry"' in page

    answer = ask(services, "POST", f"/scanning/batches/{batch}/retry")

    assert (answer.status_code, answer.headers["location"]) == (303, "/scanning")
    assert services.container.records.batch(batch).state is BatchState.RECEIVED
    assert ask(services, "POST", f"/api/v1/batches/{batch}/retry").json() == {"batch": batch, "retried": False}


def test_a_rejected_file_belongs_to_the_office_of_its_folder(services: Services) -> None:
    from pipeline.errors import UnknownMediaError

    bad = services.container.settings.home / "bad.pdf"
    bad.write_bytes(b"no scan")
    taken = services.container.intake().reject(bad, UnknownMediaError(name="bad.pdf"), {"office": "sagar"})

    assert [scan.batch for scan in services.dashboard.work(frozenset({"sagar"})).troubled] == [taken.batch]
    assert rebuilt_office(services.container, taken.batch) == "sagar"


def rebuilt_office(container: Container, batch: str) -> str | None:
    from pipeline.storage import batch_manifest, keys

    return batch_manifest.read(container.store.get(keys.manifest(batch))).batch.office


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
