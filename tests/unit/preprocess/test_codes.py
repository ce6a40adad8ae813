"""Codes drawn on a page and found again, wherever and however they lie."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.extract.sheets import SheetCode, decode, encode
from pipeline.preprocess import imaging
from pipeline.preprocess.codes import find_codes, modules
from pipeline.preprocess.imaging import Image
from samples import truth

CODE = SheetCode("एफ 19-76/2019/1/4", "tehsil-ashta")
PAYMENT = "upi://pay?pa=collectorate@examplebank&am=120.00"


def page_with(*texts: str, pixels_each: int = 6) -> Image:
    """An A4 page at 150 dpi with a code for each text, one below the other."""
    page = np.full((1754, 1240), 235, np.uint8)
    top = 100
    for text in texts:
        code = np.kron(np.where(modules(text), 40, 235), np.ones((pixels_each, pixels_each))).astype(np.uint8)
        page[top : top + len(code), 200 : 200 + len(code)] = code
        top += len(code) + 60
    return page


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_code_is_found_with_the_turn_of_its_page(turn: int) -> None:
    page = page_with(encode(CODE))
    scan = np.ascontiguousarray(np.rot90(page, turn // 90))

    found = find_codes(cv2.cvtColor(scan, cv2.COLOR_GRAY2BGR))

    assert [(decode(code.text), code.turn) for code in found] == [(CODE, turn)]
    assert np.array_equal(imaging.turned(scan, found[0].turn), page)


def test_the_same_code_twice_is_one_and_a_foreign_one_is_told_apart() -> None:
    found = find_codes(page_with(encode(CODE), PAYMENT, encode(CODE)))

    assert {code.text for code in found} == {encode(CODE), PAYMENT}
    assert [decode(code.text) for code in found if decode(code.text)] == [CODE]


def test_a_code_that_is_half_covered_is_not_made_up() -> None:
    page = page_with(encode(CODE))
    page[160:320, 150:500] = 60

    assert find_codes(page) == ()


@pytest.mark.parametrize("letter", truth.load()["letters"], ids=lambda letter: letter["file"])
def test_a_letter_has_no_code(letter: truth.LetterTruth) -> None:
    scan = np.asarray(cv2.imread(str(truth.SCANS / letter["file"]), cv2.IMREAD_UNCHANGED), np.uint8)

    assert find_codes(scan) == ()
