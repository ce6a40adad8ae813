"""What a command costs: time, processor time and memory, of it and of all that descends from it."""

from __future__ import annotations

import ctypes
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds by the clock, seconds of processor time, and the most bytes of memory the largest process held."""

    seconds: float
    cpu: float
    peak: int


def measured(command: Sequence[str], log: Path) -> Usage:
    """Run the command, its output into `log`, and wait for whatever it leaves behind as well.

    The kernel hands orphans (a fork server, its workers) to us, so that none escapes being counted; the caller may have
    no other children meanwhile. Raises `RuntimeError` with the log's end when the command fails.
    """
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    cpu, peak, seconds = 0.0, 0, 0.0
    began = time.monotonic()
    with log.open("wb") as sink:
        process = subprocess.Popen(command, stdout=sink, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    while True:
        try:
            pid, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            break
        if pid == process.pid:
            seconds = time.monotonic() - began
            process.returncode = os.waitstatus_to_exitcode(status)
        cpu += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss * 1024)
    if process.returncode:
        tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{tail}")
    return Usage(seconds, cpu, peak)
