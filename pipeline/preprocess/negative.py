"""White writing on black: whether a page is a negative, as copies of maps and microfilm are."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.preprocess.imaging import Image, grey, shapes, shrink

# Set by hand, on drawn negatives and on the scans at hand, none of which is one. Lengths are shares of the longer side.
_LONGEST = 1000  # pixels of the copy that is looked at
_LEAST_APART = 60  # grey levels between the dark ground and the light writing
_MOST_LIGHT = 0.35  # of the page; a sheet on a dark glass takes more, and is one shape
_LETTER = (0.003, 0.06)  # height of a letter or a word
_LEAST_LETTERS = 40
_LEAST_SHARE = 0.5  # of all light pixels that are in such shapes


def black_on_white(scan: Image) -> tuple[Image, bool]:
    """The page, turned if it is a negative; and whether it was one."""
    return (np.asarray(255 - scan, np.uint8), True) if is_negative(scan) else (scan, False)


def is_negative(scan: Image) -> bool:
    """Whether the page, grey or BGR, is light writing on a dark ground: most of it dark, and the light in many small shapes
    of the height of letters. A sheet on a dark glass is one large light shape, and is none."""
    small = shrink(grey(scan), _LONGEST)
    level, light = cv2.threshold(small, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    if not 0 < np.count_nonzero(light) <= _MOST_LIGHT * light.size:
        return False
    apart = float(np.median(small[light > 0])) - float(np.median(small[light == 0]))
    if apart < _LEAST_APART or np.median(small) > level:
        return False
    _, stats = shapes(np.asarray(light, np.uint8))
    heights, areas = stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_AREA]
    letters = (heights >= _LETTER[0] * max(small.shape)) & (heights <= _LETTER[1] * max(small.shape))
    return bool(letters.sum() >= _LEAST_LETTERS and areas[letters].sum() >= _LEAST_SHARE * areas.sum())
