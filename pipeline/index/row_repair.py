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

from pipeline.index import digests
from pipeline.index.database import Database

_MOST_BYTES = 4096  # of a row whose bits are tried one by one: 32,768 digests, a third of a second
_INTEGER_BYTES = (1, 2, 3, 4, 6, 8)  # the widths in which SQLite's file has a whole number
_BYTE_BITS = 8
_BY_KEY = "tbl = ? AND CAST(key AS BLOB) = ?"
# A flipped bit in an index leads astray whoever changes its rows; the digests are their own index.
_ANEW = (
    "REINDEX",
    f"CREATE TEMP TABLE digests_kept AS SELECT tbl, key, digest FROM {digests.TABLE} WHERE digest IS NOT NULL",  # noqa: S608
    f"DELETE FROM {digests.TABLE}",  # noqa: S608
    f"INSERT OR IGNORE INTO {digests.TABLE} SELECT tbl, key, digest FROM digests_kept",  # noqa: S608
    "DROP TABLE digests_kept",
)
_CELL = 'typeof("{0}"), CASE typeof("{0}") WHEN \'text\' THEN CAST("{0}" AS BLOB) ELSE "{0}" END'
_DOUBLE = struct.Struct(">d")

Cells = tuple[Any, ...]  # as the driver takes them, texts as `_Text`


@dataclass(slots=True)
class RowsRepaired:
    """The rows that are as they were written again, and those that are not, each as `table key`."""

    repaired: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text by its bytes, which may be no UTF-8."""

    data: bytes


@dataclass(frozen=True, slots=True)
class _Table:
    """A table, the columns of its rows, and how the key of a row is written."""

    name: str
    columns: tuple[str, ...]
    reals: frozenset[str]
    key: str

    def digest(self, cells: Cells) -> bytes:
        values = (_hashed(cell, name in self.reals) for name, cell in zip(self.columns, cells, strict=True))
        return digests.row_digest(",".join(self.columns), *values)


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
        for name in digests.tables(live):
            if keys := digests.differing(live, name):
                _repair_table(live, _table(live, name), set(keys), saved, done)
        (transaction.rollback if dry_run else transaction.commit)()
    return done


@contextmanager
def _closing(saved: Database | None) -> Iterator[None]:
    try:
        yield
    finally:
        if saved is not None:
            saved.close()


def _table(connection: Connection, name: str) -> _Table:
    columns = digests.columns(connection, name)
    reals = frozenset(column for column, is_real in columns if is_real)
    return _Table(name, tuple(column for column, _ in columns), reals, digests.key_of(connection, name))


def _repair_table(
    live: Connection, table: _Table, keys: set[bytes], saved: Database | None, done: RowsRepaired
) -> None:
    """Repair the rows of these keys: those that have a row, a digest, or both that do not fit each other."""
    wanted = dict(_digests_of(live, table, keys))
    rows = {key: cells for key in keys if (cells := _cells(live, table, key)) is not None}
    right: dict[bytes, bytes] = {}  # of a row, by its key, which digest it has once it is repaired
    for key, cells in rows.items():
        found = _mended(table, cells, set(wanted.values()) | set(_stray_digests(live)))
        if found is not None:
            _update(live, table, key, found)
            right[key] = table.digest(found)
    lost = {key: digest for key, digest in wanted.items() if digest not in right.values()}
    for key, digest in lost.items():
        if saved is not None and (found := _saved(saved, table, key, digest)) is not None:
            _put(live, table, key, found, there=key in rows)
            right[key] = digest
    for key in keys:
        is_done = key in right or (key not in rows and wanted.get(key) in right.values())
        (done.repaired if is_done else done.damaged).append(f"{table.name} {digests.readable(key)}")
        if is_done and _cells(live, table, key) is None:  # the digest of a row that stands under another key
            live.exec_driver_sql(f"DELETE FROM {digests.TABLE} WHERE {_BY_KEY}", (table.name, key))  # noqa: S608


def _digests_of(live: Connection, table: _Table, keys: set[bytes]) -> Iterator[tuple[bytes, bytes]]:
    statement = f"SELECT digest FROM {digests.TABLE} WHERE {_BY_KEY}"  # noqa: S608 - names are ours
    for key in keys:
        row = live.exec_driver_sql(statement, (table.name, key)).first()
        if row is not None:
            yield key, bytes(row[0])


def _stray_digests(live: Connection) -> list[bytes]:
    """Digests of a table that there is not: the bit flipped in its name."""
    names = ", ".join(f"'{name}'" for name in (*digests.tables(live), digests.SCHEMA))
    statement = f"SELECT digest FROM {digests.TABLE} WHERE tbl NOT IN ({names})"  # noqa: S608 - names are ours
    return [bytes(row[0]) for row in live.exec_driver_sql(statement)]


def _cells(connection: Connection, table: _Table, key: bytes) -> Cells | None:
    """A row's cells as they are stored; None where there is no row of that key."""
    kinds = ", ".join(_CELL.format(name) for name in table.columns)
    statement = f'SELECT {kinds} FROM "{table.name}" NOT INDEXED WHERE CAST({table.key} AS BLOB) = ?'  # noqa: S608
    row = connection.exec_driver_sql(statement, (key,)).first()
    if row is None:
        return None
    return tuple(_Text(row[i + 1]) if row[i] == "text" else row[i + 1] for i in range(0, len(row), 2))


