"""Files of our own on the disk: written whole or not at all, synced, hashed, locked.

What does not live here: files of the inbox, which strangers write to (`ingest.safe_paths`, `ingest.leaving`), and locks
against every process of every machine (`db.locks`). Errors are those of the system (`OSError`); whoever calls knows what
they mean.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import IO

_PIECE = 1 << 20  # bytes read at once
_SUFFIX = ".new"  # of a file until it takes its place


def sync(path: Path) -> None:
    """Have a file or a folder on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush(file: IO[str] | IO[bytes]) -> None:
    """Have on the disk what was written to an open file."""
    file.flush()
    os.fsync(file.fileno())


def write_synced(path: Path, content: str | bytes) -> None:
    """Write a file and have its bytes on the disk; its name is on the disk once its folder is synced."""
    with path.open("wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        flush(file)


def replace_whole(path: Path, content: str | bytes) -> None:
    """Write a small file that is there whole or not at all, after a power cut too; what stood there before is replaced."""
    beside = path.with_name(path.name + _SUFFIX)
    write_synced(beside, content)
    beside.replace(path)
    sync(path.parent)


def create_once(path: Path, content: bytes, *, mode: int) -> None:
    """Make a file that only appears whole; of several processes that make it at once, one wins and the others leave it."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink()


def sha256_of(descriptor: int) -> str:
    """The SHA-256 of an open file's bytes, in hex, wherever it is read just now."""
    digest, done = hashlib.sha256(), 0
    while piece := os.pread(descriptor, _PIECE, done):
        digest.update(piece)
        done += len(piece)
    return digest.hexdigest()


def sha256_of_file(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return sha256_of(file.fileno())


def try_lock(file: int | IO[str] | IO[bytes]) -> bool:
    """Lock an open file or folder for as long as it is open; False while another program holds it.

    Raises `OSError` where the file system knows no locks.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
