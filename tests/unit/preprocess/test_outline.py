"""Where the sheet lies and where two pages meet, on drawn scans."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.preprocess.imaging import Image
from pipeline.preprocess.outline import sheet_box
from pipeline.preprocess.spread import gutter


def written(page: Image, left: int, right: int) -> None:
    for y in range(160, page.shape[0] - 160, 46):
        for x in range(left, right - 60, 80):
            cv2.putText(page, "word", (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 40, 2, cv2.LINE_AA)


def spread(*, valley: bool) -> Image:
    page = np.full((1000, 1400), 225, np.uint8)
    written(page, 100, 640)
    written(page, 760, 1300)
    if valley:
        shade = 1 - 0.45 * np.exp(-np.square((np.arange(1400) - 706) / 14.0))
        page = (page * shade[None, :]).astype(np.uint8)
    return page


@pytest.mark.parametrize(("surround", "paper"), [(10, 225), (252, 220)])
def test_the_sheet_is_found_against_black_and_against_white(surround: int, paper: int) -> None:
    scan = np.full((1400, 1100), surround, np.uint8)
    scan[120:1290, 90:1000] = paper
    written(scan[120:1290, 90:1000], 100, 800)

    box, confidence = sheet_box(scan)

    assert box is not None and confidence > 0.8
    assert box == pytest.approx((90, 120, 910, 1170), abs=8)


def test_a_sheet_that_fills_the_scan_has_no_outline_to_believe() -> None:
    scan = np.full((1400, 1000), 240, np.uint8)
    written(scan, 120, 880)
    cv2.rectangle(scan, (100, 900), (900, 1300), 30, 3)  # a ruled box is no sheet

    assert sheet_box(scan)[1] == 0.0


def test_two_pages_meet_in_the_valley() -> None:
    found = gutter(spread(valley=True), None)

    assert found.confidence > 0.8 and found.value == pytest.approx(706, abs=8)


def test_a_landscape_page_without_valley_or_with_writing_across_is_no_spread() -> None:
    across = spread(valley=True)
    written(across, 100, 1300)

    assert gutter(spread(valley=False), None).confidence < 0.5
    assert gutter(across, None).confidence < 0.5
    assert gutter(np.full((1400, 1000), 230, np.uint8), None).confidence == 0.0
