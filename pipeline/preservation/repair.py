"""Bring damaged and lost objects back from a backup folder or another store; each is proven by its recorded SHA-256.

Nothing is written whose SHA-256 is not the recorded one, and nothing is touched that is as it was put. Rows are repaired in
`db.row_repair`, and first: what an object must be stands in its row.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

import structlog

from pipeline.db.batches import BatchRepository
from pipeline.db.row_repair import repair_rows
from pipeline.errors import AbhilekhError, ObjectMissingError, StoreUnavailableError
from pipeline.index import integrity, refill
from pipeline.index.textindex import TextIndex
from pipeline.model.json_values import JsonObject
from pipeline.model.scan import StoredObject
from pipeline.preservation.map_ordered import Tell, map_ordered
from pipeline.preservation.restore import content_type, file_of, is_file_of, rows
from pipeline.preservation.verify import ObjectState, state_of, verify
from pipeline.storage import Store

log = structlog.get_logger()

_NOT_THERE = "not there, or damaged there too"
_NOT_PUT = (
    "the store answers and cannot put it, its own tables are damaged: make a backup, stop Abhilekh, move store/data aside,"
    " and repair from that backup"
)
_UNRECORDED = "no row records its SHA-256"


@dataclass(slots=True)
class Repaired:
    """What was found and done: keys of objects, rows as `table key`, and of what is left the reason.

    With a dry run, `repaired` and `rows_repaired` are what would be.
    """

    dry_run: bool = False
    objects: int = 0
    repaired: list[str] = field(default_factory=list)
    bytes: int = 0
    unrepaired: dict[str, str] = field(default_factory=dict)
    rows_repaired: list[str] = field(default_factory=list)
    rows_damaged: list[str] = field(default_factory=list)
    database: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.unrepaired and not self.rows_damaged and not self.database

    def json(self) -> JsonObject:
        return asdict(self)


class Copies(Protocol):
    """Where other copies of objects lie."""

    def fetch(self, stored: StoredObject, path: Path) -> bool:
        """Copy the object to `path`; False where there is none. The copy is checked by whoever asks."""

    def database(self) -> Path | None:
        """A file with rows, if there is one."""


@dataclass(frozen=True, slots=True)
class FolderCopies:
    """A backup folder."""

    folder: Path

    def fetch(self, stored: StoredObject, path: Path) -> bool:
        found = file_of(self.folder, stored.key, stored.sha256)
        if found is not None:
            shutil.copyfile(found, path)
        return found is not None

    def database(self) -> Path | None:
        return rows(self.folder)


@dataclass(frozen=True, slots=True)
class StoreCopies:
    """Another store, which has objects under the same keys. Raises what an outage of it raises."""

    store: Store

    def fetch(self, stored: StoredObject, path: Path) -> bool:
        try:
            self.store.fetch(stored.key, path)
        except ObjectMissingError:
            return False
        return True

    def database(self) -> Path | None:
        return None


def repair(
    store: Store,
    records: BatchRepository,
    index: TextIndex,
    copies: Copies,
    scratch: Path,
    *,
    dry_run: bool,
    tell: Tell,
) -> Repaired:
    """Repair rows, then objects. Raises `DatabaseDamagedError` where rows cannot be read at all: `reindex` comes first."""
    done = Repaired(dry_run)
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        _repair_database(records, index, copies, Path(folder), done)
        found = verify(store, records, sample=None, rows=False, tell=tell)
        recorded = {stored.key: stored for stored in records.objects()}
        done.objects = len(recorded)
        untrusted = {row.removeprefix("object ") for row in done.rows_damaged if row.startswith("object ")}
        wrong = sorted({*found.missing, *found.changed})
        done.unrepaired = {key: _UNRECORDED for key in wrong if key not in recorded or key in untrusted}
        wanted = [recorded[key] for key in wrong if key not in done.unrepaired]
        mend = _mender(store, copies, Path(folder), dry_run=dry_run)
        for stored, reason in map_ordered(mend, wanted):
            if reason:
                done.unrepaired[stored.key] = reason
            else:
                done.repaired.append(stored.key)
                done.bytes += stored.bytes
            log.info("repair", key=stored.key, outcome=reason or "repaired")
    return done


def _repair_database(records: BatchRepository, index: TextIndex, copies: Copies, folder: Path, done: Repaired) -> None:
    """Rows and indexes by their digests, the full text from the rows; what stays wrong is named."""
    database = records.database
    before = integrity.check(database)
    if before.is_well or not database.is_sqlite:
        done.rows_damaged, done.database = before.rows, before.database
        return
    saved = copies.database()
    if saved is not None:  # to open a database is to write beside it
        saved = shutil.copyfile(saved, folder / "rows.db")
    rows_done = repair_rows(database, saved, dry_run=done.dry_run)
    done.rows_repaired, done.rows_damaged = sorted(rows_done.repaired), sorted(rows_done.damaged)
    if done.dry_run:
        done.database = before.database
        return
    after = integrity.check(database)
    if after.database:  # what is left may be the full text, which is made anew of the rows
        refill.fill(database, index)
        after = integrity.check(database)
    done.rows_damaged, done.database = sorted({*rows_done.damaged, *after.rows}), after.database


def _mender(
    store: Store, copies: Copies, folder: Path, *, dry_run: bool
) -> Callable[[StoredObject], tuple[StoredObject, str]]:
    def mend(stored: StoredObject) -> tuple[StoredObject, str]:
        path = folder / stored.sha256
        try:
            if not copies.fetch(stored, path) or not is_file_of(path, stored.sha256):
                return stored, _NOT_THERE
            return stored, "" if dry_run else _put(store, stored, path)
        finally:
            path.unlink(missing_ok=True)

    return mend


def _put(store: Store, stored: StoredObject, path: Path) -> str:
    """Why the object could not be put, or is not what it was afterwards; empty when it is."""
    try:
        store.put_file(stored.key, path, content_type(stored.key))
        state = state_of(store, stored)
    except (AbhilekhError, OSError) as error:
        if isinstance(error, StoreUnavailableError):
            if not store.answers():
                raise
            return _NOT_PUT
        return error.text("en") if isinstance(error, AbhilekhError) else str(error)
    return "" if state is ObjectState.WELL else f"{state} after it was put"
