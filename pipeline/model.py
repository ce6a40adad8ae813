"""The nouns of the record room, as frozen values.

What lives here: batches, pages, words, documents and search results, with no behaviour beyond small derivations.
What does not: anything that touches a file, a database, an image library or the network.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum


class BatchState(StrEnum):
    """Where a batch stands: `failed` is tried again by itself, `rejected` waits for a person."""

    RECEIVED = "received"
    WORKING = "working"
    FILED = "filed"
    FAILED = "failed"
    REJECTED = "rejected"


class DocumentState(StrEnum):
    NEEDS_REVIEW = "needs_review"
    FILED = "filed"
    REVIEWED = "reviewed"


class DocumentKind(StrEnum):
    COVER = "cover"
    NOTING = "noting"
    LETTER = "letter"
    ORDER = "order"
    OTHER = "other"


class MediaType(StrEnum):
    """What a scanned file is, by its content and never by its name."""

    PDF = "application/pdf"
    TIFF = "image/tiff"
    JPEG = "image/jpeg"
    PNG = "image/png"
    UNKNOWN = ""  # of a file that was rejected before anybody could tell

    @property
    def suffix(self) -> str:
        return {"application/pdf": ".pdf", "image/tiff": ".tif", "image/jpeg": ".jpg", "image/png": ".png"}.get(
            self, ""
        )


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page image: pixels, origin at the top left, y downwards."""

    x: int
    y: int
    w: int
    h: int

    def fractions(self, width: int, height: int) -> list[float]:
        """The same rectangle as shares of a page `width` by `height` pixels, each clipped into 0…1."""
        left, top = min(max(self.x / width, 0.0), 1.0), min(max(self.y / height, 0.0), 1.0)
        right, bottom = min((self.x + self.w) / width, 1.0), min((self.y + self.h) / height, 1.0)
        return [round(v, 5) for v in (left, top, max(right - left, 0.0), max(bottom - top, 0.0))]

    def union(self, other: Box) -> Box:
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Box(x, y, max(self.x + self.w, other.x + other.w) - x, max(self.y + self.h, other.y + other.h) - y)


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word. `start` and `end` are its place in the page's text; `line` counts the page's lines from 0."""

    text: str
    box: Box
    confidence: float
    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as it was put: its key, SHA-256 in hex and length in bytes."""

    key: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Source:
    """A scanned file as it came, proven whole: what it is, its fixity and how many pages it holds."""

    name: str
    sha256: str
    bytes: int
    media_type: MediaType
    pages: int


@dataclass(frozen=True, slots=True)
class Batch:
    """One scanned file on its way from the inbox to the shelf."""

    id: str
    source: Source
    state: BatchState
    received_at: datetime
    office: str | None = None
    tries: int = 0

    @property
    def original_key(self) -> str:
        return f"originals/{self.source.sha256}"


@dataclass(frozen=True, slots=True)
class Geometry:
    """What was measured of a page's position and what was done about it. Degrees, counter-clockwise positive.

    `rotated` is the quarter turn found in the scan (0, 90, 180 or 270), `skew_degrees` how far the content leans after
    that turn; the confidences run from 0 to 1; `applied` says whether the page image was corrected by both.
    """

    rotated: int = 0
    rotation_confidence: float = 0.0
    skew_degrees: float = 0.0
    skew_confidence: float = 0.0
    applied: bool = False


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page made upright: the files that hold it for reading and for looking (same pixels, same size), and its measures."""

    number: int
    reading_path: str
    viewing_path: str
    width: int
    height: int
    dpi: int
    geometry: Geometry
    blank: bool


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page after recognition. `text` is the words joined by blanks and line ends; `confidence` is 0…1, weighted by length.

    `flags` names what a person should look at (`unread`, `orientation_doubtful`, `skew_doubtful`, `low_confidence`).
    """

    source_page: int
    text: str
    words: tuple[Word, ...]
    confidence: float
    language: str
    width: int
    height: int
    dpi: int
    geometry: Geometry
    blank: bool
    image_key: str = ""
    layout_key: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """Something read off a page: the value, how sure we are (0…1), and where it stands."""

    value: str
    confidence: float
    source_page: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One letter, noting part or cover: consecutive pages of a batch and the fields found on them."""

    id: str
    batch: str
    kind: DocumentKind
    pages: tuple[ReadPage, ...]
    fields: dict[str, Field] = field(default_factory=dict)
    file_key: str | None = None
    state: DocumentState = DocumentState.FILED
    pdf_key: str = ""

    def value(self, name: str) -> str | None:
        found = self.fields.get(name)
        return found.value if found else None

    @property
    def date(self) -> date | None:
        value = self.value("date")
        return date.fromisoformat(value) if value else None

    def with_pdf(self, key: str) -> Document:
        return replace(self, pdf_key=key)


@dataclass(frozen=True, slots=True)
class Hit:
    """A page that answers a query. `marks` are ranges of `snippet`; `boxes` are fractions of the page image."""

    document: str
    page: int
    source_page: int
    batch: str
    file_no: str | None
    file_key: str | None
    date: date | None
    subject: str | None
    office: str | None
    kind: DocumentKind
    score: float
    snippet: str
    marks: tuple[tuple[int, int], ...]
    boxes: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for: the words as typed, and the filters."""

    text: str
    file_no: str | None = None
    office: str | None = None
    since: date | None = None
    until: date | None = None
    kind: DocumentKind | None = None
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """The hits of one query, the number there are in all, and how the query was understood."""

    query: str
    understood: dict[str, object]
    total: int
    took_ms: float
    hits: tuple[Hit, ...]
