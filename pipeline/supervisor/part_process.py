"""One part of `up` as a process: started, started again, and replaced where it hangs. Which there are is in `supervisor`.

A part hangs when it was asked to end and does not, when it is stopped (SIGSTOP) for long, and, where its health is asked
for, when it has not answered for long. It gets SIGTERM, and SIGKILL when that does not end it, which nothing withstands.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

log = structlog.get_logger()

END_SECONDS = 20.0  # from SIGTERM to SIGKILL; a part ends itself after 18 (`cli.services`)
START_SECONDS = 120.0  # within which a part has answered for the first time, on the slowest machine that was tried
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_STEADY_SECONDS = 60.0  # a part that ran so long starts again without a pause
_STOPPED = ("T", "t")  # states in /proc/PID/stat: stopped by a signal, or by a debugger


@dataclass(slots=True)
class Part:
    """`command` starts it. `answered` gives when it answered last (`time.monotonic`); None: it has no health address."""

    name: str
    command: Sequence[str]
    hang_seconds: float
    answered: Callable[[], float] | None = None
    on_end: Callable[[], None] = lambda: None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = _SHORTEST_PAUSE
    not_before: float = 0.0
    asked_to_end: float | None = field(default=None)
    stopped_since: float | None = field(default=None)

    def keep(self) -> bool:
        """Have the part running; called again and again. Returns whether a process was started."""
        moment = time.monotonic()
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                self._replace_if_hanging(self.process, moment)
                return False
            self._ended(code, moment)
        if moment < self.not_before:
            return False
        # The part ends with us, even when we are killed.
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *self.command], stdin=subprocess.DEVNULL)
        self.started, self.asked_to_end, self.stopped_since = moment, None, None
        return True

    def _ended(self, code: int, moment: float) -> None:
        ran = moment - self.started
        self.process = None
        self.pause = _SHORTEST_PAUSE if ran > _STEADY_SECONDS else min(self.pause * 2, _LONGEST_PAUSE)
        self.not_before = moment + self.pause
        self.on_end()
        log.error("part ended", part=self.name, code=code, again_in=self.pause)

    def _replace_if_hanging(self, process: subprocess.Popen[bytes], moment: float) -> None:
        if self.asked_to_end is not None:
            if moment - self.asked_to_end >= END_SECONDS:
                log.error("part does not end and is killed", part=self.name, pid=process.pid)
                process.kill()
        elif why := self._hanging(process.pid, moment):
            log.error("part hangs and is replaced", part=self.name, pid=process.pid, reason=why)
            process.terminate()
            self.asked_to_end = moment

    def _hanging(self, pid: int, moment: float) -> str:
        """Why the part is taken to hang; empty where it does not."""
        if not is_stopped(pid):
            self.stopped_since = None
        elif self.stopped_since is None:
            self.stopped_since = moment
        elif moment - self.stopped_since >= self.hang_seconds:
            return "it is stopped"
        if self.answered is None:
            return ""
        last = self.answered()
        quiet, most = (
            (moment - last, self.hang_seconds) if last > self.started else (moment - self.started, START_SECONDS)
        )
        return f"no answer for {quiet:.0f} seconds" if quiet >= most else ""


def is_stopped(pid: int) -> bool:
    """Whether the process is stopped by a signal, so that it cannot even hear SIGTERM."""
    return _stat(pid)[:1] in _STOPPED


def started_at(pid: int) -> str:
    """When the process was started, in ticks since the machine was; empty where there is none. Numbers are given anew."""
    fields = _stat(pid).split()
    return fields[19] if len(fields) > 19 and fields[0] != "Z" else ""  # noqa: PLR2004 - field 22 of proc(5), state is 3


def _stat(pid: int) -> str:
    """What stands behind the name in /proc/PID/stat; the name may hold blanks and brackets."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2]
    except OSError:
        return ""
