"""Connections and migrations. The database's exceptions stop at `Database`: others see `DatabaseUnavailableError`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, inspect, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from pipeline.errors import DatabaseUnavailableError, MissingPartError

_BUSY_MS = 10_000  # how long SQLite waits for another writer
_MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0001"  # the newest migration


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


class Database:
    """One database: SQLite with a write-ahead log by default, any SQLAlchemy URL otherwise. Safe to use from threads."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        if self.is_sqlite and self.url.database:
            path = Path(self.url.database)
            path.parent.mkdir(parents=True, exist_ok=True)
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
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    def migrate(self) -> None:
        """Bring the tables to this version. Safe to run at every start, by several processes at once."""
        if self.version() == HEAD:
            return
        from alembic import command  # noqa: PLC0415 - only a new or an older database needs it, and it loads slowly
        from alembic.config import Config  # noqa: PLC0415

        with self._border(), self.engine.execution_options(writes=True).begin() as connection:
            config = Config()
            config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def version(self) -> str | None:
        """The migration that the tables stand at; None where there are none yet."""
        with self._border(), self.engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only reads: one consistent picture, never waiting for writers."""
        with self._border(), Session(self.engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that is committed when the block ends and rolled back when it raises."""
        engine = self.engine.execution_options(writes=True)
        with self._border(), Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def _border(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            raise DatabaseUnavailableError(cause=str(error.orig)) from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise DatabaseUnavailableError(cause=str(error.orig)) from error
            raise

    def close(self) -> None:
        self.engine.dispose()


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


def _begin_sqlite(connection: Any) -> None:
    """Writers take the lock at once: a reader that turns writer half-way would fail instead of waiting."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
