"""Signatures and other strokes of a pen: runs that slant for longer than a letter is high.

A signature over typed lines makes Tesseract take them for one, and lose both. What is straight and slanting over more
than a letter's height is no part of Devanagari type; it is painted over, and what hung on it and is smaller than a letter
with it. The method is an opening with slanting lines (P. Soille, Morphological Image Analysis, ch. 8).
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.model.page import Box
from pipeline.preprocess.imaging import Image, boxes, shape_in, shapes
from pipeline.preprocess.ink import STROKE_LEVEL

# Set by hand; what painting strokes over gains is measured in decision 9.
_ANGLES = (20, 30, 40, 50, 60, 68, 112, 120, 130, 140, 150, 160)  # degrees
_LEAST_HEIGHT, _MOST_HEIGHT = 0.29, 3.0  # inches; the tallest words stay below
_LEAST_RUN = 0.2  # inches
_LEAST_STROKES = 0.25  # inches of slanting runs in a shape: with less it is type
_LETTER_HEIGHTS = (0.05, 0.4)  # inches, between which a shape may be a letter
_TALL_LETTER = 90  # percentile of their heights: a letter with its matras
_USUAL_LETTER = 0.2  # inches, its height where the page has none
# What a pen does not make, and a drawing or a frame about text does:
_THICKEST = 0.03  # inches, half the width of a stroke; of a word that hangs on one 0.025
_LARGEST_LOOP = 0.12  # square inches of paper inside of one
# Times that height:
_LONG_RUN = 1.1  # a run is longer
_TALL_SHAPE, _WIDE_SHAPE = 1.35, 2.5  # what may hold a stroke is as high and as wide
_LOOSE = 0.6  # smaller pieces that hung on a stroke go with it
_ROOM = 2  # pixels about a shape, into which what is painted over may grow
_GROWN = np.ones((3, 3), np.uint8)  # a pixel on every side, for the soft edge of ink


def paint_over(page: Image, small: Image, dpi: float, factor: int) -> list[Box]:
    """Paint the strokes out of a grey page with even paper, in place. Returns the boxes of what held them.

    The strokes are looked for on `small`, the page `reduced` by `factor` to about 150 dots per inch.
    """
    coarse = dpi / factor
    dark = (small < STROKE_LEVEL).astype(np.uint8)
    found_boxes, edges = boxes(dark)
    widths, heights = found_boxes[:, 2], found_boxes[:, 3]
    letter = _letter_height(heights, coarse)
    kernels = [_line(max(_LEAST_RUN * coarse, _LONG_RUN * letter), angle) for angle in _ANGLES]
    found = []
    low = max(_LEAST_HEIGHT * coarse, _TALL_SHAPE * letter)
    large = (heights >= low) & (heights <= _MOST_HEIGHT * coarse) & (widths >= _WIDE_SHAPE * letter)
    for (x, y, width, height), edge in zip(found_boxes[large].tolist(), edges[large].tolist(), strict=True):
        left, top = max(x - _ROOM, 0), max(y - _ROOM, 0)
        right, bottom = min(x + width + _ROOM, dark.shape[1]), min(y + height + _ROOM, dark.shape[0])
        shape = np.zeros((bottom - top, right - left), np.uint8)
        shape[y - top : y - top + height, x - left : x - left + width] = shape_in(dark, (x, y, width, height), edge)
        strokes = _strokes(shape, kernels, letter, coarse)
        if strokes is None:
            continue
        full = cv2.resize(strokes, None, fx=factor, fy=factor, interpolation=cv2.INTER_NEAREST)
        part = page[top * factor : top * factor + full.shape[0], left * factor : left * factor + full.shape[1]]
        part[full[: part.shape[0], : part.shape[1]] > 0] = 255
        found.append(Box(x, y, width, height).scaled(factor))
    return found


def _letter_height(heights: npt.NDArray[np.int32], dpi: float) -> float:
    """The height, in pixels, of a letter with its matras on a page whose shapes have these heights."""
    least, most = (height * dpi for height in _LETTER_HEIGHTS)
    letters = heights[(heights > least) & (heights < most)]
    return float(np.percentile(letters, _TALL_LETTER)) if letters.size else _USUAL_LETTER * dpi


def reduced(page: Image, factor: int) -> Image:
    """The page at a `factor`-th of its size, each pixel the darkest of its square, so that thin strokes hold together."""
    if factor == 1:
        return page
    return np.asarray(cv2.erode(page, np.ones((factor, factor), np.uint8))[::factor, ::factor], np.uint8)


def _strokes(
    ink: npt.NDArray[np.uint8], kernels: list[npt.NDArray[np.uint8]], letter: float, dpi: float
) -> npt.NDArray[np.uint8] | None:
    """The mask of slanting strokes in one connected shape, or None where there are none."""
    slanting = np.zeros_like(ink)
    for kernel in kernels:
        slanting |= np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, kernel), np.uint8)
    if slanting.sum() < _LEAST_STROKES * dpi or not _is_of_a_pen(ink, dpi):
        return None
    gone = np.asarray(cv2.dilate(slanting, _GROWN), np.uint8)
    labels, stats = shapes(ink & (1 - gone))
    hanging = np.zeros(len(stats), np.bool_)
    hanging[np.unique(labels[cv2.dilate(gone, _GROWN) > 0])] = True
    small = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) < _LOOSE * letter
    hanging &= small
    hanging[0] = False
    gone |= hanging[labels].astype(np.uint8)
    return np.asarray(cv2.dilate(gone, _GROWN), np.uint8)


def _is_of_a_pen(ink: npt.NDArray[np.uint8], dpi: float) -> bool:
    """Whether one connected shape may be strokes of a pen, with letters hanging on them: thin, and without large loops."""
    padded = cv2.copyMakeBorder(ink, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    if cv2.distanceTransform(padded, cv2.DIST_L2, 3).max() > _THICKEST * dpi:
        return False
    outlines, levels = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    loops = (outline for outline, level in zip(outlines, levels[0], strict=True) if level[3] >= 0)
    return max((cv2.contourArea(loop) for loop in loops), default=0.0) <= _LARGEST_LOOP * dpi * dpi


def _line(length: float, degrees: float) -> npt.NDArray[np.uint8]:
    """A line of this length and slant, one pixel thick, as a kernel."""
    side = int(length) | 1
    kernel, middle = np.zeros((side, side), np.uint8), side // 2
    dx, dy = (round(float(f(np.radians(degrees))) * middle) for f in (np.cos, np.sin))
    cv2.line(kernel, (middle - dx, middle + dy), (middle + dx, middle - dy), 1, 1)
    rows, columns = np.nonzero(kernel)
    return kernel[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
