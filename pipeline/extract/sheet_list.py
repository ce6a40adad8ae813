"""The list of files for which separator sheets are printed: CSV in, what each sheet shall say out, and the bad lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.errors import SheetLineError, SheetListError
from pipeline.extract import file_number
from pipeline.extract.sheets import SheetCode, SheetPart, plain, require_room
from pipeline.formats.csv_rows import CsvLineError, csv_rows
from pipeline.formats.list_limits import MOST_SHEET_BYTES, MOST_SHEET_LINES, ListMeter
from pipeline.locale import Message

_HEADERS = {
    "office": ("office", "office code", "कार्यालय", "कार्यालय कोड"),
    "file_no": (
        "file no",
        "file number",
        "नस्ती क्रमांक",
        "नस्ती",
        "नस्ती संख्या",
        "फाइल क्रमांक",
        "फाइल संख्या",
        "फाइल नंबर",
        "फाइल नम्बर",
        "फाईल क्रमांक",
        "पत्रावली संख्या",
        "मिसिल क्रमांक",
    ),
    "volume": ("volume", "vol", "खण्ड", "खंड"),
    "part": ("part", "भाग"),
    "subject": ("subject", "विषय"),
}
_COLUMN_OF = {name: column for column, names in _HEADERS.items() for name in names}
_PART_OF = {
    "": None,
    "noting": SheetPart.NOTING,
    "note sheet": SheetPart.NOTING,
    "टिप्पणी": SheetPart.NOTING,
    "नोटशीट": SheetPart.NOTING,
    "टीप": SheetPart.NOTING,
    "correspondence": SheetPart.CORRESPONDENCE,
    "पत्राचार": SheetPart.CORRESPONDENCE,
}


@dataclass(frozen=True, slots=True)
class RequestedSheet:
    """One sheet that is asked for, and the line of the list it stands in."""

    line: int
    code: SheetCode
    subject: str


def read_list(text: str, origin: str, *, office: str = "") -> tuple[list[RequestedSheet], list[SheetLineError]]:
    """The sheets of a list, and what is wrong with its other lines. Lines without an office take `office`.

    Raises `SheetListError` where there is no column of file numbers, `ListTooLargeError` for more than a list may hold.
    """
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise SheetListError(origin=origin, cause=Message("it is no text"))
    meter = ListMeter(origin, most_lines=MOST_SHEET_LINES)
    meter.check_file(len(text), MOST_SHEET_BYTES)
    rows = csv_rows(text, _delimiter(text), meter)
    asked, faults = list[RequestedSheet](), list[SheetLineError]()
    try:
        columns = [_COLUMN_OF.get(_heading(name), "") for name in next(rows, (1, []))[1]]
        if "file_no" not in columns:
            raise SheetListError(origin=origin, cause=Message("it has no column “file_no”"))
        for line, row in rows:
            if any(cell.strip() for cell in row):
                try:
                    asked.append(_asked(columns, row, origin, line, office))
                except SheetLineError as fault:
                    faults.append(fault)
    except CsvLineError as error:
        raise SheetListError(origin=origin, cause=error) from error
    return asked, faults


def understood(row: Mapping[str, str], origin: str, line: int = 1) -> RequestedSheet:
    """One sheet from its columns as written. Raises `SheetLineError`, which says what is wrong and what to do."""
    number, part = plain(row.get("file_no", "")), plain(row.get("part", "")).casefold()

    def fault(cause: Message, fix: Message) -> SheetLineError:
        return SheetLineError(origin=origin, line=line, cause=cause, fix=fix)

    if not number:
        raise fault(
            Message("the file number is missing"),
            Message("Write the number that stands on the file."),
        )
    if file_number.parse(number) is None:
        raise fault(
            Message("“{number}” is no file number: it has no digit in it, or it is a date", number=number),
            Message("Write the number as it stands on the file."),
        )
    if part not in _PART_OF:
        raise fault(
            Message("“{part}” is no part of a file", part=part),
            Message("Write noting or correspondence, or leave it empty."),
        )
    volume = file_number.fold_digits(plain(row.get("volume", "")))
    code = SheetCode(number, plain(row.get("office", "")), volume, _PART_OF[part])
    try:
        require_room(code)
    except ValueError as error:
        raise fault(
            Message("office, number and volume are too long for a code"),
            Message("Write the office as a short code."),
        ) from error
    return RequestedSheet(line, code, plain(row.get("subject", "")))


def _asked(columns: list[str], row: list[str], origin: str, line: int, office: str) -> RequestedSheet:
    if len(row) > len(columns):
        raise SheetLineError(
            origin=origin,
            line=line,
            cause=Message("it has {found} columns and the header {expected}", found=len(row), expected=len(columns)),
            fix=Message("Put a text that has a comma in it between quotation marks."),
        )
    cells = {column: cell for column, cell in zip(columns, row, strict=False) if column}
    return understood({**cells, "office": plain(cells.get("office", "")) or office}, origin, line)


def _heading(name: str) -> str:
    """A column's name without case, underscores, dots and the nukta, which is written or left out."""
    heading = plain(name).casefold().replace("_", " ").replace("-", " ").replace(".", " ").replace("\u093c", "")
    return " ".join(heading.split())


def _delimiter(text: str) -> str:
    """What stands between the columns of the header; spreadsheets write a comma, a semicolon or a tab."""
    head = text.split("\n", 1)[0]
    return max((",", ";", "\t"), key=head.count)
