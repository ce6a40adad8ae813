"""Connections and migrations. The database's exceptions stop at `Database`: others see `DatabaseUnavailableError`."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, inspect, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlmodel import Session

from pipeline.db import row_digests
from pipeline.errors import (
    AbhilekhError,
    DatabaseDamagedError,
    DatabaseUnavailableError,
    DiskReadOnlyError,
    MissingPartError,
    UnstorableValueError,
)
from pipeline.errors.disk import disk_error, disk_state, refusal
from pipeline.files import sync, try_lock

_BUSY_MS = 10_000  # how long SQLite waits for another writer
_ASKING_MS = 20  # so long SQLite asks quickly, and then ever more slowly: whoever is next begins anew
_BUSY = "locked"  # in SQLite's message
# In messages of SQLite that are no outage: a cell that is no text any more, a schema that lost a name.
_DAMAGED = ("Could not decode to UTF-8", "no such table", "no such column", "malformed")
_PRIMARY_CODE = 0xFF  # the lowest byte of SQLite's extended result codes
_PERHAPS_THE_DISK = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR}  # it cannot make or grow the files beside its own
_TURN_SECONDS = 0.003  # between looking whether it is one's turn
_MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0018"  # the newest migration


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


class Database:
    """One database: SQLite with a write-ahead log by default, any SQLAlchemy URL otherwise. Safe to use from threads."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        if self.is_sqlite and self.url.database:
            path = Path(self.url.database)
            with self._disk_errors():
                path.parent.mkdir(parents=True, exist_ok=True)
                if not path.exists():
                    path.touch(mode=0o600)  # only its owner reads the records; SQLite's other files take the same mode
        try:
            self.engine = create_engine(self.url, pool_pre_ping=not self.is_sqlite)
        except ImportError as error:
            name = error.name or "the driver"
            raise MissingPartError(
                part=f"The database driver of {self.url.drivername}",
                cause=error,
                fix=f"Install {name} beside Abhilekh.",
            ) from error
        event.listen(self.engine, "handle_error", _refuse_unstorable)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        # SQLite has one writer, and lets others ask again and again; our own threads stand in line instead.
        self._writing = threading.Lock() if self.is_sqlite else nullcontext()

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    def migrate(self) -> None:
        """Bring the tables to this version. Safe to run at every start, by several processes at once."""
        if self.version() == HEAD:
            return
        from alembic import command  # noqa: PLC0415 - only a new or an older database needs it, and it loads slowly
        from alembic.config import Config  # noqa: PLC0415

        with self.border(), self.engine.execution_options(writes=True).begin() as connection:
            config = Config()
            config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            row_digests.install(connection)

    def version(self) -> str | None:
        """The migration that the tables stand at; None where there are none yet."""
        with self.border(), self.engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only reads: one consistent picture, never waiting for writers."""
        with self.border(), Session(self.engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that is committed when the block ends and rolled back when it raises."""
        engine = self.engine.execution_options(writes=True)
        with self.border(), ExitStack() as held:
            with self._turn():
                held.enter_context(self._writing)
                session = held.enter_context(Session(engine, expire_on_commit=False))
                held.enter_context(session.begin())
                if self.is_sqlite:
                    session.connection()  # takes SQLite's lock
            yield session

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Be the next to write, of all threads and processes.

        Who waits for SQLite's lock asks for it ten times a second, and would never get it from one who writes again and
        again: the moment in between is too short. So who has just written stands behind whoever is next.
        """
        if self.file is None:
            yield
            return
        with self._disk_errors():
            turn = os.open(f"{self.file}-turn", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            deadline = time.monotonic() + _BUSY_MS / 1000
            while not _locked(turn) and time.monotonic() < deadline:  # then it is for SQLite to tell who is in the way
                time.sleep(_TURN_SECONDS)
            yield
        finally:
            os.close(turn)

    @contextmanager
    def border(self) -> Iterator[None]:
        """Where the driver's exceptions stop."""
        try:
            yield
        except OperationalError as error:
            if self.is_sqlite and any(sign in str(error.orig) for sign in _DAMAGED):
                raise DatabaseDamagedError(file=self.url.database, cause=str(error.orig)) from error
            raise self._unavailable(error.orig) from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise DatabaseUnavailableError(cause=str(error.orig)) from error
            if self.is_sqlite and type(error.orig) is sqlite3.DatabaseError:  # none of its kinds: no database any more
                raise DatabaseDamagedError(file=self.url.database, cause=str(error.orig)) from error
            raise
        except UnicodeDecodeError as error:  # of the schema, or of a message of SQLite
            if self.is_sqlite:
                raise DatabaseDamagedError(file=self.url.database, cause="a text in it is none") from error
            raise

    @contextmanager
    def _disk_errors(self) -> Iterator[None]:
        """Raise the error of a full or read-only disk in place of the `OSError`."""
        try:
            yield
        except OSError as error:
            if self.file and (known := disk_error(error, self.file.parent)):
                raise known from error
            raise

    def _unavailable(self, error: BaseException | None) -> AbhilekhError:
        """The error for an `OperationalError` of the driver: that of the disk where the disk is at fault."""
        code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
        if self.file is not None:
            if code == sqlite3.SQLITE_FULL:
                return refusal(errno.ENOSPC, self.file.parent)
            if code == sqlite3.SQLITE_READONLY:
                return DiskReadOnlyError(folder=self.file.parent, cause=error)
            if code in _PERHAPS_THE_DISK and (state := disk_state(self.file.parent)) is not None:
                return state
        return DatabaseUnavailableError(cause=str(error))

    @property
    def file(self) -> Path | None:
        """The file that holds everything; None of a database on a server."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    def snapshot(self, path: Path) -> None:
        """Write a copy of the whole database as it is at this moment, while others write. SQLite only."""
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        self._outside_transactions("VACUUM INTO ?", (str(path),))
        sync(path)

    def stand_alone(self) -> None:
        """Leave everything in the one file, no log beside it. Raises `DatabaseUnavailableError` when others have it open."""
        self._outside_transactions("PRAGMA journal_mode=DELETE")
        self.close()

    def _outside_transactions(self, statement: str, values: tuple[str, ...] = ()) -> None:
        connection = None
        try:
            connection = self.engine.raw_connection()
            connection.cursor().execute(statement, values).fetchall()
        except sqlite3.OperationalError as error:
            raise self._unavailable(error) from error
        except sqlite3.DatabaseError as error:
            raise DatabaseDamagedError(file=self.url.database, cause=str(error)) from error
        finally:
            if connection is not None:
                connection.close()

    def close(self) -> None:
        self.engine.dispose()


def exchange(fresh: Database, place: Path, *, keep: bool = True) -> None:
    """Put a finished SQLite database in the place of another in one step; `keep` leaves that one as `….before-reindex`.

    Raises `DatabaseUnavailableError` when another program has the one in force open.
    """
    fresh.stand_alone()
    before = place.with_name(place.name + ".before-reindex")
    if place.exists():
        with suppress(DatabaseDamagedError):  # its log is kept beside it then
            Database(f"sqlite:///{place}").stand_alone()
        for suffix in ("", "-wal", "-shm"):
            before.with_name(before.name + suffix).unlink(missing_ok=True)
        for suffix in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                place.with_name(place.name + suffix).rename(before.with_name(before.name + suffix))
        if keep:
            before.hardlink_to(place)
    if fresh.file is not None:
        fresh.file.replace(place)
    sync(place.parent)


def _locked(descriptor: int) -> bool:
    try:
        return try_lock(descriptor)
    except OSError:  # a place without such locks: there SQLite alone decides
        return True


def _refuse_unstorable(context: ExceptionContext) -> None:
    """Numbers beyond 64 bits, NUL and halves of surrogate pairs are in no row: that is the fault of whoever sent them."""
    too_much = isinstance(context.original_exception, OverflowError | UnicodeEncodeError)
    if too_much or isinstance(context.sqlalchemy_exception, DataError):
        raise UnstorableValueError from context.original_exception


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions are begun by `_begin_sqlite`, not by the driver's guess
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={_BUSY_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    row_digests.prepare(connection)


def _begin_sqlite(connection: Any) -> None:
    """Writers take the lock at once: a reader that turns writer half-way would fail instead of waiting."""
    writes = connection.get_execution_options().get("writes")
    if not writes:
        connection.exec_driver_sql("BEGIN")
        return
    deadline = time.monotonic() + _BUSY_MS / 1000
    connection.exec_driver_sql(f"PRAGMA busy_timeout={_ASKING_MS}")
    try:
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                return
            except OperationalError as error:
                if _BUSY not in str(error.orig) or time.monotonic() >= deadline:
                    raise
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={_BUSY_MS}")
