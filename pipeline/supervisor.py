"""Everything on one machine: keeps the object store and the parts (watch, work, serve) running, and stops them in order.

Each part is a process of its own, so that none can take the others down; one that ends is started again after a pause
that grows while it keeps ending.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from pipeline.errors import AbhilekhError, AlreadyRunningError
from pipeline.wiring import House
from pipeline.wiring.privacy import close_files, close_home

log = structlog.get_logger()

_PARTS = ("watch", "work", "serve")
_ROUND_SECONDS = 0.5
_STOP_SECONDS = 20.0  # a part that has not ended by then is killed
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_SHARED_INBOX = (
    "Other users may write into {inbox}; for that alone they may pass through the home."
    " Better: an inbox outside of it (intake.inbox).\n"
    "दूसरे उपयोगकर्ता {inbox} में लिख सकते हैं; केवल इसीलिए वे होम से होकर जा सकते हैं।"
    " बेहतर: होम के बाहर का इनबॉक्स (intake.inbox)।"
)
_CLOSE_SECONDS = 10.0  # between looks at files that the store has opened to others
_STEADY_SECONDS = 60.0  # a part that ran so long starts again without a pause


@dataclass(slots=True)
class _Part:
    name: str
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = _SHORTEST_PAUSE
    not_before: float = field(default=0.0)


def run(parts: House, stop: threading.Event, *, announce: Callable[[str], None], keep_log: Callable[[], None]) -> None:
    """Run the store and the parts until `stop`; `keep_log` is called now and then.

    Raises `AlreadyRunningError` when this home is in use.
    """
    home = parts.settings.home
    with only_one(home):
        _keep_private(parts, announce)
        parts.settings.address_file.unlink(missing_ok=True)
        _ = parts.database, parts.store  # tables and store are there before anybody needs them
        parts.make_folders()
        crew = [_Part(name) for name in _PARTS]
        try:
            announced, close_at = False, 0.0
            while not stop.wait(_ROUND_SECONDS):
                keep_log()
                _keep_store(parts)
                if time.monotonic() >= close_at:
                    _close_store(parts)
                    close_at = time.monotonic() + _CLOSE_SECONDS
                for part in crew:
                    _keep(part, home)
                announced = announced or _announce(parts, announce)
        finally:
            _stop_all(crew)
            parts.opened.close()  # before the lock is given up: whoever starts next starts a store of its own


def _keep_private(parts: House, announce: Callable[[str], None]) -> None:
    """Close the home, which an earlier version may have left open, to everybody but its owner; tell what stays open."""
    home, inbox = parts.settings.home, parts.settings.inbox
    closed = close_home(home, inbox)
    if closed.count:
        log.warning("closed to other users", home=str(home), files_and_folders=closed.count)
    if closed.refused:
        log.warning("cannot be closed to other users", count=len(closed.refused), first=str(closed.refused[0]))
    if closed.passes:
        log.warning("other users may pass through the home to its inbox", home=str(home), inbox=str(inbox))
        announce(_SHARED_INBOX.format(inbox=inbox))


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold this home alone, against another `up`. Raises `AlreadyRunningError` when it is in use."""
    lock = home / "run" / "up.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise AlreadyRunningError(home=home, pid=file.read().strip() or "?") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _keep_store(parts: House) -> None:
    server = parts.opened.server
    if server is not None and not server.is_running():
        log.error("the object store has ended and is started again")
        try:
            server.ensure()
        except AbhilekhError as error:
            log.error("the object store does not start", reason=error.text("en"))


def _close_store(parts: House) -> None:
    """SeaweedFS opens the notes on its volumes to everybody, whatever the umask; they lie in a closed folder."""
    if parts.opened.server is not None:
        close_files(parts.opened.server.data, "*.vif")


def _keep(part: _Part, home: Path) -> None:
    moment = time.monotonic()
    if part.process is not None:
        code = part.process.poll()
        if code is None:
            return
        part.process = None
        part.pause = _SHORTEST_PAUSE if moment - part.started > _STEADY_SECONDS else min(part.pause * 2, _LONGEST_PAUSE)
        part.not_before = moment + part.pause
        log.error("part ended", part=part.name, code=code, again_in=part.pause)
    if moment >= part.not_before:
        # The part ends with us, even when we are killed.
        command = [
            "setpriv",
            "--pdeathsig",
            "TERM",
            sys.executable,
            "-m",
            "pipeline.cli",
            "--home",
            str(home),
            part.name,
        ]
        part.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        part.started = moment


def _announce(parts: House, announce: Callable[[str], None]) -> bool:
    """Tell where the search page is, once it answers."""
    try:
        address = parts.settings.address_file.read_text(encoding="utf-8").strip()
        with urllib.request.urlopen(f"{address}/healthz", timeout=2):  # noqa: S310 - our own address
            pass
    except (OSError, ValueError):
        return False
    announce(f"Abhilekh is running.\n  search page  {address}/\n  inbox        {parts.places.inbox}")
    sys.stdout.flush()
    return True


def _stop_all(crew: list[_Part]) -> None:
    running = [part.process for part in crew if part.process is not None and part.process.poll() is None]
    for process in running:
        process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    for process in running:
        try:
            process.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            log.error("part did not stop and is killed", pid=process.pid)
            process.kill()
            process.wait()
