"""Who holds a lease, whether they can still be alive, and whether the lease is over. What is leased does not live here.

A holder is a process: its host, its number, and when it began, counted from the start of the system that it runs on. With
these a process that ended differs from another one of the same number, and from one before the machine was started anew.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

USUAL = timedelta(seconds=15)  # a lease of which no length is written; the default of `work.lease_seconds`
CLOCK_SKEW = timedelta(minutes=1)  # so far the clocks of several machines may differ
_LENGTHS_AHEAD = 2  # a lease that ends further ahead was given by a clock that was wrong; one length allows for skew
_ENDED = frozenset("ZXx")  # states of a process that runs no more: zombie, dead
_STATE, _STARTED = 0, 19  # of /proc/PID/stat behind the name: fields 3 and 22 of proc_pid_stat(5)
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_MACHINE_ID = Path("/etc/machine-id")
_WRITTEN = re.compile(
    r"(?P<host>\S*):(?P<pid>\d+) started=(?P<started>\d+) boot=(?P<boot>\S*) machine=(?P<machine>\S*) pids=(?P<pids>\S*)"
)


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that holds something. `started` is in clock ticks since the system's start, `pids` names the process
    numbers' namespace (a container has its own), `machine` is a digest of the machine's id; empty is what is not known."""

    host: str
    pid: int
    started: int
    boot: str
    machine: str
    pids: str

    @classmethod
    def current(cls) -> Self:
        """This process."""
        pid = os.getpid()
        _, started = _process(pid) or ("", 0)
        return cls(socket.gethostname(), pid, started, _read(_BOOT_ID), _digest(_read(_MACHINE_ID)), _pid_namespace())

    @classmethod
    def parse(cls, text: str | None) -> Self | None:
        """The inverse of `str`; None of what earlier versions wrote, and of what is no holder."""
        found = _WRITTEN.fullmatch(text or "")
        if found is None:
            return None
        return cls(
            found["host"], int(found["pid"]), int(found["started"]), found["boot"], found["machine"], found["pids"]
        )

    def __str__(self) -> str:
        return f"{self.host}:{self.pid} started={self.started} boot={self.boot} machine={self.machine} pids={self.pids}"

    def is_dead(self) -> bool:
        """Whether this process is known to run no more. False where that cannot be known, as of another machine."""
        here = Holder.current()
        if self.boot and self.boot == here.boot:  # the same system, running on
            if not self.started or self.pids != here.pids:
                return False
            return not is_running(self.pid, self.started)
        is_this_machine = bool(self.boot and here.boot and self.machine)
        return is_this_machine and (self.host, self.machine) == (here.host, here.machine)


def is_over(
    owner: str | None, until: datetime | None, seconds: float | None, moment: datetime, usual: timedelta = USUAL
) -> bool:
    """Whether a lease has ended: it has run out, its holder is dead, or it ends further ahead than it can.

    `seconds` is its length as it was written, `usual` stands in where there is none.
    """
    if owner is None or until is None or until <= moment:
        return True
    length = timedelta(seconds=seconds) if seconds else usual
    if until > moment + _LENGTHS_AHEAD * length:
        return True
    holder = Holder.parse(owner)
    return holder is not None and holder.is_dead()


def is_running(pid: int, started: int | None = None) -> bool:
    """Whether the process of this number still runs; with `started`, the one that began then."""
    found = _process(pid)
    if found is not None:
        state, began = found
        return state not in _ENDED and started in (None, began)
    try:
        os.kill(pid, 0)  # it may be hidden from us in /proc
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _process(pid: int) -> tuple[str, int] | None:
    """State and start of a process; None where /proc does not show it."""
    with suppress(OSError, ValueError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return fields[_STATE], int(fields[_STARTED])
    return None


def _pid_namespace() -> str:
    with suppress(OSError):
        return str(Path("/proc/self/ns/pid").readlink())
    return ""


def _read(path: Path) -> str:
    with suppress(OSError):
        return path.read_text().strip()
    return ""


def _digest(machine_id: str) -> str:
    """The machine's id is not to be shown as it is, says machine-id(5)."""
    return hashlib.sha256(f"abhilekh {machine_id}".encode()).hexdigest()[:16] if machine_id else ""
