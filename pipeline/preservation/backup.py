"""Copy everything to a folder that a person can read, while work goes on. The way back is in `restore`.

A backup is `objects/<key>`, `SHA256SUMS` (which sha256sum -c reads), `abhilekh.db` where the rows are in SQLite,
`README.txt`, and `backup.json`, which is written last. What is not finished stands in `unfinished/`, so that an earlier
backup in the same folder stays whole until the new one takes its place. No keys, sessions, links or tokens are copied, of
passwords the argon2 hashes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pipeline import __version__
from pipeline.db.database import Database
from pipeline.errors import NO_ROOM, AbhilekhError, DiskFullError, NotABackupError, ObjectMissingError
from pipeline.files import sync, try_lock, write_synced
from pipeline.locale import N_, Message
from pipeline.model.preservation import BackedUpRows, BackupAbout
from pipeline.model.scan import StoredObject
from pipeline.preservation import row_copy
from pipeline.preservation.map_ordered import Tell, map_ordered
from pipeline.preservation.restore import ABOUT, FORMAT, README, ROWS, SUMS, UNFINISHED, about, is_file_of, read_sums
from pipeline.storage import Store, keys

_SNAPSHOTS = 4  # an object that is replaced while it is copied is looked for again in a fresh snapshot, so often
_PAUSE_SECONDS = 1.0
_SPARE_BYTES = 64 << 20
_TEXT = N_("""\
A backup of Abhilekh
====================
objects/ holds all original scans, pages, PDFs and what is known of them; abhilekh.db the register and the search index.
To restore, into a home folder that holds nothing yet:

    abhilekh --home /new/home restore /this/folder

