"""A folder that appears whole or not at all: written beside its place, every file hashed as it is written, then renamed.

What goes into it is the business of `export.forms`.
"""

from __future__ import annotations

import hashlib
import shutil
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import NO_ROOM, DiskFullError, ExportPlaceError, FixityError
from pipeline.files import flush, sync

UNFINISHED = ".unfinished"
_LONGEST_NAME = 120  # bytes
_FOREIGN = "/\\:*?\"<>|'"


@dataclass(slots=True)
class ExportFolder:
    """The folder while it is written: the SHA-256 of each file by its path inside, and their length in all."""

    root: Path
    sums: dict[str, str] = field(default_factory=dict)
    octets: int = 0
    _names: set[str] = field(default_factory=set)

    def put(self, path: str, pieces: Iterable[bytes], *, expected: str | None = None, key: str = "") -> str:
        """Write a file; returns its path. Raises `FixityError` when it is not what was `expected` of the object `key`."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with target.open("xb") as file:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                file.write(piece)
            flush(file)
        if expected is not None and digest.hexdigest() != expected:
            raise FixityError(key=key, expected=expected, found=digest.hexdigest())
        self.sums[path] = digest.hexdigest()
        self.octets += size
        return path

    def put_text(self, path: str, lines: Iterable[str]) -> str:
        return self.put(path, (line.encode() for line in lines))

    def name(self, parent: str, wanted: str, suffix: str = "") -> str:
        """A path under `parent` that no file or folder has yet, also where capitals do not count."""
        stem, count = plain(wanted), 1
        path = f"{parent}{stem}{suffix}"
        while path.casefold() in self._names:
            count += 1
            path = f"{parent}{stem} ({count}){suffix}"
        self._names.add(path.casefold())
        return path


@contextmanager
def whole(target: Path) -> Iterator[ExportFolder]:
    """The folder `target`, which is there when the block has ended well, and otherwise is not.

    Raises `ExportPlaceError` where there is something already, and `DiskFullError`.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ExportPlaceError(folder=target)
    beside = target.with_name(target.name + UNFINISHED)
    shutil.rmtree(beside, ignore_errors=True)
    try:
        beside.mkdir(parents=True)
        yield ExportFolder(beside)
        for folder in (beside, *(path for path in beside.rglob("*") if path.is_dir())):
            sync(folder)
        if target.exists():
            target.rmdir()
        beside.rename(target)
        sync(target.parent)
    except OSError as error:
        if error.errno in NO_ROOM:
            free = shutil.disk_usage(target.parent).free // 2**20
            raise DiskFullError(folder=target.parent, free=free) from error
        raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def plain(text: str) -> str:
    """A name for a file or folder that every system takes; never empty, hidden or too long."""
    kept = "".join(
        "_" if char in _FOREIGN or unicodedata.category(char) in ("Cc", "Zl", "Zp") else char
        for char in unicodedata.normalize("NFC", text)
        if char in "\u200c\u200d" or unicodedata.category(char) not in ("Cf", "Cs", "Co", "Cn")
    ).strip(" .")
    return kept.encode()[:_LONGEST_NAME].decode("utf-8", "ignore").strip(" .") or "_"