def _hashed(cell: Any, is_real: bool) -> Any:
    """A cell as it goes into the digest: in columns of numbers with a fraction the number, else SQLite's bytes of it."""
    if cell is None or isinstance(cell, bytes):
        return cell
    if isinstance(cell, _Text):
        return cell.data
    return cell if is_real and isinstance(cell, float) else str(cell).encode()


def _mended(table: _Table, cells: Cells, wanted: set[bytes]) -> Cells | None:
    """The cells with the digest that one of the wanted is: as they are, or with one bit of them, or of it, turned back."""
    own = int.from_bytes(table.digest(cells), "big")
    if any((own ^ int.from_bytes(digest, "big")).bit_count() <= 1 for digest in wanted):
        return cells
    if sum(len(_hashed(cell, False) or b"") for cell in cells) > _MOST_BYTES:
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
    elif isinstance(cell, _Text):
        yield from map(_Text, _flipped(cell.data))
    elif isinstance(cell, bytes):
        yield from _flipped(cell)


def _flipped(data: bytes) -> Iterator[bytes]:
    whole = bytearray(data)
    for place in range(len(whole)):
        for bit in range(_BYTE_BITS):
            whole[place] ^= 1 << bit
            yield bytes(whole)
            whole[place] ^= 1 << bit


def _saved(saved: Database, table: _Table, key: bytes, digest: bytes) -> Cells | None:
    """The row of that key in the backup, if it is the one that was written last."""
    with saved.border(), saved.engine.connect() as connection:
        there = {name for name, _ in digests.columns(connection, table.name)}
        if not set(table.columns) <= there:
            return None
        cells = _cells(connection, table, key)
    return cells if cells is not None and table.digest(cells) == digest else None


def _put(live: Connection, table: _Table, key: bytes, cells: Cells, *, there: bool) -> None:
    if there:
        _update(live, table, key, cells)
        return
    signs = ", ".join("?" * len(cells))
    live.exec_driver_sql(f'INSERT INTO "{table.name}" VALUES ({signs})', _bound(cells))  # noqa: S608 - names are ours


def _update(live: Connection, table: _Table, key: bytes, cells: Cells) -> None:
    changes = ", ".join(f'"{name}" = ?' for name in table.columns)
    where = f"CAST({table.key} AS BLOB) = ?"
    live.exec_driver_sql(f'UPDATE "{table.name}" SET {changes} WHERE {where}', (*_bound(cells), key))  # noqa: S608


def _bound(cells: Cells) -> Cells:
    return tuple(cell.data.decode() if isinstance(cell, _Text) else cell for cell in cells)
