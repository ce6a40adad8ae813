"""Locks by name, between threads, processes and machines. They end with whoever holds them, so that none can be left over.

Beside SQLite a lock is a locked file under `run/locks` of the home; PostgreSQL keeps it with the holder's connection.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, NullPool, create_engine, text

from pipeline.db.database import Database
from pipeline.files import try_lock

_POLL_SECONDS = 0.02


def alone(database: Database, name: str, *, wait_seconds: float) -> AbstractContextManager[bool]:
    """Hold the lock `name`; False when somebody else has held it for all of `wait_seconds`."""
    ident = hashlib.sha256(name.encode("utf-8", "surrogateescape"))
    if database.file is not None:
        return _by_file(database.file.parent / "run" / "locks" / ident.hexdigest()[:32], wait_seconds)
    return _by_connection(database, int.from_bytes(ident.digest()[:8], "big", signed=True), wait_seconds)


@contextmanager
def _by_file(path: Path, wait_seconds: float) -> Iterator[bool]:
    path.parent.mkdir(parents=True, exist_ok=True)
    file = _locked_file(path, time.monotonic() + wait_seconds)
    if file is None:
        yield False
        return
    with file:
        try:
            yield True
        finally:
            path.unlink(missing_ok=True)  # while it is ours


def _locked_file(path: Path, deadline: float) -> BinaryIO | None:
    while True:
        file = path.open("ab")
        waits = not try_lock(file)
        if not waits:
            with suppress(FileNotFoundError):  # whoever held it has just removed it
                if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                    return file
        file.close()
        if waits:
            if time.monotonic() >= deadline:
                return None
            time.sleep(_POLL_SECONDS)


@contextmanager
def _by_connection(database: Database, number: int, wait_seconds: float) -> Iterator[bool]:
    """An advisory lock of PostgreSQL, on a connection of its own."""
    deadline = time.monotonic() + wait_seconds
    engine = create_engine(database.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with database.border():
        connection = engine.connect()
    try:
        with database.border():
            ours = _asked(connection, number)
            while not ours and time.monotonic() < deadline:
                time.sleep(_POLL_SECONDS)
                ours = _asked(connection, number)
        yield ours
    finally:
        connection.close()  # and with it the lock
        engine.dispose()


def _asked(connection: Connection, number: int) -> bool:
    return bool(connection.execute(text("SELECT pg_try_advisory_lock(:number)"), {"number": number}).scalar())
