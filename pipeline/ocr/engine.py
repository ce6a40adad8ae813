"""What an engine of recognition gives and takes. Two stand behind this border: `in_process` and `program`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from pipeline.model.page import Box

Pixels = npt.NDArray[np.uint8]

# Tesseract's page modes: a block of lines; one line; text at any place; one line, its layout not looked for.
BLOCK, LINE, SPARSE, RAW_LINE = 6, 7, 11, 13

# The resolution that makes Tesseract take its own from the height of the lines it finds. Told the true one it looks for
# columns and pictures by that, and breaks pages whose type is large or small: of ten real pages none was read worse so, and
# one with 0.02 in place of 0.34 errors a character.
UNTOLD_DPI = 70

_PAD, _MARGIN = 6, 12  # pixels of the page, and of white, around a piece that is read alone


@dataclass(frozen=True, slots=True)
class Recognised:
    """A word as Tesseract gives it: `line` counts the lines of what was read, `confidence` is 0…1."""

    text: str
    box: Box
    confidence: float
    line: int


class OcrEngine(Protocol):
    """Reads grey pixels, (height, width). Boxes come back in pixels of what was handed over.

    The same pixels give the same words whatever was read before and however busy the machine is: there is no time limit
    here, for the whole page's processor time is bound (`page_process`).
    """

    def prepare(self, languages: Sequence[str]) -> None:
        """Load these language data, so that processes forked from this one need not. Raises `MissingPartError`."""

    def read(self, pixels: Pixels, number: int, *, languages: str, page_mode: int, dpi: int) -> list[Recognised]:
        """The words in reading order. Raises `UnreadablePageError`, which names page `number`, when recognition fails,
        `SlowPageError` when the system has ended it for its processor time, and `MissingPartError` when the language data
        cannot be loaded."""

    def read_pieces(
        self, pieces: Sequence[Pixels], number: int, *, languages: str, page_mode: int, dpi: int
    ) -> list[list[Recognised]]:
        """The same for several small images of one page."""


def read_boxes(
    engine: OcrEngine, pixels: Pixels, boxes: Sequence[Box], number: int, *, languages: str, page_mode: int, dpi: int
) -> list[list[Recognised]]:
    """What stands in each of the boxes, read one by one; the words' boxes in pixels of the page."""
    if not boxes:
        return []
    cut = [_cut(pixels, box) for box in boxes]
    found = engine.read_pieces(
        [piece for piece, _, _ in cut], number, languages=languages, page_mode=page_mode, dpi=dpi
    )
    return [[moved(word, x, y) for word in words] for words, (_, x, y) in zip(found, cut, strict=True)]


def _cut(pixels: Pixels, box: Box) -> tuple[Pixels, int, int]:
    """The piece in a white margin, and where its corner lies on the page."""
    top, left = max(box.y - _PAD, 0), max(box.x - _PAD, 0)
    part = pixels[top : box.y + box.h + _PAD, left : box.x + box.w + _PAD]
    piece = np.full((part.shape[0] + 2 * _MARGIN, part.shape[1] + 2 * _MARGIN), 255, np.uint8)
    piece[_MARGIN : _MARGIN + part.shape[0], _MARGIN : _MARGIN + part.shape[1]] = part
    return piece, left - _MARGIN, top - _MARGIN


def moved(word: Recognised, x: int, y: int) -> Recognised:
    """The word with its box so many pixels further right and down."""
    box = Box(max(word.box.x + x, 0), max(word.box.y + y, 0), word.box.w, word.box.h)
    return Recognised(word.text, box, word.confidence, word.line)
