"""A home with a real watcher, for tests of what happens to files in its inbox."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image
from sqlmodel import Session, col, select

from pipeline import settings
from pipeline.app import Container
from pipeline.db.tables import BatchRow
from tests.conftest import short_folder

QUICK = {"SETTLE_SECONDS": "0.2", "RESCAN_SECONDS": "0.2", "REJECT_AFTER_SECONDS": "1.5"}


@contextmanager
def home_with(profiles: dict[str, str], **intake: str) -> Iterator[Container]:
    """An installation in this process, with scanner profiles by their names and settings of its intake."""
    home = short_folder()
    (home / "scanners").mkdir()
    for name, text in profiles.items():
        (home / "scanners" / f"{name}.toml").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**QUICK, **intake, "PROFILES": str(home / "scanners")}.items():
            patch.setenv(f"ABHILEKH_INTAKE__{name}", value)
        built = Container(settings.load(home))
    built.make_folders()
    built.store.ping()  # started now, with what opens scans, so that no file waits for them
    Image.new("L", (8, 8)).save(home / "warm.png")
    built.prove(home / "warm.png", "warm.png")
    try:
        yield built
    finally:
        built.close()
        shutil.rmtree(home, ignore_errors=True)


def rows(container: Container) -> list[BatchRow]:
    """Every batch, in order of arrival."""
    with Session(container.database.engine) as session:
        return list(session.exec(select(BatchRow).order_by(col(BatchRow.received_at))))


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def stored(container: Container) -> set[str]:
    """The SHA-256 of all originals and rejected bytes in the store."""
    found = [*container.store.list("originals/"), *container.store.list("rejected/")]
    return {info.key.rpartition("/")[2] for info in found}


def is_clear(inbox: Path) -> bool:
    return not any(not path.is_dir() or path.is_symlink() for path in inbox.rglob("*"))


def wait_until(condition: Callable[[], object], what: str, *, seconds: float = 60.0) -> None:
    """Quick to notice, for tests that act between two looks of a watcher."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds:.0f} s for {what}")
