"""Whether anything is written on a page. A page in doubt is written: a lost page costs more than an empty one read."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.preprocess.imaging import MEASURE_HEIGHT, NEAR_ZERO, Image, shapes, shrink
from pipeline.preprocess.ink import Ink, ink

# Shares of ink are of the page's pixels, lengths of its longer side. Set on seeds 41 to 44 of
# `script/bench blank`; what they do on other seeds is in docs/benchmarks.md ("Geometry").
_BLANK_SHARE = 1.5e-5  # a single digit as page number has about twice this
_SURE_SHARE = 3e-4  # more than any staple
_FAINT_FLOOR = 0.22  # darkness, 0…1, from which a faint stamp or pencil is looked for
_FAINT_SHARE = 3.2e-4  # as much of it there must be: stamps and lines are larger than traces
_STROKE = 0.006  # from which a shape is no speck
_CORNER, _STAPLE = 0.11, 0.06  # how near the edges a staple is, and longer than any
_STRAIGHT = 0.12  # spread across a shape over that along it, below which it is a crease or a staple


def is_blank(page: Image, depth: Ink) -> bool:
    """Whether nothing is written. `page` is grey, reduced to `imaging.MEASURE_HEIGHT`, `depth` its ink.

    A second look at fainter ink saves pencil and weak stamps; there, straight marks do not count.
    """
    if _surely_written(depth) or written_share(depth) >= _BLANK_SHARE:
        return False
    return written_share(ink(page, floor=_FAINT_FLOOR), straight=False) < _FAINT_SHARE


def _surely_written(depth: Ink) -> bool:
    """Whether the outlines of some shapes alone say so, which takes a fraction of the time of labelling all of them. Along
    a stroke an outline passes every pixel twice, so that half its length is no more than the shape's area."""
    needed = 2 * _SURE_SHARE * depth.size
    outlines, _ = cv2.findContours((depth > 0).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for outline in outlines:
        if max(np.ptp(outline, axis=0)[0]) + 1 >= max(depth.shape) * _STROKE:
            needed -= len(outline)
            if needed <= 0:
                return True
    return False


def written_share(depth: Ink, *, straight: bool = True) -> float:
    """Ink of writing, as a share of the page: strokes that stand together; lone specks do not count, nor does a staple,
    which is a line in a corner, nor, unless `straight`, any shape that is but a line."""
    binary = (depth > 0).astype(np.uint8)
    labels, stats = shapes(binary)
    size = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    area = stats[:, cv2.CC_STAT_AREA]
    counted = size >= max(depth.shape) * _STROKE
    counted[0] = False
    if counted.any():
        passed_over = _in_corner(stats, depth.shape) & (size < max(depth.shape) * _STAPLE) if straight else True
        counted &= _bent(labels, len(stats)) | ~np.asarray(passed_over)
    return float(area[counted].sum()) / binary.size


def _in_corner(stats: npt.NDArray[np.int32], size: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Of each shape, whether it lies near one edge of the page and nearer to an edge beside."""
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = size[1] - left - stats[:, cv2.CC_STAT_WIDTH], size[0] - top - stats[:, cv2.CC_STAT_HEIGHT]
    reach = max(size) * _CORNER
    return np.asarray((np.minimum(left, right) < reach) & (np.minimum(top, bottom) < reach), np.bool_)


def _bent(labels: npt.NDArray[np.int32], count: int) -> npt.NDArray[np.bool_]:
    """Of each labelled shape, whether it spreads in two directions: from the eigenvalues of its second moments."""
    y, x = np.nonzero(labels)
    of = labels[y, x]
    many = np.maximum(np.bincount(of, minlength=count), 1)

    def mean(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(np.bincount(of, values, minlength=count) / many, np.float64)

    dx, dy = x - mean(x.astype(np.float64))[of], y - mean(y.astype(np.float64))[of]
    xx, yy, xy = mean(dx * dx), mean(dy * dy), mean(dx * dy)
    root = np.sqrt(np.square(xx - yy) / 4 + np.square(xy))
    along, across = (xx + yy) / 2 + root, np.maximum((xx + yy) / 2 - root, 0)
    return np.asarray(np.sqrt(across) >= _STRAIGHT * np.sqrt(np.maximum(along, NEAR_ZERO)), np.bool_)


def emptiness(encoded: bytes) -> float:
    """How surely an encoded page image is blank: 1 without a trace of ink, 0 with as much as makes it written."""
    image = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_GRAYSCALE)
    if image is None:
        return 0.0
    small = shrink(np.asarray(image), MEASURE_HEIGHT)
    dark = written_share(ink(small)) / _BLANK_SHARE
    faint = written_share(ink(small, floor=_FAINT_FLOOR), straight=False) / _FAINT_SHARE
    return round(1 - min(max(dark, faint), 1.0), 3)
