"""The nouns of the register, as frozen values: offices, files, what happened to them, and the count of their pages.

What does not live here: how lists are read (`register.lists`), rows (`db.register`), and who may change what
(`register.registrar`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, Protocol, TypedDict

from pipeline.model.json_values import JsonObject


class FileState(StrEnum):
    OPEN = "open"
    IN_SCANNING = "in_scanning"
    IN_REVIEW = "in_review"
    CLOSED = "closed"


class RecordClass(StrEnum):
    """The class of a record by its retention: A is kept for ever, the others for as many years as the office sets."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class CountUnit(StrEnum):
    """What was counted by hand: written sides; sheets of which both sides are scanned; sheets of which the fronts are."""

    PAGES = "pages"
    SHEETS = "sheets"
    FRONTS = "fronts"


@dataclass(frozen=True, slots=True)
class Office:
    """An office: `code` is its name in keys and commands, lower-case ASCII."""

    code: str
    name_hi: str = ""
    name_en: str = ""
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class ShelfPlace:
    """Where a file lies."""

    room: str = ""
    rack: str = ""
    shelf: str = ""
    bundle: str = ""


Ident = tuple[str, str, str]  # office, key, volume: what names a file


class Keyed(Protocol):
    """A file number as understood: strict, digits only, and forgiving look-alikes."""

    @property
    def key(self) -> str: ...

    @property
    def core(self) -> str: ...

    @property
    def ocr(self) -> str: ...


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """A file (नस्ती) as it stands in the register, one volume of it.

    `number` is as written, `key`, `core` and `ocr` as understood. `year` is `2018`, or `2018-20` where it ran on. The
    years of retention and the day of weeding are only there when they were entered; otherwise they follow from the class.
    `missing` are the page numbers that a person noted as missing in the paper; `replaced` are scans that another scan of
    the same sheet replaces, as `batch/source page`.
    """

    office: str
    number: str
    key: str
    core: str
    ocr: str
    volume: str = ""
    subject: str = ""
    year: str = ""
    branch: str = ""
    record_class: RecordClass | None = None
    retention_years: int | None = None
    closed_on: date | None = None
    weed_on: date | None = None
    place: ShelfPlace = field(default_factory=ShelfPlace)
    pages_counted: int | None = None
    count_unit: CountUnit = CountUnit.PAGES
    counted_by: str = ""
    counted_at: datetime | None = None
    missing: tuple[int, ...] = ()
    replaced: tuple[str, ...] = ()
    state: FileState = FileState.OPEN

    @property
    def ident(self) -> Ident:
        return self.office, self.key, self.volume

    @property
    def last_year(self) -> int | None:
        """The year in which the file ended, as far as is known."""
        if self.closed_on:
            return self.closed_on.year
        if not self.year:
            return None
        first, _, last = self.year.partition("-")
        return int(last if len(last) == len(first) else first[: -len(last)] + last) if last else int(first)

    def retention(self, defaults: Mapping[str, int]) -> int | None:
        """How many years it is kept; None where that is for ever or not known. `defaults` has the years of each class."""
        if self.retention_years is not None or self.record_class is None:
            return self.retention_years
        return defaults.get(self.record_class)

    def weeding(self, defaults: Mapping[str, int]) -> date | None:
        """The day from which it may be weeded: the one given, else the first of January after its last kept year.

        A file of class A is never weeded, whatever else is entered.
        """
        if self.record_class is RecordClass.A:
            return None
        years, last = self.retention(defaults), self.last_year
        computed = date(last + years + 1, 1, 1) if last is not None and years is not None else None
        return self.weed_on or computed


class FileValues(TypedDict, total=False):
    """Values of a file that are to be changed, as cells of a list and commands give them; what is not named stays. An empty
    one clears the value, but for `count_unit` and `state`, which stay then."""

    office: str
    number: Keyed
    volume: str
    subject: str
    year: str
    branch: str
    record_class: RecordClass | None
    retention_years: int | None
    closed_on: date | None
    weed_on: date | None
    room: str
    rack: str
    shelf: str
    bundle: str
    pages_counted: int | None
    count_unit: CountUnit | Literal[""]
    state: FileState | Literal[""]


@dataclass(frozen=True, slots=True)
class RegisterEvent:
    """Something that happened to an office (`key` is None then) or a file, kept for good.

    `details` hold what was changed, from what to what, or the figures; `signed_by` who answers for figures that differ.
    """

    what: str
    office: str
    key: str | None = None
    volume: str = ""
    details: JsonObject = field(default_factory=dict)
    reason: str = ""
    signed_by: str = ""


@dataclass(frozen=True, slots=True)
class RegisterChange:
    """All that one person changed at one moment: offices and files as they are afterwards, and what happened to them."""

    number: int
    at: datetime
    by: str
    offices: tuple[Office, ...] = ()
    files: tuple[RegisterFile, ...] = ()
    events: tuple[RegisterEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class FileEvent:
    """Something that happened to a file, with the number of the change it was part of, when it happened and who did it."""

    change: int
    at: datetime
    by: str
    what: str
    details: JsonObject
    reason: str
    signed_by: str


@dataclass(frozen=True, slots=True)
class FileMatch:
    """A file of the register that a number may mean, and by which key: `strict`, `core` or `ocr`."""

    file: RegisterFile
    by: str


@dataclass(frozen=True, slots=True)
class FileDocument:
    """A document that carries the number of a file."""

    id: str
    kind: str
    dated: date | None
    subject: str | None
    pages: int
    blank: int
    state: str


@dataclass(frozen=True, slots=True)
class Unregistered:
    """A number that stands on documents and not in the register."""

    office: str | None
    key: str
    number: str
    documents: int


@dataclass(frozen=True, slots=True)
class Scanned:
    """The scans of a file's documents: written and blank sides, and those that another scan of the same sheet replaces."""

    written: int = 0
    blank: int = 0
    rescanned: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """The pages counted by hand beside those scanned. `noted` counts the pages that a person noted as missing."""

    counted: int | None
    unit: CountUnit
    scanned: Scanned
    noted: int = 0

    @property
    def expected(self) -> int | None:
        """How many scans there should be."""
        if self.counted is None:
            return None
        return self.counted * 2 if self.unit is CountUnit.SHEETS else self.counted

    @property
    def found(self) -> int:
        """The scans that count: written sides, and blank ones where sheets were counted."""
        return self.scanned.written + (0 if self.unit is CountUnit.PAGES else self.scanned.blank)

    @property
    def difference(self) -> int | None:
        """Pages missing (positive) or surplus (negative); None without a count."""
        return None if self.expected is None else self.expected - self.noted - self.found

    @property
    def agree(self) -> bool:
        return self.difference == 0

    def json(self) -> JsonObject:
        gap = self.difference
        return {
            "counted": self.counted,
            "count_unit": str(self.unit),
            "expected": self.expected,
            "written": self.scanned.written,
            "blank": self.scanned.blank,
            "rescanned": self.scanned.rescanned,
            "noted_missing": self.noted,
            "missing": None if gap is None else max(gap, 0),
            "extra": None if gap is None else max(-gap, 0),
            "agree": self.agree,
        }


LONGEST_OFFICE_CODE = 64  # characters
_OFFICE = re.compile(r"[^\W_][\w\u0900-\u0963\u200c\u200d .&()\-]*")


def is_office(text: str) -> bool:
    """Whether a text may stand for an office where it need not be in the register: words of letters, digits and hyphens in
    any script, no part of a path."""
    return bool(_OFFICE.fullmatch(text)) and ".." not in text and len(text) <= LONGEST_OFFICE_CODE
