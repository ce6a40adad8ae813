"""CSV and XLSX files as rows of cells, and back. The border to openpyxl and csv; what the cells mean is read elsewhere.

CSV is UTF-8, with or without a byte order mark, parted by comma, semicolon or tab; it is written with the mark, by which
spreadsheets know it. Of a workbook the first sheet is read, and formulas count as the values they had.
"""

from __future__ import annotations

import codecs
import csv
import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from pipeline.errors import RegisterListError
from pipeline.records.register_cells import Cell
from pipeline.records.register_lists import Row

_MOST_BYTES = 256 << 20
_MOST_UNPACKED = 1 << 30
_MOST_CELLS_A_LINE = 256
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BROKEN = (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, ParseError, OSError, EOFError)


def read_rows(path: Path) -> list[Row]:
    """Every line with its number, from 1. Raises `RegisterListError` that says why the file cannot be read."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise _refusal(path, "it is too large for a list", "यह सूची के लिए बहुत बड़ी है")
        data = path.read_bytes()
    except OSError as error:
        cause = error.strerror or str(error)
        raise _refusal(path, cause, cause) from error
    if data.startswith(_OLD_EXCEL):
        raise _refusal(path, "it is in the old Excel format (.xls)", "यह पुराने एक्सेल प्रारूप (.xls) में है")
    return list(_sheet(path, data) if data.startswith(_ZIP) else _csv(path, data))


def _csv(path: Path, data: bytes) -> Iterator[Row]:
    text = _decoded(path, data)
    mark = max(",;\t", key=text.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    line = 1
    try:
        for found in reader:
            yield line, found
            line = reader.line_num + 1
    except csv.Error as error:
        cause = f"line {line}: {error}"
        raise _refusal(path, cause, f"पंक्ति {line}: {error}") from error


def _decoded(path: Path, data: bytes) -> str:
    if data.startswith(_UTF_16) or b"\0" in data:
        raise _refusal(path, "it is in UTF-16, not in UTF-8", "यह UTF-16 में है, UTF-8 में नहीं")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        en = f"line {line} is not in UTF-8, but perhaps in Windows-1252 or another older code"
        hi = f"पंक्ति {line} UTF-8 में नहीं है; शायद Windows-1252 या किसी और पुराने कोड में है"
        raise _refusal(path, en, hi) from error


def _sheet(path: Path, data: bytes) -> Iterator[Row]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > _MOST_UNPACKED:
            raise _refusal(path, "it unpacks to far more than a list needs", "खोलने पर यह सूची से कहीं बड़ी हो जाती है")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and validations that it passes over
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file says of them is often wrong
            rows = sheet.iter_rows(values_only=True, max_col=_MOST_CELLS_A_LINE)
            found = [(line, [_cell(value) for value in row]) for line, row in enumerate(rows, start=1)]
            book.close()
    except (*_BROKEN, IndexError, TypeError) as error:
        raise _refusal(path, f"it is no Excel workbook ({error})", f"यह एक्सेल फ़ाइल नहीं है ({error})") from error
    yield from found


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _refusal(path: Path, cause: str, cause_hi: str) -> RegisterListError:
    return RegisterListError(name=path.name, cause=cause, cause_hi=cause_hi)


def write_rows(path: Path, rows: Iterable[Sequence[str | int]]) -> None:
    """Write a list beside `path` and put it in its place when it is whole; XLSX where the name ends so, else CSV."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        (_write_sheet if path.suffix.lower() == ".xlsx" else _write_csv)(partial, rows)
        partial.replace(path)
    except OSError as error:
        cause = error.strerror or str(error)
        raise _refusal(path, cause, cause) from error
    finally:
        partial.unlink(missing_ok=True)


def _write_csv(path: Path, rows: Iterable[Sequence[str | int]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)


def _write_sheet(path: Path, rows: Iterable[Sequence[str | int]]) -> None:
    """Text cells are marked as text, so that a file number that is edited is not made a date."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("register")
    sheet.freeze_panes = "A2"
    for row in rows:
        found = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=value)
            if isinstance(value, str):
                cell.number_format = "@"
            found.append(cell)
        sheet.append(found)
    book.save(path)
