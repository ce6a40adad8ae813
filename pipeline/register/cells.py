"""Single values of the register as people write them: classes, years, dates, volumes, numbers, in both scripts.

Each reader gives the value or raises `Refused`, which says what is wrong and what to do. Which columns a list has is the
business of `register.lists`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from pipeline.extract import file_number
from pipeline.extract.file_number import FileNumber, fold_digits
from pipeline.formats.csv_rows import Cell
from pipeline.locale import Message
from pipeline.model import typed_date
from pipeline.model.register import LONGEST_OFFICE_CODE, CountUnit, FileState, RecordClass

_OLDEST, _NEWEST = 1700, 2200
_MOST_YEARS = 200
_MOST_PAGES = 1_000_000
_CENTURY = 100
_YEARS = re.compile(r"(\d{4})(?:\s*[-–/]\s*(\d{4}|\d{2}))?")
_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_VOLUME_LABEL = re.compile(r"^(?:भाग|खण्ड|खंड|जिल्द|volume|vol|part|pt)(?![a-z])[\s.:ः-]*", re.IGNORECASE)
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_CLASSES = {
    "A": "A",
    "B": "B",
    "C": "C",
    "D": "D",
    "क": "A",
    "ख": "B",
    "ग": "C",
    "घ": "D",
    "अ": "A",
    "ब": "B",
    "स": "C",
    "द": "D",
    "ए": "A",
    "बी": "B",
    "सी": "C",
    "डी": "D",
}
_CLASS_LABEL = re.compile(r"^(?:वर्ग|श्रेणी|class|category)(?![a-z])[\s.:'\"“”‘’-]*", re.IGNORECASE)
_STATES = {
    "open": FileState.OPEN,
    "खुली": FileState.OPEN,
    "चालू": FileState.OPEN,
    "प्रचलित": FileState.OPEN,
    "in scanning": FileState.IN_SCANNING,
    "स्कैनिंग में": FileState.IN_SCANNING,
    "स्कैन हो रही": FileState.IN_SCANNING,
    "in review": FileState.IN_REVIEW,
    "समीक्षा में": FileState.IN_REVIEW,
    "जाँच में": FileState.IN_REVIEW,
    "जांच में": FileState.IN_REVIEW,
    "closed": FileState.CLOSED,
    "बंद": FileState.CLOSED,
    "बन्द": FileState.CLOSED,
    "पूर्ण": FileState.CLOSED,
    "नस्तीबद्ध": FileState.CLOSED,
    "दाखिल दफ्तर": FileState.CLOSED,
}
_UNITS = {
    "pages": CountUnit.PAGES,
    "पृष्ठ": CountUnit.PAGES,
    "sheets": CountUnit.SHEETS,
    "पन्ने": CountUnit.SHEETS,
    "पन्ना": CountUnit.SHEETS,
    "fronts": CountUnit.FRONTS,
    "एक ओर": CountUnit.FRONTS,
}


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong with a value and what to do next."""

    code: str
    cause: Message
    fix: Message


class Refused(Exception):
    """A value that cannot be taken."""

    def __init__(self, fault: CellFault) -> None:
        super().__init__(str(fault.cause))
        self.fault = fault


NO_NUMBER = CellFault(
    "no_file_number",
    Message("it is not a file number"),
    Message("Write the number as it stands on the file."),
)
NUMBER_IS_DATE = CellFault(
    "number_is_date",
    Message("the spreadsheet has made a date of the file number"),
    Message("Format the column as text and type the number again."),
)
NO_CLASS = CellFault(
    "no_class",
    Message("it is none of the classes A, B, C and D"),
    Message("Write A, B, C or D (or क, ख, ग, घ)."),
)
NO_YEAR = CellFault(
    "no_year",
    Message("it is not a year"),
    Message("Write it like 2018 or 2018-19."),
)
NO_DATE = CellFault(
    "no_date",
    Message("it is not a date"),
    Message("Write it like 31.12.2018 or 2018-12-31."),
)
NO_COUNT = CellFault(
    "no_count",
    Message("it is not a whole number in the possible range"),
    Message("Write digits only, like 48."),
)
NO_STATE = CellFault(
    "no_state",
    Message("it is no state of a file"),
    Message("Write open, in scanning, in review or closed."),
)
NO_UNIT = CellFault(
    "no_unit",
    Message("it does not say what was counted"),
    Message("Write pages, sheets or fronts."),
)
NO_CODE = CellFault(
    "no_code",
    Message("it is no code of an office"),
    Message("Use small Latin letters, digits and hyphens, like sagar-collectorate."),
)


