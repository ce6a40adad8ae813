"""SIGKILL to everything at random moments, again and again: every input is filed once, every page has its text."""

from __future__ import annotations

import random
import sqlite3
import time
from pathlib import Path

import pytest

from tests.conftest import Running, wait_for
from tests.faults.conftest import small_scans


def test_killed_at_random_moments_every_input_is_filed_once(
    fresh: Running, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kills = 200 if request.config.getoption("--long") else 15
    chance = random.Random(kills)
    scans = small_scans(tmp_path, kills * 2, seed=1) + small_scans(tmp_path, kills // 3, seed=2, pages=4)
    chance.shuffle(scans)
    waiting = list(scans)

    for _ in range(kills):
        for scan in waiting[:3]:
            fresh.drop(scan)
        del waiting[:3]
        fresh.process = fresh.start("up")
        time.sleep(chance.uniform(0.3, 9.0))
        fresh.kill_group()
    fresh.drop(*waiting)
    fresh.up()
    status = wait_for(lambda: filed(fresh, len(scans)), "everything to be filed", seconds=kills * 40)

    assert status["rejected"] == 0
    with sqlite3.connect(f"file:{fresh.home / 'abhilekh.db'}?mode=ro", uri=True) as rows:
        names = [name for (name,) in rows.execute("SELECT name FROM batch WHERE state = 'filed'")]
        empty = rows.execute("SELECT count(*) FROM page WHERE text = '' OR document_id IS NULL").fetchone()[0]
        pages = rows.execute("SELECT count(*), count(DISTINCT batch_id || '/' || source_page) FROM page").fetchone()
    rows.close()
    assert sorted(names) == sorted(scan.name for scan in scans)
    assert empty == 0
    assert pages[0] == pages[1] == kills * 2 + kills // 3 * 4
    checked = fresh.json("verify")
    assert checked["missing"] == checked["changed"] == []
    left = [path.name for path in (fresh.home / "inbox").iterdir()]
    assert left == []


def filed(office: Running, count: int) -> dict[str, object] | None:
    status = office.settled()
    if status is None:
        return None
    with sqlite3.connect(f"file:{office.home / 'abhilekh.db'}?mode=ro", uri=True) as rows:
        found = rows.execute("SELECT count(*) FROM batch WHERE state = 'filed'").fetchone()[0]
    rows.close()
    return status if found == count else None
