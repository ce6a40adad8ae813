"""Separate the writing on a page from paper, surround and blots: what skew, turn and blankness are measured on."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.preprocess.imaging import Image, boxes
from pipeline.preprocess.outline import paper_mask, surround
from pipeline.preprocess.paper import flatten

Ink = npt.NDArray[np.float32]

INK_FLOOR = 0.28  # darkness against the paper, 0…1, below which ink is taken for show-through or stain (decision 4)

# Grey levels below which a pixel counts, as `model.page.INK_LEVEL` is one: where the paper is even and at 255
# (`paper.flatten`). Set by hand.
STROKE_LEVEL = 150  # may be ink of a thin stroke, a rule or a pen's, which the scanner greys
MARK_LEVEL = 200  # is a mark of any kind

# Set by hand. Lengths are shares of the page's longer side.
_STRONG_SHARE = 0.005  # of the pixels: the grey level that so many stay below is that of the page's strong ink
_FAINT = 0.5  # of the strong ink's darkness: what is lighter is faint
_LEAST_AREA = 4  # pixels at `imaging.MEASURE_HEIGHT`; smaller shapes are specks
_HOLE, _ROUND = 0.01, 0.7  # a punch hole: across, and how much of its box it fills
_SQUARE = 0.7  # a punch hole's shorter side over its longer one, at least
_BLOT, _SOLID = 0.03, 0.6  # a blot of any shape: across, and how much of its box it fills
_RULE = 0.2  # longer than any word or letter


def ink(page: Image, *, floor: float = INK_FLOOR) -> Ink:
    """How dark each pixel is against its paper, 0…1, with faint marks, show-through and the black surround at 0.

    `page` is grey, (height, width), reduced to `imaging.MEASURE_HEIGHT`; the same shape comes back. What is lighter than
    `floor` counts as faint.
    """
    mask = paper_mask(page)
    flat = flatten(page, None if mask.all() else surround(mask))
    counts = np.cumsum(cv2.calcHist([flat], [0], None, [256], [0, 256]).ravel())
    strong = 255 - int(np.searchsorted(counts, _STRONG_SHARE * flat.size))
    _, faint = cv2.threshold(flat, 255 - max(floor * 255, _FAINT * strong), 255, cv2.THRESH_BINARY)
    flat = np.asarray(cv2.max(flat, faint), np.uint8)
    flat = np.asarray(cv2.max(flat, _no_writing(flat)), np.uint8)
    return np.asarray((255 - flat) * np.float32(1 / 255), np.float32)


def _no_writing(flat: Image) -> Image:
    """255 on specks, blots and punch holes (filled shapes larger than letters), rules, and remnants of the edge, and where
    nothing is; else 0."""
    binary = (flat < 255).astype(np.uint8)  # noqa: PLR2004
    inked = np.flatnonzero(binary)
    _, labels = cv2.connectedComponentsWithAlgorithm(binary, 8, cv2.CV_32S, cv2.CCL_BBDT)
    of = labels.ravel()[inked]
    area = np.bincount(of, minlength=1)
    keep = area >= _LEAST_AREA
    found, edges = boxes(binary)
    number = labels[edges[:, 1], edges[:, 0]]
    left, top, width, height = found.T
    longest = max(flat.shape)
    filled = area[number] / np.maximum(width * height, 1)
    round_ = (filled > _ROUND) & (np.minimum(width, height) > _SQUARE * np.maximum(width, height))
    blot = (round_ & (width > longest * _HOLE)) | ((filled > _SOLID) & (np.minimum(width, height) > longest * _BLOT))
    edge = (left <= 1) | (top <= 1) | (left + width >= flat.shape[1] - 1) | (top + height >= flat.shape[0] - 1)
    rule = (width > longest * _RULE) | (height > longest * _RULE)
    keep[number[blot | edge | rule]] = False
    gone = np.full(flat.shape, 255, np.uint8)
    gone.ravel()[inked[keep[of]]] = 0
    return gone
