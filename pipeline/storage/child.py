"""A program that lives no longer than we do. What program, and what for, is decided elsewhere (see `embedded`)."""

from __future__ import annotations

import os
import queue
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path


class Child:
    """A started program, killed by the kernel when this process ends in any way.

    The kernel's parent-death signal belongs to the *thread* that forked, so a thread of its own starts the program and
    waits for its end; the caller's thread may come and go. A session of its own keeps Ctrl-C in the terminal away.
    """

    def __init__(self, command: list[str], *, folder: Path, env: Mapping[str, str], log: Path, keep_open: int) -> None:
        """Start `command` in `folder`, output to `log`, descriptor `keep_open` passed on. Raises `OSError`."""
        self._owner = os.getpid()
        self._ended = threading.Event()
        started: queue.SimpleQueue[int | OSError] = queue.SimpleQueue()
        tied = ["setpriv", "--pdeathsig", "KILL", "--", *command]

        def keep() -> None:
            try:
                process = _start(tied, folder, env, log, keep_open)
            except OSError as error:
                started.put(error)
                return
            self._process = process
            started.put(process.pid)
            process.wait()
            self._ended.set()

        threading.Thread(target=keep, name="store-keeper", daemon=True).start()
        result = started.get()
        if isinstance(result, OSError):
            raise result
        self.pid = result

    @property
    def is_ours(self) -> bool:
        """Whether this process started it; a forked child of ours did not."""
        return self._owner == os.getpid()

    @property
    def is_alive(self) -> bool:
        return not self._ended.is_set()

    def stop(self, grace_seconds: float) -> float:
        """SIGTERM, and SIGKILL after the grace. Returns the seconds it took; the program is gone and reaped then."""
        began = time.monotonic()
        if self.is_alive:
            self._process.terminate()
            if not self._ended.wait(grace_seconds):
                self._process.kill()
                self._ended.wait()
        return time.monotonic() - began


def _start(
    command: list[str], folder: Path, env: Mapping[str, str], log: Path, keep_open: int
) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=(keep_open,),
            start_new_session=True,
            umask=0o077,  # its sockets and files are for our user alone, whatever umask we were started with
        )
