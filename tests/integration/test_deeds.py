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
from pipeline.index.people_tables import DeedRow
from pipeline.people import sealing
from pipeline.people.deeds import Action
from pipeline.wiring import House
from tests.conftest import short_folder

WRITER = """
import sys
from pipeline.people.deeds import Action
from pipeline.index.database import Database
from pipeline.index.deeds import Deeds
deeds = Deeds(Database(sys.argv[1]))
for number in range(40):
    (deeds.note if number % 4 == 0 else deeds.note_soon)(sys.argv[2], Action.VIEW, f"/documents/{number}")
deeds.close()
"""


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    home = short_folder()
    made = House(settings.load(home))
    yield made
    made.close()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def told(house: House) -> House:
    """A house with ten deeds, the first six of them sealed."""
    with house.database.write() as session:
        session.execute(delete(DeedRow))
    for key in [info.key for prefix in ("deeds/", "audit-tail/") for info in house.store.list(prefix)]:
        house.store.remove(key)
    for number in range(10):
        house.deeds.note("sarita", Action.SEARCH, f"सोनपुरा {number}", {"asked": {"q": "सोनपुरा"}})
        if number == 5:
            assert sealing.seal(house.store, house.records, house.deeds) == 6
    return house


def whys(house: House) -> list[tuple[int, str]]:
    return [(fault.number, fault.why) for fault in sealing.check(house.store, house.deeds).faults]


def test_a_record_that_nobody_touched_is_whole(told: House) -> None:
    found = sealing.check(told.store, told.deeds)

    assert found.is_whole and (found.entries, found.sealed) == (10, 6)


@pytest.mark.parametrize("number", [1, 4, 8, 10])
@pytest.mark.parametrize(
    "values",
    [{"person": "mohan"}, {"what": "x"}, {"told": {}}, {"written": "2020-01-01T00:00:00+00:00"}, {"hash": "0" * 64}],
)
def test_an_altered_entry_is_found(told: House, number: int, values: dict[str, object]) -> None:
    with told.database.write() as session:
        session.execute(update(DeedRow).where(col(DeedRow.number) == number).values(values))

    assert number in [place for place, _ in whys(told)]


@pytest.mark.parametrize("number", [1, 4, 6, 8])
def test_a_removed_entry_is_found_also_when_the_numbers_close_the_gap(told: House, number: int) -> None:
    with told.database.write() as session:
        session.execute(delete(DeedRow).where(col(DeedRow.number) == number))
    assert whys(told)
    with told.database.write() as session:
        for later in range(number + 1, 11):
            session.execute(update(DeedRow).where(col(DeedRow.number) == later).values(number=later - 1))

    assert whys(told)


def test_a_chain_that_was_made_anew_differs_from_the_sealed_one(told: House) -> None:
    with told.database.write() as session:
        rows = [row.model_dump() for row in session.exec(select(DeedRow).order_by(col(DeedRow.number)))]
        session.execute(delete(DeedRow))
    for row in rows:
        told.deeds.note(
            "mohan" if row["number"] == 3 else row["person"], Action(row["action"]), row["what"], row["told"]
        )

    assert {why for _, why in whys(told)} == {"sealed"}


def test_sealed_entries_that_were_cut_off_are_missed(told: House) -> None:
    with told.database.write() as session:
        session.execute(delete(DeedRow).where(col(DeedRow.number) > 4))

    assert whys(told) == [(5, "cut"), (6, "cut")]


def test_an_entry_that_was_slipped_in_is_found(told: House) -> None:
    with told.database.write() as session:
        session.execute(text("UPDATE deed SET number = number + 100 WHERE number > 7"))
        session.execute(text("UPDATE deed SET number = number - 99 WHERE number > 100"))
        last = session.get_one(DeedRow, 7).model_dump()
        session.add(DeedRow(**last | {"number": 8, "person": "mohan"}))

    assert whys(told)


def test_a_damaged_or_lost_segment_is_named(told: House) -> None:
    sealing.seal(told.store, told.records, told.deeds)
    first = min(info.key for info in told.store.list("deeds/"))
    told.store.put_bytes(first, b"{", "application/json")

    assert ("segment" in {why for _, why in whys(told)}) and not sealing.check(told.store, told.deeds).is_whole


def test_several_processes_and_threads_make_one_chain(told: House, tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(told.settings.database_url), name])
        for name in ("one", "two")
    ]
    threads = [
        threading.Thread(target=lambda: [told.deeds.note_soon("here", Action.VIEW, "/") for _ in range(30)])
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [writer.wait(60) for writer in writers] == [0, 0]
    told.deeds.close()
    del told.__dict__["deeds"]

    found = sealing.check(told.store, told.deeds)
    assert found.is_whole and found.entries == 10 + 2 * 40 + 90


def test_the_record_comes_back_from_the_store_alone(told: House) -> None:
    sealing.seal(told.store, told.records, told.deeds)
    before = list(told.deeds.every())
    with told.database.write() as session:
        session.execute(delete(DeedRow))

    assert sealing.take_back(told.store, told.records) == 10
    assert list(told.deeds.every()) == before and sealing.check(told.store, told.deeds).is_whole
