"""Lists of files for separator sheets: headers in both languages, and every bad line named with what to do."""

from __future__ import annotations

import pytest

from pipeline.errors import SheetListError
from pipeline.extract.sheet_list import read_list
from pipeline.extract.sheets import SheetCode, SheetPart

HINDI = "\ufeffकार्यालय,नस्ती क्रमांक,खण्ड,भाग,विषय\r\ntehsil-ashta,एफ 19-76/2019/1/4,२,टिप्पणी,सीमांकन बाबत्\r\n"


def test_a_list_with_hindi_headers_as_a_spreadsheet_saves_it() -> None:
    asked, faults = read_list(HINDI, "l.csv")

    assert not faults
    assert [(one.line, one.code, one.subject) for one in asked] == [
        (2, SheetCode("एफ 19-76/2019/1/4", "tehsil-ashta", "2", SheetPart.NOTING), "सीमांकन बाबत्")
    ]


@pytest.mark.parametrize("header", ["File No.;Office;Part", "file_no;office;part", "फ़ाइल नंबर;कार्यालय;भाग"])
def test_columns_stand_in_any_order_and_may_be_left_out(header: str) -> None:
    asked, _ = read_list(f"{header}\n\n 12/3 ;;पत्राचार\n45/6;b\n", "l.csv", office="ours")

    assert [one.code for one in asked] == [
        SheetCode("12/3", "ours", "", SheetPart.CORRESPONDENCE),
        SheetCode("45/6", "b"),
    ]
    assert [one.line for one in asked] == [3, 4]


def test_every_bad_line_is_named_with_what_to_do_and_the_others_are_kept() -> None:
    lines = [",,1", "x,स्थापना,", "x,12/2019,half", "x,12/2019,,a", f"{'क' * 90},1/2,", 'x,"13/2019",noting']
    asked, faults = read_list("office,file_no,part\n" + "\n".join(lines), "l.csv")

    assert [one.code.file_no for one in asked] == ["13/2019"]
    assert [fault.details["line"] for fault in faults] == [2, 3, 4, 5, 6]
    for fault, (english, hindi) in zip(
        faults,
        [
            ("number is missing", "नस्ती पर लिखा क्रमांक"),
            ("no digit", "कोई अंक नहीं"),
            ("noting or correspondence", "पत्राचार"),
            ("quotation marks", "उद्धरण चिह्नों"),
            ("short code", "छोटा कोड"),
        ],
        strict=True,
    ):
        assert english in fault.text("en") and hindi in fault.text("hi") and "l.csv" in fault.text("hi")


@pytest.mark.parametrize("text", ["", "office,subject\na,b\n", "file_no\n1/2018\0\n"])
def test_a_list_without_file_numbers_is_refused(text: str) -> None:
    with pytest.raises(SheetListError):
        read_list(text, "l.csv")
