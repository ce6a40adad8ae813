"""Read what a backup folder holds, and put it back into an empty installation. Writing one is the business of `backup`."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import cast

import structlog

from pipeline.errors import BackupUnfinishedError, FixityError, NotABackupError
from pipeline.model.preservation import BackupAbout
from pipeline.model.scan import StoredObject
from pipeline.preservation.map_ordered import Tell, map_ordered
from pipeline.storage import Store, keys

log = structlog.get_logger()

ABOUT, SUMS, ROWS, README = "backup.json", "SHA256SUMS", "abhilekh.db", "README.txt"
UNFINISHED = "unfinished"
FORMAT = 1
_LINE = re.compile(r"([0-9a-f]{64})  objects/((?:[\w-][\w.-]*/)+[\w-][\w.-]*)")
_TYPES = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".gz": "application/gzip",
    ".pdf": "application/pdf",
    ".json": "application/json",
}


@dataclass(slots=True)
class PutBack:
    """What was put back, and the keys that are damaged in the backup or not in it at all."""

    objects: int = 0
    bytes: int = 0
    damaged: list[str] = field(default_factory=list)


def about(source: Path) -> BackupAbout:
    """What `backup.json` says. Raises `BackupUnfinishedError`, and `NotABackupError` where there is no backup."""
    for folder in _folders(source):
        try:
            found = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            raise NotABackupError(folder=source, cause=f"{ABOUT} cannot be read: {error}") from error
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise NotABackupError(folder=source, cause=f"{ABOUT} is of a kind this version does not know")
        return cast(BackupAbout, found)
    if (source / UNFINISHED).is_dir():
        raise BackupUnfinishedError(folder=source)
    raise NotABackupError(folder=source, cause=f"there is no {ABOUT} in it")


def _folders(source: Path) -> list[Path]:
    """Where to look for a part of the backup: a whole one that has not taken its place yet goes first."""
    late = source / UNFINISHED
    return [late, source] if (late / ABOUT).exists() else [source]


def read_sums(source: Path) -> Iterator[tuple[str, str]]:
    """Key and SHA-256 of every object; a line that is none has an empty SHA-256."""
    folder = next((folder for folder in _folders(source) if (folder / SUMS).exists()), source)
    with (folder / SUMS).open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            found = _LINE.fullmatch(line.rstrip("\n"))
            yield (found[2], found[1]) if found else (line.strip(), "")


def rows(source: Path) -> Path | None:
    """The rows as they were backed up; None when there are none, or they have changed."""
    expected = about(source).get("database")
    candidates = [folder / ROWS for folder in _folders(source)]
    return next((path for path in candidates if expected and is_file_of(path, expected["sha256"])), None)


def put_back(store: Store, source: Path, *, tell: Tell) -> PutBack:
    """Put every object of the backup into the store, each checked before and after; damaged ones are left out."""
    about(source)
    try:
        listed = list(read_sums(source))
    except OSError as error:
        raise NotABackupError(folder=source, cause=error) from error
    done = PutBack()

    def put(entry: tuple[str, str]) -> tuple[str, StoredObject | None]:
        return entry[0], _put(store, source, *entry)

    for count, (key, stored) in enumerate(map_ordered(put, listed), start=1):
        if stored is None:
            done.damaged.append(key)
            log.warning("damaged in the backup", key=key)
        else:
            done.objects += 1
            done.bytes += stored.bytes
        tell(count, len(listed))
    return done


def _put(store: Store, source: Path, key: str, sha256: str) -> StoredObject | None:
    path = file_of(source, key, sha256)
    if path is None:
        return None
    if key.startswith(keys.ORIGINALS):
        return store.put_original(path, sha256)
    stored = store.put_file(key, path, content_type(key))
    if stored.sha256 != sha256:
        raise FixityError(key=key, expected=sha256, found=stored.sha256)
    return stored


def file_of(source: Path, key: str, sha256: str) -> Path | None:
    """The object's file in the backup; None where it is not there or is not the one of this SHA-256."""
    places = [folder / "objects" / key for folder in _folders(source)]
    return next((place for place in places if sha256 and is_file_of(place, sha256)), None)


def content_type(key: str) -> str:
    """The content type of an object for the store; an original is bytes."""
    return _TYPES.get(PurePosixPath(key).suffix, "application/octet-stream")


def is_file_of(path: Path, sha256: str) -> bool:
    """Whether the file is there and has this SHA-256."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except (FileNotFoundError, NotADirectoryError):
        return False
