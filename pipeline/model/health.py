"""How an installation is: its inbox, its parts, the numbers of its rows. The keys are those of `status --json`.

What does not live here: anything that touches a file, a database or the network.
"""

from __future__ import annotations

from datetime import datetime
from typing import Required, TypedDict


class PartReport(TypedDict, total=False):
    """What a running part reports of itself with a sign of life: the code it runs, its process, and of a watcher its inbox
    and the files that it lets wait, their moments in ISO 8601."""

    build: str
    process: str
    inbox: str
    waiting_files: int
    waiting: list[ReportedFile]


class PartState(PartReport, total=False):
    """What a running part reported with its last sign of life. `state` is "ok" or what hinders it."""

    part: Required[str]
    owner: Required[str]
    state: Required[str]


class ReportedFile(TypedDict):
    """A file or group that waits in the inbox, as its watcher reports it. `next` is a key of `ingest.reasons`."""

    name: str
    files: int
    code: str
    en: str
    hi: str
    since: str
    next: str
    next_at: str | None
    office: str | None


class InboxReport(TypedDict):
    """What a watcher reports of its inbox: how many files wait, and those that wait longest."""

    inbox: str
    waiting_files: int
    waiting: list[ReportedFile]


class WaitingEntry(TypedDict):
    """A file or group that waits in the inbox: since when, why, and what happens next, in both languages."""

    name: str
    files: int
    code: str
    en: str
    hi: str
    since: datetime
    next: str
    next_at: datetime | None
    next_en: str
    next_hi: str
    office: str | None


class InboxStatus(TypedDict):
    """The inbox and the parts at one moment. `inbox` counts its files, `waiting_files` those that are made to wait."""

    inbox: int
    parts: dict[str, str]
    waiting_files: int
    waiting: list[WaitingEntry]


class RowCounts(TypedDict):
    """The numbers that the rows know: batches by state, documents, pages, files of the register that documents name."""

    received: int
    working: int
    failed: int
    rejected: int
    review: int
    documents: int
    pages: int
    blank_pages: int
    files: int
    timed_out: int
    pages_today: int


class BatchTrouble(TypedDict):
    """A batch that failed or was rejected, with cause and advice in both languages."""

    batch: str
    name: str
    status: str
    at: datetime | None
    tries: int
    en: str | None
    hi: str | None


class VersionEntry(TypedDict):
    """That one scan is, or may be, a later version of another; `at` in ISO 8601."""

    name: str
    older: str
    newer: str
    reason: str
    certain: bool
    at: str


class SystemStatus(InboxStatus, RowCounts):
    """All of `status --json`."""

    troubles: list[BatchTrouble]
    versions: list[VersionEntry]
    inbox_folder: str
