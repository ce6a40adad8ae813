"""What the code on a separator sheet says: it comes back whole, and nothing else is taken for one."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.extract import sheets
from pipeline.extract.sheets import LONGEST, MARK, SheetCode, SheetPart, decode, encode, plain

CODE = SheetCode("एफ 19-76/2019/1/4", "tehsil-ashta", "2", SheetPart.NOTING)
FIELD = st.text(alphabet=st.characters(codec="utf-8"), max_size=20).map(plain)
CODES = st.builds(SheetCode, FIELD.filter(bool), FIELD, FIELD, st.sampled_from([*SheetPart, None]))


@given(CODES)
def test_a_code_comes_back_as_it_was(code: SheetCode) -> None:
    try:
        text = encode(code)
    except ValueError:
        assume(False)

    assert decode(text) == code
    assert len(text) <= LONGEST and set(text) <= set(sheets._SIGNS)


@given(st.text(max_size=60), st.booleans())
def test_no_other_text_is_a_sheet(text: str, marked: bool) -> None:
    code = decode(MARK + text if marked else text)

    assert code is None or encode(code) == MARK + text


@given(CODES, st.data())
def test_a_garbled_code_is_no_sheet(code: SheetCode, data: st.DataObject) -> None:
    try:
        text = encode(code)
    except ValueError:
        assume(False)
    place = data.draw(st.integers(len(MARK), len(text) - 1))
    sign = data.draw(st.sampled_from(sheets._SIGNS))
    assume(sign != text[place])

    assert decode(text[:place] + sign + text[place + 1 :]) is None
    assert decode(text[:place]) is None
    assert decode(text + sign) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ABH1:",
        "ABH2:" + encode(CODE).removeprefix(MARK),
        encode(CODE).lower(),
        " " + encode(CODE),
        "upi://pay?pa=collectorate@examplebank&pn=Collector&am=120.00&cu=INR",
        "BEGIN:VCARD\nN:तहसीलदार\nEND:VCARD",
        "ABH1|tehsil-ashta|12/2019|1|N",
    ],
)
def test_foreign_and_forged_codes_are_no_sheets(text: str) -> None:
    assert decode(text) is None


@pytest.mark.parametrize(
    "body", ["a\x1f12/3\x1f\x1fX", "a\x1f\x1f1\x1fN", "a\x1f12/3\x1f", " a\x1f12/3\x1f\x1f", "a\x1f1\x002\x1f\x1f"]
)
def test_a_right_check_does_not_save_a_wrong_body(body: str) -> None:
    data = body.encode("utf-8")

    assert decode(MARK + sheets._base45(zlib.crc32(data).to_bytes(4, "big") + data)) is None


def test_what_cannot_stand_in_a_code_is_refused() -> None:
    for bad in (SheetCode(""), SheetCode("12\n3"), SheetCode(" 12/3"), SheetCode("12/3", office="क" * 80)):
        with pytest.raises(ValueError):
            encode(bad)


def test_one_file_is_one_file_however_its_number_is_spelt() -> None:
    other = SheetCode("F 19-76/2019/1/4", "tehsil-ashta", "2", SheetPart.NOTING)

    assert CODE.is_same_file(other)
    assert not CODE.is_same_file(SheetCode("एफ 19-76/2019/1/4", "tehsil-ashta", "3", SheetPart.NOTING))
    assert not CODE.is_same_file(SheetCode("एफ 19-77/2019/1/4", "tehsil-ashta", "2", SheetPart.NOTING))