To check it, in this folder:  sha256sum -c SHA256SUMS
The scans in objects/originals/ are as they came and open without Abhilekh, as PDF, TIFF, JPEG or PNG.
Settings (config/abhilekh.toml), keys and the inbox are not in it. Passwords are there as argon2 hashes only; sign-ins and
tokens are not: after restoring, people sign in again and programs need new tokens.
""")


@dataclass(slots=True)
class BackedUp:
    """What a backup holds, what was copied this time, and the keys that could not be copied as they were put.

    `kept` are those of them whose earlier copy in the folder stays; `database` says what is wrong with the rows, of which
    the earlier copy stays then as well.
    """

    objects: int = 0
    bytes: int = 0
    copied: int = 0
    copied_bytes: int = 0
    snapshots: int = 0
    damaged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    database: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.damaged and not self.database


def back_up(store: Store, database: Database, target: Path, *, home: Path, tell: Tell) -> BackedUp:
    """Bring the backup in `target` up to date. Everything in it is read and compared with its SHA-256.

    An object whose copy in the backup is right is not fetched. Raises `NotABackupError` where `target` is something
    else, and `DiskFullError`.
    """
    _require_fit(target, home)
    began, done = datetime.now(UTC), BackedUp()
    with _room(target), _held(target) as folder:
        earlier = dict(read_sums(target)) if (target / ABOUT).exists() else {}
        before: dict[str, str] = {}
        for done.snapshots in range(1, _SNAPSHOTS + 1):
            snapshot = row_copy.take(database, store, folder / ROWS)
            recorded = snapshot.objects
            _require_same_installation(target, earlier, recorded)
            _require_room(target, recorded)
            bad = _bring_all(store, recorded, target, folder, done, tell)
            if all(before.get(key) == sha256 for key, sha256 in bad.items()):  # not replaced: wrong in the store
                break
            before = bad
            time.sleep(_PAUSE_SECONDS)
        done.database = snapshot.faults
        done.damaged = sorted({*bad, *snapshot.unreadable})
        whole = [stored for stored in recorded if stored.key not in bad]
        whole += _kept(target, earlier, whole, done)
        done.objects, done.bytes = len(whole), sum(stored.bytes for stored in whole)
        _finish(target, folder, whole, _about(target, folder, done, began))
    return done


def _kept(target: Path, earlier: dict[str, str], whole: list[StoredObject], done: BackedUp) -> list[StoredObject]:
    """The earlier copies, still good, of what could not be copied now; with a damaged database, of all that it had."""
    present = {stored.key for stored in whole}
    wanted = sorted(earlier) if done.database else done.damaged
    found = []
    for key in wanted:
        place = target / "objects" / key
        if key not in present and key in earlier and is_file_of(place, earlier[key]):
            found.append(StoredObject(key, earlier[key], place.stat().st_size))
            done.kept.append(key)
    return found


def _require_fit(target: Path, home: Path) -> None:
    """Refuse a folder inside the home (a backup there dies with it), and one with other things in it."""
    if target.resolve().is_relative_to(home.resolve()):
        raise NotABackupError(folder=target, cause="it lies inside the home")
    if target.exists() and not target.is_dir():
        raise NotABackupError(folder=target, cause="it is not a folder")
    is_ours = (target / ABOUT).exists() or (target / UNFINISHED).is_dir()
    if target.exists() and not is_ours and any(target.iterdir()):
        raise NotABackupError(folder=target, cause="it holds other files")


def _require_same_installation(target: Path, earlier: dict[str, str], recorded: list[StoredObject]) -> None:
    originals = {key for key in earlier if key.startswith(keys.ORIGINALS)}
    if originals and not originals & {stored.key for stored in recorded}:
        raise NotABackupError(folder=target, cause="it is the backup of another installation")


def _require_room(target: Path, recorded: list[StoredObject]) -> None:
    wanted = sum(stored.bytes for stored in recorded if not (target / "objects" / stored.key).exists())
    free = shutil.disk_usage(target).free
    if free < wanted + _SPARE_BYTES:
        raise DiskFullError(folder=target, free=free >> 20)


@contextmanager
def _held(target: Path) -> Iterator[Path]:
    """The folder for what is not finished, held against a second backup into the same target."""
    folder = target / UNFINISHED
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    with (target / ".lock").open("w") as lock:
        try:
            ours = try_lock(lock)
        except OSError:
            ours = False
        if not ours:
            raise NotABackupError(folder=target, cause="another backup is being written to it")
        if (folder / ABOUT).exists():  # the last one ended while it took its place
            _take_place(target, folder)
            folder.mkdir(mode=0o700)
        yield folder
    (target / ".lock").unlink(missing_ok=True)


@contextmanager
def _room(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFullError(folder=target, free=shutil.disk_usage(target).free >> 20) from error
        raise NotABackupError(folder=target, cause=error.strerror or error) from error


def _bring_all(
    store: Store, recorded: list[StoredObject], target: Path, folder: Path, done: BackedUp, tell: Tell
) -> dict[str, str]:
    """Have every object in the backup; returns those that did not come as they are recorded, with their SHA-256."""
    bad: dict[str, str] = {}

    def bring(stored: StoredObject) -> tuple[StoredObject, bool | None]:
        return stored, _bring(store, stored, target, folder)

    for count, (stored, fresh) in enumerate(map_ordered(bring, recorded), start=1):
        if fresh is None:
            bad[stored.key] = stored.sha256
        elif fresh:
            done.copied += 1
            done.copied_bytes += stored.bytes
        tell(count, len(recorded))
    return bad


def _bring(store: Store, stored: StoredObject, target: Path, folder: Path) -> bool | None:
    """Whether the object was copied; None when it did not come as it is recorded."""
    place, staged = target / "objects" / stored.key, folder / "objects" / stored.key
    if is_file_of(place, stored.sha256):
        staged.unlink(missing_ok=True)
        return False
    if is_file_of(staged, stored.sha256):
        return False
    arriving = folder / uuid.uuid4().hex
    try:
        store.fetch(stored.key, arriving)
        if not is_file_of(arriving, stored.sha256):
            return None
        final = staged if place.exists() else place  # the earlier one stays until the backup is whole
        final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        arriving.replace(final)
        return True
    except ObjectMissingError:
        return None
    finally:
        arriving.unlink(missing_ok=True)


def _about(target: Path, folder: Path, done: BackedUp, began: datetime) -> BackupAbout:
    return {
        "format": FORMAT,
        "abhilekh": __version__,
        "began": began.isoformat(),
        "ended": datetime.now(UTC).isoformat(),
        "objects": done.objects,
        "bytes": done.bytes,
        "damaged": done.damaged,
        "kept": done.kept,
        "database": _rows_of(folder) or (_earlier_rows(target) if done.database else None),
        "database_damaged": done.database,
    }


def _rows_of(folder: Path) -> BackedUpRows | None:
    rows = folder / ROWS
    if not rows.exists():
        return None
    with rows.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return {"file": ROWS, "sha256": sha256, "bytes": rows.stat().st_size}


def _earlier_rows(target: Path) -> BackedUpRows | None:
    """The rows of the backup before this one, which stay where the present ones are damaged."""
    try:
        return about(target).get("database")
    except AbhilekhError:
        return None


def _finish(target: Path, folder: Path, whole: list[StoredObject], about: BackupAbout) -> None:
    """Write what belongs to the backup beside it, and then have it take its place."""
    write_synced(folder / SUMS, "".join(f"{stored.sha256}  objects/{stored.key}\n" for stored in whole))
    write_synced(folder / README, Message(_TEXT).in_both("hi", "en", between="\n"))
    parents = {above for stored in whole for above in Path("objects", stored.key).parents}
    for parent in parents:
        with suppress(FileNotFoundError):
            sync(target / parent)
    kept = {stored.key for stored in whole}
    for path in [path for path in (folder / "objects").rglob("*") if path.is_file()]:
        if path.relative_to(folder / "objects").as_posix() not in kept:
            path.unlink()
    write_synced(folder / ABOUT, json.dumps(about, ensure_ascii=False, indent=1) + "\n")
    sync(folder)
    _take_place(target, folder)


def _take_place(target: Path, folder: Path) -> None:
    """Move everything from `unfinished/` to its place, `backup.json` last. May be repeated after a crash."""
    for path in [path for path in (folder / "objects").rglob("*") if path.is_file()]:
        place = target / path.relative_to(folder)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.replace(place)
        sync(place.parent)
    for name in (ROWS, SUMS, README, ABOUT):
        with suppress(FileNotFoundError):
            (folder / name).replace(target / name)
    sync(target)
    shutil.rmtree(folder)
