"""Watch the inbox. Events are hints that make it quicker; a periodic rescan is the truth.

One bad file is that file's problem: nothing it does ends the watch.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from pipeline.errors import AbhilekhError, IncompleteScanError, InputError, Kind
from pipeline.ingest.intake import Intake, Taken, held, set_aside
from pipeline.ingest.settle import Settling

log = structlog.get_logger()

_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart", "~")  # names that writers give while they write


@dataclass(frozen=True, slots=True)
class Places:
    """The inbox, and where files go when they are through with it. None of these lies under the inbox."""

    inbox: Path
    done: Path
    duplicates: Path
    rejected: Path

    def make(self) -> None:
        for folder in (self.inbox, self.done, self.duplicates, self.rejected):
            folder.mkdir(parents=True, exist_ok=True)


class Watcher:
    """Takes every settled file of the inbox in, until `stop` is set. `beat` is told how the watch is going."""

    def __init__(
        self,
        places: Places,
        intake: Intake,
        *,
        settle_seconds: float,
        reject_after_seconds: float,
        rescan_seconds: float,
        beat: Callable[[str], None],
    ) -> None:
        self.places = places
        self.intake = intake
        self.reject_after_seconds = reject_after_seconds
        self.rescan_seconds = rescan_seconds
        self.beat = beat
        self.settling = Settling(settle_seconds)
        self._hint = threading.Event()
        self._observer: BaseObserver | None = None

    def run(self, stop: threading.Event) -> None:
        """Rescan until `stop`; the observer is started again whenever it is found dead."""
        try:
            while not stop.is_set():
                self._beat(self._round())
                self._hint.wait(self._pause())
                self._hint.clear()
        finally:
            self._stop_observer()

    def _round(self) -> str:
        """One look at the inbox; returns "ok" or what hinders the watch."""
        try:
            self.places.make()
            self._keep_observing()
            return self.scan()
        except AbhilekhError as error:
            log.warning("intake waits", reason=error.text("en"))
            return error.text("en")
        except OSError as error:
            log.error("inbox unreachable", folder=str(self.places.inbox), cause=str(error))
            return f"the inbox cannot be reached: {error}"

    def scan(self) -> str:
        """Take every settled file in; a file that meets an error which time may heal stays for the next round."""
        present: set[Path] = set()
        trouble = "ok"
        for path in self._files():
            present.add(path)
            try:
                self._look_at(path)
            except FileNotFoundError:
                continue  # taken away while we looked
            except (AbhilekhError, OSError) as error:
                trouble = error.text("en") if isinstance(error, AbhilekhError) else str(error)
                log.warning("file waits", file=path.name, reason=trouble)
                self.settling.look_again_later(path, time.monotonic())
                if isinstance(error, AbhilekhError) and error.kind is Kind.TRANSIENT:
                    break  # what hinders this file hinders the others
        else:
            self.settling.keep_only(present)
        return trouble

    def _files(self) -> Iterator[Path]:
        """Files of the inbox in order of their names; hidden and unfinished ones are left alone."""
        for path in sorted(self.places.inbox.rglob("*")):
            parts = path.relative_to(self.places.inbox).parts
            if any(part.startswith(".") for part in parts) or path.name.lower().endswith(_UNFINISHED):
                continue
            if not path.is_dir() or path.is_symlink():
                yield path

    def _look_at(self, path: Path) -> None:
        moment = time.monotonic()
        if not self.settling.is_settled(path, path.lstat(), moment):
            return
        with held(path) as ours:
            if not ours:
                return
            try:
                taken = self.intake.take(path)
            except IncompleteScanError as error:
                if self.settling.still_for(path, moment) < self.reject_after_seconds:
                    self.settling.look_again_later(path, moment)
                    return
                taken = self.intake.reject(path, error)
            except InputError as error:
                taken = self.intake.reject(path, error)
            self._clear(path, taken)

    def _clear(self, path: Path, taken: Taken) -> None:
        """The batch is committed: now the file may leave the inbox."""
        folder = {"received": self.places.done, "duplicate": self.places.duplicates}.get(
            taken.outcome, self.places.rejected
        )
        note = taken.error.reason.replace(" / ", "\n") if taken.error else None
        set_aside(path, folder, note)
        self.settling.forget(path)

    def _pause(self) -> float:
        due = self.settling.next_look()
        until_due = self.rescan_seconds if due is None else max(due - time.monotonic(), 0.05)
        return min(self.rescan_seconds, until_due)

    def _beat(self, note: str) -> None:
        try:
            self.beat(note)
        except AbhilekhError as error:
            log.warning("no sign of life written", reason=error.text("en"))

    def _keep_observing(self) -> None:
        if self._observer is not None and self._observer.is_alive():
            return
        if self._observer is not None:
            log.error("the observer died and is started again", folder=str(self.places.inbox))
        observer = Observer()
        observer.schedule(_Hint(self._hint), str(self.places.inbox), recursive=True)
        observer.start()
        self._observer = observer

    def _stop_observer(self) -> None:
        if self._observer is not None and self._observer.is_alive():
            self._observer.stop()
            self._observer.join(timeout=5)

    def wake(self) -> None:
        """Look at once, as when the watch is to stop."""
        self._hint.set()


class _Hint(FileSystemEventHandler):
    def __init__(self, hint: threading.Event) -> None:
        self.hint = hint

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in ("created", "closed", "moved", "modified"):
            self.hint.set()
