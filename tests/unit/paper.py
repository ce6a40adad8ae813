"""Read pages made of plain text, for tests: every word gets a box, every line a row."""

from __future__ import annotations

from pipeline.model.page import Box, Geometry, ReadPage
from pipeline.ocr.engine import Recognised
from pipeline.ocr.text import Cells, lay_out

ROW, LETTER_WIDTH = 40, 12


def page_of(text: str, number: int = 1, *, confidence: float = 0.95, flags: tuple[str, ...] = ()) -> ReadPage:
    """The page that holds these lines; a tab parts the cells of a table's row. A page without words is blank."""
    found: list[Cells] = []
    for row, line in enumerate(text.strip().split("\n")):
        left = 100
        cells: Cells = []
        for cell in line.split("\t"):
            cells.append([])
            for word in cell.split():
                box = Box(left, 100 + row * ROW, len(word) * LETTER_WIDTH, 30)
                cells[-1].append(Recognised(word, box, confidence, row))
                left += box.w + LETTER_WIDTH
        if any(cells):
            found.append(cells)
    laid_out, words = lay_out(found)
    return ReadPage(
        source_page=number,
        text=laid_out,
        words=words,
        confidence=confidence,
        language="hi",
        width=1654,
        height=2339,
        dpi=200,
        geometry=Geometry(),
        blank=not words,
        flags=flags,
    )
