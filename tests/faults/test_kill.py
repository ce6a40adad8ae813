"""kill -9 of everything in the middle of the work: afterwards every page is there once, and every object is whole."""

from __future__ import annotations

import sqlite3

from tests.conftest import SCANS, Running, wait_for

FILES = sorted((SCANS / "files").iterdir())


def test_killed_in_the_middle_of_a_batch_nothing_is_lost_and_nothing_done_twice(running: Running) -> None:
    running.drop(*FILES)
    wait_for(lambda: pages_read(running) >= 3, "three pages to be read", seconds=120)

    running.kill_group()
    done_before = read_times(running)
    assert 3 <= len(done_before) < 18, "the kill came too late to prove anything"
    running.up()
    status = wait_for(running.settled, "the batches to be finished")

    assert status["pages"] == 18
    assert status["rejected"] == status["failed"] == 0
    done_after = read_times(running)
    assert len(done_after) == 18
    assert {page: done_after[page] for page in done_before} == done_before, "a finished page was done again"
    checked = running.json("verify")
    assert checked["missing"] == checked["changed"] == []
    assert not list((running.home / "inbox").iterdir())


def read_times(running: Running) -> dict[tuple[str, int], str]:
    """When each page was read, straight from the rows."""
    with sqlite3.connect(f"file:{running.home / 'abhilekh.db'}?mode=ro", uri=True) as rows:
        found = rows.execute("SELECT batch_id, source_page, read_at FROM page").fetchall()
    rows.close()
    return {(batch, page): at for batch, page, at in found}


def pages_read(running: Running) -> int:
    try:
        return len(read_times(running))
    except sqlite3.OperationalError:
        return 0
