"""The page made fit for reading: paper even and white, the scanner's surround painted over."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.pages.imaging import MEASURE_HEIGHT, Image, shrink
from pipeline.pages.outline import paper_mask


def background(page: Image) -> Image:
    """The paper under the writing, estimated by closing the dark strokes on a reduced copy and smoothing."""
    height, width = page.shape[:2]
    small = cv2.resize(page, (max(width // 8, 1), max(height // 8, 1)), interpolation=cv2.INTER_AREA)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (13, 13)))
    smooth = cv2.medianBlur(closed, 15)
    return np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def flatten(page: Image) -> Image:
    """The page with uneven light and yellowing removed: divided by its estimated background, paper at 255."""
    return np.asarray(cv2.divide(page, np.maximum(background(page), 1), scale=255), np.uint8)


def for_reading(page: Image) -> Image:
    """The grey page as Tesseract likes it: surround painted over, paper even and white."""
    mask = paper_mask(shrink(page, MEASURE_HEIGHT))
    full = cv2.resize(mask.astype(np.uint8), (page.shape[1], page.shape[0]), interpolation=cv2.INTER_NEAREST) > 0
    filled = page.copy()
    if full.any() and not full.all():
        filled[~full] = np.uint8(np.percentile(page[full], 70))
    flat = flatten(filled)
    flat[~full] = 255
    return flat
