"""Rows of SQLite as they are stored, whatever they hold: for repairing and carrying what no longer fits its type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from pipeline.db import row_digests

Cells = tuple[Any, ...]  # as the driver takes them, texts as `Text`
_CELL = 'typeof("{0}"), CASE typeof("{0}") WHEN \'text\' THEN CAST("{0}" AS BLOB) ELSE "{0}" END'


@dataclass(frozen=True, slots=True)
class Text:
    """A text by its bytes, which may be no UTF-8."""

    data: bytes


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table, the columns of its rows, and how the key of a row is written."""

    name: str
    columns: tuple[str, ...]
    reals: frozenset[str]
    key: str

    def digest(self, cells: Cells) -> bytes:
        values = (hashed(cell, name in self.reals) for name, cell in zip(self.columns, cells, strict=True))
        return row_digests.row_digest(",".join(self.columns), *values)


def raw_table(connection: Connection, name: str) -> RawTable:
    columns = row_digests.columns(connection, name)
    reals = frozenset(column for column, is_real in columns if is_real)
    return RawTable(name, tuple(column for column, _ in columns), reals, row_digests.key_of(connection, name))


def every(connection: Connection, table: RawTable) -> Iterator[tuple[bytes, Cells]]:
    """All rows with their keys."""
    statement = f'SELECT CAST({table.key} AS BLOB), {_kinds(table)} FROM "{table.name}" NOT INDEXED'  # noqa: S608
    for key, *row in connection.exec_driver_sql(statement).all():
        yield key or b"", _cells(row)


def cells_of(connection: Connection, table: RawTable, key: bytes) -> Cells | None:
    """A row's cells as they are stored; None where there is no row of that key."""
    statement = f'SELECT {_kinds(table)} FROM "{table.name}" NOT INDEXED WHERE CAST({table.key} AS BLOB) = ?'  # noqa: S608
    row = connection.exec_driver_sql(statement, (key,)).first()
    if row is None:
        return None
    return _cells(row)


def _kinds(table: RawTable) -> str:
    return ", ".join(_CELL.format(name) for name in table.columns)


def _cells(row: Any) -> Cells:
    return tuple(Text(row[i + 1]) if row[i] == "text" else row[i + 1] for i in range(0, len(row), 2))


def hashed(cell: Any, is_real: bool) -> Any:
    """A cell as it goes into the digest: in columns of numbers with a fraction the number, else SQLite's bytes of it."""
    if cell is None or isinstance(cell, bytes):
        return cell
    if isinstance(cell, Text):
        return cell.data
    return cell if is_real and isinstance(cell, float) else str(cell).encode()


def insert(connection: Connection, table: RawTable, cells: Cells) -> None:
    """Raises `UnicodeDecodeError` for a text that is none."""
    signs, names = ", ".join("?" * len(cells)), ", ".join(f'"{name}"' for name in table.columns)
    connection.exec_driver_sql(f'INSERT INTO "{table.name}"({names}) VALUES ({signs})', bound(cells))  # noqa: S608


def update(live: Connection, table: RawTable, key: bytes, cells: Cells) -> None:
    changes = ", ".join(f'"{name}" = ?' for name in table.columns)
    where = f"CAST({table.key} AS BLOB) = ?"
    live.exec_driver_sql(f'UPDATE "{table.name}" SET {changes} WHERE {where}', (*bound(cells), key))  # noqa: S608


def bound(cells: Cells) -> Cells:
    return tuple(cell.data.decode() if isinstance(cell, Text) else cell for cell in cells)
