"""Pages: boxes and words, the geometry of a sheet in its scan, the upright image, and the page once it is read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MACHINE, PERSON = "machine", "person"  # who set a page's geometry or a field


INK_LEVEL = 140  # grey level below which a pixel is ink of a letter, where the paper is even and at 255; set by hand


class ReadingStep(StrEnum):
    """What is done to a page before it is read; each can be left out (`[pages] leave_out`)."""

    DESKEW = "deskew"
    SURROUND = "surround"  # the scanner's background around the sheet made white
    BANDS = "bands"  # headings in white on black
    COLOURED_INK = "coloured_ink"
    TABLES = "tables"  # their rules taken out, and read row by row
    SEALS = "seals"
    HOLES = "holes"
    SIGNATURES = "signatures"


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

    def holds(self, other: Box) -> bool:
        """Whether the middle of the other lies in this one."""
        x, y = other.x + other.w / 2, other.y + other.h / 2
        return self.x <= x <= self.x + self.w and self.y <= y <= self.y + self.h

    def meets(self, other: Box) -> bool:
        """Whether the two share any area."""
        across = self.x < other.x + other.w and other.x < self.x + self.w
        return across and self.y < other.y + other.h and other.y < self.y + self.h

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
    or 270. `strays` is the share of letters left out, as lying beside the page or running another way. `pictures` are where
    a typed page shows images, a letterhead or a pasted stamp, which may hold more writing."""

    words: tuple[LayerWord, ...] = ()
    is_scan: bool = False
    turn: int = 0
    strays: float = 0.0
    pictures: tuple[Box, ...] = ()


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
class Geometry:
    """What was measured of a page's position and what was done about it. Degrees, counter-clockwise positive.

    `rotated` is the quarter turn found in the scan (0, 90, 180 or 270), `skew_degrees` the skew of the content after
    that turn; the confidences run from 0 to 1; `applied` is whether the page image was corrected by both.

    `outline` is where the sheet lies in the upright page image, `gutter` the x in its pixels at which two pages meet; None
    where no surround or no second page was found. `measured_from` is the fingerprint of all that the measures depend on,
    empty where nothing was measured; `set_by` is `machine`, or `person` where a person set how the page lies.
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


NEGATIVE = "negative"  # flag of a page that was scanned white on black, and is shown and read black on white


# Flags of a page that tell something and ask nobody to look.
NO_DOUBT = frozenset({"signed", "text_layer", "text_layer_converted", "blank_seen", "blank_said", SEPARATOR, NEGATIVE})


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page after recognition. `text` is the words joined by blanks and line ends; `confidence` is 0…1, weighted by length.

    `flags` names what a person should look at (`unreadable`, `unread`, `timed_out`, `not_all_read_again`,
    `orientation_doubtful`, `skew_doubtful`, `spread`, `low_confidence`, `not_machine_read`, `partly_not_machine_read`,
    `unread_ink`, `show_through`, `sheets_disagree`, `sheet_unsigned`, `sheet_office`, `javascript`, `launch_action`,
    `attachments`) or may like to know (`signed`, `negative`, `separator`;
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
