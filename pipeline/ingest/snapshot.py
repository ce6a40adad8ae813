"""A private copy of a file of the inbox, for as long as it is being taken in.

The inbox is written to by strangers. What is proven, hashed and stored must be the same bytes, so all three read this copy
and nothing that lies in the inbox. That the file in the inbox is still what was copied is asked before it leaves.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import DiskFullError, HeldElsewhereError
from pipeline.files import try_lock

_PIECE = 1 << 20
_PREFIX = "taking-"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class FileSignature:
    """What changes when a file is written to or exchanged. Of a file that is only moved, `ctime_ns` changes as well."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @classmethod
    def of(cls, stat: os.stat_result) -> FileSignature:
        return cls(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)


@dataclass(frozen=True, slots=True)
class PrivateCopy:
    """The copy, and how the file was when it was copied."""

    path: Path
    signature: FileSignature


@contextmanager
def workspace(folder: Path) -> Iterator[Path]:
    """A folder of its own below `folder` for the copies of one batch, removed when the block ends."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as held:
        while True:
            own = Path(tempfile.mkdtemp(dir=folder, prefix=_PREFIX))
            descriptor = os.open(own, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            held.callback(os.close, descriptor)
            with suppress(OSError):  # a home without locks: what is left over there is not swept
                fcntl.flock(descriptor, fcntl.LOCK_EX)  # tells `sweep` that it is in use
            if own.is_dir():
                break
        held.callback(shutil.rmtree, own, ignore_errors=True)
        yield own


def snapshot(descriptor: int, folder: Path, name: str) -> PrivateCopy:
    """Copy an open file into a workspace. `name` is the file's in messages.

    Raises `HeldElsewhereError` when it was written to while it was copied, and `DiskFullError`.
    """
    before = FileSignature.of(os.fstat(descriptor))
    copy, path = tempfile.mkstemp(dir=folder)
    try:
        _copy(descriptor, copy, before.size)
        if os.fstat(copy).st_size != before.size or FileSignature.of(os.fstat(descriptor)) != before:
            raise HeldElsewhereError(name=name)
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise DiskFullError(folder=folder, free=shutil.disk_usage(folder).free // 2**20) from error
        raise
    finally:
        os.close(copy)
    return PrivateCopy(Path(path), before)


def _copy(source: int, target: int, size: int) -> None:
    """The first `size` bytes: in the kernel where it can, which costs nothing on file systems that share blocks."""
    done = 0
    with suppress(OSError):  # another file system, or none that knows it
        while done < size and (count := os.copy_file_range(source, target, size - done, done, done)):
            done += count
    while done < size and (piece := os.pread(source, min(_PIECE, size - done), done)):
        written = 0
        while written < len(piece):
            written += os.pwrite(target, piece[written:], done + written)
        done += len(piece)


def sweep(folder: Path) -> None:
    """Remove copies that a killed process left behind."""
    for path in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                if try_lock(descriptor):
                    shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(descriptor)
