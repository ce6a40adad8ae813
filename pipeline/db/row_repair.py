"""Bring rows back that are not what was written: by undoing the one bit that flipped, or out of a backup's database.

A row's digest (see `digests`) proves that it is the one that was written, so nothing is guessed: what does not give the
digest is not taken. For SQLite; a server that keeps the rows has means of its own.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from pipeline.db import row_digests
from pipeline.db.database import Database
from pipeline.db.raw_rows import Cells, RawTable, Text, cells_of, hashed, insert, raw_table, update
from pipeline.errors import DatabaseDamagedError

_MOST_BYTES = 4096  # of a row whose bits are tried one by one: 32,768 digests, a third of a second
_INTEGER_BYTES = (1, 2, 3, 4, 6, 8)  # the widths in which SQLite's file has a whole number
_BYTE_BITS = 8
_BY_KEY = "tbl = ? AND CAST(key AS BLOB) = ?"
# A flipped bit in an index leads astray whoever changes its rows; the digests are their own index.
_ANEW = (
    "REINDEX",
    f"CREATE TEMP TABLE digests_kept AS SELECT tbl, key, digest FROM {row_digests.TABLE} WHERE digest IS NOT NULL",  # noqa: S608
    f"DELETE FROM {row_digests.TABLE}",  # noqa: S608
    f"INSERT OR IGNORE INTO {row_digests.TABLE} SELECT tbl, key, digest FROM digests_kept",  # noqa: S608
    "DROP TABLE digests_kept",
)
_DOUBLE = struct.Struct(">d")


@dataclass(slots=True)
class RowsRepaired:
    """The rows that are as they were written again, and those that are not, each as `table key`."""

    repaired: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


def repair_rows(database: Database, backup: Path | None = None, *, dry_run: bool = False) -> RowsRepaired:
    """Repair every row that differs from its digest, and the indexes. `backup` is a database of the same installation.

    Raises `DatabaseDamagedError` where the file itself is damaged: then only `reindex` helps.
    """
    done = RowsRepaired()
    if not database.is_sqlite:
        return done
    saved = Database(f"sqlite:///{backup}") if backup else None
    engine = database.engine.execution_options(writes=True)
    with database.border(), _closing(saved), engine.connect() as live, live.begin() as transaction:
        for statement in ("PRAGMA defer_foreign_keys=ON", *_ANEW):
            live.exec_driver_sql(statement)
        for name in row_digests.tables(live):
            if keys := row_digests.differing(live, name):
                _repair_table(live, raw_table(live, name), set(keys), saved, done)
        try:
            (transaction.rollback if dry_run else transaction.commit)()
        except IntegrityError as error:  # a row names another that is lost
            raise DatabaseDamagedError(file=database.file, cause=str(error.orig)) from error
    return done


@contextmanager
def _closing(saved: Database | None) -> Iterator[None]:
    try:
        yield
    finally:
        if saved is not None:
            saved.close()


def _repair_table(
    live: Connection, table: RawTable, keys: set[bytes], saved: Database | None, done: RowsRepaired
) -> None:
    """Repair the rows of these keys: those that have a row, a digest, or both that do not fit each other."""
    wanted = dict(_digests_of(live, table, keys))
    rows = {key: cells for key in keys if (cells := cells_of(live, table, key)) is not None}
    right: dict[bytes, bytes] = {}  # of a row, by its key, which digest it has once it is repaired
    for key, cells in rows.items():
        found = _mended(table, cells, set(wanted.values()) | set(_stray_digests(live)))
        if found is not None:
            update(live, table, key, found)
            right[key] = table.digest(found)
    lost = {key: digest for key, digest in wanted.items() if digest not in right.values()}
    for key, digest in lost.items():
        if saved is not None and (found := _saved(saved, table, key, digest)) is not None:
            _put(live, table, key, found, there=key in rows)
            right[key] = digest
    for key in keys:
        is_done = key in right or (key not in rows and wanted.get(key) in right.values())
        (done.repaired if is_done else done.damaged).append(f"{table.name} {row_digests.readable(key)}")
        if is_done and cells_of(live, table, key) is None:  # the digest of a row that stands under another key
            live.exec_driver_sql(f"DELETE FROM {row_digests.TABLE} WHERE {_BY_KEY}", (table.name, key))  # noqa: S608


def _digests_of(live: Connection, table: RawTable, keys: set[bytes]) -> Iterator[tuple[bytes, bytes]]:
    statement = f"SELECT digest FROM {row_digests.TABLE} WHERE {_BY_KEY}"  # noqa: S608 - names are ours
    for key in keys:
        row = live.exec_driver_sql(statement, (table.name, key)).first()
        if row is not None:
            yield key, bytes(row[0])


def _stray_digests(live: Connection) -> list[bytes]:
    """Digests of a table that there is not: the bit flipped in its name."""
    names = ", ".join(f"'{name}'" for name in (*row_digests.tables(live), row_digests.SCHEMA))
    statement = f"SELECT digest FROM {row_digests.TABLE} WHERE tbl NOT IN ({names})"  # noqa: S608 - names are ours
    return [bytes(row[0]) for row in live.exec_driver_sql(statement)]


def _mended(table: RawTable, cells: Cells, wanted: set[bytes]) -> Cells | None:
    """The cells with the digest that one of the wanted is: as they are, or with one bit of them, or of it, turned back."""
    own = int.from_bytes(table.digest(cells), "big")
    if any((own ^ int.from_bytes(digest, "big")).bit_count() <= 1 for digest in wanted):
        return cells
    if sum(len(hashed(cell, False) or b"") for cell in cells) > _MOST_BYTES:
        return None
    for place, cell in enumerate(cells):
        for other in _one_bit_away(cell):
            tried = (*cells[:place], other, *cells[place + 1 :])
            if table.digest(tried) in wanted:
                return tried
    return None


def _one_bit_away(cell: Any) -> Iterator[Any]:
    if isinstance(cell, float):
        yield from (_DOUBLE.unpack(data)[0] for data in _flipped(_DOUBLE.pack(cell)))
    elif isinstance(cell, int):
        for width in _INTEGER_BYTES:
            if -(1 << width * _BYTE_BITS - 1) <= cell < 1 << width * _BYTE_BITS - 1:
                for data in _flipped(cell.to_bytes(width, "big", signed=True)):
                    yield int.from_bytes(data, "big", signed=True)
    elif isinstance(cell, Text):
        yield from map(Text, _flipped(cell.data))
    elif isinstance(cell, bytes):
        yield from _flipped(cell)


def _flipped(data: bytes) -> Iterator[bytes]:
    whole = bytearray(data)
    for place in range(len(whole)):
        for bit in range(_BYTE_BITS):
            whole[place] ^= 1 << bit
            yield bytes(whole)
            whole[place] ^= 1 << bit


def _saved(saved: Database, table: RawTable, key: bytes, digest: bytes) -> Cells | None:
    """The row of that key in the backup, if it is the one that was written last."""
    with saved.border(), saved.engine.connect() as connection:
        there = {name for name, _ in row_digests.columns(connection, table.name)}
        if not set(table.columns) <= there:
            return None
        cells = cells_of(connection, table, key)
    return cells if cells is not None and table.digest(cells) == digest else None


def _put(live: Connection, table: RawTable, key: bytes, cells: Cells, *, there: bool) -> None:
    if there:
        update(live, table, key, cells)
    else:
        insert(live, table, cells)
