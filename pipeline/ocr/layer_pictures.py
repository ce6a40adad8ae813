"""What stands in the pictures of a typed page, a letterhead or a pasted stamp, read and put among its own lines.

The page's own words are exact and stay as they are; what a picture holds is in no text layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from pipeline.errors import SlowPageError, UnreadablePageError
from pipeline.model.page import Box, PageImage
from pipeline.ocr.engine import BLOCK, Pixels, Recognised, read_boxes
from pipeline.ocr.options import OcrOptions
from pipeline.ocr.text import Cells, legible

# Set by hand: an emblem, a signature and a photograph are read as some letters, unsurely.
_LEAST_LETTERS, _LEAST_SURE = 3, 0.7  # of a line
_MOST_UNSURE = 40  # letters: with more a picture may be a page of writing
_LEAST_HEIGHT = 0.07  # inches: a lower picture is a rule
_MOST_PICTURES = 12  # that are read; more are ornaments


def with_pictures(
    lines: Sequence[Cells], page: PageImage, pixels: Pixels, pictures: Sequence[Box], options: OcrOptions
) -> list[Cells] | None:
    """The lines with those of the pictures, each before the first line that stands lower; None where a picture seems to hold
    writing that cannot be read by itself, so that the whole page is to be read."""
    read = _read(lines, page, pixels, pictures, options)
    if sum(legible(line)[0] for line in read if not _is_legible(line)) > _MOST_UNSURE:
        return None
    found = list(lines)
    for words in filter(_is_legible, read):
        middle = _middle(words)
        place = next((at for at, line in enumerate(found) if _middle(_words(line)) > middle), len(found))
        found.insert(place, [words])
    return found


def _read(
    lines: Sequence[Cells], page: PageImage, pixels: Pixels, pictures: Sequence[Box], options: OcrOptions
) -> list[list[Recognised]]:
    """The lines of all pictures; the page's own words, where one lies upon them, are not read again."""
    tall = [picture for picture in pictures if picture.h >= _LEAST_HEIGHT * page.dpi]
    tall = sorted(tall, key=lambda picture: -picture.w * picture.h)[:_MOST_PICTURES]
    if not tall:
        return []
    bare = pixels.copy()
    for box in (word.box for line in lines for word in _words(line)):
        bare[max(box.y, 0) : box.y + box.h, max(box.x, 0) : box.x + box.w] = 255
    inked = [box for box in tall if np.any(bare[max(box.y, 0) : box.y + box.h, max(box.x, 0) : box.x + box.w] < 255)]  # noqa: PLR2004
    try:
        read = read_boxes(
            options.engine, bare, inked, page.number, languages=options.languages, page_mode=BLOCK, dpi=page.dpi
        )
    except SlowPageError:
        raise
    except UnreadablePageError:
        return []
    return [list(line) for words in read for _, line in groupby(words, key=lambda word: word.line)]


def _is_legible(line: Sequence[Recognised]) -> bool:
    letters, sure = legible(line)
    return letters >= _LEAST_LETTERS and sure >= _LEAST_SURE


def _words(line: Cells) -> list[Recognised]:
    return [word for cell in line for word in cell]


def _middle(words: Sequence[Recognised]) -> float:
    """How far down the page they stand."""
    return sum(word.box.y + word.box.h / 2 for word in words) / len(words) if words else 0.0
