"""Headings in white on a black band: turned into black on white, so that they are read."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.model.page import Box
from pipeline.preprocess.imaging import Image, boxes, parted, shapes

# Set by hand, on drawn bands. Lengths are inches.
_COARSE_DPI = 75  # of the copy on which bands are looked for
_DARK = 0.5  # of the paper's level, below which it is a band's ground
_STROKE = 0.1  # the thickest stroke of a letter in a band, which is closed over
_LEAST = (0.2, 1.0)  # height and width of a band
_FILLED = 0.85  # share of its box that a band fills
_MOST = 0.4  # of the page; more is a picture, or the glass beside the sheet
_LIGHT = (0.03, 0.45)  # share of a band that its letters take
_LETTER = (0.05, 0.5)  # height of a letter or a word
_LEAST_LETTERS = 2
_EDGE = 0.02  # along a band's edge, painted white: they are seldom straight


def find_bands(plain: Image, dpi: float) -> list[Box]:
    """The boxes of dark bands with light letters on a grey page, (height, width), in its pixels."""
    factor = max(round(dpi / _COARSE_DPI), 1)
    coarse, small = dpi / factor, parted(plain, factor)
    paper = float(np.median(small))
    dark = (small < _DARK * paper).astype(np.uint8)
    solid = _sides(_STROKE * coarse, _STROKE * coarse)
    whole = _sides(_LEAST[0] * coarse, _LEAST[1] * coarse)
    closed = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, solid, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    opened = np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, whole), np.uint8)
    found, _ = boxes(opened)
    bands = []
    for x, y, width, height in found.tolist():
        inside = (slice(y, y + height), slice(x, x + width))
        beside = x <= 1 or y <= 1 or x + width >= dark.shape[1] - 1 or y + height >= dark.shape[0] - 1
        if beside or width * height > _MOST * dark.size or opened[inside].mean() < _FILLED:
            continue
        if _has_letters(dark[inside] == 0, coarse):
            bands.append(Box(x, y, width, height).scaled(factor))
    return bands


def turn_bands(plain: Image, bands: list[Box], dpi: float) -> Image:
    """A copy of the grey page with these bands black on white."""
    turned, edge = plain.copy(), max(round(_EDGE * dpi), 1)
    paper = np.uint8(np.median(plain))
    for band in bands:
        own = turned[band.y : band.y + band.h, band.x : band.x + band.w]
        inverse = 255 - own
        around = (max(band.y - edge, 0), band.y + band.h + edge, max(band.x - edge, 0), band.x + band.w + edge)
        turned[around[0] : around[1], around[2] : around[3]] = paper
        turned[band.y + edge : band.y + band.h - edge, band.x + edge : band.x + band.w - edge] = inverse[
            edge:-edge, edge:-edge
        ]
    return turned


def _sides(height: float, width: float) -> npt.NDArray[np.uint8]:
    return np.ones((max(round(height), 1), max(round(width), 1)), np.uint8)


def _has_letters(light: npt.NDArray[np.bool_], dpi: float) -> bool:
    if not _LIGHT[0] <= light.mean() <= _LIGHT[1]:
        return False
    _, stats = shapes(light.astype(np.uint8))
    heights = stats[1:, cv2.CC_STAT_HEIGHT]
    return int(((heights >= _LETTER[0] * dpi) & (heights <= _LETTER[1] * dpi)).sum()) >= _LEAST_LETTERS
