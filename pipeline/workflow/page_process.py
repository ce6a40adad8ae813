"""One piece of work in a process of its own, forked for it and watched: how long it may compute, and that it does not hang.

The process that forks has read nothing, so that nothing a page does is there for the next one. Limits go by processor time,
of the process and of the programs it starts; the clock counts only against a process that does not compute at all. What is
done with a page is in `page_work`, who tries again in `pool`.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import math
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Generic, NoReturn, TypeVar

T = TypeVar("T")

STALL_SECONDS = 600.0  # on the clock without any processor time used: the process hangs, or somebody has stopped it
_LOOK_SECONDS = 0.5  # between looks at what the process has used
_GRACE_SECONDS = 5  # of processor time after the limit: then the system ends what we did not
_TICKS = os.sysconf("SC_CLK_TCK")
_PR_SET_PDEATHSIG = 1


class Stop(StrEnum):
    """Why a process ended without an answer: it computed too long, hung, or died (of memory, of its decoder)."""

    TIME = "time"
    STALL = "stall"
    DEATH = "death"


class StoppedWorkError(Exception):
    """There is no answer. `seconds` is the processor time that was used for none."""

    def __init__(self, stop: Stop, seconds: float, cause: str = "") -> None:
        super().__init__(stop, seconds, cause)
        self.stop, self.seconds, self.cause = stop, seconds, cause

    def __str__(self) -> str:
        return f"{self.stop} after {self.seconds:.0f} s of processor time {self.cause}".strip()


@dataclass(frozen=True, slots=True)
class ProcessResult(Generic[T]):
    """What the work gave or raised, and the processor time it took with all its programs, in seconds."""

    value: T | None
    error: Exception | None
    seconds: float


def run_apart(
    work: Callable[..., T], *arguments: object, cpu_seconds: float, stall_seconds: float = STALL_SECONDS
) -> ProcessResult[T]:
    """`work(*arguments)` in a process forked from this one, which must have no other thread at work.

    Raises `StoppedWorkError` where there is no answer.
    """
    ours, theirs = Pipe(duplex=False)
    gc.freeze()  # so that collecting garbage there copies nothing of what is shared
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    pid = os.fork()
    if pid == 0:
        ours.close()
        _answer(theirs, cpu_seconds, work, arguments)
    theirs.close()
    with ours:
        watch = _Watch(pid, cpu_seconds, stall_seconds)
        try:
            stop, outcome = _outcome(ours, watch)
        finally:
            watch.end()
    if stop is not None:
        raise StoppedWorkError(stop, watch.seconds, watch.how)
    value, error = outcome
    return ProcessResult(value, error, watch.seconds)


def _outcome(ours: Connection, watch: _Watch) -> tuple[Stop | None, Any]:
    while not ours.poll(_LOOK_SECONDS):
        stop = watch.look()
        if stop is not None:
            return stop, None
    try:
        return None, ours.recv()
    except (EOFError, OSError):
        return Stop.DEATH, None


class _Watch:
    """A process under a limit, with all that it starts."""

    def __init__(self, pid: int, cpu_seconds: float, stall_seconds: float) -> None:
        self.pid, self.cpu_seconds, self.stall_seconds = pid, cpu_seconds, stall_seconds
        self.seconds, self.how = 0.0, ""
        self._idle, self._used, self._looked = 0.0, -1.0, time.monotonic()

    def look(self) -> Stop | None:
        """Why it is to be ended, if it is. A stretch in which we ourselves did not run counts for nothing."""
        moment = time.monotonic()
        passed, self._looked = min(moment - self._looked, 2 * _LOOK_SECONDS), moment
        if sum(_used(pid) for pid in (self.pid, *_descendants(self.pid))) > self.cpu_seconds:
            return Stop.TIME
        used = sum(map(_used, _descendants(os.getpid())))  # decoders may run beside it (`formats.isolation`)
        self._idle = self._idle + passed if used <= self._used else 0.0
        self._used = used
        return Stop.STALL if self._idle >= self.stall_seconds else None

    def end(self) -> None:
        """End it with all that it started, and take down what it used and how it ended."""
        for pid in (self.pid, *_descendants(self.pid)):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        _, status, used = os.wait4(self.pid, 0)
        self.seconds = used.ru_utime + used.ru_stime
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            self.how = f"({signal.strsignal(number)})"


def _descendants(pid: int) -> Iterator[int]:
    """The processes below this one, those first that it started itself."""
    try:
        tasks = [task / "children" for task in Path(f"/proc/{pid}/task").iterdir()]
        found = [int(child) for task in tasks for child in task.read_text("ascii").split()]
    except (OSError, ValueError):  # it is gone
        return
    for child in found:
        yield child
        yield from _descendants(child)


def _used(pid: int) -> float:
    """Processor seconds of a process and of those that it has waited for (proc(5), fields 14 to 17)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii", errors="replace")
    except OSError:
        return 0.0
    return sum(map(int, stat.rpartition(")")[2].split()[11:15])) / _TICKS


def _answer(theirs: Connection, cpu_seconds: float, work: Callable[..., T], arguments: tuple[object, ...]) -> NoReturn:
    try:
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before it could take us along
            os._exit(1)
        _limit(math.ceil(cpu_seconds) + _GRACE_SECONDS)
        try:
            outcome: tuple[Any, Exception | None] = work(*arguments), None
        except Exception as error:
            outcome = None, error
        theirs.send(outcome)
        logging.shutdown()
    except BaseException:  # what cannot be sent, for one
        os._exit(1)
    os._exit(0)


def _limit(seconds: int) -> None:
    """The system's own limit, for us and for each program we start, should whoever watches us be stopped."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    least = seconds if hard == resource.RLIM_INFINITY else min(seconds, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (least, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
