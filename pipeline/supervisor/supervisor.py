"""Everything on one machine: keeps the object store and the parts (watch, work, serve) running, and stops them in order.

Each part is a process of its own, so that none can take the others down (`part_process`); one that ends is started again
after a pause that grows while it keeps ending, one that hangs is replaced.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from pipeline.errors import AbhilekhError, AlreadyRunningError
from pipeline.files import try_lock
from pipeline.locale import N_, Message
from pipeline.settings import Settings
from pipeline.storage.opening import OpenStore
from pipeline.supervisor import address_file
from pipeline.supervisor.home_permissions import close_files, close_home
from pipeline.supervisor.part_process import END_SECONDS, Part, started_at

log = structlog.get_logger()

_ROUND_SECONDS = 0.5
_SHARED_INBOX = N_(
    "Other users may write into {inbox}; for that alone they may pass through the home."
    " Better: an inbox outside of it (intake.inbox)."
)
_CLOSE_SECONDS = 10.0  # between looks at files that the store has opened to others
_ASK_SECONDS = 2.0  # between two questions at the health address
_LEFT_SECONDS = 5.0  # that parts of an `up` that was killed are given to end


def run(
    settings: Settings,
    prepare: Callable[[], OpenStore],
    stop: threading.Event,
    *,
    announce: Callable[[str], None],
    keep_log: Callable[[], None],
) -> None:
    """Run the store and the parts until `stop`; `keep_log` is called now and then.

    `prepare` makes the tables and folders and opens the store, once no other `up` runs here. Raises `AlreadyRunningError`
    when this home is in use.
    """
    home = settings.home
    with only_one(home):
        _keep_private(settings, announce)
        _end_leftovers(home)
        address_file.withdraw(settings.address_file)
        opened = prepare()
        health = _Health(settings.address_file)
        crew = _crew(settings, health)
        threading.Thread(target=health.run, args=(stop,), name="health", daemon=True).start()
        try:
            announced, close_at = False, 0.0
            while not stop.wait(_ROUND_SECONDS):
                keep_log()
                _keep_store(opened)
                if time.monotonic() >= close_at:
                    _close_store(opened)
                    close_at = time.monotonic() + _CLOSE_SECONDS
                started = [part.keep() for part in crew]
                if any(started):
                    _remember(home, crew)
                announced = announced or _announce(settings, health, announce)
        finally:
            _stop_all(crew)
            address_file.withdraw(settings.address_file)
            _parts_file(home).unlink(missing_ok=True)
            opened.close()  # before the lock is given up: whoever starts next starts a store of its own


def _keep_private(settings: Settings, announce: Callable[[str], None]) -> None:
    """Close the home, which an earlier version may have left open, to everybody but its owner; announce what stays open."""
    home, inbox = settings.home, settings.inbox
    closed = close_home(home, inbox)
    if closed.count:
        log.warning("closed to other users", home=str(home), files_and_folders=closed.count)
    if closed.refused:
        log.warning("cannot be closed to other users", count=len(closed.refused), first=str(closed.refused[0]))
    if closed.passes:
        log.warning("other users may pass through the home to its inbox", home=str(home), inbox=str(inbox))
        announce(Message(_SHARED_INBOX, inbox=inbox).in_both(between="\n"))


def _crew(settings: Settings, health: _Health) -> list[Part]:
    hang, file = settings.web.hang_seconds, settings.address_file
    command = [sys.executable, "-m", "pipeline.cli", "--home", str(settings.home)]
    serve = Part(
        "serve", [*command, "serve"], hang, lambda: health.answered, on_end=lambda: address_file.withdraw(file)
    )
    return [Part("watch", [*command, "watch"], hang), Part("work", [*command, "work"], hang), serve]


class _Health:
    """Asks the web part's health address again and again; `answered` is when it answered last (`time.monotonic`)."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.answered = 0.0

    def run(self, stop: threading.Event) -> None:
        while not stop.wait(_ASK_SECONDS):
            address = address_file.published(self.file)
            if address and address_file.answers(address):
                self.answered = time.monotonic()


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold this home alone, against another `up`. Raises `AlreadyRunningError` when it is in use."""
    lock = home / "run" / "up.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+") as file:
        try:
            ours = try_lock(file)
        except OSError:  # a home without locks
            ours = False
        if not ours:
            file.seek(0)
            raise AlreadyRunningError(home=home, pid=file.read().strip() or "?")
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _keep_store(opened: OpenStore) -> None:
    server = opened.server
    if server is not None and not server.is_running():
        log.error("the object store has ended and is started again")
        try:
            server.ensure()
        except AbhilekhError as error:
            log.error("the object store does not start", reason=error.text("en"))


def _close_store(opened: OpenStore) -> None:
    """SeaweedFS opens the notes on its volumes to everybody, whatever the umask; they lie in a closed folder."""
    if opened.server is not None:
        close_files(opened.server.data, "*.vif")


def _announce(settings: Settings, health: _Health, announce: Callable[[str], None]) -> bool:
    """Tell where the search page is, once it answers."""
    address = address_file.published(settings.address_file)
    if not health.answered or not address:
        return False
    announce(f"Abhilekh is running.\n  search page  {address}/\n  inbox        {settings.inbox}")
    sys.stdout.flush()
    return True


def _parts_file(home: Path) -> Path:
    """Which processes the parts are: their numbers, and when they were started."""
    return home / "run" / "parts"


def _remember(home: Path, crew: Sequence[Part]) -> None:
    pids = [part.process.pid for part in crew if part.process is not None]
    _parts_file(home).write_text("".join(f"{pid} {started_at(pid)}\n" for pid in pids), encoding="ascii")


def _end_leftovers(home: Path) -> None:
    """End parts of an `up` that was killed: they were to end with it, and one that could not still holds its port."""
    try:
        lines = _parts_file(home).read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return
    known = [(number, since) for number, _, since in (line.partition(" ") for line in lines) if number.isdecimal()]
    left = [(int(number), since) for number, since in known if since and started_at(int(number)) == since]
    deadline = time.monotonic() + _LEFT_SECONDS
    while time.monotonic() < deadline and any(started_at(pid) == since for pid, since in left):
        time.sleep(_ROUND_SECONDS / 5)
    for pid, since in left:
        if started_at(pid) == since:
            log.error("part of an earlier run is killed", pid=pid)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _stop_all(crew: Sequence[Part]) -> None:
    running = [part.process for part in crew if part.process is not None and part.process.poll() is None]
    for process in running:
        process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + END_SECONDS
    for process in running:
        try:
            process.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            log.error("part did not stop and is killed", pid=process.pid)
            process.kill()
            process.wait()
