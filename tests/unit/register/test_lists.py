"""Lists of files: good and bad lines, headers in both languages, and files that are no lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from pipeline.errors import RegisterListError
from pipeline.extract.file_number import parse
from pipeline.formats.spreadsheet import read_rows, write_rows
from pipeline.model.register import CountUnit, FileState, Office, RecordClass, RegisterFile, ShelfPlace
from pipeline.register import cells
from pipeline.register.cells import Refused
from pipeline.register.lists import (
    FILE_COLUMNS,
    OFFICE_COLUMNS,
    NoHeaderError,
    ReadList,
    file_rows,
    office_rows,
    read_list,
)
from pipeline.register.office_plans import plan_offices
from pipeline.register.plans import ImportPlan, new_file, plan_files, with_values

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def read(*rows: Sequence[cells.Cell]) -> ReadList:
    return read_list(enumerate(rows, start=1), FILE_COLUMNS, needed="number")


def of_number(written: str, office: str = "sagar", **values: Any) -> RegisterFile:
    number = parse(written)
    assert number is not None
    return with_values(new_file(office, number, ""), values, by="क", at=NOW)


# --- single values --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reader", "written", "value"),
    [
        (cells.record_class, "ख", RecordClass.B),
        (cells.record_class, "वर्ग “स”", RecordClass.C),
        (cells.record_class, "class d", RecordClass.D),
        (cells.year, "२०१८", "2018"),
        (cells.year, "2018-19", "2018-19"),
        (cells.year, "2018-2021", "2018-21"),
        (cells.year, "1999-00", "1999-2000"),
        (cells.day, "३१.१२.२०१८", date(2018, 12, 31)),
        (cells.day, "2018-12-31", date(2018, 12, 31)),
        (cells.day, datetime(2018, 12, 31, 5), date(2018, 12, 31)),
        (cells.volume, "भाग-२", "2"),
        (cells.volume, "Vol. II", "2"),
        (cells.volume, "002", "2"),
        (cells.volume, "2क", "2क"),
        (cells.pages, "४८", 48),
        (cells.state, "बंद", FileState.CLOSED),
        (cells.state, "In Scanning", FileState.IN_SCANNING),
        (cells.unit, "पन्ने", CountUnit.SHEETS),
        (cells.clean, " अ\n ब\t\x07स ", "अ ब स"),
        (cells.code, "sagar-2", "sagar-2"),
    ],
)
def test_values_are_read_in_both_scripts(reader: Callable[[cells.Cell], Any], written: cells.Cell, value: Any) -> None:
    assert reader(written) == value


@pytest.mark.parametrize(
    ("reader", "written", "code"),
    [
        (cells.record_class, "E", "no_class"),
        (cells.year, "18", "no_year"),
        (cells.year, "2019-2018", "no_year"),
        (cells.day, "31.2.2018", "no_date"),
        (cells.day, "3.4.18", "no_date"),
        (cells.pages, "-3", "no_count"),
        (cells.pages, "4.5", "no_count"),
        (cells.years, "201", "no_count"),
        (cells.state, "?", "no_state"),
        (cells.unit, "kilo", "no_unit"),
        (cells.code, "Sagar", "no_code"),
        (cells.code, "सागर", "no_code"),
        (cells.number, "कुछ नहीं", "no_file_number"),
        (cells.number, date(2018, 4, 11), "number_is_date"),
        (cells.number, "11.4.2018", "number_is_date"),
    ],
)
def test_a_value_that_is_none_says_why(reader: Callable[[cells.Cell], Any], written: cells.Cell, code: str) -> None:
    with pytest.raises(Refused) as refused:
        reader(written)

    assert refused.value.fault.code == code


def test_weeding_follows_class_and_last_year() -> None:
    years = {"B": 10, "C": 5, "D": 3}
    plain = of_number("12/2018", year="2018-20", record_class=RecordClass.C)

    assert plain.weeding(years) == date(2026, 1, 1)
    assert of_number("12/2018", record_class=RecordClass.C).weeding(years) is None
    assert with_values(plain, {"closed_on": date(2022, 3, 1)}, by="", at=NOW).weeding(years) == date(2028, 1, 1)
    assert with_values(plain, {"retention_years": 1}, by="", at=NOW).weeding(years) == date(2022, 1, 1)
    assert with_values(plain, {"weed_on": date(2030, 5, 5)}, by="", at=NOW).weeding(years) == date(2030, 5, 5)
    assert with_values(plain, {"record_class": RecordClass.A}, by="", at=NOW).weeding(years) is None


# --- lines ----------------------------------------------------------------------------------------------------------


def test_headers_in_either_language_below_a_title_are_found() -> None:
    found = read(
        ["अभिलेख कक्ष की सूची"],
        [None, "फाइल नम्बर", "विषय ", "बस्ता क्र."],
        [],
        ["1", "एफ 19-76/2019", "सीमांकन", "१२"],
    )
    english = read(["File No.", "Title", "Bundle"], ["F 19-76/2019", "सीमांकन", "12"])

    assert found.unknown == ("बस्ता क्र.",)
    assert (found.entries[0].line, found.entries[0].values["number"].key) == (4, "F/19/76/2019")
    assert english.entries[0].values["number"].key == "F/19/76/2019"
    assert english.entries[0].values["bundle"] == "12"


def test_bad_lines_are_named_with_column_and_value_and_the_others_are_read() -> None:
    found = read(
        ["नस्ती क्रमांक", "वर्ग", "वर्ष"],
        ["12/2018", "ख", "2018"],
        ["13/2018", "ज", "कब"],
        ["", "ख", ""],
        [date(2018, 4, 11), "", ""],
    )

    assert [entry.line for entry in found.entries] == [2]
    assert [(bad.line, bad.column, bad.value, bad.fault.code) for bad in found.bad] == [
        (3, "वर्ग", "ज", "no_class"),
        (3, "वर्ष", "कब", "no_year"),
        (4, "नस्ती क्रमांक", "", "missing_value"),
        (5, "नस्ती क्रमांक", "2018-04-11", "number_is_date"),
    ]
    assert all(told[name] for bad in found.bad for told in [bad.json()] for name in ("en", "hi", "next_en", "next_hi"))


def test_a_list_without_the_header_or_with_one_twice_is_refused() -> None:
    with pytest.raises(NoHeaderError):
        read(["विषय"], ["सीमांकन"])
    with pytest.raises(NoHeaderError) as twice:
        read(["number", "विषय", "subject"])

    assert twice.value.twice == "विषय"


# --- what a list changes --------------------------------------------------------------------------------------------


def plan(found: ReadList, *standing: RegisterFile, office: str | None = "sagar") -> ImportPlan:
    return plan_files(found, standing, ["sagar"], office=office, by="ख", at=NOW)


def test_only_what_differs_is_written() -> None:
    standing = of_number("12/2018", subject="सीमांकन"), of_number("13/2018", subject="नक्शा")
    found = read(["number", "subject", "rack"], ["१२/२०१८", "", "4"], ["13/2018", "नक्शा", None], ["14/2018", "-", ""])

    made = plan(found, *standing)

    assert (made.created, made.updated, made.unchanged, made.bad) == (1, 1, 1, [])
    changed = made.files["sagar", "12/2018", ""]
    assert (changed.subject, changed.place, changed.number) == ("सीमांकन", ShelfPlace(rack="4"), "12/2018")
    assert [event.details for event in made.events] == [{"changed": {"rack": ["", "4"]}}, {"state": "open"}]
    assert len(made.files) == 2


def test_a_hyphen_takes_a_value_away_and_a_guarded_one_does_not() -> None:
    standing = of_number("12/2018", subject="सीमांकन", record_class=RecordClass.B)
    made = plan(read(["number", "subject", "class"], ["12/2018", "'-", "-"]), standing)

    assert (made.files[standing.ident].subject, made.files[standing.ident].record_class) == ("-", None)


def test_lines_that_the_register_cannot_take_are_refused() -> None:
    closed = of_number("15/2018", state=FileState.CLOSED, pages_counted=4)
    found = read(
        ["office", "number", "state", "pages", "subject"],
        ["gaya", "11/2018", "", "", ""],
        ["", "12/2018", "", "", ""],
        ["sagar", "13/2018", "", "", "एक"],
        ["sagar", "13/2018", "", "", "दो"],
        ["sagar", "13/2018", "", "", "एक"],
        ["sagar", "14/2018", "बंद", "", ""],
        ["sagar", "15/2018", "खुली", "", ""],
        ["sagar", "15/2018", "", "5", ""],
        ["sagar", "16/2018", "बंद", "", ""],
    )

    made = plan(found, closed, of_number("14/2018"), office=None)

    assert [(bad.line, bad.fault.code) for bad in made.bad] == [
        (2, "unknown_office"),
        (3, "no_office"),
        (5, "twice"),
        (7, "not_by_list"),
        (8, "not_by_list"),
        (9, "count_stands"),
    ]
    assert (made.created, made.unchanged, made.json()["refused"]) == (2, 1, 6)


def test_a_look_alike_is_taken_and_told() -> None:
    made = plan(read(["number"], ["F 19-B/2019"], ["19/2019"], ["20/2019"]), of_number("F 19-8/2019"))

    assert [(warning.line, warning.fault.code) for warning in made.warnings] == [(2, "alike"), (3, "alike")]
    assert "F 19-8/2019" in made.warnings[0].fault.cause.text("hi")
    assert made.created == 3


def test_a_count_in_a_list_is_signed_by_who_imports() -> None:
    made = plan(read(["number", "पृष्ठ"], ["12/2018", "४८"]))
    file = made.files["sagar", "12/2018", ""]

    assert (file.pages_counted, file.counted_by, file.counted_at) == (48, "ख", NOW)


def test_offices_may_stand_in_any_order_and_never_above_themselves() -> None:
    rows = [
        ["कोड", "नाम", "parent"],
        ["tehsil", "तहसील", "sagar"],
        ["sagar", "कलेक्टर", ""],
        ["a", "", "b"],
        ["b", "", "a"],
        ["c", "", "nowhere"],
        ["d", "", "c"],
    ]
    made = plan_offices(read_list(enumerate(rows, start=1), OFFICE_COLUMNS, needed="code"), [])

    assert [office.code for office in made.offices] == ["tehsil", "sagar"]
    assert [(bad.line, bad.fault.code) for bad in made.bad] == [
        (4, "parent_loop"),
        (5, "parent_loop"),
        (6, "unknown_office"),
        (7, "unknown_office"),
    ]


# --- files on the disk ----------------------------------------------------------------------------------------------

FILES = [
    of_number("=12/2018", subject="+गणना", year="2018-20", record_class=RecordClass.B, room="@क", rack="'अ"),
    of_number(
        "एफ 19-76/2019",
        subject='दो "उद्धरण", अल्पविराम; अर्ध',
        closed_on=date(2020, 1, 2),
        pages_counted=48,
        count_unit=CountUnit.SHEETS,
        state=FileState.CLOSED,
        retention_years=7,
        weed_on=date(2031, 1, 1),
    ),
    of_number("20/2019", subject="-", bundle="12"),
]


@pytest.mark.parametrize("name", ["list.csv", "list.xlsx"])
def test_a_list_written_and_read_back_is_the_same_and_holds_no_formula(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_rows(path, file_rows(FILES, lambda file: file.weeding({})))

    rows = read_rows(path)
    made = plan(read_list(rows, FILE_COLUMNS, needed="number"))

    assert (made.bad, made.warnings) == ([], [])
    assert [replace(made.files[file.ident], counted_by=file.counted_by) for file in FILES] == FILES
    assert not [cell for _, row in rows for cell in row if isinstance(cell, str) and cell[:1] in tuple("=+-@")]
    assert plan(read_list(rows, FILE_COLUMNS, needed="number"), *FILES).unchanged == len(FILES)
    assert list(tmp_path.iterdir()) == [path]


def test_offices_written_and_read_back_are_the_same(tmp_path: Path) -> None:
    offices = [Office("sagar", "कलेक्टर कार्यालय", "=Collectorate"), Office("tehsil", parent="sagar")]
    write_rows(tmp_path / "o.xlsx", office_rows(offices))

    made = plan_offices(read_list(read_rows(tmp_path / "o.xlsx"), OFFICE_COLUMNS, needed="code"), [])

    assert made.offices == offices


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_csv_comes_with_and_without_a_mark_and_parted_as_it_likes(tmp_path: Path, encoding: str, mark: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(f'नस्ती क्रमांक{mark}विषय\r\n12/2018{mark}"दो\r\nपंक्तियाँ"\r\n13/2018{mark}नक्शा\r\n'.encode(encoding))

    found = read_list(read_rows(path), FILE_COLUMNS, needed="number")

    assert [(entry.line, entry.values["subject"]) for entry in found.entries] == [(2, "दो पंक्तियाँ"), (4, "नक्शा")]


def test_a_workbook_of_others_is_read_with_its_dates_and_numbers(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["नस्ती क्रमांक", "वर्ष", "नस्तीबद्ध दिनांक", "पृष्ठ"])
    sheet.append(["12/2018", 2018, datetime(2019, 3, 31), 48.0])
    sheet.append([datetime(2018, 4, 11), None, None, None])
    book.save(tmp_path / "list.xlsx")

    found = read_list(read_rows(tmp_path / "list.xlsx"), FILE_COLUMNS, needed="number")

    values = found.entries[0].values
    assert (values["year"], values["closed_on"], values["pages_counted"]) == ("2018", date(2019, 3, 31), 48)
    assert [(bad.line, bad.fault.code) for bad in found.bad] == [(3, "number_is_date")]


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        ("नस्ती".encode("utf-16"), "UTF-16"),
        ("नस्ती,1\n".encode("utf-16-le"), "UTF-16"),
        (b"number,subject\n12/2018,caf\xe9\n", "line 2 is not in UTF-8"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel"),
        (b"PK\x03\x04rest", "no Excel workbook"),
        (b'number\n"12/2018\n', "line 2"),
    ],
)
def test_what_is_no_list_is_refused_with_its_cause(tmp_path: Path, data: bytes, cause: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(data)

    with pytest.raises(RegisterListError, match=cause) as refused:
        read_rows(path)

    assert "UTF-8" in refused.value.text("hi")


def test_a_list_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegisterListError, match="No such file"):
        read_rows(tmp_path / "nowhere.csv")
