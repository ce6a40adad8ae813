"""Hold a file of the inbox so that no second watcher takes it, on whatever file system it lies.

`flock` is asked first: other programs heed it as well. Some shares know no such locks; there a lock of our own, by the
file's name, takes its place, which at least every watcher heeds. Nothing is ever created in the inbox.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path, PurePath

import structlog

from pipeline.errors import HeldElsewhereError, UnreadableFileError
from pipeline.ingest import safe_paths

log = structlog.get_logger()

Alone = Callable[[str], AbstractContextManager[bool]]  # a lock of our own by name; gives False while somebody has it

_HELD = frozenset({errno.EAGAIN, errno.EACCES})  # the lock is there, and another one has it
_WRITE = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_logged: set[str] = set()


@contextmanager
def held(inbox: Path, relative: PurePath, name: str, alone: Alone) -> Iterator[int | None]:
    """Hold a file of the inbox: a descriptor for reading; None when it is gone or was moved away.

    `name` is the file's in messages and locks. Raises `NotAFileError` for a link, a pipe or a device, which is never opened,
    `LinkedFileError` for a file with other names, `HeldElsewhereError` while another program has it, and
    `UnreadableFileError` when it may not be opened.
    """
    descriptor = _opened(inbox, relative, name)
    if descriptor is None:
        yield None
        return
    try:
        with locked(inbox, relative, descriptor, name, alone) as ours:
            if not ours:
                raise HeldElsewhereError(name=name)
            yield descriptor if _is_still(inbox, relative, descriptor) else None
    finally:
        os.close(descriptor)


def _opened(inbox: Path, relative: PurePath, name: str) -> int | None:
    try:
        return safe_paths.open_file(inbox, relative, name)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnreadableFileError(name=name, cause=error.strerror or error) from error


def _is_still(inbox: Path, relative: PurePath, descriptor: int) -> bool:
    """Whether what is open is what lies there now."""
    found = safe_paths.look(inbox, relative)
    return found is not None and os.path.samestat(os.fstat(descriptor), found)


@contextmanager
def locked(inbox: Path, relative: PurePath, descriptor: int, name: str, alone: Alone) -> Iterator[bool]:
    """Lock an open file; False while another one has it. Where files cannot be locked, the lock `name` is taken."""
    writable = None
    try:
        try:
            writable = _lock(inbox, relative, descriptor)
        except OSError as error:
            if error.errno in _HELD:
                yield False
                return
            _tell(inbox, error)
        else:
            yield True
            return
        with alone(f"inbox {name}") as ours:
            yield ours
    finally:
        if writable is not None:
            os.close(writable)


def _lock(inbox: Path, relative: PurePath, descriptor: int) -> int | None:
    """Lock the file, through a descriptor of its own where one for reading does not do (NFS); returns that one."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return None
    except OSError as error:
        if error.errno != errno.EBADF:
            raise
        try:
            with safe_paths.folder(inbox, relative.parent) as parent:
                writable = os.open(relative.name, _WRITE, dir_fd=parent)
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
    if str(error.strerror) not in _logged:
        _logged.add(str(error.strerror))
        log.warning("files cannot be locked here: locks of our own are used", folder=str(folder), cause=error.strerror)
