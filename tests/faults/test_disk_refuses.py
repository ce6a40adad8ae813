"""A disk that is full or read-only: every command and every page says so, and which folder it is."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest

from pipeline.db.database import Database
from pipeline.errors import DiskFullError, DiskReadOnlyError
from pipeline.errors.disk import disk_error, disk_state, disk_words
from pipeline.storage import weed
from pipeline.storage.embedded import EmbeddedServer
from tests.conftest import Office, Running, short_folder, wait_for
from tests.faults.conftest import small_scans

COMMANDS = (
    "status",
    "search कार्यालय",
    "verify",
    "doctor",
    "user list",
    "user add s.verma --role officer",
    "office list",
    "audit verify",
    "index check",
    "reindex --force",
    "backup {aside}",
    "ingest {scan}",
    "retry",
    "up",
)
PAGES = ("/api/v1/status", "/scanning", "/?q=कार्यालय", "/api/v1/search?q=कार्यालय", "/review", "/users", "/samples")
SILENCE_SECONDS = 32  # a part's sign of life counts for 30
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root; the tests below do without")


def mounted(folder: Path, megabytes: int) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], check=True)


@pytest.fixture
def small_disk() -> Iterator[Running]:
    """A home on a disk of 900 MB of its own, with one scan filed."""
    office = Running(short_folder(), {"ABHILEKH_INTAKE__MIN_FREE_MB": "100", "ABHILEKH_INTAKE__SETTLE_SECONDS": "0.3"})
    mounted(office.home, 900)
    yield office
    if office.process is not None and office.process.poll() is None:
        office.stop()
    subprocess.run(["umount", "--lazy", str(office.home)], check=True)
    shutil.rmtree(office.home, ignore_errors=True)


def fill(folder: Path) -> Path:
    """Leave not one byte on the disk."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for piece in (bytes(1 << 20), bytes(4096)):
            try:
                while True:
                    file.write(piece)
            except OSError as error:
                assert error.errno == errno.ENOSPC
    assert shutil.disk_usage(folder).free < 4096
    return ballast


def assert_all_say(office: Office, words: set[str], aside: Path, scan: Path) -> None:
    for command in COMMANDS:
        asked = [part.format(aside=aside, scan=scan) for part in command.split()]
        done = office.call(*asked, timeout=90)
        told = done.stdout + done.stderr
        assert done.returncode == 4, (command, told)
        assert any(word in told for word in words) and str(office.home) in told, (command, told)
        assert "Internal error" not in told and "not running" not in told, (command, told)
    log = office.home / "logs" / "up.log"
    done = office.call("up", "--log", log, timeout=90)  # said on the terminal: the log could not take it
    assert done.returncode == 4 and str(office.home) in done.stderr, done.stderr


@needs_root
def test_every_command_says_that_the_disk_is_read_only(small_disk: Running, tmp_path: Path) -> None:
    first, second = small_scans(tmp_path, 2, seed=31)
    assert small_disk.ingest(first)[1] == 0
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk.home)], check=True)

    assert_all_say(small_disk, {"read-only"}, tmp_path / "backup", second)

    subprocess.run(["mount", "-o", "remount,rw", str(small_disk.home)], check=True)
    assert small_disk.ingest(second)[1] == 0
    assert small_disk.json("verify")["missing"] == []


@needs_root
def test_every_command_says_that_the_disk_is_full(small_disk: Running, tmp_path: Path) -> None:
    first, second = small_scans(tmp_path, 2, seed=32)
    assert small_disk.ingest(first)[1] == 0
    ballast = fill(small_disk.home)

    assert_all_say(small_disk, {"full", "no room left", "Disk space"}, tmp_path / "backup", second)

    ballast.unlink()
    assert small_disk.ingest(second)[1] == 0
    assert small_disk.json("verify")["missing"] == []


