"""Open, list, make and remove below a folder that strangers write to, never through a link.

Every path is walked name by name from a descriptor of the root, each name relative to the folder before it (`openat` with
`O_NOFOLLOW`): what is exchanged for a link between a look and an open is not followed, and nothing outside the root is
reached. The root itself is the administrator's, and may be a link. What becomes of a file is decided elsewhere.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath
from urllib.parse import quote, unquote_to_bytes

import structlog

from pipeline.errors import LinkedFileError, NotAFileError

log = structlog.get_logger()

_SAFE = "/ ()[]{}+,;=@!#&'"  # stand for themselves in `to_text`; all of them are ASCII
MOST_LEVELS = 32  # folders inside folders that are looked through; each costs a descriptor while it is
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe is opened without waiting for its writer
_SWAPPED = frozenset({errno.ELOOP, errno.ENOTDIR})  # a link, or no folder, where a folder was
_LINK = frozenset({errno.ELOOP, errno.ENXIO, errno.ENODEV, errno.EISDIR})  # a link, a socket, a device, a folder
_too_deep: set[str] = set()  # what has been logged once


def names_of(relative: PurePath | str) -> tuple[str, ...]:
    """The names of a path below a root. Raises `ValueError` for one that leads elsewhere: absolute, or with `..`."""
    path = PurePath(relative)
    if path.is_absolute() or ".." in path.parts or "\0" in str(path):
        raise ValueError(f"{str(path)!r} does not lie below the folder")
    return path.parts


def to_text(path: PurePath | str) -> str:
    """A path as text that any database takes: names may hold bytes that are no UTF-8, and whatever else."""
    return quote(os.fsencode(path), safe=_SAFE)


def from_text(text: str) -> PurePath:
    """The inverse of `to_text`, of a path below a root. Raises `ValueError` as `names_of` does."""
    return PurePath(*names_of(os.fsdecode(unquote_to_bytes(text))))


def open_folder(root: Path, relative: PurePath | str = "", *, make: bool = False) -> int:
    """A descriptor of a folder below the root, made where `make` says so.

    Raises `FileNotFoundError` where it is gone or no folder any more, and `ValueError` as `names_of` does.
    """
    names = names_of(relative)
    if make:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for name in names:
        try:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(name, 0o700, dir_fd=here)
            there = os.open(name, _FOLDER, dir_fd=here)
        except OSError as error:
            if error.errno in _SWAPPED:
                raise FileNotFoundError(errno.ENOENT, "no folder any more", str(relative)) from error
            raise
        finally:
            os.close(here)
        here = there
    return here


@contextmanager
def folder(root: Path, relative: PurePath | str = "", *, make: bool = False) -> Iterator[int]:
    """`open_folder`, closed when the block ends."""
    descriptor = open_folder(root, relative, make=make)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def open_file(root: Path, relative: PurePath, name: str) -> int:
    """A descriptor for reading of a regular file below the root. `name` is the file's in messages.

    Raises `NotAFileError` for a link, a pipe, a socket, a device; `LinkedFileError` for one that has other names too; and
    `OSError`.
    """
    with folder(root, relative.parent) as parent:
        found = os.stat(relative.name, dir_fd=parent, follow_symlinks=False)
        if not stat.S_ISREG(found.st_mode):  # not even opened: a tape would rewind
            raise NotAFileError(name=name)
        try:
            descriptor = os.open(relative.name, _READ, dir_fd=parent)
        except OSError as error:
            if error.errno in _LINK:
                raise NotAFileError(name=name) from error
            raise
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise NotAFileError(name=name)
        if found.st_nlink > 1:
            raise LinkedFileError(name=name)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def look(root: Path, relative: PurePath) -> os.stat_result | None:
    """What lies there, not followed; None where there is nothing."""
    try:
        with folder(root, relative.parent) as parent:
            return os.stat(relative.name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return None


def walk(root: Path) -> Iterator[tuple[PurePath, os.stat_result]]:
    """Everything below the root that is no folder and not hidden, in order of the names, with what `lstat` tells of it."""
    with folder(root) as top:
        yield from _walk(top, PurePath())


def _walk(here: int, path: PurePath) -> Iterator[tuple[PurePath, os.stat_result]]:
    for name in sorted(name for name in os.listdir(here) if not name.startswith(".")):
        try:
            found = os.stat(name, dir_fd=here, follow_symlinks=False)
            if not stat.S_ISDIR(found.st_mode):
                yield path / name, found
                continue
            if len(path.parts) >= MOST_LEVELS:
                _tell_too_deep(path / name)
                continue
            below = os.open(name, _FOLDER, dir_fd=here)
        except OSError:  # taken away or exchanged while we looked, or not ours to read
            continue
        try:
            yield from _walk(below, path / name)
        finally:
            os.close(below)


def _tell_too_deep(path: PurePath) -> None:
    if str(path) not in _too_deep:
        _too_deep.add(str(path))
        log.warning("folder lies too deep: nothing in it is taken", folder=ascii(str(path)), levels=MOST_LEVELS)


def remove_empty(root: Path, relative: PurePath) -> None:
    """Remove a folder below the root. Raises `OSError` where it is not empty."""
    with folder(root, relative.parent) as parent:
        os.rmdir(relative.name, dir_fd=parent)
