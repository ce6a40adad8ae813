"""Homes that cost minutes to fill, filled once in a run of the tests, whichever worker comes first, and only ever copied."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

RUN = "PYTEST_XDIST_TESTRUNUID"  # one for all workers


def shared_folder() -> Path:
    """Where the homes of this run lie. The paths are short: unix sockets have room for about a hundred characters."""
    return Path(tempfile.gettempdir()) / f"abhilekh-{os.environ.get(RUN, str(os.getpid()))[:8]}"


def copy_of(name: str, fill: Callable[[Path], Any], target: Path) -> Any:
    """A copy of the home `name` in `target`, and what `fill` returned when it made it, as JSON brings it back."""
    folder = shared_folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    home, made = folder / name, folder / f"{name}.json"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir(mode=0o700)
            made.write_text(json.dumps(fill(home)), encoding="utf-8")
    shutil.copytree(home, target, dirs_exist_ok=True)
    return json.loads(made.read_text(encoding="utf-8"))


def remove_shared() -> None:
    shutil.rmtree(shared_folder(), ignore_errors=True)
