"""The rows for a backup: a copy of the database at one moment, checked, and without what would let somebody in.

Where a server keeps the rows there is no copy; they are built anew from the objects when a backup is restored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pipeline.db.accounts_carried import forget_secrets
from pipeline.db.batches import BatchRepository
from pipeline.db.database import Database
from pipeline.errors import DatabaseDamagedError
from pipeline.index import integrity
from pipeline.index.textindex import index_for
from pipeline.model.scan import StoredObject
from pipeline.preservation.store_inventory import recorded_in_store
from pipeline.storage import Store


@dataclass(slots=True)
class RowSnapshot:
    """The objects that the rows speak of at one moment, and what is wrong with the rows; the store tells of the objects
    then, `unreadable` are those that it does not give."""

    objects: list[StoredObject]
    faults: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def take(database: Database, store: Store, path: Path) -> RowSnapshot:
    """Copy the rows to `path` where they are in SQLite. A damaged database leaves no file there."""
    if not database.is_sqlite:
        return RowSnapshot(list(BatchRepository(database, index_for(database)).objects()))
    faults = integrity.quick(database)
    if not faults:
        try:
            return RowSnapshot(_copy(database, path, faults))
        except DatabaseDamagedError as error:
            faults.append(str(error.details.get("cause")))
    path.unlink(missing_ok=True)
    found = recorded_in_store(store)
    return RowSnapshot(list(found.objects.values()), faults, found.unreadable)


def _copy(database: Database, path: Path, faults: list[str]) -> list[StoredObject]:
    """Raises `DatabaseDamagedError` for a copy that is not what was written; `faults` then says in what."""
    database.snapshot(path)
    copy = Database(f"sqlite:///{path}")
    try:
        found = integrity.check(copy)
        faults += [*found.database, *(f"row {row}" for row in found.rows)]
        if faults:
            raise DatabaseDamagedError(file=database.file, cause=f"{len(faults)} faults")
        forget_secrets(copy)
        objects = list(BatchRepository(copy, index_for(copy)).objects())
        copy.stand_alone()
        return objects
    finally:
        copy.close()
