"""The record of deeds: chained in the database, sealed in the real object store, and every change of it found."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update
from sqlmodel import col, select

from pipeline import settings
from pipeline.app import Container
from pipeline.audit import checkpoints
from pipeline.db.account_tables import AuditEventRow
from pipeline.model.audit import Action
from tests.conftest import short_folder

WRITER = """
import sys
from pipeline.model.audit import Action
from pipeline.db.database import Database
from pipeline.db.audit import AuditLog
log = AuditLog(Database(sys.argv[1]))
for number in range(40):
    (log.note if number % 4 == 0 else log.record_soon)(sys.argv[2], Action.VIEW, f"/documents/{number}")
log.close()
"""


@pytest.fixture(scope="module")
def container() -> Iterator[Container]:
    home = short_folder()
    made = Container(settings.load(home))
    yield made
    made.close()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def told(container: Container) -> Container:
    """A house with ten deeds, the first six of them sealed."""
    with container.database.write() as session:
        session.execute(delete(AuditEventRow))
    for key in [info.key for prefix in ("deeds/", "audit-tail/") for info in container.store.list(prefix)]:
        container.store.remove(key)
    for number in range(10):
        container.audit_log.note("sarita", Action.SEARCH, f"सोनपुरा {number}", {"asked": {"q": "सोनपुरा"}})
        if number == 5:
            assert checkpoints.write_checkpoint(container.store, container.records, container.audit_log) == 6
    return container


def whys(container: Container) -> list[tuple[int, str]]:
    return [(fault.number, fault.why) for fault in checkpoints.check(container.store, container.audit_log).faults]


def test_a_record_that_nobody_touched_is_whole(told: Container) -> None:
    found = checkpoints.check(told.store, told.audit_log)

    assert found.is_whole and (found.entries, found.sealed) == (10, 6)


@pytest.mark.parametrize("number", [1, 4, 8, 10])
@pytest.mark.parametrize(
    "values",
    [{"person": "mohan"}, {"what": "x"}, {"details": {}}, {"written": "2020-01-01T00:00:00+00:00"}, {"hash": "0" * 64}],
)
def test_an_altered_entry_is_found(told: Container, number: int, values: dict[str, object]) -> None:
    with told.database.write() as session:
        session.execute(update(AuditEventRow).where(col(AuditEventRow.number) == number).values(values))

    assert number in [place for place, _ in whys(told)]


@pytest.mark.parametrize("number", [1, 4, 6, 8])
def test_a_removed_entry_is_found_also_when_the_numbers_close_the_gap(told: Container, number: int) -> None:
    with told.database.write() as session:
        session.execute(delete(AuditEventRow).where(col(AuditEventRow.number) == number))
    assert whys(told)
    with told.database.write() as session:
        for later in range(number + 1, 11):
            session.execute(update(AuditEventRow).where(col(AuditEventRow.number) == later).values(number=later - 1))

    assert whys(told)


def test_a_chain_that_was_made_anew_differs_from_the_sealed_one(told: Container) -> None:
    with told.database.write() as session:
        rows = [row.model_dump() for row in session.exec(select(AuditEventRow).order_by(col(AuditEventRow.number)))]
        session.execute(delete(AuditEventRow))
    for row in rows:
        told.audit_log.note(
            "mohan" if row["number"] == 3 else row["person"], Action(row["action"]), row["what"], row["details"]
        )

    assert {why for _, why in whys(told)} == {"sealed"}


def test_sealed_entries_that_were_cut_off_are_missed(told: Container) -> None:
    with told.database.write() as session:
        session.execute(delete(AuditEventRow).where(col(AuditEventRow.number) > 4))

    assert whys(told) == [(5, "cut"), (6, "cut")]


def test_an_entry_that_was_slipped_in_is_found(told: Container) -> None:
    with told.database.write() as session:
        session.execute(text("UPDATE deed SET number = number + 100 WHERE number > 7"))
        session.execute(text("UPDATE deed SET number = number - 99 WHERE number > 100"))
        last = session.get_one(AuditEventRow, 7).model_dump()
        session.add(AuditEventRow(**last | {"number": 8, "person": "mohan"}))

    assert whys(told)


def test_a_damaged_or_lost_segment_is_named(told: Container) -> None:
    checkpoints.write_checkpoint(told.store, told.records, told.audit_log)
    first = min(info.key for info in told.store.list("deeds/"))
    told.store.put_bytes(first, b"{", "application/json")

    assert ("segment" in {why for _, why in whys(told)}) and not checkpoints.check(told.store, told.audit_log).is_whole


def test_several_processes_and_threads_make_one_chain(told: Container, tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(told.settings.database_url), name])
        for name in ("one", "two")
    ]
    threads = [
        threading.Thread(target=lambda: [told.audit_log.record_soon("here", Action.VIEW, "/") for _ in range(30)])
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [writer.wait(60) for writer in writers] == [0, 0]
    told.close_database()  # what waits is written

    found = checkpoints.check(told.store, told.audit_log)
    assert found.is_whole and found.entries == 10 + 2 * 40 + 90


def test_the_record_comes_back_from_the_store_alone(told: Container) -> None:
    checkpoints.write_checkpoint(told.store, told.records, told.audit_log)
    before = list(told.audit_log.every())
    with told.database.write() as session:
        session.execute(delete(AuditEventRow))

    assert checkpoints.replay(told.store, told.records) == 10
    assert list(told.audit_log.every()) == before and checkpoints.check(told.store, told.audit_log).is_whole
