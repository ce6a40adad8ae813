"""Where two facing pages meet in one scan. What is done about it is decided in `upright`."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.preprocess.imaging import NEAR_ZERO, Image, Measure, ramp, shrink
from pipeline.preprocess.ink import ink

Tones = npt.NDArray[np.float64]

# Set by hand.
_LONGEST = 700  # longer side, in pixels, of the copy on which the valley is looked for
_CLOSED = (9, 5)  # pixels of that copy, height and width: strokes and rules that are thinner are closed
# Between these a confidence grows from 0 to 1.
_VALLEY = (0.04, 0.12)  # how much darker the gutter is than the paper on both its sides
_WRITTEN = (0.08, 0.25)  # share of the ink on the side that has less
_LANDSCAPE = 1.15  # width over height from which a scan can hold two pages
_BANDS = 8  # into which the sheet is cut from top to bottom; the gutter must run
_LEAST_BANDS = 6  # through so many of them
_LEAST_BAND = 8  # pixels of the page: lower bands tell nothing
_MIDDLE = 3  # the gutter lies in the middle one of so many parts of the width
_SIDES = 12  # the paper beside it is that within so many parts of the width, without the nearer half
_GUTTER = 0.015  # of the width, on either side of the gutter, that belongs to neither page
_MARGIN = 0.03  # of the width, on either side of the gutter, that is as good as empty between two pages
_CROSSING = (0.15, 0.45)  # ink there, against the whole width: two pages, one page
_BEND = 0.02  # of the width, by which the gutter may wander


def gutter(page: Image, box: tuple[int, int, int, int] | None) -> Measure:
    """The x in pixels at which two facing pages meet, and how sure it is that there are two.

    `page` is grey and upright, `box` where the sheet lies (x, y, width, height), if that is known. A gutter is a dark
    valley of the paper near the middle of a landscape sheet, through most of its height, with writing on both sides and
    hardly any in it.
    """
    x, y, width, height = box or (0, 0, page.shape[1], page.shape[0])
    if width < _LANDSCAPE * height or min(width, height) < _LEAST_BAND * _BANDS:
        return Measure(0.0, 0.0)
    sheet = page[y : y + height, x : x + width]
    small = shrink(sheet, _LONGEST)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones(_CLOSED, np.uint8))
    bands = [np.median(band, 0) for band in np.array_split(paper, _BANDS)]
    found = [_valley(band.astype(np.float64)) for band in bands]
    middle = float(np.median([at for at, _ in found]))
    wide = small.shape[1]
    agreeing = [deep for at, deep in found if abs(at - middle) <= _BEND * wide]
    depth_of_valley = float(np.median(agreeing)) if len(agreeing) >= _LEAST_BANDS else 0.0
    columns = ink(page)[y : y + height, x : x + width].sum(0)
    at = int(middle * width / wide)
    room = max(int(width * _GUTTER), 1)
    left, right = float(columns[: at - room].sum()), float(columns[at + room :].sum())
    total = max(float(columns.sum()), NEAR_ZERO)
    beside = max(int(width * _MARGIN), 1)  # where the valley itself is dark, its ink is taken for a stain
    near = float(columns[at - beside : at + beside].mean()) / (total / width)
    crossing = 1 - ramp(near, *_CROSSING)
    written = ramp(min(left, right) / total, *_WRITTEN)
    return Measure(x + at, round(min(ramp(depth_of_valley, *_VALLEY), written, crossing), 3))


def _valley(band: Tones) -> tuple[float, float]:
    """The darkest place in the middle third of a row of tones, and by what share it is darker than both its sides."""
    wide = len(band)
    first, last = wide // _MIDDLE, wide - wide // _MIDDLE
    at = first + int(band[first:last].argmin())
    reach = max(wide // _SIDES, 2)
    sides = float(np.median(band[at - reach : at - reach // 2])), float(np.median(band[at + reach // 2 : at + reach]))
    return float(at), 1 - float(band[at]) / max(min(sides), 1.0)
