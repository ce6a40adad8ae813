"""Does another program have a file open for writing? Asked of the kernel by a read lease, where leases can be had.

`F_SETLEASE` with `F_RDLCK` is refused with `EAGAIN` while anybody has the file open for writing (fcntl(2), "Leases"). It is
given for files of our own user, or with `CAP_LEASE`. On network file systems `EAGAIN` may only mean that the server has
delegated nothing to this machine, and says nothing of writers elsewhere; there the answer is not known.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

# File systems whose files other machines, or a program of this one, can write to behind the kernel's back.
_SHARED = (
    "nfs",
    "cifs",
    "smb",
    "fuse",
    "9p",
    "ceph",
    "afs",
    "glusterfs",
    "gfs",
    "ocfs2",
    "lustre",
    "virtiofs",
    "vboxsf",
)
_MOUNTS = Path("/proc/self/mountinfo")


class Writer(StrEnum):
    """Whether somebody has a file open for writing."""

    NONE = "none"
    OPEN = "open"
    UNKNOWN = "unknown"


@contextmanager
def read_lease(descriptor: int) -> Iterator[Writer]:
    """Hold a read lease on a file that is open for reading only, for as long as the block runs, if it can be had.

    While it is held, whoever opens the file for writing waits, at most as long as `/proc/sys/fs/lease-break-time`: the
    block must be short.
    """
    writer = _take(descriptor)
    try:
        yield writer
    finally:
        if writer is Writer.NONE:
            with suppress(OSError):
                fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)


def writer_of(descriptor: int) -> Writer:
    """Whether somebody has the file open for writing at this moment."""
    with read_lease(descriptor) as writer:
        return writer


def _take(descriptor: int) -> Writer:
    if is_shared(Path(f"/proc/self/fd/{descriptor}")):
        return Writer.UNKNOWN
    try:
        # Whoever breaks the lease has us sent a signal: one that is ignored, not SIGIO, which would end the process.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return Writer.OPEN if error.errno in (errno.EAGAIN, errno.EBUSY) else Writer.UNKNOWN
    return Writer.NONE


def is_shared(path: Path) -> bool:
    """Whether a file lies on a file system that others can write to without this kernel's knowing."""
    kind = _kind_and_source(os.path.realpath(path))[0]
    return kind.startswith(_SHARED)


def share_of(folder: Path) -> str | None:
    """The address of the share that a folder lies on, with its path there, alike on every machine; None of a local one."""
    real = os.path.realpath(folder)
    kind, source, mounted, inside = _mount_of(real)
    if not kind.startswith(_SHARED):
        return None
    below = os.path.relpath(real, mounted)
    return os.path.normpath(f"{source.lower()}/{inside}/{below}")


def _kind_and_source(path: str) -> tuple[str, str]:
    return _mount_of(path)[:2]


def _mount_of(path: str) -> tuple[str, str, str, str]:
    """Kind, source, mount point and root in the source, of the mount that a real path lies on."""
    best = ("", "", "/", "/")
    for mounted, kind, source, inside in _mounts(_version()):
        if (path == mounted or path.startswith(mounted.rstrip("/") + "/")) and len(mounted) >= len(best[2]):
            best = (kind, source, mounted, inside)
    return best


def _version() -> bytes:
    try:
        return _MOUNTS.read_bytes()
    except OSError:
        return b""


@lru_cache(maxsize=4)
def _mounts(table: bytes) -> tuple[tuple[str, str, str, str], ...]:
    """Mount point, kind, source and root of each line of a mount table (proc_pid_mountinfo(5)), the last mounted last."""
    found = []
    for line in os.fsdecode(table).splitlines():
        before, _, after = line.partition(" - ")
        places, kinds = before.split(" "), after.split(" ")
        if len(places) > 4 and len(kinds) > 1:  # noqa: PLR2004 - root and mount point are the fourth and fifth
            inside, mounted = (_unescaped(text) for text in places[3:5])
            found.append((mounted, kinds[0], _unescaped(kinds[1]), inside))
    return tuple(found)


def _unescaped(text: str) -> str:
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, char)
    return text
