"""The nouns of the record room, as frozen values.

What lives here: batches, pages, words, documents and search results, with no behaviour beyond small derivations.
What does not: anything that touches a file, a database, an image library or the network.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum


class BatchState(StrEnum):
    """Where a batch stands: `failed` is tried again by itself, `rejected` waits for a person, of a `superseded` one there is
    a newer version."""

    RECEIVED = "received"
    WORKING = "working"
    FILED = "filed"
    FAILED = "failed"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


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

    def scaled(self, factor: int) -> Box:
        return Box(self.x * factor, self.y * factor, self.w * factor, self.h * factor)

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
class LayerWord:
    """One word of the text that a PDF page carries, as it is coded there: in pixels of the page image, with the name of its
    font. `hidden` text is drawn invisibly; `angle` is how its line rises, in degrees, counter-clockwise."""

    text: str
    box: Box
    font: str = ""
    line: int = 0
    hidden: bool = False
    angle: float = 0.0


@dataclass(frozen=True, slots=True)
class Layer:
    """The text that a PDF page carries, in the PDF's order. `is_scan`: the page is a picture, so that the text is what some
    program read from it. `turn` is how far the writing lies turned on the page as it is drawn, counter-clockwise: 0, 90, 180
    or 270. `strays` is the share of letters left out, as lying beside the page or running another way."""

    words: tuple[LayerWord, ...] = ()
    is_scan: bool = False
    turn: int = 0
    strays: float = 0.0


@dataclass(frozen=True, slots=True)
class Settled:
    """What several readings of a line agree on: the range of the first reading's text, what stands there, and how sure that
    is (0…1)."""

    start: int
    end: int
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table on a page: its box, and where the rules between its columns (x) and its rows (y) run, the outer ones
    with them."""

    box: Box
    columns: tuple[int, ...]
    rows: tuple[int, ...]

    def scaled(self, factor: int) -> Table:
        columns, rows = (tuple(value * factor for value in values) for values in (self.columns, self.rows))
        return Table(self.box.scaled(factor), columns, rows)


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as it was put: its key, SHA-256 in hex and length in bytes."""

    key: str
    sha256: str
    bytes: int


_ID_DIGITS = 20  # hex digits of a batch's id: 80 bits of its identity


def batch_identity(sha256: str, office: str | None) -> str:
    """What makes a batch one of its own, in 64 hex digits: its content, and the office that it came in for.

    Without an office it is the SHA-256 of the content alone, as it was of every batch before the office counted.
    """
    if not office:
        return sha256
    return hashlib.sha256(f"{office}\n{sha256}".encode("utf-8", "surrogatepass")).hexdigest()


def batch_ids(identity: str) -> Iterator[str]:
    """The ids that a batch of this identity may have, the first that is free being taken: an older batch that came in for
    an office may have the id that its content would have without one."""
    yield identity[:_ID_DIGITS]
    for count in itertools.count(2):
        yield hashlib.sha256(f"{identity}\n{count}".encode()).hexdigest()[:_ID_DIGITS]


def batch_id(sha256: str, office: str | None = None) -> str:
    """The id of the batch with this content that came in for this office, unless another one had it before."""
    return next(batch_ids(batch_identity(sha256, office)))


@dataclass(frozen=True, slots=True)
class Source:
    """A scanned file as it came, proven whole: what it is, its fixity and how many pages it holds.

    Of a scanner that writes page by page, `files` are the pages' own files in order, and `sha256` is the hash of their
    hashes, so that the same pages are the same source. Otherwise `files` is empty.
    """

    name: str
    sha256: str
    bytes: int
    media_type: MediaType
    pages: int
    files: tuple[Source, ...] = ()

    @classmethod
    def gathered(cls, name: str, files: Sequence[Source]) -> Source:
        """Several files as one source, in the order given."""
        joined = "\n".join(file.sha256 for file in files).encode("ascii")
        return cls(
            name=name,
            sha256=hashlib.sha256(joined).hexdigest(),
            bytes=sum(file.bytes for file in files),
            media_type=files[0].media_type,
            pages=sum(file.pages for file in files),
            files=tuple(files),
        )

    @property
    def each(self) -> tuple[Source, ...]:
        """The files: those that were gathered, or the one."""
        return self.files or (self,)

    @property
    def original_key(self) -> str:
        return f"originals/{self.sha256}"

    @property
    def batch_id(self) -> str:
        """The id of a batch with this content that came in for no office."""
        return batch_id(self.sha256)

    def places(self) -> Iterator[tuple[int, Source, int]]:
        """Every page: its number in the batch, its file, and its number in that file; all from 1."""
        number = 0
        for file in self.each:
            for inside in range(1, file.pages + 1):
                number += 1
                yield number, file, inside


@dataclass(frozen=True, slots=True)
class Batch:
    """One scanned file, or several gathered, on the way from the inbox to the shelf.

    `office` is the one that it came in for; documents that are moved to another do not change it. `profile` names the
    scanner profile; `told` is what its folders said: office, file_no, operator, bundle.
    """

    id: str
    source: Source
    state: BatchState
    received_at: datetime
    office: str | None = None
    tries: int = 0
    profile: str = "generic"
    told: Mapping[str, str] = field(default_factory=dict)

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
class ScanVersion:
    """That the batch `newer` is the same scan as `older`, as it was later; in doubt where it is not `certain`.

    `reason` is a key of `ingest.versions.REASONS`. Where both are the same batch, that one is current again, or, in doubt,
    something was seen of its file. `name` and `office` are those of the newer one, where they are known.
    """

    older: str
    newer: str
    reason: str
    certain: bool
    at: datetime
    name: str = ""
    office: str | None = None


MACHINE, PERSON = "machine", "person"  # who set a page's geometry, or said a field


@dataclass(frozen=True, slots=True)
class Geometry:
    """What was measured of a page's position and what was done about it. Degrees, counter-clockwise positive.

    `rotated` is the quarter turn found in the scan (0, 90, 180 or 270), `skew_degrees` how far the content leans after
    that turn; the confidences run from 0 to 1; `applied` says whether the page image was corrected by both.

    `outline` is where the sheet lies in the upright page image, `gutter` the x in its pixels at which two pages meet; None
    where no surround or no second page was found. `measured_from` is the fingerprint of all that the measures depend on,
    empty where nothing was measured; `set_by` is `machine`, or `person` where somebody said how the page lies.
    """

    rotated: int = 0
    rotation_confidence: float = 0.0
    skew_degrees: float = 0.0
    skew_confidence: float = 0.0
    applied: bool = False
    outline: Box | None = None
    outline_confidence: float = 0.0
    gutter: int | None = None
    spread_confidence: float = 0.0
    measured_from: str = ""
    set_by: str = MACHINE


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page made upright: the file that holds it for looking, and its measures."""

    number: int
    viewing_path: str
    width: int
    height: int
    dpi: int
    geometry: Geometry
    blank: bool
    flags: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


