"""One part fails while the others work: the store, the database, a worker, the disk."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from tests.conftest import Running, wait_for
from tests.faults.conftest import small_scans


def pids(name: str, home: Path) -> list[int]:
    """Processes whose command line holds both."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if name in line and str(home) in line and "setpriv" not in line.split(" ")[0]:
            found.append(int(path.parent.name))
    return found


def test_the_store_killed_in_the_middle_comes_back_and_nothing_is_lost(fresh: Running, tmp_path: Path) -> None:
    scans = small_scans(tmp_path, 12, seed=3)
    fresh.up()
    fresh.drop(*scans)
    for _ in range(2):
        wait_for(lambda: fresh.status()["pages"] > 0, "work to begin")
        for pid in pids("weed", fresh.home):
            os.kill(pid, signal.SIGKILL)
        time.sleep(2)

    status = wait_for(fresh.settled, "the scans to be filed")

    assert status["pages"] == len(scans)
    assert fresh.json("verify")["missing"] == []


def test_a_database_locked_by_another_process_is_waited_for(fresh: Running, tmp_path: Path) -> None:
    scans = small_scans(tmp_path, 4, seed=4)
    fresh.up()
    lock = sqlite3.connect(fresh.home / "abhilekh.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    fresh.drop(*scans)
    time.sleep(14)  # longer than anybody waits for the lock
    assert len(list((fresh.home / "inbox").iterdir())) == len(scans), "a file left the inbox before its row was there"
    lock.execute("ROLLBACK")
    lock.close()

    status = wait_for(fresh.settled, "the scans to be filed")

    assert status["pages"] == len(scans)


def test_a_part_that_is_killed_is_started_again(fresh: Running, tmp_path: Path) -> None:
    fresh.up()
    for part in ("work", "watch"):
        for pid in pids(f"{part}", fresh.home):
            if Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").endswith(part.encode()):
                os.kill(pid, signal.SIGKILL)
    fresh.drop(*small_scans(tmp_path, 2, seed=5))

    status = wait_for(lambda: (s := fresh.settled()) and s["pages"] == 2 and s, "the scans to be filed")

    assert status["parts"]["workers"] == "ok"


def test_a_page_that_needs_too_much_memory_is_flagged_and_the_others_are_read(fresh: Running, tmp_path: Path) -> None:
    from PIL import Image

    (good,) = small_scans(tmp_path, 1, seed=6)
    bad = tmp_path / "large.png"
    Image.new("RGB", (10_000, 10_000), "white").save(bad)  # 300 MB of pixels, before anything is done with them
    fresh.env["ABHILEKH_WORK__PAGE_MEMORY_MB"] = "900"

    rows, code = fresh.ingest(bad, good)

    assert code == 0, rows
    by_name = {Path(row["path"]).name: row for row in rows}
    page = fresh.json("show", by_name["large.png"]["documents"][0])["pages"][0]
    assert page["flags"] == ["unreadable"]
    assert fresh.json("show", by_name["large.png"]["documents"][0])["status"] == "needs_review"
    assert fresh.json("show", by_name[good.name]["documents"][0])["pages"][0]["text"]


@pytest.fixture
def small_disk(fresh: Running) -> Running:
    """The home on a disk of 900 MB of its own."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=900m", "tmpfs", str(fresh.home)], check=True)
    return fresh


def test_on_a_full_disk_intake_pauses_says_so_and_goes_on_by_itself(small_disk: Running, tmp_path: Path) -> None:
    office = small_disk
    office.env["ABHILEKH_INTAKE__MIN_FREE_MB"] = "600"
    try:
        office.up()
        ballast = office.home / "ballast"
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, 500 * 2**20)
        scans = small_scans(tmp_path, 3, seed=7)
        office.drop(*scans)
        said = wait_for(lambda: "full" in office.status()["parts"]["watcher"], "the watcher to say so", seconds=40)
        assert said
        time.sleep(3)
        assert len(list((office.home / "inbox").iterdir())) == len(scans)

        ballast.unlink()
        status = wait_for(office.settled, "the scans to be filed")

        assert status["pages"] == len(scans)
        assert office.stop() == 0
    finally:
        if office.process is not None and office.process.poll() is None:
            office.kill_group()
        time.sleep(1)
        subprocess.run(["umount", "--lazy", str(office.home)], check=True)
