"""An entry of the audit log that is rewritten a moment after it was made, with a chain that holds: the store tells."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlmodel import col, select

from pipeline import settings
from pipeline.app import Container
from pipeline.audit import checkpoints
from pipeline.db.account_tables import AuditEventRow
from pipeline.db.audit import event_from, row_of
from pipeline.errors import AbhilekhError
from pipeline.model.audit import Action
from pipeline.web import server
from tests.conftest import Office, short_folder, wait_for

SOON = 15.0  # seconds for the test's own waits; the web part takes one


@pytest.fixture(scope="module")
def container() -> Iterator[Container]:
    """An installation whose web part seals, as it does by default."""
    home = short_folder()
    made = Container(settings.load(home))
    _ = made.database, made.store
    stop = threading.Event()
    thread = threading.Thread(target=server._seal, args=(made, stop))
    thread.start()
    yield made
    stop.set()
    thread.join()
    made.close()
    shutil.rmtree(home, ignore_errors=True)


def rewrite(container: Container, number: int, person: str) -> None:
    """Say that somebody else did it, and make every hash after it right again: what one with the database alone can do."""
    with container.database.write() as session:
        rows = session.exec(
            select(AuditEventRow).where(AuditEventRow.number >= number).order_by(col(AuditEventRow.number))
        ).all()
        before = rows[0].before
        for row in rows:
            changed = replace(event_from(row), before=before, person=person if row.number == number else row.person)
            changed = replace(changed, hash=changed.right_hash())
            before = changed.hash
            session.merge(row_of(changed))


def newest(container: Container) -> int:
    return max(entry.number for entry in container.audit_log.every())


def sealed(container: Container) -> set[int]:
    return {entry.number for entry in checkpoints.checkpointed_events(container.store)}


def faults(container: Container) -> set[tuple[int, str]]:
    told = Office(container.settings.home).json("audit", "verify")
    return {(fault["number"], fault["why"]) for fault in told["faults"]}


def test_an_entry_rewritten_right_after_it_was_made_is_named(container: Container) -> None:
    container.audit_log.note("sarita", Action.LOGIN, "sarita")
    container.audit_log.note("mohan", Action.DOWNLOAD, "/documents/d1/pdf")
    number = newest(container)
    wait_for(lambda: number in sealed(container), "the entry to be sealed", seconds=SOON)
    rewrite(container, number, "sarita")

    assert (number, "sealed") in faults(container)


def test_what_comes_after_does_not_seal_the_forgery_over_the_truth(container: Container) -> None:
    container.audit_log.note("mohan", Action.DOWNLOAD, "/documents/d2/pdf")
    number = newest(container)
    wait_for(lambda: number in sealed(container), "the entry to be sealed", seconds=SOON)
    rewrite(container, number, "sarita")
    container.audit_log.note("sarita", Action.VIEW, "/documents/d3")
    wait_for(lambda: number + 1 in sealed(container), "the next entry to be sealed", seconds=SOON)
    checkpoints.write_checkpoint(container.store, container.records, container.audit_log)  # the segment of the minute

    assert (number, "sealed") in faults(container)
    segments = [info.key for info in container.store.list("deeds/")]
    entries = [entry for key in segments for entry in checkpoints._segment(container.store, key)]
    assert next(entry.person for entry in entries if entry.number == number) == "mohan"


def test_the_tail_is_short_and_is_no_fault_of_the_store(container: Container) -> None:
    for number in range(30):
        container.audit_log.note("sarita", Action.VIEW, f"/documents/{number}")
    wait_for(lambda: newest(container) in sealed(container), "the entries to be sealed", seconds=SOON)
    checkpoints.write_checkpoint(container.store, container.records, container.audit_log)

    assert len(list(container.store.list("audit-tail/"))) == 1  # it tells how far the store goes
    told = Office(container.settings.home).json("verify")
    assert (told["missing"], told["changed"], told["orphans"]) == ([], [], [])


def test_a_crash_between_segment_and_tail_loses_and_doubles_nothing(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    container.audit_log.note("sarita", Action.VIEW, "/documents/before")
    checkpoints.seal_tail(container.store, container.records, container.audit_log)
    container.audit_log.note("sarita", Action.VIEW, "/documents/after")
    checkpoints.seal_tail(container.store, container.records, container.audit_log)

    class Crash(AbhilekhError): ...

    def crash(key: str) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(container.store, "remove", crash)
        with pytest.raises(Crash):
            checkpoints.write_checkpoint(container.store, container.records, container.audit_log)
    container.audit_log.note("sarita", Action.VIEW, "/documents/later")
    checkpoints.write_checkpoint(container.store, container.records, container.audit_log)

    keys = [info.key for info in container.store.list("deeds/")]
    numbers = [entry.number for key in sorted(keys) for entry in checkpoints._segment(container.store, key)]
    assert numbers == list(range(1, newest(container) + 1))


def test_the_newest_entries_come_back_from_the_store_alone(container: Container) -> None:
    container.audit_log.note("sarita", Action.VIEW, "/documents/newest")
    number = newest(container)
    wait_for(lambda: number in sealed(container), "the entry to be sealed", seconds=SOON)
    with container.database.write() as session:
        for row in session.exec(select(AuditEventRow)):
            session.delete(row)

    assert checkpoints.replay(container.store, container.records) == number
    assert newest(container) == number
