"""One scan, or several gathered into one, on its way from received to filed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from pipeline.model.scan import Source, batch_identity


class BatchState(StrEnum):
    """Where a batch stands: `failed` is tried again by itself, `rejected` waits for a person, of a `superseded` one there is
    a newer version."""

    RECEIVED = "received"
    WORKING = "working"
    FILED = "filed"
    FAILED = "failed"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Batch:
    """One scanned file, or several gathered, on the way from the inbox to the shelf.

    `office` is the one that it came in for; documents that are moved to another do not change it. `profile` names the
    scanner profile; `metadata` is what its folders or its upload name: office, file_no, operator, bundle.
    """

    id: str
    source: Source
    state: BatchState
    received_at: datetime
    office: str | None = None
    tries: int = 0
    profile: str = "generic"
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """By content and office: what comes again with the same is a duplicate."""
        return batch_identity(self.source.sha256, self.office)

    @property
    def latest_date(self) -> date:
        """The last day that a paper in it can bear: the one after it came in, for days end at other times elsewhere. What is
        read of a batch must not depend on the day on which it is read."""
        return (self.received_at + timedelta(days=1)).date()

    @property
    def original_key(self) -> str:
        """The key of the original; of a gathered batch, that of its first file."""
        return self.source.each[0].original_key


@dataclass(frozen=True, slots=True)
class RecordedError:
    """Why a batch failed or was rejected, with advice, in both languages, as its row and its manifest keep it."""

    code: str
    en: str | None
    hi: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class BatchDetails:
    """What the rows know of a batch besides the batch itself. `flags` has for each flag the source pages that carry it."""

    failure: RecordedError | None
    documents: tuple[str, ...]
    pages_read: int
    blank_pages: int
    flags: Mapping[str, Sequence[int]]
    tries: int


@dataclass(frozen=True, slots=True)
class BatchVersions:
    """What is known of one batch: the one it was superseded by, those it stands for, and what may belong together."""

    superseded_by: str | None
    supersedes: tuple[str, ...]
    perhaps: tuple[str, ...]
