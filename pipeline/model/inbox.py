"""What is recorded of the files of an inbox while they are taken in."""

from __future__ import annotations

from datetime import datetime
from typing import NotRequired, TypedDict


class SlipContent(TypedDict, total=False):
    """The slip of a group as its row holds it. Paths are texts (`ingest.safe_paths.to_text`); pages and markers have their
    SHA-256. From `markers` on, all is there once the batch is committed; `taken` is the number of the row of files taken."""

    pages: dict[str, str]
    markers: dict[str, str]
    outcome: str
    place: str
    folders: list[str]
    taken: int | None


class TakenFileColumns(TypedDict):
    """A file that was taken out of an inbox, as its row holds it; `signature` is a `FileSignature` as a list."""

    name: str
    sha256: str
    bytes: int
    place: str | None
    signature: list[int] | None


class TakenColumns(TypedDict):
    """The columns of a row of files taken; `id` is given by the database."""

    id: NotRequired[int | None]
    ident: str
    keeper: str
    name: str
    profile: str
    scan_metadata: dict[str, str]
    outcome: str
    batch_id: str
    files: list[TakenFileColumns]
    taken_at: datetime
    check_at: datetime | None
    checks: int
