"""Hold a file of the inbox so that no second watcher takes it, on whatever file system it lies.

`flock` is asked first: other programs heed it as well. Some shares know no such locks; there a lock of our own, by the
file's name, takes its place, which at least every watcher heeds.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import structlog

from pipeline.errors import HeldElsewhereError, UnreadableFileError

log = structlog.get_logger()

Alone = Callable[[str], AbstractContextManager[bool]]  # a lock of our own by name; gives False while somebody has it

_HELD = frozenset({errno.EAGAIN, errno.EACCES})  # the lock is there, and another one has it
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_WRITE = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK
_told: set[str] = set()  # what has been logged once


@contextmanager
def held(path: Path, name: str, alone: Alone) -> Iterator[bool]:
    """Hold a file; False when it is gone or was moved away. `name` is the file's in messages and locks.

    Raises `HeldElsewhereError` while another program has it, `UnreadableFileError` when it may not be opened.
    """
    descriptor = _opened(path, name)
    if descriptor is None:
        yield os.path.lexists(path)  # a link, a pipe or a device is never opened, it is only set aside
        return
    try:
        with locked(path, descriptor, name, alone) as ours:
            if not ours:
                raise HeldElsewhereError(name=name)
            yield _is_still(path, descriptor)
    finally:
        os.close(descriptor)


def _opened(path: Path, name: str) -> int | None:
    try:
        return os.open(path, _READ) if stat.S_ISREG(path.lstat().st_mode) else None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnreadableFileError(name=name, cause=error.strerror or error) from error


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether what is open is what lies there now."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except OSError:
        return False


@contextmanager
def locked(path: Path, descriptor: int, name: str, alone: Alone) -> Iterator[bool]:
    """Lock an open file; False while another one has it. Where files cannot be locked, the lock `name` is taken."""
    writable = None
    try:
        try:
            writable = _lock(path, descriptor)
        except OSError as error:
            if error.errno in _HELD:
                yield False
                return
            _tell(path.parent, error)
        else:
            yield True
            return
        with alone(f"inbox {name}") as ours:
            yield ours
    finally:
        if writable is not None:
            os.close(writable)


def _lock(path: Path, descriptor: int) -> int | None:
    """Lock the file, through a descriptor of its own where one for reading does not do (NFS); returns that one."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return None
    except OSError as error:
        if error.errno != errno.EBADF:
            raise
        try:
            writable = os.open(path, _WRITE)
        except OSError:
            raise error from None  # not ours to write
    try:
        fcntl.flock(writable, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(writable), os.fstat(descriptor)):
            raise BlockingIOError(errno.EAGAIN, "it was exchanged")
    except OSError:
        os.close(writable)
        raise
    return writable


def _tell(folder: Path, error: OSError) -> None:
    if str(error.strerror) not in _told:
        _told.add(str(error.strerror))
        log.warning("files cannot be locked here: locks of our own are used", folder=str(folder), cause=error.strerror)
