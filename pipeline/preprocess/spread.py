"""Where two facing pages meet in one scan. What is done about it is decided in `tidy`."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.preprocess.imaging import Image, Measure, ramp, shrink
from pipeline.preprocess.ink import ink

Tones = npt.NDArray[np.float64]

_LONGEST = 700  # longer side, in pixels, of the copy on which the valley is looked for
# Between these a confidence grows from 0 to 1.
_VALLEY = (0.04, 0.12)  # how much darker the gutter is than the paper on both its sides
_WRITTEN = (0.08, 0.25)  # share of the ink on the side that has less
_LANDSCAPE = 1.15  # width over height from which a scan can hold two pages
_BANDS = 8  # the gutter must run through most of as many bands
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
    if width < _LANDSCAPE * height or width < 8 * _BANDS or height < 8 * _BANDS:
        return Measure(0.0, 0.0)
    sheet = page[y : y + height, x : x + width]
    small = shrink(sheet, _LONGEST)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 5), np.uint8))  # thin strokes and rules closed
    bands = [np.median(band, 0) for band in np.array_split(paper, _BANDS)]
    found = [_valley(band.astype(np.float64)) for band in bands]
    middle = float(np.median([at for at, _ in found]))
    wide = small.shape[1]
    agreeing = [deep for at, deep in found if abs(at - middle) <= _BEND * wide]
    depth_of_valley = float(np.median(agreeing)) if len(agreeing) >= _BANDS * 3 // 4 else 0.0
    columns = ink(page)[y : y + height, x : x + width].sum(0)
    at = int(middle * width / wide)
    room = max(int(width * 0.015), 1)
    left, right = float(columns[: at - room].sum()), float(columns[at + room :].sum())
    total = max(float(columns.sum()), 1e-9)
    beside = max(int(width * _MARGIN), 1)  # where the valley itself is dark, its ink is taken for a stain
    near = float(columns[at - beside : at + beside].mean()) / (total / width)
    crossing = 1 - ramp(near, *_CROSSING)
    written = ramp(min(left, right) / total, *_WRITTEN)
    return Measure(x + at, round(min(ramp(depth_of_valley, *_VALLEY), written, crossing), 3))


def _valley(band: Tones) -> tuple[float, float]:
    """The darkest place in the middle third of a row of tones, and by what share it is darker than both its sides."""
    wide = len(band)
    first, last = wide // 3, wide - wide // 3
    at = first + int(band[first:last].argmin())
    reach = max(wide // 12, 2)
    sides = float(np.median(band[at - reach : at - reach // 2])), float(np.median(band[at + reach // 2 : at + reach]))
    return float(at), 1 - float(band[at]) / max(min(sides), 1.0)
