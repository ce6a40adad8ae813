"""CSV and XLSX files as rows of cells, and back. The border to openpyxl; what the cells mean is read elsewhere.

CSV is UTF-8, with or without a byte order mark, parted by comma, semicolon or tab; it is written with the mark, by which
spreadsheets know it. Of a workbook the first sheet is read, and formulas count as the values they had. How large a list may
be is in `list_limits`; files that come from others are read in a process of their own (`register.list_reader`).
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

from defusedxml import DefusedXmlException
from openpyxl import DEFUSEDXML, Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from pipeline.errors import RegisterListError
from pipeline.formats.csv_rows import DELIMITERS, Cell, CsvLineError, Row, csv_rows
from pipeline.formats.list_limits import MOST_COLUMNS, ListMeter
from pipeline.locale import Message

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BROKEN = (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, ParseError, OSError, EOFError)
# What else a hostile workbook makes zipfile and openpyxl raise: encryption, odd compression, cells out of order.
_HOSTILE = (IndexError, TypeError, AttributeError, RuntimeError, NotImplementedError, zipfile.LargeZipFile)


def read_rows(path: Path, *, name: str = "") -> list[Row]:
    """Every line that holds something, with its number, from 1. `name` is what the list is called in errors.

    Raises `RegisterListError` that says why the file cannot be read, `ListTooLargeError` that names the limit.
    """
    name = name or path.name
    meter = ListMeter(name)
    try:
        meter.check_file(path.stat().st_size)
        data = path.read_bytes()
    except OSError as error:
        raise RegisterListError(name=name, cause=error.strerror or str(error)) from error
    if data.startswith(_OLD_EXCEL):
        raise _refusal(name, Message("it is in the old Excel format (.xls)"))
    return list(_sheet(data, meter) if data.startswith(_ZIP) else _csv(data, meter))


def _csv(data: bytes, meter: ListMeter) -> Iterator[Row]:
    text = _decoded(data, meter.name)
    try:
        yield from csv_rows(text, max(DELIMITERS, key=text.count), meter, strict=True)
    except CsvLineError as error:
        raise _refusal(meter.name, Message("line {line}: {cause}", line=error.line, cause=str(error))) from error


def _decoded(data: bytes, name: str) -> str:
    if data.startswith(_UTF_16) or b"\0" in data:
        raise _refusal(name, Message("it is in UTF-16, not in UTF-8, or no text"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refusal(
            name,
            Message("line {line} is not in UTF-8, but perhaps in Windows-1252 or another older code", line=line),
        ) from error


def _sheet(data: bytes, meter: ListMeter) -> Iterator[Row]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()  # zipfile gives no more of a member than its directory says
            meter.check_archive(len(members), len(data), sum(member.file_size for member in members))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and validations that it passes over
            yield from _first_sheet(data, meter)
    except DefusedXmlException as error:
        raise _refusal(meter.name, Message("it declares entities, as no spreadsheet program does")) from error
    except (*_BROKEN, *_HOSTILE) as error:
        raise _refusal(meter.name, Message("it is no Excel workbook ({cause})", cause=str(error))) from error


def _first_sheet(data: bytes, meter: ListMeter) -> Iterator[Row]:
    if not DEFUSEDXML:
        raise RuntimeError("OPENPYXL_DEFUSEDXML is switched off")
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    sheet = book.worksheets[0]
    sheet.reset_dimensions()  # what the file says of them is often wrong
    for line, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        meter.check_line_number(line)
        if row.count(None) < len(row):  # empty lines may be a million
            cells = [_cell(value) for value in row]
            meter.count(line, cells)
            yield line, cells[:MOST_COLUMNS]
    book.close()


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _refusal(name: str, cause: Message) -> RegisterListError:
    return RegisterListError(name=name, cause=cause)


def write_rows(path: Path, rows: Iterable[Sequence[str | int]]) -> None:
    """Write a list beside `path` and put it in its place when it is whole; XLSX where the name ends so, else CSV."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        (_write_sheet if path.suffix.lower() == ".xlsx" else _write_csv)(partial, rows)
        partial.replace(path)
    except OSError as error:
        raise RegisterListError(name=path.name, cause=error.strerror or str(error)) from error
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
