"""Where the sheet lies in the scan. What is done about it is decided in `upright`."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.preprocess.imaging import Image, ramp, shrink

Mask = npt.NDArray[np.bool_]

_FLOODED = 2  # the mark of what was filled from the corner

MASK_LONGEST = 700  # longer side, in pixels, of the copy on which the surround is looked for
# Set by hand, as all that follows. Pixels are those of that copy, levels are grey levels.
# A black surround, and dark strips at the edge:
_BRIGHT_SHARE = 0.8  # of the pixels: the level that so many stay below is the paper's
_DARK = 0.45  # of the paper's level: what is darker may be surround
_FRAME = (
    4  # pixels: a dark frame drawn about the copy, so that thin strips hang together; and the least width of the dark
)
_GROWN = 8  # pixels by which the surround is widened over the sheet's soft edge, on all sides together
# A sheet on an even surround, black or light:
_EVEN = 12  # levels by which a surround may differ from its middle tone
_SHARE_OF_SCAN = (0.1, 0.99)  # that a sheet takes of the scan: less is a label, more the whole scan
# Between these a confidence grows from 0 to 1.
_FILLED = (0.85, 0.97)  # share of its upright box that a sheet fills
_SET_OFF = (6.0, 18.0)  # levels between the sheet's paper and the surround
_EVEN_SHARE = (0.3, 0.6)  # share of the scan's outermost pixels that have the surround's tone


def paper_mask(page: Image) -> Mask:
    """True where the sheet lies: the scanner's black surround, and dark strips that touch the edge, are False.

    `page` is grey, (height, width); the same shape comes back.
    """
    small = cv2.medianBlur(shrink(page, MASK_LONGEST), 3)
    counts = np.cumsum(cv2.calcHist([small], [0], None, [256], [0, 256]).ravel())
    bright = int(np.searchsorted(counts, _BRIGHT_SHARE * small.size))
    dark = (small < _DARK * bright).astype(np.uint8)
    framed = cv2.copyMakeBorder(dark, _FRAME, _FRAME, _FRAME, _FRAME, cv2.BORDER_CONSTANT, value=1)
    framed = cv2.morphologyEx(framed, cv2.MORPH_OPEN, np.ones((_FRAME, _FRAME), np.uint8))
    cv2.floodFill(framed, None, (0, 0), _FLOODED)
    surround = (framed == _FLOODED).astype(np.uint8)[_FRAME:-_FRAME, _FRAME:-_FRAME]
    grown = cv2.dilate(surround, np.ones((_GROWN, _GROWN), np.uint8))
    whole = cv2.resize(grown, page.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    return np.asarray(whole == 0)


def surround(mask: Mask, size: tuple[int, int] | None = None) -> Image:
    """255 where `paper_mask` found no sheet, else 0; for a page of `size` (width, height) if that is another."""
    outside = np.where(mask, np.uint8(0), np.uint8(255))
    return outside if size is None else np.asarray(cv2.resize(outside, size, interpolation=cv2.INTER_NEAREST), np.uint8)


def sheet_box(page: Image) -> tuple[tuple[int, int, int, int] | None, float]:
    """Where the sheet lies against an even surround, black or light: x, y, width, height in pixels, and the confidence.

    `page` is grey and upright. None where the sheet fills the scan or the surround is not to be told from it.
    """
    small = cv2.medianBlur(shrink(page, MASK_LONGEST), 5)
    frame = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
    tone = int(np.median(frame))
    even = float((np.abs(frame.astype(np.int16) - tone) <= _EVEN).mean())
    like = (np.abs(small.astype(np.int16) - tone) <= _EVEN).astype(np.uint8)
    framed = cv2.copyMakeBorder(like, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    cv2.floodFill(framed, None, (0, 0), _FLOODED)
    rest = (framed[1:-1, 1:-1] != _FLOODED).astype(np.uint8)
    rest = np.asarray(cv2.morphologyEx(rest, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)), np.uint8)
    shapes, _ = cv2.findContours(rest, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not shapes:
        return None, 0.0
    largest = max(shapes, key=cv2.contourArea)
    x, y, width, height = cv2.boundingRect(largest)
    share = width * height / small.size
    if not _SHARE_OF_SCAN[0] < share < _SHARE_OF_SCAN[1]:
        return None, 0.0
    inside = np.zeros_like(small)
    cv2.drawContours(inside, [largest], -1, 1, -1)
    set_off = abs(float(np.median(small[inside > 0])) - tone)
    filled = cv2.contourArea(largest) / max((width - 1) * (height - 1), 1)
    confidence = min(ramp(filled, *_FILLED), ramp(set_off, *_SET_OFF), ramp(even, *_EVEN_SHARE))
    scale = page.shape[1] / small.shape[1]
    box = tuple(round(value * scale) for value in (x, y, width, height))
    return (box[0], box[1], box[2], box[3]), round(confidence, 3)
