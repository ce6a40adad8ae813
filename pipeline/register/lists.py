"""Lists of offices and files as rows of cells: which columns they have, what a row says, and the rows written back.

Files on the disk are the business of `formats`; what a list changes in the register, of `register.registrar`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from pipeline.formats.csv_rows import Cell, Row
from pipeline.locale import Message
from pipeline.model.json_values import JsonObject
from pipeline.model.register import FileValues, Office, RegisterFile
from pipeline.register import cells
from pipeline.register.cells import CellFault, Refused

CLEAR = "-"  # in a cell by itself: what the register has there is to go
_HEADER_WITHIN = 25  # lines in which the header is looked for
_GUARDED = tuple("=+-@＝＋－＠\t\r'")  # what may begin a formula, and the guard itself


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the header that is written, other headers by which it is known, and how a cell of it is read.

    A column with no reader is only written; its cells are ignored when a list is read.
    """

    name: str
    hindi: str
    read: Callable[[Cell], Any] | None = cells.clean
    known_as: tuple[str, ...] = ()
    empty: Any = ""


FILE_COLUMNS = (
    Column("office", "कार्यालय", known_as=("office code", "कार्यालय कोड")),
    Column(
        "number",
        "नस्ती क्रमांक",
        cells.number,
        (
            "file no",
            "file number",
            "no",
            "नस्ती संख्या",
            "नस्ती नंबर",
            "फाइल क्रमांक",
            "फाइल संख्या",
            "फाइल नंबर",
            "मिसिल क्रमांक",
            "मिसिल संख्या",
            "पत्रावली संख्या",
            "प्रकरण क्रमांक",
        ),
    ),
    Column("volume", "भाग", cells.volume, ("vol", "part", "volume part", "खण्ड", "जिल्द")),
    Column("subject", "विषय", known_as=("title", "शीर्षक", "नस्ती का विषय")),
    Column("year", "वर्ष", cells.year, ("years", "सन", "वर्ष से")),
    Column("branch", "शाखा", known_as=("section", "अनुभाग")),
    Column("record_class", "अभिलेख वर्ग", cells.record_class, ("class", "category", "वर्ग", "श्रेणी", "अभिलेख श्रेणी"), None),
    Column(
        "retention_years",
        "संधारण वर्ष",
        cells.years,
        ("retention", "retention period", "संधारण अवधि", "परिरक्षण अवधि"),
        None,
    ),
    Column(
        "closed_on",
        "नस्तीबद्ध दिनांक",
        cells.day,
        ("closing date", "date of closing", "बंद होने का दिनांक", "समाप्ति दिनांक"),
        None,
    ),
    Column(
        "weed_on",
        "विनष्टीकरण दिनांक",
        cells.day,
        ("weeding date", "date of weeding", "छँटनी दिनांक", "नष्टीकरण दिनांक"),
        None,
    ),
    Column("room", "कमरा", known_as=("record room", "कक्ष", "अभिलेख कक्ष", "कमरा क्रमांक")),
    Column("rack", "रैक", known_as=("almirah", "अलमारी", "रैक क्रमांक")),
    Column("shelf", "शेल्फ", known_as=("खाना", "शेल्फ क्रमांक")),
    Column("bundle", "बस्ता", known_as=("basta", "बंडल", "बस्ता क्रमांक", "बस्ता नंबर")),
    Column(
        "pages_counted",
        "गिने हुए पृष्ठ",
        cells.pages,
        ("pages", "page count", "number of pages", "पृष्ठ", "पृष्ठ संख्या", "कुल पृष्ठ"),
        None,
    ),
    Column("count_unit", "गणना", cells.unit, ("counted in",)),
    Column("state", "स्थिति", cells.state, ("status", "नस्ती की स्थिति")),
    Column("weeding_due", "विनष्टीकरण देय", None, ("weeding due",)),
)
OFFICE_COLUMNS = (
    Column("code", "कोड", cells.code, ("office", "office code", "कार्यालय कोड")),
    Column("name_hi", "नाम", known_as=("hindi name", "name in hindi", "हिन्दी नाम", "कार्यालय का नाम", "कार्यालय")),
    Column("name_en", "अंग्रेज़ी नाम", known_as=("name", "english name", "name in english")),
    Column("parent", "मूल कार्यालय", cells.code, ("parent office", "parent code", "उच्च कार्यालय"), None),
)


class ListValues(FileValues, total=False):
    """The values of a line by column: those of a file, or in a list of offices those of an office."""

    code: str
    name_hi: str
    name_en: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A line that could be read: its values, only of the cells that say something."""

    line: int
    values: ListValues
    written: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is refused, or (as a warning) one to look at: the column as its header is written, and the value."""

    line: int
    column: str
    value: str
    fault: CellFault

    def json(self) -> JsonObject:
        cause, fix = self.fault.cause, self.fault.fix
        words = {"en": cause.text("en"), "hi": cause.text("hi"), "next_en": fix.text("en"), "next_hi": fix.text("hi")}
        return {"line": self.line, "column": self.column, "value": self.value, "code": self.fault.code, **words}


