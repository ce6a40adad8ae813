"""Read pages made of plain text, for tests: every word gets a box, every line a row."""

from __future__ import annotations

from pipeline.model import Box, Geometry, ReadPage
from pipeline.ocr.read import lay_out
from pipeline.ocr.tesseract import Recognised

ROW, LETTER_WIDTH = 40, 12


def page_of(text: str, number: int = 1, *, confidence: float = 0.95, flags: tuple[str, ...] = ()) -> ReadPage:
    """The page that holds these lines; a page without words is blank."""
    found = []
    for row, line in enumerate(text.strip().split("\n")):
        left = 100
        for word in line.split():
            box = Box(left, 100 + row * ROW, len(word) * LETTER_WIDTH, 30)
            found.append(Recognised(word, box, confidence, (1, 1, row)))
            left += box.w + LETTER_WIDTH
    laid_out, words = lay_out(found)
    return ReadPage(
        source_page=number, text=laid_out, words=words, confidence=confidence, language="hi", width=1654, height=2339,
        dpi=200, geometry=Geometry(), blank=not words, flags=flags,
    )  # fmt: skip
