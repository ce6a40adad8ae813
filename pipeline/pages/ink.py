"""The writing on a page, told from paper, surround and blots: what skew, turn and blankness are measured on."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.pages.imaging import Image
from pipeline.pages.outline import paper_mask

Ink = npt.NDArray[np.float32]

INK_FLOOR = 0.28  # darkness against the paper below which ink is taken for show-through or stain
_PAPER_CELL = 8  # pixels of the page to one of the copy on which the paper is estimated


def ink(page: Image, *, floor: float = INK_FLOOR) -> Ink:
    """How dark each pixel is against its paper, 0…1, with faint marks, show-through and the black surround at 0.

    `page` is grey, (height, width), reduced to `imaging.MEASURE_HEIGHT`; the same shape comes back. What is lighter than
    `floor` counts as faint.
    """
    mask = paper_mask(page)
    filled = page
    if not mask.all():
        filled = page.copy()
        filled[~mask] = np.uint8(np.median(page[mask])) if mask.any() else 255
    flat = np.asarray(cv2.divide(filled, np.maximum(_paper(filled), 1), scale=255), np.uint8)
    flat[~mask] = 255
    counts = np.cumsum(cv2.calcHist([flat], [0], None, [256], [0, 256]).ravel())
    strong = 255 - int(np.searchsorted(counts, 0.005 * flat.size))
    flat[flat > 255 - max(floor * 255, 0.5 * strong)] = 255
    flat[~_writing(flat)] = 255
    return np.asarray((255 - flat) * np.float32(1 / 255), np.float32)


def _paper(page: Image) -> Image:
    """The paper under the writing: dark strokes closed on a reduced copy, then smoothed."""
    height, width = page.shape[:2]
    cells = (max(width // _PAPER_CELL, 1), max(height // _PAPER_CELL, 1))
    small = cv2.resize(page, cells, interpolation=cv2.INTER_AREA)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (13, 13)))
    return np.asarray(cv2.resize(cv2.medianBlur(closed, 15), (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _writing(flat: Image) -> npt.NDArray[np.bool_]:
    """False on specks, blots and punch holes (filled shapes larger than letters), rules, and remnants of the edge."""
    binary = (flat < 255).astype(np.uint8)  # noqa: PLR2004
    _, labels, stats, _ = cv2.connectedComponentsWithStats(binary, connectivity=8, ltype=cv2.CV_32S)
    longest = max(flat.shape)
    area, width, height = stats[:, cv2.CC_STAT_AREA], stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    filled = area / np.maximum(width * height, 1)
    blot = (filled > 0.6) & (width > longest * 0.008) & (height > longest * 0.008)  # noqa: PLR2004
    edge = (left <= 1) | (top <= 1) | (left + width >= flat.shape[1] - 1) | (top + height >= flat.shape[0] - 1)
    rule = (width > longest * 0.2) | (height > longest * 0.2)
    keep = (area >= 4) & ~blot & ~edge & ~rule  # noqa: PLR2004
    keep[0] = False
    return np.asarray(keep[labels])
