"""Whether the writing of the back shows through so strongly that reading is in danger. Nothing is taken away here.

Ink of the front is of one darkness, give or take; what shows through is fainter, has strokes like writing, and stands where
the front has none. Stains and folds are broader than strokes, and a weak page is weak all over.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.preprocess.imaging import Image, parted, shapes
from pipeline.preprocess.ink import MARK_LEVEL

SHOW_THROUGH = "show_through"  # the flag of such a page

# Lengths are in inches. Set on seed 5 of `script/bench show-through`, and held against other seeds and against real pages
# (decision 43).
_COARSE_DPI = 150  # strokes are looked for at about this resolution
_STRONG = 95  # percentile of the darkness of all marks that is the front's ink
_OWN = 0.55  # of the ink's darkness, from which a mark is the front's own
_AROUND = 0.02  # as near to the front's own ink, a faint mark is its blurred edge
_WIDEST = 0.063  # wider than any stroke; a stain is wider
_FAINT = 0.2  # of the ink's darkness, from which a mark may be read as a letter
_LONG = 0.04  # shorter shapes are grain and specks
_SAMPLED = 3  # pixels: of every third row every third tells how dark the ink is
_LEAST_INK = 100  # sampled pixels of marks, below which there is no ink to compare with
_MOST = 0.2  # of the front's own ink: so much of the back's puts reading in danger


@dataclass(frozen=True, slots=True)
class ShowThrough:
    """Of the faint strokes the area to that of the own ink, and the darkness to the ink's; 0 where there are none. Where all
    that is faint is too little to matter, `share` is of all of it, and `depth` is 0."""

    share: float
    depth: float

    @property
    def endangers_reading(self) -> bool:
        return self.share > _MOST


def show_through(flat: Image, dpi: float) -> ShowThrough:
    """Measure the faint strokes beside the ink on the page for reading: grey, (height, width), its paper at 255."""
    factor = max(round(dpi / _COARSE_DPI), 1)
    small, coarse = parted(flat, factor), dpi / factor
    sample = flat[::_SAMPLED, ::_SAMPLED]
    marks = 255 - sample[sample < MARK_LEVEL]
    if marks.size < _LEAST_INK:
        return ShowThrough(0.0, 0.0)
    strong = float(np.percentile(marks, _STRONG))
    # At full size: a thin black stroke is grey on the reduced page.
    _, inked = cv2.threshold(flat, 255 - _OWN * strong, 255, cv2.THRESH_BINARY_INV)
    own = (parted(np.asarray(inked, np.uint8), factor) > 0).astype(np.uint8)
    near = cv2.dilate(own, _disc(_AROUND * coarse))
    area = max(cv2.countNonZero(own), 1)
    pale = (small < 255 - _FAINT * strong) & (near == 0)
    if np.count_nonzero(pale) <= _MOST * area:  # most pages
        return ShowThrough(np.count_nonzero(pale) / area, 0.0)
    raised = cv2.morphologyEx(small, cv2.MORPH_BLACKHAT, _square(_WIDEST * coarse))
    faint = pale & (raised > _FAINT * strong)
    labels, stats = shapes(faint.astype(np.uint8))
    is_stroke = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) >= _LONG * coarse
    is_stroke[0] = False
    strokes = raised[faint][is_stroke[labels[faint]]]
    if not strokes.size:
        return ShowThrough(0.0, 0.0)
    return ShowThrough(strokes.size / area, float(np.median(strokes)) / strong)


def _disc(radius: float) -> Image:
    size = 2 * max(round(radius), 1) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def _square(side: float) -> Image:
    size = round(side) | 1
    return np.ones((size, size), np.uint8)
