"""Page annotations as frozen values: a page is replaced by another scan, is written on, or is blank.

Annotations are only ever added; the newest of its kind holds. Nothing here touches a file or a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.model.scan import Source


class AnnotationKind(StrEnum):
    REPLACED = "replaced"  # another scan of the same sheet stands for the page from now on
    WRITTEN = "written"  # something stands on a page that was taken for blank
    BLANK = "blank"  # nothing stands on it: a person has looked


@dataclass(frozen=True, slots=True)
class PageAnnotation:
    """One annotation of page `page` of a batch. `turn` counts the annotations of that page, from 1.

    Of a replaced page `source` is the new scan, of one page; `image_key` and `layout_key` are the page as it was until then.
    `token` lets its author recognise it after a crash.
    """

    batch: str
    page: int
    turn: int
    kind: AnnotationKind
    at: datetime
    by: str
    reason: str = ""
    source: Source | None = None
    image_key: str = ""
    layout_key: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class PageAnnotations:
    """All annotations of the pages of a batch, in order."""

    every: tuple[PageAnnotation, ...] = ()

    def of(self, page: int) -> tuple[PageAnnotation, ...]:
        return tuple(note for note in self.every if note.page == page)

    def replaced(self, page: int) -> PageAnnotation | None:
        """The note by which another scan stands for the page; None where it is as it came."""
        found = [note for note in self.of(page) if note.kind is AnnotationKind.REPLACED]
        return found[-1] if found else None

    def turn(self, page: int) -> int:
        """Which scan stands for the page: 0 for the one that came, else the turn of the note."""
        note = self.replaced(page)
        return note.turn if note else 0

    def is_written(self, page: int) -> bool:
        """Whether a person annotated so the scan that stands for the page."""
        kinds = [note.kind for note in self.of(page) if note.turn > self.turn(page)]
        return bool(kinds) and kinds[-1] is AnnotationKind.WRITTEN

    def sources(self) -> tuple[Source, ...]:
        """The scans that stand for pages."""
        found = (self.replaced(page) for page in sorted({note.page for note in self.every}))
        return tuple(note.source for note in found if note and note.source)