@needs_root
def test_the_pages_say_that_the_disk_is_full_and_go_on_by_themselves(small_disk: Running, tmp_path: Path) -> None:
    office = small_disk
    office.up()
    cookies = wait_for(lambda: signed_in(office), "the web part to answer")
    ballast = fill(office.home)
    time.sleep(SILENCE_SECONDS)  # so long the last sign of life counts, which no part can renew

    answers = {path: httpx.get(office.address + path, cookies=cookies, timeout=60) for path in PAGES}
    parts = answers["/api/v1/status"].json()["parts"]
    assert answers["/api/v1/status"].status_code == 200
    assert all(
        "full" in parts[part] or "no room" in parts[part] for part in ("store", "database", "watcher", "workers")
    ), parts
    assert office.process is not None and office.process.poll() is None  # its own log lies on that disk
    for path, answer in answers.items():
        if answer.status_code != HTTPStatus.OK:
            assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE, (path, answer.text)
            assert re.search("भर गई है|जगह नहीं बची", answer.text), (path, re.sub(r"<[^>]+>|\s+", " ", answer.text))

    ballast.unlink()
    office.drop(*small_scans(tmp_path, 2, seed=33))
    status = wait_for(lambda: (s := office.settled()) and s["pages"] == 2 and s, "the scans to be filed")
    assert status["parts"]["store"] == status["parts"]["database"] == "ok"


def signed_in(office: Running) -> dict[str, str] | None:
    try:
        return office.cookies()
    except (httpx.HTTPError, OSError):
        return None


def a_full_disk() -> OSError:
    """What the system says of a device that is always full."""
    try:
        with Path("/dev/full").open("wb", buffering=0) as full:
            full.write(b"x")
    except OSError as error:
        return error
    raise AssertionError("/dev/full took a byte")


def test_the_systems_word_is_found_behind_other_errors_and_names_the_folder(tmp_path: Path) -> None:
    error: BaseException = a_full_disk()
    try:
        raise RuntimeError("a library's own") from error
    except RuntimeError as wrapped:
        error = wrapped

    known = disk_error(error, tmp_path)

    assert isinstance(known, DiskFullError) and known.details["folder"] == tmp_path
    assert str(tmp_path) in known.text("hi")
    for number, kind in ((errno.EROFS, DiskReadOnlyError), (errno.EDQUOT, DiskFullError)):
        named = OSError(number, os.strerror(number), str(tmp_path / "there" / "file"))
        found = disk_error(named, Path("/elsewhere"))
        assert isinstance(found, kind) and found.details["folder"] == tmp_path / "there"


def test_what_is_no_fault_of_the_disk_stays_what_it_is(tmp_path: Path) -> None:
    error = OSError(errno.EACCES, "Permission denied", str(tmp_path / "x"))
    error.__cause__ = error  # a library's circle ends nowhere

    assert disk_error(error, tmp_path) is None
    assert disk_error(ValueError("full of it"), tmp_path) is None
    assert disk_words("connection refused", tmp_path) is None
    assert disk_state(tmp_path / "not" / "there") is None


def test_a_database_that_can_grow_no_more_says_that_the_disk_is_full(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/rows.db")
    with database.write() as session:
        session.connection().exec_driver_sql("CREATE TABLE t (x TEXT)")

    with pytest.raises(DiskFullError, match=str(tmp_path)), database.write() as session:
        connection = session.connection()
        connection.exec_driver_sql("PRAGMA max_page_count=3")  # SQLite's own word for a full disk
        connection.exec_driver_sql("INSERT INTO t VALUES (?)", ("x" * 100_000,))
    database.close()


def test_a_database_that_may_not_be_changed_says_that_it_is_read_only(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/rows.db")
    with database.write() as session:
        session.connection().exec_driver_sql("CREATE TABLE t (x TEXT)")

    with pytest.raises(DiskReadOnlyError, match=str(tmp_path)), database.write() as session:
        connection = session.connection()
        connection.exec_driver_sql("PRAGMA query_only=ON")  # SQLite's own word for a disk that takes nothing
        connection.exec_driver_sql("INSERT INTO t VALUES ('x')")
    database.close()


@pytest.mark.parametrize("said", ["write data/x: no space left on device", "open data/y: read-only file system"])
def test_a_server_that_ends_for_want_of_a_disk_is_not_called_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setattr(weed, "command", lambda *_: [sys.executable, "-c", f"raise SystemExit({said!r})"])

    with pytest.raises((DiskFullError, DiskReadOnlyError), match=str(tmp_path)):
        EmbeddedServer(tmp_path).ensure()
