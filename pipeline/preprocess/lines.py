"""Lines of ink: where something like a line of writing stands, so that reading can be checked for what it missed."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.model.page import INK_LEVEL, Box
from pipeline.preprocess.imaging import Image, boxes
from pipeline.preprocess.signatures import reduced

# Set by hand.
_COARSE_DPI = 75  # of the copy on which lines are looked for
_GAP = 0.3  # inches between the words of one line, at most
_HEIGHT = (0.07, 0.4)  # inches, of a line
_LEAST_WIDTH = 0.3  # inches


def find_lines(flat: Image, dpi: float) -> tuple[Box, ...]:
    """The boxes of all lines of ink on a grey page with even paper, (height, width), from top to bottom, in its pixels."""
    factor = max(round(dpi / _COARSE_DPI), 1)
    coarse = dpi / factor
    dark = (reduced(flat, factor) < INK_LEVEL).astype(np.uint8)
    joined = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((1, round(_GAP * coarse)), np.uint8))
    found, _ = boxes(np.asarray(joined, np.uint8))
    lines = [
        Box(x, y, width, height).scaled(factor)
        for x, y, width, height in found.tolist()
        if _HEIGHT[0] * coarse <= height <= _HEIGHT[1] * coarse and width >= _LEAST_WIDTH * coarse
    ]
    return tuple(sorted(lines, key=lambda line: (line.y, line.x)))
