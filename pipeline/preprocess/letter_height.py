"""How high the letters of a page are, in pixels: what tells its resolution where the file does not.

What follows from it is decided where pages are drawn (`formats/resolution`).
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.preprocess.imaging import Image, boxes, grey

# Set by hand, on real and drawn pages reduced to a half and a quarter: their measures differ by no more than a tenth.
_AROUND = 1 / 40  # of the longer side: what is darker than so much about it by so many levels is ink
_DARKER = 20
_LEAST_HEIGHT, _MOST_HEIGHT = 5, 1 / 12  # pixels; share of the longer side
_MOST_WIDTH = 1 / 3  # of the longer side: a rule is longer
_THICK = 0.12  # a shape's shorter side over its longer one: a stroke or a rule has less
_LEAST_SHAPES = 20


def letter_height(scan: Image) -> float:
    """The height of the page's usual shapes of ink, words joined by a headline or letters, `scan` being grey or BGR: their
    median, each counted as often as it is wide. 0 where there are too few to tell. A page that lies on its side has the
    same. Of 12 points it is about 0.15 inches in Devanagari, and 0.06 in English."""
    page = grey(scan)
    longest = max(page.shape)
    around = max(round(longest * _AROUND) | 1, 3)
    dark = cv2.adaptiveThreshold(page, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, around, _DARKER)
    found, _ = boxes(np.asarray(dark, np.uint8))
    height, width = np.sort(found[:, 2:], axis=1).T
    is_tall = (height >= _LEAST_HEIGHT) & (height < longest * _MOST_HEIGHT)
    letters = is_tall & (height >= width * _THICK) & (width < longest * _MOST_WIDTH)
    if np.count_nonzero(letters) < _LEAST_SHAPES:
        return 0.0
    order = np.argsort(height[letters], kind="stable")
    weight = np.cumsum(width[letters][order])
    return float(height[letters][order][np.searchsorted(weight, weight[-1] / 2)])
