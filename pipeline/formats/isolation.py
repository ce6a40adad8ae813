"""Do something with a foreign file in a process of its own, bound in memory and in time.

What a decoder does to that process stays there. It is a bound, not a sandbox. A helper process, started with the first
call, forks one process for each call: that costs milliseconds, where a fresh interpreter would cost half a second. What
is done, and what an outcome means, is decided by the caller.
"""

from __future__ import annotations

import atexit
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")

_GRACE_SECONDS = 5.0  # after its time a process has been killed by its own alarm, unless the kernel holds it
_START = (
    "import sys; sys.path[:] = {path!r}; import {module}; from pipeline.formats import isolation; isolation.serve({fd})"
)


class DiedError(Exception):
    """The process ended without an answer: it was out of memory or processor time, or its decoder crashed.

    `out_of_time` says that it may have been processor time, for as much had passed on the clock.
    """

    def __init__(self, message: str, *, out_of_time: bool = False) -> None:
        super().__init__(message)
        self.out_of_time = out_of_time


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one call may take: memory beyond the interpreter's own, processor time, and time on the clock.

    Processor time is what work on a file is bound by. The clock is for a process that hangs, and so generous that a busy
    machine does not reach it.
    """

    memory_mb: int
    cpu_seconds: int
    seconds: float


class Apart:
    """Runs functions apart. `module` is imported beforehand, so that the processes have it from their first moment."""

    def __init__(self, module: str) -> None:
        self.module = module
        self._lock = threading.Lock()
        self._helper: tuple[subprocess.Popen[bytes], socket.socket] | None = None
        atexit.register(self.close)

    def call(self, work: Callable[..., T], *arguments: object, bounds: Bounds) -> T:
        """`work(*arguments)`, done apart. Safe to call from several threads.

        Raises what `work` raises, `DiedError` when there is no answer, and `TimeoutError` when the time on the clock is
        over: then the disk or the network is slow, for work on the file itself is bound by processor time.
        """
        ours, theirs = Pipe()
        began = time.monotonic()
        with ours:
            with theirs:
                ours.send((work, arguments, bounds))
                self._hand_over(theirs)
            try:
                raised, answer = ours.recv() if ours.poll(bounds.seconds + _GRACE_SECONDS) else _nothing()
            except (EOFError, ConnectionError):
                passed = time.monotonic() - began
                if passed >= bounds.seconds:
                    raise TimeoutError(f"no answer within {bounds.seconds:.0f} seconds") from None
                out_of_time = passed >= bounds.cpu_seconds - 1
                raise DiedError("too much memory or time, or its decoder crashed", out_of_time=out_of_time) from None
        if raised:
            raise answer
        return answer  # type: ignore[no-any-return]

    def start(self) -> None:
        """Start the helper now, so that processes forked from this one share it."""
        with self._lock:
            if self._helper is None:
                self._helper = self._start()

    def close(self) -> None:
        """End the helper; the next call starts another one."""
        with self._lock:
            helper, self._helper = self._helper, None
        if helper:
            helper[1].close()
            helper[0].wait()

    def _hand_over(self, theirs: Connection) -> None:
        with self._lock:
            for last in (False, True):
                if self._helper is None:
                    self._helper = self._start()
                process, control = self._helper
                try:
                    socket.send_fds(control, [b"."], [theirs.fileno()])
                except OSError:  # somebody has killed the helper
                    control.close()
                    process.wait()
                    self._helper = None
                    if last:
                        raise
                else:
                    return

    def _start(self) -> tuple[subprocess.Popen[bytes], socket.socket]:
        ours, theirs = socket.socketpair()
        with theirs:
            code = _START.format(path=sys.path, module=self.module, fd=theirs.fileno())
            process = subprocess.Popen(
                [sys.executable, "-c", code], stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),)
            )
        return process, ours


def _nothing() -> NoReturn:
    raise EOFError


def serve(control_fd: int) -> None:
    """The helper: fork a process for each connection that is handed over, until the other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is our parent's to answer; we end when it does
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended processes need no burial
    with socket.socket(fileno=control_fd) as control:
        while True:
            message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
            if not message:
                return
            for descriptor in descriptors:
                if os.fork() == 0:
                    control.close()
                    _answer(Connection(descriptor))
                os.close(descriptor)


def _answer(connection: Connection) -> NoReturn:
    try:
        work, arguments, bounds = connection.recv()
        _bind(bounds)
        try:
            outcome: tuple[bool, Any] = False, work(*arguments)
        except Exception as error:
            outcome = True, error
        connection.send(outcome)
    finally:
        os._exit(0)


def _bind(bounds: Bounds) -> None:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    _lower(resource.RLIMIT_AS, pages * resource.getpagesize() + bounds.memory_mb * 2**20)
    _lower(resource.RLIMIT_CPU, bounds.cpu_seconds)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.setitimer(signal.ITIMER_REAL, bounds.seconds)  # whose signal ends us


def _lower(limit: int, wanted: int) -> None:
    """Set a limit for good, no higher than the one that is there."""
    _, hard = resource.getrlimit(limit)
    least = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(limit, (least, least))
