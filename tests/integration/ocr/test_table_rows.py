"""The rows of a table on a sample letter, read by Tesseract itself, under rules as they were drawn and under worn ones."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.model.page import Geometry, PageImage
from pipeline.ocr import engines, program
from pipeline.ocr.options import OcrOptions
from pipeline.ocr.read import read_page
from pipeline.preprocess.clean import for_reading
from pipeline.preprocess.imaging import Image, turned
from samples import truth

LETTER = next(letter for letter in truth.load()["letters"] if "विद्यार्थी का नाम" in letter["text"])
ROWS = [
    "1 सुखदेव पैंकरा 6 10 11,000",
    "2 अमित भगत 7 10 11,000",
    "3 बिरसु राम 7 8 8,800",
    "4 दिलीप एक्का 8 10 11,000",
    "5 मनोज टोप्पो 8 9 9,900",
]


def letter() -> Image:
    page = np.asarray(cv2.imread(str(truth.SCANS / LETTER["file"]), cv2.IMREAD_GRAYSCALE), np.uint8)
    return turned(page, LETTER["rotated_ccw"])


def without_parts_of_rules(page: Image) -> Image:
    """The page with white gaps in every long straight line, a fifth of its way."""
    ink = (page < 160).astype(np.uint8)
    across = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, LETTER["dpi"]), np.uint8))
    down = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((LETTER["dpi"] // 2, 1), np.uint8))
    rules = cv2.dilate(across | down, np.ones((5, 5), np.uint8)) > 0
    y, x = np.indices(page.shape)
    return np.where(rules & ((x + y) % 40 < 8), 255, page).astype(np.uint8)


@pytest.mark.parametrize("is_worn", [False, True])
def test_every_row_of_a_table_stands_whole_on_a_line_of_its_own(is_worn: bool) -> None:
    page = without_parts_of_rules(letter()) if is_worn else letter()
    how = OcrOptions(
        engine=engines.chosen("auto"),
        languages=program.resolve_languages("Devanagari"),
        doubtful_languages=program.resolve_languages("Devanagari+hin"),
        page_mode=3,
        doubtful_below=0.86,
        low_confidence=0.6,
    )

    read = read_page(
        PageImage(1, "", page.shape[1], page.shape[0], LETTER["dpi"], Geometry(), False),
        for_reading(page, LETTER["dpi"]),
        how,
    )

    lines = [line.replace("\t", " ") for line in read.text.splitlines()]
    assert [row for row in ROWS if row not in lines] == []
    assert sum("\t" in line for line in read.text.splitlines()) == len(ROWS) + 2  # the heading and the sum
