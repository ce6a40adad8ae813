"""Is the inbox there, and do events arrive? The home of watchdog.

Network shares go away and come back, and many send no events at all; then the inbox is polled instead. The observer's
thread may die silently (watchdog issue 1065): it is looked after at every round.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

import structlog
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from pipeline.errors import InboxUnreachableError

log = structlog.get_logger()

_POLL_SECONDS = 1.0
_UNANNOUNCED_ROUNDS = 2  # rounds in which files turned up without any event, until events are given up


class Presence:
    """Looks after one inbox folder: its being there, its observer, and whether events can be relied on."""

    def __init__(self, inbox: Path) -> None:
        self.inbox = inbox
        self.polls = False
        self._hint = threading.Event()
        self._observer: BaseObserver | None = None
        self._identity: tuple[int, int] | None = None
        self._events = 0
        self._unannounced = 0
        self._first_look = True

    def check(self) -> None:
        """Make sure that the inbox can be listed and is observed. Raises `InboxUnreachableError`.

        A folder that was exchanged under its name, as when a share is mounted again, is observed anew.
        """
        try:
            stat = self.inbox.stat()
            with os.scandir(self.inbox) as entries:
                next(entries, None)
        except OSError as error:
            self._identity = None
            raise InboxUnreachableError(folder=self.inbox, cause=error.strerror or error) from error
        identity = (stat.st_dev, stat.st_ino)
        alive = self._observer is not None and self._observer.is_alive()
        if alive and identity == self._identity:
            return
        if self._observer is not None:
            log.warning("inbox observed anew", folder=str(self.inbox), reason="came back" if alive else "observer died")
        self.stop()
        self._observe()
        self._identity, self._first_look = identity, True

    def _observe(self) -> None:
        observer = Observer()
        observer.schedule(_Listener(self), str(self.inbox), recursive=True)
        try:
            observer.start()
        except OSError as error:  # no inotify watches left, or none on this file system
            log.warning("no events", folder=str(self.inbox), cause=str(error))
            self.polls = True
            return
        self._observer = observer

    def heard(self) -> None:
        """An event arrived."""
        self._events += 1
        self._hint.set()

    def saw(self, new: int) -> None:
        """A look found `new` files it had not seen before: did events announce them?"""
        if new and not self._events and not self._first_look:
            self._unannounced += 1
        elif self._events:
            self._unannounced = 0
        if self.polls and self._events:
            log.info("events arrive again", folder=str(self.inbox))
            self.polls = False
        elif not self.polls and self._unannounced >= _UNANNOUNCED_ROUNDS:
            log.warning("events do not arrive here: the inbox is polled", folder=str(self.inbox))
            self.polls = True
        self._events, self._first_look = 0, False

    def rescan_seconds(self, configured: float) -> float:
        """How often to look: as configured, or more often where no events arrive."""
        return min(configured, _POLL_SECONDS) if self.polls else configured

    def wait(self, seconds: float, *, gather: float) -> None:
        """Until an event or for so long; after an event a moment more, so that a burst is one look."""
        if self._hint.wait(seconds) and gather:
            threading.Event().wait(gather)
        self._hint.clear()

    def wake(self) -> None:
        """End the wait."""
        self._hint.set()

    def stop(self) -> None:
        if self._observer is not None and self._observer.is_alive():
            self._observer.stop()
            self._observer.join(timeout=5)
        self._observer = None


class _Listener(FileSystemEventHandler):
    """Hidden files are our own slips, or not finished; a folder is modified whenever a file in it comes or goes."""

    def __init__(self, presence: Presence) -> None:
        self.presence = presence

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.is_directory and event.event_type == "modified":
            return
        names = [Path(os.fsdecode(path)).name for path in (event.src_path, event.dest_path) if path]
        if event.event_type in ("created", "closed", "moved", "modified") and not all(n.startswith(".") for n in names):
            self.presence.heard()
