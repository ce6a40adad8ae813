"""Coloured ink on a page: stamps, seals and notes in blue, violet or red.

Only what lies over black writing hides it, and is taken away before that is read; all other coloured ink is writing like any
other (headings, stamped and typed numbers, letters typed in blue) and stays. What is taken away is read by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.model.page import Box
from pipeline.preprocess.imaging import Image, boxes
from pipeline.preprocess.ink import MARK_LEVEL

# Set by hand. Grey levels are those of an even page, with its paper at 255.
_BLACK = 70  # grey level below which ink is black whatever lies over it
_COLOURED = 0.09  # of full scale, between the strongest and the weakest channel, from which ink may be coloured
_SATURATED = 0.24  # of how dark the darker one is: it is so from there, faint or firm
_STRIDE, _AROUND = 3, 12  # pixels: how far apart those are that tell whether there is colour; of the page around them
_PAPER_STRIDE = 16  # pixels: how far apart those are whose median is the paper's colour
_EDGE = np.ones((5, 5), np.uint8)  # two pixels on every side of coloured ink, which is blurred into the paper
_INK = 120  # grey level below which a pixel is surely writing
_HALF = 127  # of 255: coloured for the most part
_JOINED = 0.12  # inches between strokes of one stamp
_COARSE_DPI = 75  # of the copy on which strokes are joined
_LEAST = 0.15  # inches, the longer side of a stamp
_BLACK_SHARE = 0.06  # of the area that a stamp takes, under black writing, from which it lies over that
_THICKEST = 0.05  # inches, half the width of a stamp's strokes; what is thicker is a picture
_LARGEST = 3.5  # inches, the longer side of a stamp
_MOST_BLACK = 0.8  # of the ink in that area; above it the colour is the black letters' own blurred edge


@dataclass(frozen=True, slots=True)
class Stamp:
    """Coloured ink over writing: where it lies, and its own ink on white, grey, of the box's size."""

    box: Box
    pixels: Image


def lift_stamps(flat: Image, page: Image, dpi: float) -> tuple[Stamp, ...]:
    """Paint the coloured ink that lies over black writing out of the even page, in place, and return it.

    `page` is the same page in BGR, (height, width, 3). Colour is measured against the paper's own; a look at some of the
    pixels tells where it has to be looked for.
    """
    paper = np.maximum(np.median(page[::_PAPER_STRIDE, ::_PAPER_STRIDE].reshape(-1, 3), axis=0), 1)
    glanced = _coloured(page[::_STRIDE, ::_STRIDE], flat[::_STRIDE, ::_STRIDE], paper)
    if not cv2.countNonZero(glanced):
        return ()
    x, y, width, height = (side * _STRIDE for side in cv2.boundingRect(glanced))
    top, left = max(y - _AROUND, 0), max(x - _AROUND, 0)
    rows, columns = slice(top, y + height + _AROUND), slice(left, x + width + _AROUND)
    part = flat[rows, columns]
    coloured = _coloured(page[rows, columns], part, paper)
    stamps = []
    for box in _over_writing(coloured, part, dpi):
        if _is_tinted(page[rows, columns], part, box, paper):
            continue
        inside = (slice(box.y, box.y + box.h), slice(box.x, box.x + box.w))
        own, there = part[inside], coloured[inside]
        edges = cv2.dilate(there, _EDGE) > 0
        gone = (there > 0) | (edges & (own > _INK))
        lifted = np.where(gone, own, np.uint8(255))
        own[gone] = 255
        stamps.append(Stamp(Box(box.x + left, box.y + top, box.w, box.h), np.asarray(lifted, np.uint8)))
    return tuple(stamps)


def _over_writing(coloured: Image, flat: Image, dpi: float) -> list[Box]:
    """The boxes of coloured ink whose strokes, joined, cover black writing; in pixels of the page."""
    factor = max(round(dpi / _COARSE_DPI), 1)
    size = (max(flat.shape[1] // factor, 1), max(flat.shape[0] // factor, 1))
    own = cv2.resize(coloured, size, interpolation=cv2.INTER_AREA)
    black = cv2.resize(((flat < _INK) & (coloured == 0)).astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA)
    reach = max(round(_JOINED * dpi / factor), 1)
    joined = cv2.morphologyEx(np.asarray(own > 0, np.uint8), cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    found, _ = boxes(np.asarray(joined, np.uint8))
    over = []
    for x, y, width, height in found.tolist():
        inside = (slice(y, y + height), slice(x, x + width))
        if not _LEAST * dpi <= max(width, height) * factor <= _LARGEST * dpi:
            continue
        strokes = cv2.copyMakeBorder((own[inside] > _HALF).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
        if cv2.distanceTransform(strokes, cv2.DIST_L2, 3).max() * factor > _THICKEST * dpi:
            continue
        area = joined[inside] > 0
        ink, hidden = float(own[inside][area].sum()), float(black[inside][area].sum())
        covers = hidden > _BLACK_SHARE * 255 * np.count_nonzero(area)
        if covers and hidden < _MOST_BLACK * (ink + hidden):
            over.append(Box(x * factor, y * factor, width * factor, height * factor))
    return over


def _is_tinted(page: Image, flat: Image, box: Box, paper: npt.NDArray[np.float64]) -> bool:
    """Whether the ground of the box is coloured itself, as boxes are printed in books: that is no stamp on paper."""
    inside = (slice(box.y, box.y + box.h), slice(box.x, box.x + box.w))
    ground = page[inside][flat[inside] >= MARK_LEVEL]
    if not ground.size:
        return True
    levels = np.median(ground, axis=0) / paper
    return bool(levels.max() - levels.min() > _COLOURED)


def _coloured(page: Image, flat: Image, paper: npt.NDArray[np.float64]) -> Image:
    """255 where there is coloured ink on BGR pixels whose paper is `paper`, else 0; `flat` is the same as even grey."""
    blue, green, red = (cv2.convertScaleAbs(page[..., channel], alpha=255 / paper[channel]) for channel in range(3))
    weak = cv2.min(cv2.min(blue, green), red)
    spread = cv2.subtract(cv2.max(cv2.max(blue, green), red), weak)
    least = cv2.max(cv2.convertScaleAbs(cv2.bitwise_not(weak), alpha=_SATURATED), np.full_like(weak, 255 * _COLOURED))
    is_ink = cv2.inRange(np.ascontiguousarray(flat), _BLACK + 1, MARK_LEVEL - 1)
    return np.asarray(cv2.bitwise_and(cv2.compare(spread, least, cv2.CMP_GT), is_ink), np.uint8)
