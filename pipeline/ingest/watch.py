"""Watch the inbox. Events are hints that make it quicker; a periodic rescan is the truth.

One bad file is that file's problem: nothing it does ends the watch. What happens to one file is in `intake`, when it is
ready in `settle`, which files belong together in `gather`; whether the inbox can be reached and events arrive is in
`presence`.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import structlog

from pipeline.errors import AbhilekhError, HeldElsewhereError, InboxUnreachableError, Kind, UnreadableFileError
from pipeline.errors.disk import disk_error
from pipeline.ingest import safe_paths
from pipeline.ingest.gather import Gatherer
from pipeline.ingest.groups import Lot, sort_into_lots
from pipeline.ingest.intake import Intake, Places
from pipeline.ingest.presence import Presence
from pipeline.ingest.profiles import Profile
from pipeline.ingest.reasons import ErrorTexts, WaitReason, reason_of
from pipeline.ingest.recheck import Rechecker
from pipeline.ingest.settle import Settling
from pipeline.ingest.single_files import Singles
from pipeline.ingest.snapshot import sweep
from pipeline.ingest.take_file import InboxRecords, IntakeRules, Taking
from pipeline.ingest.waiting import InboxRound, metadata
from pipeline.model.health import InboxReport

log = structlog.get_logger()

_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart", "~")  # names that writers give while they write
_LOTS_A_BEAT = 16  # taken by each thread between two signs of life
_GATHER_SECONDS = 0.1  # between an event and the look it causes, so that a burst is one look


@dataclass(frozen=True, slots=True)
class WatchTiming:
    """How often the inbox is looked through, in seconds, and how many files are taken in side by side."""

    rescan: float
    threads: int


class Watcher:
    """Takes every settled file of the inbox in, until it is stopped.

    `beat` takes how the watch is going, and which files wait for what (`waiting.metadata`).

    Files go by the scanner `profiles`; without any, each goes alone. `require_room` raises `DiskFullError` while there is
    too little space to take anything in.
    """

    def __init__(
        self,
        places: Places,
        intake: Intake,
        pace: WatchTiming,
        rules: IntakeRules,
        records: InboxRecords,
        *,
        beat: Callable[[str, InboxReport], None],
        require_room: Callable[[], None],
        profiles: Sequence[Profile] = (),
    ) -> None:
        self.places = places
        self.intake = intake
        self.pace = pace
        self.beat = beat
        self.require_room = require_room
        self.profiles = profiles
        self.settling = Settling(rules.settle)
        taking = Taking(places, intake, self.settling, rules, records)
        self.singles = Singles(taking)
        self.gatherer = Gatherer(taking, self.singles, records.slips)
        self.rechecker = Rechecker(taking)
        self._last_round = InboxRound(places.inbox, (), (), 0.0)
        self._waiting = metadata(places.inbox, ())
        self.presence = Presence(places.inbox)

    def run(self, stop: threading.Event) -> None:
        """Rescan until `stop`. What hinders a round is reported, and the next one tries again."""
        sweep(self.places.scratch)
        threading.Thread(target=self._wake_at, args=(stop,), name="wake", daemon=True).start()
        trouble = "ok"
        with ThreadPoolExecutor(self.pace.threads, thread_name_prefix="intake") as threads:
            try:
                while not stop.is_set():
                    before, trouble = trouble, self._round(threads, stop)
                    if trouble != before:
                        (log.info if trouble == "ok" else log.error)("intake", state=trouble)
                    self._beat(trouble)
                    self.presence.wait(self._pause(), gather=_GATHER_SECONDS)
            finally:
                self.presence.stop()

    def _wake_at(self, stop: threading.Event) -> None:
        stop.wait()
        self.presence.wake()

    def _round(self, threads: ThreadPoolExecutor, stop: threading.Event) -> str:
        """One look at the inbox; returns "ok" or what hinders the watch."""
        hindrance: WaitReason | None = None
        try:
            self.places.make()
            self.rechecker.look(stop)
            self.presence.check()
            hindrance = self._scan(threads, stop)
        except AbhilekhError as error:
            hindrance = reason_of(error)
        except OSError as error:
            known = disk_error(error, self.places.home)
            unreachable = InboxUnreachableError(folder=self.places.inbox, cause=error.strerror or error)
            hindrance = reason_of(known) if known else WaitReason("inbox", ErrorTexts.of(unreachable))
        waiting = self._last_round.waiting(self.settling, hindrance, reject_after=self.gatherer.reject_after)
        self._waiting = metadata(self.places.inbox, list(waiting))
        return hindrance.en if hindrance else "ok"

    def _scan(self, threads: ThreadPoolExecutor, stop: threading.Event) -> WaitReason | None:
        """Take every file that has settled, and every group that is complete, in; returns what hinders them all.

        What meets an error that time may heal stays for the next round.
        """
        self.gatherer.finish()
        present = dict(self._files())
        self.presence.saw(new=self.settling.keep_only(present.keys()))
        moment = time.monotonic()
        lots = sort_into_lots(self.places.inbox, present, self.profiles)
        settled = {
            path
            for lot in lots
            for path in lot.files
            if self.settling.is_settled(path, present[path], moment, lot.profile.settle_seconds)
        }
        self._last_round = InboxRound(self.places.inbox, lots, settled, moment)
        self.require_room()
        ready = [lot for lot in lots if self.gatherer.is_ready(lot, settled, moment)]
        return self._take_in(ready, threads, stop)

    def _take_in(self, ready: Sequence[Lot], threads: ThreadPoolExecutor, stop: threading.Event) -> WaitReason | None:
        """Take what is ready in, side by side, until `stop` or until something hinders: that hinders the others too."""
        troubles: list[WaitReason] = []

        def attempt(lot: Lot) -> None:
            if not troubles and not stop.is_set() and (trouble := self._attempt(lot)) is not None:
                troubles.append(trouble)

        share = self.pace.threads * _LOTS_A_BEAT
        for start in range(0, len(ready), share):
            list(threads.map(attempt, ready[start : start + share]))
            if troubles:
                return troubles[0]
            self._beat("ok")
        return None

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        """Files of the inbox in order of their names; hidden and unfinished ones are left alone."""
        for relative, found in safe_paths.walk(self.places.inbox):
            if not relative.name.lower().endswith(_UNFINISHED):
                yield self.places.inbox / relative, found

    def _attempt(self, lot: Lot) -> WaitReason | None:
        """Take one lot in, if it is ours. Returns the trouble when it is one that hinders every file."""
        try:
            (self.gatherer if lot.is_group else self.singles).take(lot)
            return None
        except FileNotFoundError:
            return None
        except (HeldElsewhereError, UnreadableFileError) as error:  # asked again at every look: it may be free at once
            self._note(lot, error)
            return None
        except Exception as error:
            reason = disk_error(error, self.places.home) or error
            self._note(lot, reason)
            for path in lot.files:
                self.settling.look_again_later(path, time.monotonic())
            return reason_of(reason) if isinstance(reason, AbhilekhError) and reason.kind is Kind.TRANSIENT else None

    def _note(self, lot: Lot, error: Exception) -> None:
        """Remember why a lot waits, and log it when that is news."""
        reason = reason_of(error)
        news = [path for path in lot.files if self.settling.waits_for(path, reason)]
        if news:
            known = isinstance(error, AbhilekhError | OSError)
            log.warning("file waits", file=ascii(lot.name), reason=reason.en, exc_info=not known)

    def _pause(self) -> float:
        """Seconds until the next look: when a file may be ready, and at the latest when the rescan is due.

        Files that were ready at the last look and are still there wait for something else, such as the rest of their group.
        """
        rescan = self.presence.rescan_seconds(self.pace.rescan)
        due = self.settling.next_look(after=self._last_round.moment)
        return rescan if due is None else min(rescan, max(due - time.monotonic(), 0.05))

    def _beat(self, note: str) -> None:
        try:
            self.beat(note, self._waiting)
        except AbhilekhError as error:
            log.warning("no sign of life written", reason=error.text("en"))