@dataclass(frozen=True, slots=True)
class ReadList:
    """What a list says: good lines, bad lines, and headers that nobody knows. `headers` are the known ones as written."""

    entries: tuple[ListEntry, ...]
    bad: tuple[BadLine, ...]
    headers: Mapping[str, str]
    unknown: tuple[str, ...] = ()


class NoHeaderError(ValueError):
    """No line has the headers without which a list cannot be read. `twice` names a column that comes two times."""

    def __init__(self, twice: str = "") -> None:
        super().__init__(twice or "no header")
        self.twice = twice


MISSING_VALUE = CellFault(
    "missing_value",
    Message("it is empty"),
    Message("Fill it in, or take the line out."),
)


def read_list(rows: Iterable[Row], columns: Sequence[Column], *, needed: str) -> ReadList:
    """Read the rows below the header, which is the first line with the column `needed`.

    An empty cell says nothing; one that holds only a hyphen says that the value is to go. Raises `NoHeaderError`.
    """
    lines = iter(rows)
    places, unknown, headers = _header(lines, columns, needed)
    entries: list[ListEntry] = []
    bad: list[BadLine] = []
    for line, found in lines:
        if not any(cells.clean(cell) for cell in found):
            continue
        values: dict[str, Any] = {}
        written: dict[str, str] = {}
        faults: list[BadLine] = []
        for place, column in places.items():
            cell = _unguarded(found[place]) if place < len(found) else None
            text = cells.clean(cell)
            if column.read is None or not text:
                continue
            written[column.name] = text
            try:
                values[column.name] = column.empty if cells.clean(found[place]) == CLEAR else column.read(cell)
            except Refused as refused:
                faults.append(BadLine(line, headers[column.name], text, refused.fault))
        if not faults and not values.get(needed):
            faults.append(BadLine(line, headers[needed], "", MISSING_VALUE))
        bad.extend(faults)
        if not faults:
            entries.append(ListEntry(line, cast(ListValues, values), written))
    return ReadList(tuple(entries), tuple(bad), headers, unknown)


def _header(
    lines: Iterator[Row], columns: Sequence[Column], needed: str
) -> tuple[dict[int, Column], tuple[str, ...], dict[str, str]]:
    """Which column stands at which place, the headers nobody knows, and the known ones as they are written."""
    by_header = {
        _folded(header): column for column in columns for header in (column.name, column.hindi, *column.known_as)
    }
    for line, found in lines:
        texts = [cells.clean(cell) for cell in found]
        places = {place: by_header[_folded(text)] for place, text in enumerate(texts) if _folded(text) in by_header}
        names = [column.name for column in places.values()]
        if needed in names:
            twice = next((texts[place] for place, c in places.items() if names.count(c.name) > 1), "")
            if twice:
                raise NoHeaderError(twice)
            unknown = tuple(text for place, text in enumerate(texts) if text and place not in places)
            return places, unknown, {column.name: texts[place] for place, column in places.items()}
        if line >= _HEADER_WITHIN:
            break
    raise NoHeaderError


def _folded(header: str) -> str:
    """A header without what people write differently: case, nukta, nasal signs, punctuation, what stands in brackets."""
    text = unicodedata.normalize("NFD", re.sub(r"\(.*?\)", " ", header)).casefold()
    text = text.replace("\u093c", "").replace("\u0901", "\u0902")
    text = re.sub("[ङञणनम]\u094d(?=[क-म])", "\u0902", text)  # नम्बर as नंबर, खण्ड as खंड
    return " ".join(re.findall(r"[0-9a-z\u0900-\u0963\u0966-\u097f]+", text))


def file_rows(
    files: Iterable[RegisterFile], weeding: Callable[[RegisterFile], date | None]
) -> Iterator[list[str | int]]:
    """The header and a row for each file, as `read_list` reads them back."""
    yield [column.name for column in FILE_COLUMNS]
    for file in files:
        values = {name: getattr(file, name) for name in RegisterFile.__slots__ if name != "place"}
        values |= {name: getattr(file.place, name) for name in ("room", "rack", "shelf", "bundle")}
        values["weeding_due"] = weeding(file)
        yield [_written(values[column.name]) for column in FILE_COLUMNS]


def office_rows(offices: Iterable[Office]) -> Iterator[list[str | int]]:
    yield [column.name for column in OFFICE_COLUMNS]
    for office in offices:
        yield [_written(getattr(office, column.name)) for column in OFFICE_COLUMNS]


def _written(value: Any) -> str | int:
    if isinstance(value, int):
        return value
    text = "" if value is None else value.isoformat() if isinstance(value, date) else str(value)
    return "'" + text if text.startswith(_GUARDED) else text


def _unguarded(cell: Cell) -> Cell:
    """The cell without the sign that keeps a spreadsheet from taking it for a formula."""
    guarded = isinstance(cell, str) and cell.startswith("'") and cell[1:].startswith(_GUARDED)
    return cell[1:] if guarded and isinstance(cell, str) else cell
