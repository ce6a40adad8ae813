"""The nouns of the viewer, as frozen values: a page of a document, an open document, a file with its two sides.

What does not live here: how they are found (`db.viewer`) and shown (`web.viewer`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pipeline.model.document import Document, DocumentKind, DocumentState
from pipeline.model.page import Box, ReadPage
from pipeline.model.register import Figures, Office, RegisterFile

Boxes = list[list[float]]  # x, y, width, height of each, as fractions of the page image


@dataclass(frozen=True, slots=True)
class PageRef:
    """A page of a document without its text: what its image and its place in the document need.

    `version` changes whenever the page is read anew, so that an address which names it may be kept.
    """

    document: str
    number: int
    office: str | None
    batch: str
    source_page: int
    image_key: str
    width: int
    height: int
    version: int
    blank: bool = False


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document open at one page: `document` holds only that page, `page_refs` all."""

    document: Document
    page: ReadPage
    page_ref: PageRef
    page_refs: tuple[PageRef, ...]
    office: str | None

    def numbered(self, source_page: int | None) -> PageRef | None:
        """The leaf with this number in the scan."""
        return next((page_ref for page_ref in self.page_refs if page_ref.source_page == source_page), None)


@dataclass(frozen=True, slots=True)
class FilePart:
    """A document as a part of its file."""

    id: str
    kind: DocumentKind
    state: DocumentState
    office: str | None
    dated: date | None
    subject: str | None
    letter_no: str | None
    sender: str | None
    pages: int
    version: int

    @property
    def is_noting(self) -> bool:
        """Whether it belongs on the left side of the file."""
        return self.kind is DocumentKind.NOTING


@dataclass(frozen=True, slots=True)
class Paged:
    """A part with the numbers that its pages have on its side of the file, from 1."""

    part: FilePart
    first: int

    @property
    def last(self) -> int:
        return self.first + self.part.pages - 1


@dataclass(frozen=True, slots=True)
class FileView:
    """A file (नस्ती) as it lies open: its entry in the register, and its documents in the order they were scanned."""

    office: str | None
    key: str
    number: str
    parts: tuple[FilePart, ...]
    volumes: tuple[RegisterFile, ...] = ()
    figures: Figures | None = None
    held_by: Office | None = None
    weeding: Mapping[str, date | None] | None = None  # by volume

    @property
    def covers(self) -> list[Paged]:
        return _paged(part for part in self.parts if part.kind is DocumentKind.COVER)

    @property
    def noting(self) -> list[Paged]:
        return _paged(part for part in self.parts if part.is_noting)

    @property
    def correspondence(self) -> list[Paged]:
        return _paged(part for part in self.parts if not part.is_noting and part.kind is not DocumentKind.COVER)


@dataclass(frozen=True, slots=True)
class Cut:
    """What is wanted of a page image: a region (all of it, if None), the size it is to have, and a turn to the right.

    `width` and `height` are pixels of the answer before it is turned; where one is 0 it follows from the other, where both
    are, the region keeps its size. `fit` makes them the most that it may have, its shape kept.
    """

    region: Box | None = None
    width: int = 0
    height: int = 0
    turn: int = 0
    grey: bool = False
    fit: bool = False


def _paged(parts: Iterable[FilePart]) -> list[Paged]:
    found: list[Paged] = []
    for part in parts:
        found.append(Paged(part, found[-1].last + 1 if found else 1))
    return found
