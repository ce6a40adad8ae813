"""Lists that are made to harm whoever reads them: each is refused, soon, by name, and costs the reading process nothing."""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from pipeline.errors import AbhilekhError, ListReaderBusyError, ListTooLargeError, RegisterListError, SheetListError
from pipeline.extract import sheet_list
from pipeline.formats import list_limits
from pipeline.formats.spreadsheet import read_rows, write_rows
from pipeline.register import list_reader, service
from pipeline.register.lists import FILE_COLUMNS

MOST_MB = 200  # of memory that this process may grow by, whatever the list does
MOST_SECONDS = 120  # on the clock; on a quiet machine none takes a tenth of it
NAME = "basta-12.xlsx"

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPES = (
    f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.'
    'sheet.main+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sharedStrings+xml"/></Types>'
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
BOOK = (
    f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
    '<sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
LINKS = (
    f'{HEAD}<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/worksheet" '
    'Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)
ROOT = (
    f'{HEAD}<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
    'Target="xl/workbook.xml"/>'
    "</Relationships>"
)
HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>number</t></is></c></row>'
LAUGHS = "".join(
    [
        '<!DOCTYPE x [<!ENTITY a0 "लोल">',
        *(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10)),
        "]>",
    ]
)


def workbook(
    sheet: Iterator[str] | str, *, strings: Iterator[str] | str = "", more: dict[str, str] | None = None
) -> bytes:
    """A workbook of one sheet, written member by member so that any of them can be huge."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        members = {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": ROOT,
            "xl/workbook.xml": BOOK,
            "xl/_rels/workbook.xml.rels": LINKS,
            "xl/worksheets/sheet1.xml": sheet,
            "xl/sharedStrings.xml": strings or f'{HEAD}<sst xmlns="{MAIN}"/>',
            **(more or {}),
        }
        for name, content in members.items():
            with archive.open(name, "w", force_zip64=False) as member:
                for piece in [content] if isinstance(content, str) else content:
                    member.write(piece.encode())
    return held.getvalue()


def sheet(rows: Iterator[str] | str, head: str = "") -> Iterator[str]:
    yield f'{HEAD}{head}<worksheet xmlns="{MAIN}"><dimension ref="A1:XFD1048576"/><sheetData>{HEADER}'
    yield from [rows] if isinstance(rows, str) else rows
    yield "</sheetData></worksheet>"


def many_cells() -> bytes:
    """As the one that stopped the web part: less than a megabyte that unpacks to 287 MB of cells."""
    row = f"<row>{'<c><v>1</v></c>' * 250}</row>"
    return workbook(sheet(row * 20 for _ in range(4_000)))


def one_string_everywhere() -> bytes:
    strings = f'{HEAD}<sst xmlns="{MAIN}"><si><t>{"अ" * 32_000}</t></si></sst>'
    row = "<row>" + '<c t="s"><v>0</v></c>' * 50 + "</row>"
    return workbook(sheet(row * 50), strings=strings)


def many_strings() -> bytes:
    def strings() -> Iterator[str]:
        yield f'{HEAD}<sst xmlns="{MAIN}">'
        for _ in range(2_000):
            yield "<si><t>1</t></si>" * 1000
        yield "</sst>"

    return workbook(sheet(""), strings=strings())


def far_row() -> bytes:
    return workbook(sheet('<row r="2000000000"><c r="A2000000000"><v>1</v></c></row>'))


def far_column() -> bytes:
    return workbook(sheet('<row r="2"><c r="XFD2"><v>1</v></c><c r="IX2"><v>1</v></c></row>'))


def says_two_gigabytes() -> bytes:
    data = bytearray(workbook(sheet("")))
    at = data.index(b"xl/worksheets/sheet1.xml", data.index(b"PK\x01\x02")) - 46
    data[at + 24 : at + 28] = (2_000_000_000).to_bytes(4, "little")
    return bytes(data)


def says_a_kilobyte() -> bytes:
    """The directory promises a kilobyte; the data unpack to 300 MB."""
    data = bytearray(workbook(sheet(" " * 1_000_000 for _ in range(300))))
    at = data.index(b"xl/worksheets/sheet1.xml", data.index(b"PK\x01\x02")) - 46
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    return bytes(data)


def many_members() -> bytes:
    return workbook(sheet(""), more={f"xl/{n}.xml": "" for n in range(3_000)})


def entities_in(member: str) -> Callable[[], bytes]:
    def made() -> bytes:
        if member == "sheet":
            return workbook(sheet("<row><c t='inlineStr'><is><t>&a9;</t></is></c></row>", LAUGHS))
        if member == "strings":
            return workbook(sheet(""), strings=f'{HEAD}{LAUGHS}<sst xmlns="{MAIN}"><si><t>&a9;</t></si></sst>')
        utf16 = f'<?xml version="1.0" encoding="UTF-16"?>{LAUGHS}<sst xmlns="{MAIN}"><si><t>&a9;</t></si></sst>'
        return _with_strings(utf16.encode("utf-16"))

    return made


def _with_strings(strings: bytes) -> bytes:
    held = io.BytesIO(workbook(sheet("")))
    out = io.BytesIO()
    with zipfile.ZipFile(held) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for info in before.infolist():
            after.writestr(info.filename, strings if info.filename.endswith("sharedStrings.xml") else before.read(info))
    return out.getvalue()


def encrypted() -> bytes:
    data = bytearray(workbook(sheet("")))
    at = data.index(b"xl/worksheets/sheet1.xml", data.index(b"PK\x01\x02")) - 46
    data[at + 8] |= 1
    return bytes(data)


def unknown_compression() -> bytes:
    data = bytearray(workbook(sheet("")))
    at = data.index(b"xl/worksheets/sheet1.xml", data.index(b"PK\x01\x02")) - 46
    data[at + 10 : at + 12] = (99).to_bytes(2, "little")
    return bytes(data)


MB = 1 << 20
TOO_LARGE: dict[str, tuple[Callable[[], bytes], str]] = {
    "cells": (many_cells, "the limit for its size is"),
    "one string everywhere": (one_string_everywhere, str(list_limits.MOST_CHARACTERS)),
    "shared strings": (many_strings, "32 MB"),
    "a far row": (far_row, str(list_limits.LAST_LINE)),
    "a far column": (far_column, str(list_limits.MOST_COLUMNS)),
    "promised bytes": (says_two_gigabytes, "32 MB"),
    "members": (many_members, str(list_limits.MOST_MEMBERS)),
    "csv lines": (lambda: b"number\n" + b"1/2018\n" * 251_000, str(list_limits.MOST_LINES)),
    "csv commas": (lambda: b"number\n" + b"," * 20 * MB, str(list_limits.MOST_LINE_CHARACTERS)),
    "csv one line": (lambda: b"number\n" + b"a" * 100 * MB, str(list_limits.MOST_LINE_CHARACTERS)),
    "csv open quote": (lambda: b'number\n"' + b"1/2018\n" * 300_000, str(list_limits.MOST_LINE_CHARACTERS)),
    "csv one record": (lambda: b"number\n" + b'"\n",' * 2 * MB, str(list_limits.MOST_LINE_CHARACTERS)),
    "csv columns": (lambda: b"number\n" + b"1," * 300 + b"\n", str(list_limits.MOST_COLUMNS)),
    "csv cell": (lambda: b"number\n" + b"1" * 40_000 + b"\n", str(list_limits.MOST_CELL_CHARACTERS)),
    "csv characters": (
        lambda: b"number\n" + (b"1" * 30_000 + b"," + b"1" * 30_000 + b"\n") * 1_200,
        str(list_limits.MOST_CHARACTERS),
    ),
    "csv bytes": (lambda: b"number\n" + b"1" * 130 * MB, str(list_limits.MOST_FILE_BYTES // MB)),
}
BROKEN: dict[str, Callable[[], bytes]] = {
    "promises too few bytes": says_a_kilobyte,
    "entities in the sheet": entities_in("sheet"),
    "entities in the strings": entities_in("strings"),
    "entities in UTF-16": entities_in("utf-16"),
    "encrypted": encrypted,
    "unknown compression": unknown_compression,
    "NULs": lambda: b"number\n" + b"\0" * 20 * MB,
    "half a ZIP": lambda: workbook(sheet(""))[:700],
}


@contextmanager
def costs_little() -> Iterator[None]:
    """Whatever the list does, it does not do it to this process."""
    before, began = _resident_mb(), time.monotonic()
    yield
    assert time.monotonic() - began < MOST_SECONDS
    assert _resident_mb() - before < MOST_MB


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize() / MB


def refused(path: Path, kind: type[AbhilekhError] | tuple[type[AbhilekhError], ...]) -> AbhilekhError:
    with costs_little(), pytest.raises(kind) as caught:
        service.files_list(path, name=NAME)
    for language in ("en", "hi"):
        assert NAME in caught.value.text(language) and "?" not in caught.value.text(language)
    return caught.value


@pytest.mark.parametrize("bomb", TOO_LARGE)
def test_a_list_beyond_a_limit_is_refused_by_name_with_the_limit(bomb: str, tmp_path: Path) -> None:
    made, limit = TOO_LARGE[bomb]
    path = tmp_path / "list"
    path.write_bytes(made())

    error = refused(path, ListTooLargeError)

    assert limit in error.text("en")
    assert limit.replace("MB", "एमबी").replace("the limit for its size is", "इसके आकार के लिए सीमा") in error.text("hi")


@pytest.mark.parametrize("bomb", BROKEN)
def test_a_list_that_is_none_is_refused_and_harms_nobody(bomb: str, tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(BROKEN[bomb]())

    refused(path, (RegisterListError, ListTooLargeError))


def test_elements_inside_each_other_harm_nobody(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(workbook(sheet("<row>" + "<c>" * 400_000 + "</c>" * 400_000 + "</row>")))

    with costs_little(), suppress(RegisterListError, ListTooLargeError):
        assert service.files_list(path).entries == ()


def test_what_a_workbook_says_of_its_size_is_not_believed_and_empty_lines_are_no_lines(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(workbook(sheet('<row r="900000"><c r="A900000" t="inlineStr"><is><t>12/2018</t></is></c></row>')))

    with costs_little():
        read = service.files_list(path)

    assert [(entry.line, entry.values["number"].key) for entry in read.entries] == [(900_000, "12/2018")]


def test_the_reading_process_is_bound_behind_the_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"number,subject\n" + "१२/२०१८,नामांतरण\n".encode() * 100_000)
    monkeypatch.setattr(list_reader, "_CPU_SECONDS", 1)
    monkeypatch.setattr(list_reader, "_CPU_SECONDS_A_MB", 0.0)
    assert "1 s" in refused(path, ListTooLargeError).text("en")

    monkeypatch.undo()
    monkeypatch.setattr(list_reader, "_MEMORY_MB", 8)
    monkeypatch.setattr(list_reader, "_MEMORY_MB_A_MB", 0.0)
    assert "8 MB" in refused(path, ListTooLargeError).text("en")


def test_more_lists_than_are_read_at_once_are_told_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("number\n12/2018\n", encoding="utf-8")
    monkeypatch.setattr(list_reader, "_TURN_SECONDS", 0.05)
    for _ in range(list_reader._AT_ONCE):
        assert list_reader._turns.acquire(timeout=1)
    try:
        with pytest.raises(ListReaderBusyError):
            service.files_list(path)
    finally:
        for _ in range(list_reader._AT_ONCE):
            list_reader._turns.release()

    assert len(service.files_list(path).entries) == 1


# A hundred thousand in a workbook were read as well, in two minutes: too long for every run of the tests.
@pytest.mark.parametrize(("suffix", "files"), [("csv", 100_000), ("xlsx", 20_000)])
def test_the_register_of_a_large_office_is_read(suffix: str, files: int, tmp_path: Path) -> None:
    path = tmp_path / f"register.{suffix}"
    header = [column.name for column in FILE_COLUMNS][:4]
    rows = ([f"sagar-{n % 7}", f"{n}/2018", "", f"ग्राम {n} का नामांतरण"] for n in range(files))
    write_rows(path, (row for some in ([header], rows) for row in some))

    read = service.files_list(path)

    assert len(read.entries) == files and not read.bad
    assert read.entries[-1].values["subject"] == f"ग्राम {files - 1} का नामांतरण"


def test_without_the_process_apart_the_limits_hold_alone(tmp_path: Path) -> None:
    """The limits are no guess of the process bound: read in this process, in a fresh one that may be killed."""
    path = tmp_path / "list"
    path.write_bytes(many_cells())
    code = (
        "import json, sys; from pathlib import Path; from pipeline.formats.spreadsheet import read_rows\n"
        "from pipeline.errors import ListTooLargeError\n"
        "try: read_rows(Path(sys.argv[1]))\n"
        "except ListTooLargeError as error:\n"
        # Not `ru_maxrss`: that begins with what the process held that started this one.
        "    peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
        "    print(json.dumps([error.code, int(peak.split()[1]) // 1024]))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, timeout=400
    )

    found, peak_mb = json.loads(done.stdout)
    assert found == "list_too_large" and peak_mb < 800


@pytest.mark.parametrize("bomb", ["csv lines", "csv one line", "csv open quote", "csv one record", "csv cell"])
def test_lists_of_separator_sheets_have_the_same_limits(bomb: str) -> None:
    made, limit = TOO_LARGE[bomb]
    limit = {"csv lines": str(list_limits.MOST_SHEET_LINES), "csv one line": "16 MB"}.get(bomb, limit)
    text = made().decode().replace("number", "file_no", 1)

    with costs_little(), pytest.raises(ListTooLargeError) as caught:
        sheet_list.read_list(text, "sheets.csv")

    assert "sheets.csv" in caught.value.text("hi") and limit in caught.value.text("en")


def test_a_list_of_separator_sheets_that_is_no_text_is_refused() -> None:
    with pytest.raises(SheetListError):
        sheet_list.read_list("file_no\n\0\0\0\n", "sheets.csv")


def test_rows_keep_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text('number\n\n"12/2018\n"\n13/2018\n', encoding="utf-8")

    assert [line for line, _ in read_rows(path)][-1] == 5
