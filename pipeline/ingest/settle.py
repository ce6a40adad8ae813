"""When a file has come to rest: its size, times and inode have not changed for a while. No waiting happens here."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from math import inf
from pathlib import Path

from pipeline.ingest.reasons import WaitReason
from pipeline.ingest.snapshot import FileSignature

_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 60.0  # seconds between looks at a file that does not open whole


@dataclass(slots=True)
class _Seen:
    signature: FileSignature
    still_since: float
    look_again_at: float
    first_seen: float
    pause: float = _FIRST_PAUSE
    reason: WaitReason | None = None


class Settling:
    """Remembers how each file was. Times are seconds of a monotonic clock, given by the caller."""

    def __init__(self, settle_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.settle_seconds = settle_seconds
        self.clock = clock
        self._seen: dict[Path, _Seen] = {}

    def is_settled(self, path: Path, stat: os.stat_result, now: float, settle_seconds: float | None = None) -> bool:
        """Whether the file has held still long enough to be looked at now; `settle_seconds` where its profile says so."""
        settle = self.settle_seconds if settle_seconds is None else settle_seconds
        seen, signature = self._seen.get(path), FileSignature.of(stat)
        if seen is None or seen.signature != signature:
            first_seen = seen.first_seen if seen else now
            self._seen[path] = _Seen(signature, now, now + settle, first_seen)
            return settle <= 0
        return now >= seen.look_again_at

    def has_been_still(self, path: Path, seconds: float) -> bool:
        """Whether the file has not changed for so long; else it is looked at again when it has."""
        seen = self._seen.get(path)
        if seen is None:
            return True
        due = seen.still_since + seconds
        if self.clock() >= due:
            return True
        seen.look_again_at = max(seen.look_again_at, due)
        return False

    def still_for(self, path: Path, now: float) -> float:
        """For how many seconds the file has not changed."""
        seen = self._seen.get(path)
        return now - seen.still_since if seen else 0.0

    def waits_for(self, path: Path, reason: WaitReason) -> bool:
        """Note why the file could not be taken, until it changes; returns whether that was not known yet."""
        seen = self._seen.get(path)
        if seen is None or seen.reason == reason:
            return False
        seen.reason = reason
        return True

    def reason(self, path: Path) -> WaitReason | None:
        """Why the file could not be taken at the last try."""
        seen = self._seen.get(path)
        return seen.reason if seen else None

    def first_seen(self, path: Path) -> float | None:
        """When the file was first seen; None of one that is not known, as after it was taken."""
        seen = self._seen.get(path)
        return seen.first_seen if seen else None

    def look_again_later(self, path: Path, now: float) -> None:
        """The file does not open whole yet: look again after a pause that grows each time."""
        seen = self._seen.get(path)
        if seen:
            seen.look_again_at = now + seen.pause
            seen.pause = min(seen.pause * 2, _LONGEST_PAUSE)

    def forget(self, path: Path) -> None:
        self._seen.pop(path, None)

    def keep_only(self, present: Collection[Path]) -> int:
        """Forget files that are no longer there; returns how many of those present have not been seen before."""
        for path in self._seen.keys() - set(present):
            del self._seen[path]
        return sum(1 for path in present if path not in self._seen)

    def next_look(self, *, after: float = -inf) -> float | None:
        """When the next file may be ready, of those that were not yet so at the moment `after`."""
        looks = (seen.look_again_at for seen in self._seen.values())
        return min((look for look in looks if look > after), default=None)
