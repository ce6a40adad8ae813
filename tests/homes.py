"""Homes that cost minutes to fill, filled once in a run of the tests, whichever worker comes first, and only ever copied."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline import settings
from pipeline.app import Container

_FOLDER = "TEST_HOMES"  # of the environment: where they lie, for all workers


def make_folder() -> None:
    """By the process that starts the workers. The path is short: unix sockets have room for about a hundred characters."""
    os.environ[_FOLDER] = tempfile.mkdtemp(prefix="abhilekh-")


def remove_folder() -> None:
    shutil.rmtree(os.environ[_FOLDER], ignore_errors=True)


def copy_of(name: str, fill: Callable[[Path], Any], target: Path) -> Any:
    """A copy of the home `name` in `target`, and what `fill` returned when it made it, as JSON brings it back."""
    folder = Path(os.environ[_FOLDER])
    home, made = folder / name, folder / f"{name}.json"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir(mode=0o700)
            made.write_text(json.dumps(fill(home)), encoding="utf-8")
    shutil.copytree(home, target, dirs_exist_ok=True)
    return json.loads(made.read_text(encoding="utf-8"))


@contextmanager
def opened(home: Path, office: str) -> Iterator[Container]:
    """The installation in this folder, whose own office is `office`; closed at the end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ABHILEKH_OFFICE", office)
        container = Container(settings.load(home))
    try:
        yield container
    finally:
        container.close()
