"""The nouns of the dashboard, as frozen values: what arrives, what is in work, what ended, how fast it goes.

What does not live here: anything that touches a file, a database or the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pipeline.model.batch import BatchState
from pipeline.model.health import WaitingEntry
from pipeline.model.scan import ScanVersion


@dataclass(frozen=True, slots=True)
class PageThumb:
    """A page that was read, to be shown small. `document` and `number` are its place once its batch is filed."""

    batch: str
    page: int
    read_at: datetime
    document: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a batch failed or was rejected, cause and advice in both languages; when it is tried again by itself."""

    code: str
    en: str
    hi: str
    at: datetime
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """A batch as its operator sees it: `done` of `pages` are read, `sheets` are the newest of them."""

    batch: str
    name: str
    office: str | None
    operator: str | None
    state: BatchState
    pages: int
    done: int
    received_at: datetime
    ended_at: datetime | None
    trouble: Trouble | None = None
    sheets: tuple[PageThumb, ...] = ()
    documents: tuple[str, ...] = ()

    @property
    def can_be_retried(self) -> bool:
        """Whether trying again may help: a file that never opened has no pages, and must be scanned again."""
        return self.state in (BatchState.FAILED, BatchState.REJECTED) and self.pages > 0


@dataclass(frozen=True, slots=True)
class Repeat:
    """A file that came in a second time; its first coming is the batch."""

    name: str
    batch: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ScanRate:
    """Pages read: since midnight, in the last sixty minutes, and in each of the last hours, the oldest first."""

    today: int
    last_hour: int
    hours: tuple[tuple[datetime, int], ...]


@dataclass(frozen=True, slots=True)
class DashboardState:
    """The work at one moment, of the offices that somebody may see. `mark` changes when any of it does.

    Each list has the newest first; where more exist than are listed, the number beside it is the total.
    """

    mark: str
    inbox: int
    waiting: tuple[WaitingEntry, ...]
    in_work: tuple[ScanProgress, ...]
    in_work_count: int
    troubled: tuple[ScanProgress, ...]
    troubled_count: int
    done: tuple[ScanProgress, ...]
    repeats: tuple[Repeat, ...]
    versions: tuple[ScanVersion, ...]
    pace: ScanRate
    parts: Mapping[str, str]