def clean(cell: Cell) -> str:
    """A cell as text: NFC, one blank for any run of white space, nothing that cannot be seen but joiners."""
    if isinstance(cell, date):
        return _iso(cell)
    text = unicodedata.normalize("NFC", cell or "")
    if text.isprintable():  # nearly every cell: nothing in it that cannot be seen
        return " ".join(text.split())
    text = "".join(c if c in "\u200c\u200d" or unicodedata.category(c)[0] != "C" else " " for c in text)
    return " ".join(text.split())


def number(cell: Cell) -> FileNumber:
    if isinstance(cell, date):
        raise Refused(NUMBER_IS_DATE)
    text = clean(cell)
    parsed = file_number.parse(text)
    if parsed is None:
        raise Refused(NUMBER_IS_DATE if typed_date.looks_like_day(text) else NO_NUMBER)
    return parsed


def volume(cell: Cell) -> str:
    """The volume without its label, in Latin digits: `भाग-२`, `Vol. II` and `2` are one."""
    text = fold_digits(_VOLUME_LABEL.sub("", clean(cell))).strip(" .:-").upper()
    if text in _ROMAN:
        return str(_ROMAN.index(text) + 1)
    return text.lstrip("0") or "0" if text.isdigit() else text


def record_class(cell: Cell) -> RecordClass:
    found = _CLASSES.get(_CLASS_LABEL.sub("", clean(cell)).strip(" .'\"“”‘’").upper())
    if found is None:
        raise Refused(NO_CLASS)
    return RecordClass(found)


def year(cell: Cell) -> str:
    """`2018`, or `2018-20` where a file ran over several years; `2018-2020` means the same."""
    found = _YEARS.fullmatch(fold_digits(clean(cell)))
    if found is None:
        raise Refused(NO_YEAR)
    first, short = int(found[1]), found[2] or found[1]
    last = int(short) if len(short) == len(found[1]) else first // _CENTURY * _CENTURY + int(short)
    if len(short) != len(found[1]) and last < first:  # 1999-00
        last += _CENTURY
    if not _OLDEST <= first <= last <= _NEWEST:
        raise Refused(NO_YEAR)
    if first == last:
        return str(first)
    return f"{first}-{last % _CENTURY:02d}" if first // _CENTURY == last // _CENTURY else f"{first}-{last}"


def day(cell: Cell) -> date:
    """A date: of a spreadsheet, ISO, or day.month.year with four digits for the year."""
    if isinstance(cell, date):
        return cell.date() if isinstance(cell, datetime) else cell
    try:
        return typed_date.to_day(clean(cell))
    except ValueError:
        raise Refused(NO_DATE) from None


def years(cell: Cell) -> int:
    return _whole(cell, _MOST_YEARS)


def pages(cell: Cell) -> int:
    return _whole(cell, _MOST_PAGES)


def _whole(cell: Cell, most: int) -> int:
    text = fold_digits(clean(cell))
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) > most:
        raise Refused(NO_COUNT)
    return int(text)


def state(cell: Cell) -> FileState:
    found = _STATES.get(clean(cell).replace("_", " ").casefold())
    if found is None:
        raise Refused(NO_STATE)
    return found


def unit(cell: Cell) -> CountUnit:
    found = _UNITS.get(clean(cell).casefold())
    if found is None:
        raise Refused(NO_UNIT)
    return found


def code(cell: Cell) -> str:
    """The code of an office: it stands in keys, folders and commands."""
    text = clean(cell)
    if not _CODE.fullmatch(text) or len(text) > LONGEST_OFFICE_CODE:
        raise Refused(NO_CODE)
    return text


def _iso(moment: date) -> str:
    return (moment.date() if isinstance(moment, datetime) else moment).isoformat()
