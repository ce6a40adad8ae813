"""A file that cannot be taken now is told of: which, why, since when, and what happens to it next."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any

import pytest

from pipeline import settings
from pipeline.app import Container
from pipeline.db.database import Database
from pipeline.db.locks import alone
from pipeline.errors import DiskFullError, HeldElsewhereError, StoreUnavailableError
from pipeline.ingest import holding
from pipeline.ingest.holding import held
from pipeline.ingest.watch import Watcher
from tests.conftest import short_folder, wait_for
from tests.faults.conftest import small_scans
from tests.integration.ingest.test_gather import NAMED, STACKS, put, watching


@pytest.fixture(scope="module")
def container() -> Iterator[Container]:
    home = short_folder()
    (home / "scanners").mkdir()
    for name, text in (("stacks", STACKS.replace("0.8", "30")), ("named", NAMED)):
        (home / "scanners" / f"{name}.toml").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("SETTLE", "0.1"), ("RESCAN", "0.2"), ("REJECT_AFTER", "60")):
            patch.setenv(f"ABHILEKH_INTAKE__{name}_SECONDS", value)
        patch.setenv("ABHILEKH_INTAKE__PROFILES", str(home / "scanners"))
        built = Container(settings.load(home))
    built.make_folders()
    yield built
    built.close()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def inbox(container: Container) -> Iterator[Path]:
    yield container.settings.inbox
    shutil.rmtree(container.settings.inbox)
    container.settings.inbox.mkdir()


def waiting(container: Container) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in container.services().status()["waiting"]}


def told_of(container: Container, watcher: Watcher, *names: str) -> dict[str, dict[str, Any]]:
    with watching(watcher):
        found: dict[str, dict[str, Any]] = wait_for(
            lambda: (w := waiting(container)).keys() >= set(names) and w, f"word of {names}", seconds=20
        )
    return found


def test_each_reason_is_told_in_both_languages_with_what_happens_next(
    container: Container, inbox: Path, tmp_path: Path
) -> None:
    short, busy, whole = small_scans(tmp_path, 3, seed=601)
    short.write_bytes(short.read_bytes()[:-300])
    for scan in (short, busy, whole):
        shutil.move(scan, inbox)
    put(inbox / "stacks" / "sagar" / "F 7-1", tmp_path, ["1.tif", "2.tif"], seed=602)
    put(inbox / "named", tmp_path, ["b1_1.tif"], seed=603)
    with (inbox / busy.name).open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        found = told_of(container, container.watcher(), short.name, busy.name, "F 7-1", "b1")

    assert {name: (one["code"], one["next"], one["files"]) for name, one in found.items()} == {
        short.name: ("incomplete_scan", "rejected", 1),
        busy.name: ("held_elsewhere", "retried", 1),
        "F 7-1": ("group", "taken", 2),
        "b1": ("group", "marker", 1),
    }
    rejected = found[short.name]
    assert 55 < (rejected["next_at"] - rejected["since"]).total_seconds() < 65
    local = rejected["next_at"].astimezone()
    assert f"{local:%H:%M}" in rejected["next_en"] and f"{local:%H:%M}" in rejected["next_hi"]
    assert 25 < (found["F 7-1"]["next_at"] - found["F 7-1"]["since"]).total_seconds() < 35
    assert all(one["en"] and one["hi"] and one["next_en"] and one["next_hi"] for one in found.values())
    assert not (inbox / whole.name).exists(), "the whole one was not taken"


def test_a_file_that_is_freed_is_taken_and_no_longer_told(container: Container, inbox: Path, tmp_path: Path) -> None:
    (scan,) = small_scans(tmp_path, 1, seed=604)
    shutil.move(scan, inbox)
    with watching(container.watcher()):
        with (inbox / scan.name).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            wait_for(lambda: scan.name in waiting(container), "word of it", seconds=60)
        wait_for(lambda: not (inbox / scan.name).exists() and not waiting(container), "it to be taken", seconds=60)


def test_what_hinders_everything_is_told_of_each_file(container: Container, inbox: Path, tmp_path: Path) -> None:
    for scan in small_scans(tmp_path, 3, seed=605):
        shutil.move(scan, inbox)
    full, away = container.watcher(), container.watcher()

    def no_room() -> None:
        raise DiskFullError(folder=container.settings.home, free=1)

    def no_store(*_: object, **__: object) -> None:
        raise StoreUnavailableError(endpoint="nowhere", cause="refused")

    full.require_room = no_room
    away.intake.keep = no_store  # type: ignore[assignment]
    names = [path.name for path in inbox.iterdir()]

    assert {one["code"] for one in told_of(container, full, *names).values()} == {"disk_full"}
    with watching(away):
        wait_for(
            lambda: {one["code"] for one in waiting(container).values()} == {"store_unavailable"}, "word", seconds=60
        )


def test_only_the_oldest_are_named_and_all_are_counted(container: Container, inbox: Path) -> None:
    for number in range(30):
        (inbox / f"{number:02d}.tif").write_bytes(b"II*\0")
    watcher = container.watcher()

    with watching(watcher):
        wait_for(lambda: container.services().status()["waiting_files"] == 30, "all to be counted", seconds=60)

    assert len(container.services().status()["waiting"]) == 20


def test_watchers_of_one_inbox_on_two_machines_tell_each_file_once(container: Container) -> None:
    container.heartbeats.farewell("watcher", container.owner)
    one = {"name": "a.pdf", "files": 1, "code": "growing", "en": "e", "hi": "h", "next": "settles", "next_at": None}
    for owner, inbox, since in (("pc1:1", "/srv/in", "05"), ("pc2:1", "/srv/in", "04"), ("pc3:1", "/other", "06")):
        metadata = {
            "inbox": inbox,
            "waiting_files": 1,
            "waiting": [{**one, "since": f"2026-01-02T03:{since}:00+00:00"}],
        }
        container.heartbeats.beat("watcher", owner, details=metadata)
    try:
        status = container.services().status()
    finally:
        for owner in ("pc1:1", "pc2:1", "pc3:1"):
            container.heartbeats.farewell("watcher", owner)

    assert (status["waiting_files"], [w["since"].minute for w in status["waiting"]]) == (2, [4, 6])


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    """In a process of its own that is not root, if we are: root may read everything."""
    (tmp_path / "secret.tif").write_bytes(b"II*\0")
    (tmp_path / "secret.tif").chmod(0)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
            folder.chmod(stat.S_IMODE(folder.stat().st_mode) | stat.S_IXOTH)
    program = f"""
