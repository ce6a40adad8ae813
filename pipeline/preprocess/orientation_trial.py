"""The turn of a page by reading some of its lines for a trial, each of the four ways that they may stand.

Asked where the page's shape does not tell: print without headlines, a few words, a table, a worn sheet. Letters that stand
on their heads or lie on their sides are read as a few unsure signs, so that one of the four ways stands out. The lines
are read elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.model.page import INK_LEVEL, Box
from pipeline.preprocess import imaging
from pipeline.preprocess.imaging import Image, Measure, ramp
from pipeline.preprocess.lines import find_lines
from pipeline.preprocess.outline import paper_mask, surround
from pipeline.preprocess.paper import flatten

# Set by hand; what the trial finds is measured in decision 4.
_DPI = 170  # of the copy that is read
_LINES, _WIDEST = 4, 3.2  # lines, and how much of each, in inches
_PAD, _MARGIN = 6, 10  # pixels of the page, and of white, around a line
# Between these the confidence grows from 0 to 1. Measured on pages whose shape does not tell: lines that stand right were
# read with 0.85 to 0.96, all others with 0.11 to 0.74.
_SURE = (0.5, 0.8)
_AHEAD = (0.03, 0.15)
_LETTERS = (3.0, 12.0)


@dataclass(frozen=True, slots=True)
class Tried:
    """What was read of some lines: how many letters and digits, and how surely, 0 to 1."""

    letters: int
    confidence: float


TryLines = Callable[[Sequence[Image], int], Tried]  # lines in grey, dots per inch


def turn_by_reading(scan: Image, dpi: float, skew: float, read: TryLines) -> Measure:
    """The quarter turn, in degrees counter-clockwise, of a scan with a skew of `skew` degrees besides; confidence 0
    where nothing can be read. `scan` is grey, at `dpi` dots per inch."""
    small = imaging.shrink(scan, max(round(max(scan.shape) * _DPI / dpi), 1)) if dpi > _DPI else scan
    resolution = round(min(dpi, _DPI))
    tried: list[tuple[float, int, int]] = []
    for axis in (0, 90):
        lines = list(_lines(imaging.turned(small, axis), resolution, skew))
        for turn in (axis, axis + 180):
            found = read(lines, resolution) if lines else Tried(0, 0.0)
            tried.append((found.confidence, found.letters, turn))
            lines = [np.ascontiguousarray(line[::-1, ::-1]) for line in lines]
    best, second = sorted(tried, reverse=True)[:2]
    sure = min(ramp(best[0], *_SURE), ramp(best[0] - second[0], *_AHEAD), ramp(best[1], *_LETTERS))
    return Measure(best[2], round(sure, 3))


def _lines(page: Image, dpi: int, skew: float) -> Iterator[Image]:
    """The lines with the most ink, or what would be lines if the page lay so; a rule has little."""
    straight = imaging.deskewed(page, skew) if skew else page
    mask = paper_mask(straight)
    flat = flatten(straight, None if mask.all() else surround(mask))
    cuts = [_cut(flat, line, round(_WIDEST * dpi)) for line in find_lines(flat, dpi)]
    cuts.sort(key=lambda cut: -np.count_nonzero(cut < INK_LEVEL))
    for cut in cuts[:_LINES]:
        white = cv2.copyMakeBorder(cut, _MARGIN, _MARGIN, _MARGIN, _MARGIN, cv2.BORDER_CONSTANT, value=255)
        yield np.asarray(white, np.uint8)


def _cut(flat: Image, line: Box, widest: int) -> Image:
    wide = min(line.w, widest)
    return flat[max(line.y - _PAD, 0) : line.y + line.h + _PAD, max(line.x - _PAD, 0) : line.x + wide + _PAD]
