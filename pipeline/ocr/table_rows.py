"""The rows of a table, each read by itself, and its words put into their columns.

Where a table and its rules are is found in `preprocess`; the rest of the page is read in `page_reader`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.model.page import INK_LEVEL, Box, Table
from pipeline.ocr.engine import BLOCK, LINE, Pixels, Recognised
from pipeline.ocr.options import OcrOptions
from pipeline.ocr.spacing import joined
from pipeline.ocr.specks import within_rules, without_specks
from pipeline.ocr.table_numbers import is_devanagari, number_column
from pipeline.ocr.text import Cells, weighted_confidence

Reading = Callable[[Sequence[Box], str, int], list[list[Recognised]]]  # of boxes, with language data, in a page mode

# Set by hand; what reading lines again gains is measured in decisions 7 and 9.
_ROW_EDGE = 9  # pixels along the rules between rows that are not read
_LEAST_ROW = 0.08  # inches
_WEIGHTS = (1.0, 1.0, 1.0, 0.5, 0.5)  # of a cell's readings: the language data for numbers read digits worst (`reread`)
_SURE_OF_MISSED = 0.8  # confidence from which what is read of such a cell is taken, as of a missed line (`page_reader`)
_LETTER = 0.03  # inches: a square of ink that no cell loses
_LEAST_ROWS = 3  # below the heading, that tell what a column holds


@dataclass(frozen=True, slots=True)
class TableRows:
    """Reads the tables of a page. `first` reads boxes of it, and raises where that fails; `again` gives nothing where it
    fails, nor of boxes beyond those that may be read once more."""

    first: Reading
    again: Reading
    options: OcrOptions
    pixels: Pixels
    dpi: int

    def read(self, table: Table) -> list[Cells]:
        """The table's lines from top to bottom, a cell for each column."""
        return [[within_rules(joined(cell)) for cell in row] for row in without_specks(self._rows(table))]

    def _rows(self, table: Table) -> list[Cells]:
        """The rows of a table, each read as a block by itself, its words put into their columns."""
        strips = [
            Box(table.box.x, top + _ROW_EDGE, table.box.w, bottom - top - 2 * _ROW_EDGE)
            for top, bottom in zip(table.rows, table.rows[1:], strict=False)
            if bottom - top > _LEAST_ROW * self.dpi
        ]
        rows = []
        for strip, words in zip(strips, self.first(strips, self.options.languages, BLOCK), strict=True):
            cells: Cells = [[] for _ in table.columns[1:]]
            for word in sorted(words, key=lambda word: (word.line, word.box.x)):
                column = sum(word.box.x + word.box.w / 2 > rule for rule in table.columns)
                cells[min(max(column, 1), len(cells)) - 1].append(word)
            self._read_missed(cells, strip, table)
            if any(cells):
                rows.append(cells)
        self._read_cells_again(rows, table)
        self._read_numbers_again(rows, table)
        return rows

    def _read_missed(self, cells: Cells, strip: Box, table: Table) -> None:
        """Read cells by themselves that have ink in them, and of which no word was found with their row; what
        is surely read stands."""
        missed = [place for place, cell in enumerate(cells) if not cell]
        boxes = {place: box for place in missed if (box := self._ink(strip, table, place)) is not None}
        for (place, box), words in zip(
            boxes.items(), self.again([*boxes.values()], self.options.languages, BLOCK), strict=True
        ):
            if weighted_confidence(words) >= _SURE_OF_MISSED:
                cells[place] = [word for word in words if box.holds(word.box)]

    def _ink(self, strip: Box, table: Table, place: int) -> Box | None:
        """Where the ink of a cell lies, if it is as much as a letter."""
        left, right = table.columns[place] + _ROW_EDGE, table.columns[place + 1] - _ROW_EDGE
        ink = self.pixels[strip.y : strip.y + strip.h, left : max(right, left)] < INK_LEVEL
        if np.count_nonzero(ink) < (_LETTER * self.dpi) ** 2:
            return None
        rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
        width, height = int(columns[-1] - columns[0]) + 1, int(rows[-1] - rows[0]) + 1
        return Box(left + int(columns[0]), strip.y + int(rows[0]), width, height)

    def _read_cells_again(self, rows: list[Cells], table: Table) -> None:
        """Read unsure cells of one line by themselves; the surer reading stands. More language data would be worse at the
        numbers that most of them hold."""
        doubtful = [
            (row, place)
            for row in rows
            for place, cell in enumerate(row)
            if cell
            and weighted_confidence(cell) < self.options.doubtful_below
            and len({word.line for word in cell}) == 1
        ]
        boxes = [_in_column(row[place], table, place) for row, place in doubtful]
        for (row, place), words in zip(doubtful, self.again(boxes, self.options.languages, LINE), strict=True):
            if weighted_confidence(words) > weighted_confidence(row[place]):
                row[place] = list(words)

    def _read_numbers_again(self, rows: list[Cells], table: Table) -> None:
        """Read cells that do not fit the numbers of their column in several ways, and take what fits."""
        body = rows[1:]
        devanagari = is_devanagari([_text(cell) for row in body for cell in row])
        for place in range(len(table.columns) - 1):
            texts = [_text(row[place]) for row in body]
            column = number_column(texts, devanagari=devanagari) if len(body) >= _LEAST_ROWS else None
            if column is None:
                continue
            misfits = []
            for at, text in enumerate(texts):
                bare = column.bare(text, at)
                if bare is None:
                    misfits.append(at)
                elif bare != text:
                    body[at][place] = [_as_one(body[at][place], bare, weighted_confidence(body[at][place]))]
            boxes = [_in_column(body[at][place] or _all(body[at]), table, place) for at in misfits]
            for at, readings in zip(misfits, self._again(boxes), strict=True):
                settled = column.settle([texts[at], *readings], _WEIGHTS, at)
                if settled is not None:
                    body[at][place] = [_as_one(body[at][place] or _all(body[at]), *settled)]

    def _again(self, boxes: Sequence[Box]) -> list[list[str]]:
        """What is read in each of the boxes, in four ways."""
        if not boxes:
            return []
        look, own = self.options.second_look, self.options.languages
        numbers = look.languages if look is not None else own
        ways = ((own, BLOCK), (own, LINE), (numbers, BLOCK), (numbers, LINE))
        found = [self.again(boxes, languages, mode) for languages, mode in ways]
        return [[_text(way[count]) for way in found] for count in range(len(boxes))]


def _as_one(cell: Sequence[Recognised], text: str, confidence: float) -> Recognised:
    return Recognised(text, _around(cell), confidence, cell[0].line)


def _text(cell: Sequence[Recognised]) -> str:
    return " ".join(word.text for word in cell)


def _all(row: Cells) -> list[Recognised]:
    return [word for cell in row for word in cell]


def _around(cell: Sequence[Recognised]) -> Box:
    box = cell[0].box
    for word in cell[1:]:
        box = box.union(word.box)
    return box


def _in_column(cell: Sequence[Recognised], table: Table, place: int) -> Box:
    """The box of a cell's words, as wide as their column: what was cut off at its ends is seen again."""
    left, right = table.columns[place] + _ROW_EDGE, table.columns[place + 1] - _ROW_EDGE
    around = _around(cell)
    return Box(left, around.y, max(right - left, 1), around.h)
