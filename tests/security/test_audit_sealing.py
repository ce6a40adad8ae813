"""An entry of the audit log that is rewritten a moment after it was made, with a chain that holds: the store tells."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlmodel import col, select

from pipeline import settings
from pipeline.errors import AbhilekhError
from pipeline.index.deeds import deed_of, row_of
from pipeline.index.people_tables import DeedRow
from pipeline.people import sealing
from pipeline.people.deeds import Action
from pipeline.web import server
from pipeline.wiring import House
from tests.conftest import Office, short_folder, wait_for

SOON = 15.0  # seconds for the test's own waits; the web part takes one


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """An installation whose web part seals, as it does by default."""
    home = short_folder()
    made = House(settings.load(home))
    _ = made.database, made.store
    stop = threading.Event()
    thread = threading.Thread(target=server._seal, args=(made, stop))
    thread.start()
    yield made
    stop.set()
    thread.join()
    made.close()
    shutil.rmtree(home, ignore_errors=True)


def rewrite(house: House, number: int, person: str) -> None:
    """Say that somebody else did it, and make every hash after it right again: what one with the database alone can do."""
    with house.database.write() as session:
        rows = session.exec(select(DeedRow).where(DeedRow.number >= number).order_by(col(DeedRow.number))).all()
        before = rows[0].before
        for row in rows:
            changed = replace(deed_of(row), before=before, person=person if row.number == number else row.person)
            changed = replace(changed, hash=changed.right_hash())
            before = changed.hash
            session.merge(row_of(changed))


def newest(house: House) -> int:
    return max(entry.number for entry in house.deeds.every())


def sealed(house: House) -> set[int]:
    return {entry.number for entry in sealing.sealed_deeds(house.store)}


def faults(house: House) -> set[tuple[int, str]]:
    told = Office(house.settings.home).json("audit", "verify")
    return {(fault["number"], fault["why"]) for fault in told["faults"]}


def test_an_entry_rewritten_right_after_it_was_made_is_named(house: House) -> None:
    house.deeds.note("sarita", Action.LOGIN, "sarita")
    house.deeds.note("mohan", Action.DOWNLOAD, "/documents/d1/pdf")
    number = newest(house)
    wait_for(lambda: number in sealed(house), "the entry to be sealed", seconds=SOON)
    rewrite(house, number, "sarita")

    assert (number, "sealed") in faults(house)


def test_what_comes_after_does_not_seal_the_forgery_over_the_truth(house: House) -> None:
    house.deeds.note("mohan", Action.DOWNLOAD, "/documents/d2/pdf")
    number = newest(house)
    wait_for(lambda: number in sealed(house), "the entry to be sealed", seconds=SOON)
    rewrite(house, number, "sarita")
    house.deeds.note("sarita", Action.VIEW, "/documents/d3")
    wait_for(lambda: number + 1 in sealed(house), "the next entry to be sealed", seconds=SOON)
    sealing.seal(house.store, house.records, house.deeds)  # the segment of the minute

    assert (number, "sealed") in faults(house)
    segments = [info.key for info in house.store.list("deeds/")]
    entries = [entry for key in segments for entry in sealing._segment(house.store, key)]
    assert next(entry.person for entry in entries if entry.number == number) == "mohan"


def test_the_tail_is_short_and_is_no_fault_of_the_store(house: House) -> None:
    for number in range(30):
        house.deeds.note("sarita", Action.VIEW, f"/documents/{number}")
    wait_for(lambda: newest(house) in sealed(house), "the entries to be sealed", seconds=SOON)
    sealing.seal(house.store, house.records, house.deeds)

    assert len(list(house.store.list("audit-tail/"))) == 1  # it tells how far the store goes
    told = Office(house.settings.home).json("verify")
    assert (told["missing"], told["changed"], told["orphans"]) == ([], [], [])


def test_a_crash_between_segment_and_tail_loses_and_doubles_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.deeds.note("sarita", Action.VIEW, "/documents/before")
    sealing.seal_tail(house.store, house.records, house.deeds)
    house.deeds.note("sarita", Action.VIEW, "/documents/after")
    sealing.seal_tail(house.store, house.records, house.deeds)

    class Crash(AbhilekhError): ...

    def crash(key: str) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(house.store, "remove", crash)
        with pytest.raises(Crash):
            sealing.seal(house.store, house.records, house.deeds)
    house.deeds.note("sarita", Action.VIEW, "/documents/later")
    sealing.seal(house.store, house.records, house.deeds)

    keys = [info.key for info in house.store.list("deeds/")]
    numbers = [entry.number for key in sorted(keys) for entry in sealing._segment(house.store, key)]
    assert numbers == list(range(1, newest(house) + 1))


def test_the_newest_entries_come_back_from_the_store_alone(house: House) -> None:
    house.deeds.note("sarita", Action.VIEW, "/documents/newest")
    number = newest(house)
    wait_for(lambda: number in sealed(house), "the entry to be sealed", seconds=SOON)
    with house.database.write() as session:
        for row in session.exec(select(DeedRow)):
            session.delete(row)

    assert sealing.take_back(house.store, house.records) == number
    assert newest(house) == number