SEPARATOR = "separator"  # flag of a page that is a separator sheet
TIMED_OUT = "timed_out"  # flag of a page that hit a limit of processor time, or hung; it is tried again, alone
# Flags of a page that tell something and ask nobody to look.
NO_DOUBT = frozenset({"signed", "text_layer", "text_layer_converted", "blank_seen", "blank_said", SEPARATOR})


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page after recognition. `text` is the words joined by blanks and line ends; `confidence` is 0…1, weighted by length.

    `flags` names what a person should look at (`unreadable`, `unread`, `timed_out`, `not_all_read_again`,
    `orientation_doubtful`, `skew_doubtful`, `spread`, `low_confidence`, `not_machine_read`, `partly_not_machine_read`,
    `sheets_disagree`, `sheet_unsigned`, `sheet_office`, `javascript`, `launch_action`, `attachments`) or may like to know
    (`signed`, `separator`;
    `text_layer` and `text_layer_converted` where the words are the PDF's own). `codes` are the texts of the separator
    sheets' codes on it.
    Between the cells of a table's row `text` has a tab.
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
    codes: tuple[str, ...] = ()

    @property
    def is_separator(self) -> bool:
        """Whether this is a separator sheet: no page of the file, without text, kept for the record."""
        return SEPARATOR in self.flags


@dataclass(frozen=True, slots=True)
class Field:
    """Something read off a page: the value, how sure we are (0…1), and where it stands.

    `by` is `machine`, or `person` where somebody said it; `machine` then keeps what had been read, if anything was. A person
    who says that there is no such field leaves an empty value.
    """

    value: str
    confidence: float
    source_page: int | None = None
    box: Box | None = None
    by: str = MACHINE
    machine: Field | None = None


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
        return (found.value or None) if found else None

    @property
    def date(self) -> date | None:
        value = self.value("date")
        return date.fromisoformat(value) if value else None

    def with_pdf(self, key: str) -> Document:
        return replace(self, pdf_key=key)


@dataclass(frozen=True, slots=True)
class KnownNumber:
    """What the office knows of a number that was read: whether just this file is in the register or has been filed before,
    and, where it is not, the one number of the register that differs from it only in look-alikes or letters."""

    is_known: bool
    perhaps: str | None = None


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
    tier: str = "exact"  # how the words were taken: see `index.widening` and `index.search`
    state: DocumentState = DocumentState.FILED


class Order(StrEnum):
    """How hits follow each other: as they fit, or by the dates of their documents, those without one last."""

    BEST = "best"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for: the words as typed, and the filters.

    `offices` are the codes of the offices that the asker may see, None for every one; what lies in another office, or in
    none, is neither found nor counted nor told of.
    """

    text: str
    file_no: str | None = None
    office: str | None = None
    since: date | None = None
    until: date | None = None
    kind: DocumentKind | None = None
    limit: int = 20
    offset: int = 0
    state: DocumentState | None = None
    facets: bool = False  # whether to count offices, years, kinds, files and states among what is found
    offices: frozenset[str] | None = None
    order: Order = Order.BEST


@dataclass(frozen=True, slots=True)
class Answer:
    """The hits of one query, the number there are in all, and how the query was understood."""

    query: str
    understood: dict[str, object]
    total: int
    took_ms: float
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
