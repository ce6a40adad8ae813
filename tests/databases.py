"""New databases for tests in this process: copies of one that was migrated once, at a twentieth of the cost."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from pipeline.db.database import Database


@cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="abhilekh-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = Database(f"sqlite:///{folder}/template.db")
    made.migrate()
    with made.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    made.close()
    return folder / "template.db"


def new_database(path: Path) -> Database:
    """An empty database at `path`, with today's tables."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_template(), path)
    return Database(f"sqlite:///{path}")
