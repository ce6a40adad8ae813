"""What is recorded of the files of an inbox while they are taken in."""

from __future__ import annotations

from typing import TypedDict


class SlipContent(TypedDict, total=False):
    """The slip of a group as its row holds it. Paths are texts (`ingest.safe_paths.to_text`); pages and markers have their
    SHA-256. From `markers` on, all is there once the batch is committed; `taken` is the number of the row of files taken."""

    pages: dict[str, str]
    markers: dict[str, str]
    outcome: str
    place: str
    folders: list[str]
    taken: int | None
