"""Whether the database is what was written: its file, every row by its digest, and the full text by what it was given.

Nothing is changed here. What SQLite's own check does not see, a bit inside a cell, the digests find (see `digests`); whether
rows say what their objects say is compared elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection

from pipeline.db import row_digests
from pipeline.db.database import Database
from pipeline.errors import DatabaseDamagedError
from pipeline.index import fulltext_check

_MOST_FAULTS = 20  # faults of the file, as SQLite counts them; one is enough to act on
_FINE = "ok"


@dataclass(slots=True)
class Integrity:
    """What is wrong: with the database as a whole, and with which rows, each as `table key`."""

    database: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        return not self.database and not self.rows


def quick(database: Database) -> list[str]:
    """What SQLite's `quick_check` finds, in seconds; nothing where a server keeps the rows, which checks its own pages."""
    return list(_file_faults(database, "quick_check")) if database.is_sqlite else []


def check(database: Database, *, full_text: bool = True) -> Integrity:
    """The whole file with its indexes, every row with a digest, and with `full_text` every token of every page.

    Safe beside running work. Raises `DatabaseUnavailableError`.
    """
    found = Integrity()
    if database.is_sqlite:
        found.database += _file_faults(database, "integrity_check")
    names: list[str] = []
    with _noting(database, found.database), _snapshot(database) as connection:
        names = row_digests.tables(connection)
    for name in names:
        with _noting(database, found.database), _snapshot(database) as connection:
            found.rows += (f"{name} {row_digests.readable(key)}" for key in row_digests.differing(connection, name))
    if database.is_sqlite:
        with _noting(database, found.database), _snapshot(database) as connection:
            found.database += (f"{name} is not as it was made" for name in row_digests.schema_differing(connection))
    if full_text and database.is_sqlite:
        with _noting(database, found.database), _snapshot(database) as connection:
            found.database += fulltext_check.faults(connection)
        with _noting(database, found.database), _rolled_back(database) as connection:
            fulltext_check.structure(connection)
    return found


def _file_faults(database: Database, pragma: str) -> Iterator[str]:
    found: list[str] = []
    with _noting(database, found), _snapshot(database) as connection:
        rows = connection.exec_driver_sql(f"PRAGMA {pragma}({_MOST_FAULTS})").scalars().all()
        found += [row for row in rows if row != _FINE]
        if not found:
            rows = connection.exec_driver_sql("PRAGMA foreign_key_check").all()[:_MOST_FAULTS]
            found += [f"{row[0]}: row {row[1]} names a row of {row[2]} that is not there" for row in rows]
    yield from found


@contextmanager
def _snapshot(database: Database) -> Iterator[Connection]:
    """A connection whose statements all see the same moment, beside running work."""
    level = {} if database.is_sqlite else {"isolation_level": "REPEATABLE READ"}
    with database.engine.connect().execution_options(**level) as connection:
        yield connection


@contextmanager
def _rolled_back(database: Database) -> Iterator[Connection]:
    with database.engine.execution_options(writes=True).connect() as connection, connection.begin() as transaction:
        try:
            yield connection
        finally:
            transaction.rollback()


@contextmanager
def _noting(database: Database, found: list[str]) -> Iterator[None]:
    """Have damage that a check cannot get past stand among what it found."""
    try:
        with database.border():
            yield
    except DatabaseDamagedError as error:
        found.append(str(error.details.get("cause")))
