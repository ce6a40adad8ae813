"""Which files wait in the inbox, why, since when, and what happens next: what the watcher reports with its sign of life."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.errors import EmptyScanError, IncompleteScanError
from pipeline.ingest.groups import Lot
from pipeline.ingest.intake import written
from pipeline.ingest.reasons import GROUP, GROWING, WaitReason
from pipeline.ingest.settle import Settling
from pipeline.model.health import InboxReport, ReportedFile

_MOST_LISTED = 20
_PATIENCE_SECONDS = 10.0  # a file that is being written is worth a word from then on
_MAY_GROW = frozenset({IncompleteScanError.code, EmptyScanError.code})


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file or a group that waits. `then` is what happens next, a key of the sentences in `reasons`; `at` when.
    `office` is the one that its folder names."""

    name: str
    files: int
    reason: WaitReason
    since: datetime
    then: str
    at: datetime | None = None
    office: str | None = None

    def json(self) -> ReportedFile:
        return {
            "name": self.name,
            "files": self.files,
            "code": self.reason.code,
            "en": self.reason.en,
            "hi": self.reason.hi,
            "since": self.since.isoformat(timespec="seconds"),
            "next": self.then,
            "next_at": self.at.isoformat(timespec="seconds") if self.at else None,
            "office": self.office,
        }


def metadata(inbox: Path, waiting: Sequence[WaitingFile]) -> InboxReport:
    """The report of one inbox: how many files wait, and those that wait longest."""
    oldest = sorted(waiting, key=lambda one: one.since)[:_MOST_LISTED]
    return {
        "inbox": written(str(inbox)),
        "waiting_files": sum(one.files for one in waiting),
        "waiting": [one.json() for one in oldest],
    }


@dataclass(frozen=True, slots=True)
class InboxRound:
    """One round through the inbox: what lay there, and which of it had settled at the `moment` of a monotonic clock."""

    inbox: Path
    lots: Sequence[Lot]
    settled: Collection[Path]
    moment: float

    def waiting(
        self, settling: Settling, hindrance: WaitReason | None, *, reject_after: float
    ) -> Iterator[WaitingFile]:
        """What has not been taken since, `hindrance` being what hindered the whole round."""
        clock = _Moment(time.monotonic(), datetime.now(UTC))
        for lot in self.lots:
            seen = [at for path in lot.files if (at := settling.first_seen(path)) is not None]
            if not seen:
                continue
            why = self._why(lot, settling, hindrance, reject_after)
            if why is None or (why[0] is GROWING and clock.monotonic - min(seen) < _PATIENCE_SECONDS):
                continue
            reason, then, at = why
            since, due = clock.time(min(seen)), clock.time(at) if at is not None else None
            yield WaitingFile(self._name(lot), len(seen), reason, since, then, due, lot.metadata.get("office"))

    def _why(
        self, lot: Lot, settling: Settling, hindrance: WaitReason | None, reject_after: float
    ) -> tuple[WaitReason, str, float | None] | None:
        """The reason, what comes next and when; None of a lot that is about to be taken."""
        known = {path: reason for path in lot.files if (reason := settling.reason(path))}
        still_since = {path: self.moment - settling.still_for(path, self.moment) for path in lot.files}
        if known:
            growing = [path for path, reason in known.items() if reason.code in _MAY_GROW]
            if growing:
                return known[growing[0]], "rejected", max(still_since[path] for path in growing) + reject_after
            return next(iter(known.values())), "retried", None
        if hindrance is not None:
            return hindrance, "retried", None
        rest = self._rest_of_group(lot, max(still_since.values()), reject_after)
        if rest is not None:
            return rest if rest[2] is None or rest[2] > self.moment else None
        return (GROWING, "settles", None) if any(path not in self.settled for path in lot.files) else None

    def _rest_of_group(
        self, lot: Lot, still_since: float, reject_after: float
    ) -> tuple[WaitReason, str, float | None] | None:
        """What a group waits for that is not complete by its profile; None of any other lot."""
        rule = lot.profile.complete
        if not lot.is_group or rule is None or (lot.markers and lot.pages):
            return None
        if rule.after_seconds is not None:
            return GROUP, "taken", still_since + rule.after_seconds
        return (GROUP, "marker", None) if lot.pages else (GROUP, "set_aside", still_since + reject_after)

    def _name(self, lot: Lot) -> str:
        return written(lot.name if lot.is_group else str(lot.files[0].relative_to(self.inbox)))


@dataclass(frozen=True, slots=True)
class _Moment:
    """The same moment on a monotonic clock and in UTC."""

    monotonic: float
    utc: datetime

    def time(self, moment: float) -> datetime:
        return self.utc + timedelta(seconds=moment - self.monotonic)
