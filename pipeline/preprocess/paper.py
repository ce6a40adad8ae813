"""The paper under the writing: what light it throws back where nothing is written."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.preprocess.imaging import Image, parted

# Set by hand; what dividing by the paper gains is measured in decision 4 ("Reading image").
CELL = 8  # pixels of the page to one of the copy on which the paper is estimated
_STROKE, _SMOOTH = 13, 15  # pixels of that copy: a closing wider than any stroke, and the median after it


def flatten(page: Image, outside: Image | None = None) -> Image:
    """The grey page divided by its paper, which comes out at 255. Where `outside` is set (255, else 0; same shape), there is
    no paper: it comes out white and does not count."""
    cells = parted(page, CELL)
    if outside is not None:
        beyond = cv2.resize(outside, cells.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0
        cells = _filled(cells, beyond)
    flat = cv2.divide(page, _paper(cells, page.shape[1::-1]), scale=255)
    return np.asarray(flat if outside is None else cv2.max(flat, outside), np.uint8)


def _filled(cells: Image, beyond: npt.NDArray[np.bool_]) -> Image:
    """The copy with the tone of the nearest paper where there is none: one tone for all would leave a dark corner as ink."""
    if beyond.all():
        return np.full_like(cells, 255)
    _, nearest = cv2.distanceTransformWithLabels(
        beyond.astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    tones = np.zeros(int(nearest.max()) + 1, np.uint8)
    tones[nearest[~beyond]] = cells[~beyond]
    return np.asarray(tones[nearest], np.uint8)


def _paper(cells: Image, size: tuple[int, int]) -> Image:
    """Dark strokes closed on the reduced copy, then smoothed, and brought to `size` (width, height); nowhere 0."""
    around = _STROKE  # with the edge repeated outside: else a dark corner is closed like a stroke
    padded = cv2.copyMakeBorder(cells, around, around, around, around, cv2.BORDER_REPLICATE)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_STROKE, _STROKE)))
    smooth = np.maximum(cv2.medianBlur(closed, _SMOOTH)[around:-around, around:-around], 1)
    return np.asarray(cv2.resize(smooth, size, interpolation=cv2.INTER_LINEAR), np.uint8)
