"""What two offices scan alike is a batch of each: neither is told of the other's, and the bytes are stored once."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from alembic import command
from alembic.config import Config

from pipeline import settings
from pipeline.app import Container, Services
from pipeline.db import database as database_module
from pipeline.db.arrivals import ArrivalRepository
from pipeline.db.batches import BatchRepository
from pipeline.db.database import Database
from pipeline.db.health import HealthRepository
from pipeline.errors import UnknownMediaError
from pipeline.index.textindex import index_for
from pipeline.model.accounts import Grant
from pipeline.model.batch import Batch, BatchState
from pipeline.model.roles import Role
from pipeline.model.scan import MediaType, Source, StoredObject
from pipeline.preservation.verify import verify
from pipeline.storage import batch_manifest, keys
from tests.conftest import SCANS, Office, short_folder, wait_for
from tests.integration.filled_home import opened
from tests.integration.ingest.test_uploads import TUS, ask, begin, patch

CIRCULAR = SCANS / "letters" / "letter-01-clean.jpg"
OTHER = SCANS / "letters" / "letter-05-clean.jpg"
SAGAR, REWA = (Grant(Role.OPERATOR, "sagar"),), (Grant(Role.OPERATOR, "rewa"),)
ENV = "ABHILEKH_TEST_DATABASE_URL"


@pytest.fixture
def container() -> Iterator[Container]:
    home = short_folder()
    (home / "abhilekh.toml").write_text("[intake]\nmin_free_mb = 0\n", "utf-8")
    built = Container(settings.load(home))
    built.make_folders()
    yield built
    built.close()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def services(container: Container) -> Iterator[Services]:
    services = container.services()
    yield services
    services.receiving.stop()


def uploaded(services: Services, data: bytes, by: tuple[Grant, ...], name: str) -> dict[str, Any]:
    """What somebody is told of a file that they sent."""
    address = begin(services, len(data), by, filename=name).headers["Location"]
    assert patch(services, address, 0, data, by).status_code == 204

    def ended() -> dict[str, Any] | None:
        found: dict[str, Any] = ask(services, "GET", address, by, headers=TUS).json()
        return found if found["status"] not in ("uploading", "checking") else None

    return dict(wait_for(ended, "the upload to be taken in", seconds=60))


def lose_the_rows(home: Path) -> None:
    for path in home.glob("abhilekh.db*"):
        path.unlink()


def is_well(container: Container) -> bool:
    return verify(container.store, container.records, sample=None, tell=lambda done, total: None).is_well


def take(container: Container, path: Path, office: str | None) -> Any:
    metadata = {"office": office} if office else {}
    return container.intake().take_all([path], name=path.name, metadata=metadata, profile="generic")


# --- what people are told -------------------------------------------------------------------------------------------


def test_an_office_is_never_told_that_another_has_the_same_scan(services: Services, container: Container) -> None:
    data = CIRCULAR.read_bytes()
    theirs = uploaded(services, data, REWA, "rewa.jpg")

    ours = uploaded(services, data, SAGAR, "sagar.jpg")
    again = uploaded(services, data, SAGAR, "sagar-again.jpg")

    assert (theirs["status"], ours["status"], again["status"]) == ("received", "received", "duplicate")
    assert theirs["batch"] != ours["batch"] == again["batch"]
    assert [container.records.batch(one["batch"]).office for one in (theirs, ours)] == ["rewa", "sagar"]
    shown = [
        ask(services, "GET", path, SAGAR).text
        for path in ("/api/v1/watch", "/scanning", "/api/v1/uploads", "/scanning/upload")
    ]
    assert "sagar-again.jpg" in shown[1], "the page tells what came a second time"
    for text in (*shown, json.dumps([ours, again])):
        assert theirs["batch"] not in text and "rewa" not in text
    assert ask(services, "GET", f"/api/v1/batches/{theirs['batch']}", SAGAR).status_code == 404


def test_what_is_rejected_is_each_offices_own_too(services: Services, container: Container) -> None:
    theirs, ours = (uploaded(services, b"no scan", by, f"{by[0].office}.pdf") for by in (REWA, SAGAR))

    assert [theirs["status"], ours["status"]] == ["rejected", "rejected"]
    assert theirs["batch"] != ours["batch"]
    assert container.records.batch(ours["batch"]).office == "sagar"
    watched = ask(services, "GET", "/api/v1/watch", SAGAR).json()
    assert [one["name"] for one in watched["troubled"]] == ["sagar.pdf"]
    assert is_well(container)


def test_what_one_office_had_rejected_does_not_touch_the_batch_of_another(container: Container) -> None:
    good = take(container, CIRCULAR, "rewa").batch

    bad = container.intake().reject(CIRCULAR, UnknownMediaError(name="x.jpg"), {"office": "sagar"}).batch

    assert bad != good
    assert container.records.batch(good).source.pages == 1
    assert container.records.batch_details(good).failure is None
    assert container.records.batch(bad).state is BatchState.REJECTED


# --- what is kept ---------------------------------------------------------------------------------------------------


def test_the_bytes_are_stored_once_and_both_batches_name_them(container: Container) -> None:
    ids = [take(container, CIRCULAR, office).batch for office in ("rewa", "sagar", None)]

    original = keys.original(hashlib.sha256(CIRCULAR.read_bytes()).hexdigest())
    assert len(set(ids)) == 3
    assert [info.key for info in container.store.list(keys.ORIGINALS)] == [original]
    for ident in ids:
        named = batch_manifest.read(container.store.get(keys.manifest(ident)))
        assert original in {stored.key for stored in named.objects}
        assert original in {stored.key for stored in container.records.objects_of(ident)}
    assert is_well(container)


def test_pages_gathered_for_two_offices_are_two_batches(container: Container) -> None:
    intake, paths = container.intake(), [CIRCULAR, OTHER]
    files = [intake.check(path) for path in paths]
    taken = [
        intake.keep(paths, files, name="group", metadata={"office": office}, profile="generic")
        for office in ("sagar", "rewa", "sagar")
    ]

    assert [one.outcome for one in taken] == ["received", "received", "duplicate"]
    assert taken[0].batch == taken[2].batch != taken[1].batch


def test_two_offices_at_one_moment_get_a_batch_each(container: Container) -> None:
    offices = ["sagar", "rewa"] * 8
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda office: (office, take(container, CIRCULAR, office)), offices))

    by_office = {office: {one.batch for at, one in taken if at == office} for office in ("sagar", "rewa")}
    assert [len(found) for found in by_office.values()] == [1, 1]
    assert by_office["sagar"] != by_office["rewa"]
    assert sorted(one.outcome for _, one in taken) == ["duplicate"] * 14 + ["received"] * 2
    assert is_well(container)


def test_the_rows_come_back_from_the_store_for_both_offices(tmp_path: Path) -> None:
    office = Office(short_folder())
    try:
        with opened(office.home) as container:
            before = {one: take(container, CIRCULAR, one).batch for one in ("sagar", "rewa")}
            bad = tmp_path / "bad.pdf"
            bad.write_bytes(b"no scan")
            for one in ("sagar", "rewa"):
                container.intake().reject(bad, UnknownMediaError(name="bad.pdf"), {"office": one})
        lose_the_rows(office.home)

        assert office.call("reindex").returncode == 0

        with opened(office.home) as container:
            assert {one: container.records.batch(ident).office for one, ident in before.items()} == {
                "sagar": "sagar",
                "rewa": "rewa",
            }
            assert HealthRepository(container.database).counts()["rejected"] == 2
            assert take(container, CIRCULAR, "sagar").outcome == "duplicate"
            assert take(container, CIRCULAR, "rewa").batch == before["rewa"]
            assert is_well(container)
            container.store.put_bytes(keys.manifest(before["sagar"]), b"{}", "application/json")
        lose_the_rows(office.home)

        done = office.call("reindex", "--force")

        assert done.returncode == 3 and keys.manifest(before["sagar"]) in done.stdout
        with opened(office.home) as container:
            lost = container.records.batch(before["sagar"])
            assert lost.state is BatchState.RECEIVED and lost.source.pages == 1
            assert container.records.batch(before["rewa"]).office == "rewa"
    finally:
        shutil.rmtree(office.home, ignore_errors=True)


def test_a_batch_of_an_office_is_digitised_and_backed_up_whole(tmp_path: Path) -> None:
    """The whole way with both batches: pages, PDFs, a backup, and a restored home that still knows both."""
    office = Office(short_folder(), {"ABHILEKH_OCR__ENABLED": "false"})
    fresh = Office(short_folder())
    try:
        rows = []
        for code in ("sagar", "rewa", "sagar"):
            office.env["ABHILEKH_OFFICE"] = code
            rows += office.ingest(CIRCULAR)[0]
        assert [row["status"] for row in rows] == ["indexed", "indexed", "duplicate"]
        assert rows[0]["batch"] == rows[2]["duplicate_of"] != rows[1]["batch"]
        verified = office.json("verify")
        assert (verified["missing"], verified["changed"], verified["orphans"]) == ([], [], [])
        assert office.call("backup", tmp_path / "copy").returncode == 0
        assert fresh.call("restore", tmp_path / "copy").returncode == 0
        assert [fresh.json("show", row["batch"])["batch"] for row in rows[:2]] == [row["batch"] for row in rows[:2]]
        assert office.call("retry", "--redo", rows[0]["batch"]).returncode == 0
        assert office.json("verify")["missing"] == []
    finally:
        for home in (office.home, fresh.home):
            shutil.rmtree(home, ignore_errors=True)


# --- homes that are older -------------------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", *(["postgresql"] if ENV in os.environ else [])])
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database as it was before the office counted: an office's batch, one of no office, and their pages."""
    plain, schema = None, f"test_{secrets.token_hex(4)}"
    if request.param == "postgresql":
        plain = Database(os.environ[ENV])
        with plain.engine.begin() as connection:
            connection.execute(sqlalchemy.text(f"CREATE SCHEMA {schema}"))
        database = Database(f"{os.environ[ENV]}?options=-csearch_path%3D{schema}")
    else:
        database = Database(f"sqlite:///{tmp_path}/older.db")
    with database.engine.execution_options(writes=True).begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(database_module._MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0012")
        for sha256, office in (("a" * 64, "rewa"), ("b" * 64, None)):
            values = {"id": sha256[:20], "sha256": sha256, "office": office, "key": f"originals/{sha256}"}
            connection.execute(
                sqlalchemy.text(
                    "INSERT INTO batch (id, name, sha256, bytes, media_type, pages, files, office, profile, told, state,"
                    " received_at, tries) VALUES (:id, 'old', :sha256, 1, 'image/jpeg', 1, '[]', :office, 'generic',"
                    " '{}', 'filed', '2026-01-01', 0)"
                ),
                values,
            )
            connection.execute(
                sqlalchemy.text(
                    "INSERT INTO object (key, sha256, bytes, batch_id, stored_at)"
                    " VALUES (:key, :sha256, 1, :id, '2026-01-01')"
                ),
                values,
            )
    yield database
    database.close()
    if plain is not None:
        with plain.engine.begin() as connection:
            connection.execute(sqlalchemy.text(f"DROP SCHEMA {schema} CASCADE"))
        plain.close()


def received(records: BatchRepository, sha256: str, office: str | None) -> tuple[str, bool]:
    source = Source("new.jpg", sha256, 1, MediaType.JPEG, 1)
    ident, _ = ArrivalRepository(records.database).place(sha256, office)
    batch = Batch(ident, source, BatchState.RECEIVED, database_module.now(), office)
    known, is_new = ArrivalRepository(records.database).receive(batch, [StoredObject(source.original_key, sha256, 1)])
    return known.id, is_new


def test_batches_of_an_older_home_keep_their_ids_and_stay_duplicates(older: Database) -> None:
    older.migrate()
    records = BatchRepository(older, index_for(older))
    a, b = "a" * 64, "b" * 64

    assert received(records, a, "rewa") == (a[:20], False)
    assert received(records, b, None) == (b[:20], False)
    without, is_new = received(records, a, None)  # the id that it would have is the older batch's
    assert is_new and without != a[:20]
    assert received(records, a, None) == (without, False)
    theirs, is_new = received(records, b, "rewa")
    assert is_new and theirs != b[:20]
    assert records.batch(a[:20]).office == "rewa"
    assert {stored.key for stored in records.objects_of(theirs)} == {f"originals/{b}"}


def test_two_batches_that_share_the_beginning_of_a_hash_are_two(older: Database) -> None:
    older.migrate()
    records = BatchRepository(older, index_for(older))
    alike = "b" * 20 + "c" * 44

    ident, is_new = received(records, alike, None)

    assert is_new and ident != alike[:20]
    assert records.batch("b" * 20).source.sha256 == "b" * 64


def test_a_batch_taken_in_twice_for_an_office_is_kept_twice_when_rows_come_back(tmp_path: Path) -> None:
    """Its rows were lost, and it came in anew under another id: the store holds a manifest of each."""
    from pipeline.db.rebuilding import Rebuilding

    database = Database(f"sqlite:///{tmp_path}/a.db")
    database.migrate()
    rebuilding = Rebuilding(database, index_for(database))
    source = Source("x.jpg", "a" * 64, 1, MediaType.JPEG, 1)
    first = Batch("a" * 20, source, BatchState.RECEIVED, database_module.now(), "rewa")

    assert rebuilding.replay(first, []) and rebuilding.replay(replace(first, id="0" * 20), [])

    assert {rebuilding.batch(ident).id for ident in ("a" * 20, "0" * 20)} == {"a" * 20, "0" * 20}
    assert received(rebuilding, "a" * 64, "rewa") == ("a" * 20, False)
    database.close()
