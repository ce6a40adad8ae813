"""A disk that takes no more bytes: full, over its quota, or read-only. What the system says becomes an error of ours."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors.family import NO_ROOM, AbhilekhError, Kind
from pipeline.locale import N_

_LEAST_BYTES = 1 << 16  # with less than that free, SQLite cannot even open its shared memory (32 KiB) and write a page
_MB = 20  # bits


class DiskFullError(AbhilekhError):
    """A disk has less free space than work may use, or none at all."""

    kind = Kind.TRANSIENT
    code = "disk_full"
    message = N_("The disk of {folder} is full or nearly full ({free} MB free).")
    advice = N_("Free disk space, or have the quota raised; what waits goes on by itself.")


class DiskReadOnlyError(AbhilekhError):
    """Nothing can be written to a folder, because its disk is mounted read-only or its files may not be changed."""

    kind = Kind.TRANSIENT
    code = "disk_read_only"
    message = N_("Nothing can be written to {folder}: it is read-only ({cause}).")
    advice = N_(
        "Have the disk checked and mounted for writing (a failing disk turns read-only by itself; dmesg tells), and see "
        "that the folder belongs to the user who runs Abhilekh. What waits goes on by itself."
    )


def disk_error(error: BaseException, folder: Path) -> AbhilekhError | None:
    """The disk's refusal behind `error`, its causes included; None when it is something else.

    `folder` is named where the system names no file, as it does for a write to an open one.
    """
    for seen in _causes(error):
        if isinstance(seen, AbhilekhError):
            return None  # somebody who knew more has spoken already
        if isinstance(seen, OSError) and seen.errno in NO_ROOM | {errno.EROFS}:
            return refusal(seen.errno, Path(seen.filename).parent if isinstance(seen.filename, str) else folder)
    return None


def refusal(number: int, folder: Path) -> AbhilekhError:
    """The error for an `errno` that means full, over quota, or read-only."""
    if number in NO_ROOM:
        return DiskFullError(folder=folder, free=free_mb(folder))
    return DiskReadOnlyError(folder=folder, cause=os.strerror(number))


def disk_state(folder: Path, *, least_bytes: int = _LEAST_BYTES) -> AbhilekhError | None:
    """What keeps everybody from writing to the disk of `folder`, asked of the file system; None when nothing does."""
    disk = os.statvfs(_existing(folder))
    if disk.f_flag & os.ST_RDONLY:
        return DiskReadOnlyError(folder=folder, cause=os.strerror(errno.EROFS))
    if disk.f_bavail * disk.f_frsize < least_bytes:
        return DiskFullError(folder=folder, free=disk.f_bavail * disk.f_frsize >> _MB)
    return None


def disk_words(text: str, folder: Path) -> AbhilekhError | None:
    """The disk's refusal in the last words of a program of ours that writes there; None when they tell of something else."""
    for number in (*NO_ROOM, errno.EROFS):
        if os.strerror(number).lower() in text.lower():
            return refusal(number, folder)
    return None


def free_mb(folder: Path) -> int:
    """Megabytes free on the disk of `folder`, for a user who is not root."""
    disk = os.statvfs(_existing(folder))
    return disk.f_bavail * disk.f_frsize >> _MB


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    been: set[int] = set()
    while seen is not None and id(seen) not in been:
        yield seen
        been.add(id(seen))
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