import os
from pathlib import Path, PurePath
from contextlib import nullcontext
from pipeline.errors import UnreadableFileError
from pipeline.ingest.holding import held
if os.geteuid() == 0:
    os.setuid(65534)
try:
    with held(Path({str(tmp_path)!r}), PurePath("secret.tif"), "secret.tif", lambda name: nullcontext(True)):
        print("taken")
except UnreadableFileError as error:
    print(error.text("en"))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert "“secret.tif” cannot be opened (Permission denied)" in done.stdout, done.stderr


# --- shares without locks -------------------------------------------------------------------------------------------


@contextmanager
def failing(patch: pytest.MonkeyPatch, code: int, *, for_writers: bool) -> Iterator[None]:
    """`flock` as some shares have it: refused on descriptors for reading (NFS), or on all."""
    flock = fcntl.flock

    def refuse(file: int, operation: int) -> None:
        number = file if isinstance(file, int) else file.fileno()  # type: ignore[unreachable]
        on_share = "locks" not in str(Path(f"/proc/self/fd/{number}").readlink())
        reads_only = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
        if on_share and (for_writers or reads_only):
            raise OSError(code, os.strerror(code))
        flock(file, operation)

    with patch.context() as patched:
        patched.setattr(holding.fcntl, "flock", refuse)
        yield


@pytest.mark.parametrize(
    ("code", "for_writers"),
    [(errno.EBADF, False), (errno.EBADF, True), (errno.ENOLCK, True), (errno.EOPNOTSUPP, True), (errno.ENOSYS, True)],
)
def test_where_files_cannot_be_locked_only_one_gets_a_file_and_it_is_never_stuck(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, for_writers: bool
) -> None:
    scan = tmp_path / "scan.tif"
    scan.write_bytes(b"II*\0")
    register = Database(f"sqlite:///{tmp_path / 'home' / 'abhilekh.db'}")

    def ours(name: str) -> Any:
        return alone(register, name, wait_seconds=0)

    with failing(monkeypatch, code, for_writers=for_writers):
        for _ in range(2):
            with held(tmp_path, PurePath(scan.name), scan.name, ours) as first:
                assert first is not None
                with pytest.raises(HeldElsewhereError), held(tmp_path, PurePath(scan.name), scan.name, ours):
                    pass
        process = holder(register, scan.name) if for_writers else None
        if process is not None:
            with pytest.raises(HeldElsewhereError), held(tmp_path, PurePath(scan.name), scan.name, ours):
                pass
            process.kill()
            process.communicate()
            with held(tmp_path, PurePath(scan.name), scan.name, ours) as freed:
                assert freed is not None
    register.close()


def holder(register: Database, name: str) -> subprocess.Popen[str]:
    """Another process that has the lock of that file."""
    program = f"""
import time
from pipeline.db.database import Database
from pipeline.db.locks import alone
with alone(Database({register.url.render_as_string()!r}), "inbox {name}", wait_seconds=0) as ours:
    print(ours, flush=True)
    time.sleep(60)
"""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout and process.stdout.readline() == "True\n"
    return process


def test_groups_and_files_are_taken_from_a_share_without_locks(
    container: Container, inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(inbox, tmp_path, ["lone.tif"], seed=606)
    put(inbox / "named", tmp_path, ["b5_1.tif", "b5_2.tif"], seed=607)
    (inbox / "named" / "b5.end").touch()

    with failing(monkeypatch, errno.ENOLCK, for_writers=True), watching(container.watcher(), container.watcher()):
        wait_for(lambda: not any(p.is_file() for p in inbox.rglob("*")), "everything to be taken", seconds=60)

    assert not list((container.settings.home / "duplicates").rglob("*.tif"))
    assert not list((container.settings.home / "run" / "locks").iterdir())


def test_a_lock_waits_for_its_turn(tmp_path: Path) -> None:
    register = Database(f"sqlite:///{tmp_path / 'abhilekh.db'}")
    began = time.monotonic()
    with alone(register, "one", wait_seconds=0) as ours, alone(register, "other", wait_seconds=0) as other:
        assert ours and other
        with alone(register, "one", wait_seconds=0.3) as again:
            assert not again
    assert time.monotonic() - began >= 0.3
    register.close()
