"""The lines of one page: read whole, its tables row by row, and then whatever was missed or read unsurely once more.

Of two readings the surer one stands. What a page's words come to (text, confidence, flags) is decided in `read`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.errors import SlowPageError, UnreadablePageError
from pipeline.model.page import Box, PageImage
from pipeline.ocr.engine import LINE, RAW_LINE, SPARSE, UNTOLD_DPI, Pixels, Recognised, moved, read_boxes
from pipeline.ocr.handwriting import without_handwriting
from pipeline.ocr.latin_codes import latin_code, may_be_latin
from pipeline.ocr.options import OcrOptions, PreparedPage
from pipeline.ocr.reread import settled
from pipeline.ocr.spacing import joined
from pipeline.ocr.specks import without_specks
from pipeline.ocr.table_rows import TableRows
from pipeline.ocr.text import Cells, in_lines, legible, weighted_confidence
from pipeline.ocr.vocabulary import known_share

log = logging.getLogger(__name__)  # to stderr, from a worker process

# Set by hand; what reading lines again gains is measured in decisions 7 and 9.
_IN_COLUMN = 0.5  # share of the shorter line's width that two lines of one column have in common
_LEAST_WORDS = 2  # words of a missed line that make it text, however unsurely they were read,
_KNOWN = 0.6  # where so large a share of their letters is in known words
_LEAST_UNREAD = 8  # letters taken for something on a line of ink: it looks like writing; a signature has fewer
_SURE_OF_MISSED = 0.8  # confidence from which a line that was missed is taken
_LEAST_DOUBTFUL = 3  # letters of a line worth reading again
_TALLEST = 2.2  # times the usual height: a box higher than that is no single line
_RULE = 3  # pixels by which a table's outer rules may lie outside its box
_HEAD_LINES = 16  # in which a letter's number and date stand, above its subject
_BELOW_HEAD = re.compile(r"^\W*(?:विषय|संदर्भ|सन्दर्भ|महोदय|subject|ref|sir|dear)", re.IGNORECASE)


class PageReader:
    """One page being read. Made for one page, and used once."""

    def __init__(self, page: PageImage, reading: PreparedPage, options: OcrOptions) -> None:
        self.page = page
        self.reading = reading
        self.options = options
        self.left = options.most_again  # pieces that may still be read again; below 0 once there were more
        self.handwritten = False  # whether a part of it is; known once `lines` has run
        self.unread: list[Box] = []  # lines of ink that look like writing and gave no sure words; known then, too

    def lines(self) -> list[Cells]:
        """All lines in reading order."""
        options, pixels = self.options, self.reading.pixels
        if self.reading.tables:
            pixels = pixels.copy()
            for table in self.reading.tables:
                pixels[_inside(table.box, _RULE)] = 255
        found = options.engine.read(
            pixels, self.page.number, languages=options.languages, page_mode=options.page_mode, dpi=UNTOLD_DPI
        )
        lines = in_lines(found)
        self._add_missed(lines)
        gutter = self.page.geometry.gutter
        if gutter is not None:  # two pages side by side: all of the left one first
            lines.sort(key=lambda line: _line_box(line).x + _line_box(line).w / 2 > gutter)
        lines = [[joined(cell) for cell in line] for line in without_specks(lines)]
        self._read_doubtful_again(lines)
        self._look_at_numbers(lines)
        self._look_at_latin(lines)
        typed = without_handwriting(lines)
        self.handwritten = len(typed) < len(lines)
        lines = typed
        tables = TableRows(self._boxes, self._more, self.options, self.reading.pixels, self.page.dpi)
        for table in self.reading.tables:
            rows = tables.read(table)
            place = next((i for i, line in enumerate(lines) if _line_box(line).y > table.box.y), len(lines))
            lines[place:place] = rows
        self._add_stamped(lines)
        return lines

    def _add_missed(self, lines: list[Cells]) -> None:
        """Read lines of ink on which no word was found, and put what is sure of them in its place; what is not is left for
        a person."""
        missed = self.reading.unread_lines(word.box for line in lines for cell in line for word in cell)
        languages = self.options.doubtful_languages or self.options.languages
        for box, words in zip(missed, self._more(missed, languages, RAW_LINE), strict=True):
            letters, sure = legible(words)
            if letters > 1 and (sure >= _SURE_OF_MISSED or _is_text(words)):
                lines.insert(_place(lines, box), [words])
            elif letters >= _LEAST_UNREAD:
                self.unread.append(box)

    def _add_stamped(self, lines: list[Cells]) -> None:
        """Read by themselves the stamps that were lifted off the writing; what is surely read stands after the writing."""
        for stamp in self.reading.stamps:
            if self._allowed(1) < 1:
                return
            try:
                (found,) = self.options.engine.read_pieces(
                    [stamp.pixels],
                    self.page.number,
                    languages=self.options.languages,
                    page_mode=SPARSE,
                    dpi=self.page.dpi,
                )
            except SlowPageError:
                raise
            except UnreadablePageError as error:  # the writing was read before, and must not be lost
                log.warning("stamp not read: %s", error.text("en"))
                continue
            lines += [
                [[moved(word, stamp.box.x, stamp.box.y) for word in line]]
                for line in _surest(cells[0] for cells in in_lines(found))
            ]

    def _read_doubtful_again(self, lines: list[Cells]) -> None:
        """Read unsure lines with more language data; the surer reading stands."""
        languages, limit = self.options.doubtful_languages, self.options.doubtful_below
        heights = sorted(word.box.h for line in lines for cell in line for word in cell)
        if languages is None or not heights:
            return
        tallest = _TALLEST * heights[len(heights) // 2]
        doubtful = [
            index
            for index, line in enumerate(lines)
            if weighted_confidence(line[0]) < limit
            and _line_box(line).h <= tallest
            and sum(len(word.text) for word in line[0]) >= _LEAST_DOUBTFUL
        ]
        again = self._more([_line_box(lines[index]) for index in doubtful], languages, LINE)
        for index, words in zip(doubtful, again, strict=True):
            whole = joined(words)
            if weighted_confidence(whole) > weighted_confidence(lines[index][0]):
                lines[index] = [whole]
        lines[:] = without_specks(lines)

    def _look_at_numbers(self, lines: list[Cells]) -> None:
        """Read the numbers and dates of the page's head, and of papers it names below, several times, and keep what the
        readings agree on."""
        look = self.options.second_look
        if look is None:
            return

        def read(piece: Pixels, languages: str, scale: float) -> list[Recognised]:
            self.left -= 1
            return self.options.engine.read_pieces(
                [piece], self.page.number, languages=languages, page_mode=LINE, dpi=round(self.page.dpi * scale)
            )[0]

        try:
            below = False
            for index, line in enumerate(lines):
                below = below or index >= _HEAD_LINES or _is_below_head(line)
                if self.left <= 0:
                    self.left = -1
                    break
                lines[index] = [settled(line[0], self.reading.pixels, look, read, self.options.languages, below=below)]
        except SlowPageError:
            raise
        except UnreadablePageError as error:
            log.warning("numbers not read again: %s", error.text("en"))

    def _look_at_latin(self, lines: list[Cells]) -> None:
        """Read words that may be Latin codes with the data for English."""
        languages = self.options.latin_languages
        if languages is None:
            return
        places = [(line[0], index) for line in lines for index, word in enumerate(line[0]) if may_be_latin(word.text)]
        read = self._more([_room(cell, index) for cell, index in places], languages, LINE)
        for (cell, index), words in zip(places, read, strict=True):
            seen = "".join(word.text for word in words)
            if found := latin_code(cell[index].text, seen, weighted_confidence(words)):
                cell[index] = replace(cell[index], text=found)

    def _more(self, boxes: Sequence[Box], languages: str, mode: int) -> list[list[Recognised]]:
        """As `_boxes`, but nothing where it fails: what was read before must not be lost for a second look. Nothing either
        of boxes beyond those that may be read again."""
        allowed = self._allowed(len(boxes))
        try:
            return [*self._boxes(boxes[:allowed], languages, mode), *([] for _ in boxes[allowed:])]
        except SlowPageError:
            raise
        except UnreadablePageError as error:
            log.warning("not read again: %s", error.text("en"))
            return [[] for _ in boxes]

    def _boxes(self, boxes: Sequence[Box], languages: str, mode: int) -> list[list[Recognised]]:
        return read_boxes(
            self.options.engine,
            self.reading.pixels,
            boxes,
            self.page.number,
            languages=languages,
            page_mode=mode,
            dpi=self.page.dpi,
        )

    def _allowed(self, count: int) -> int:
        """How many of so many pieces may be read again; they are counted."""
        allowed = min(count, max(self.left, 0))
        self.left -= count
        return allowed


def _is_below_head(line: Cells) -> bool:
    return _BELOW_HEAD.match(" ".join(word.text for word in line[0])) is not None


def _inside(box: Box, more: int) -> tuple[slice, slice]:
    top, left = max(box.y - more, 0), max(box.x - more, 0)
    return slice(top, box.y + box.h + more), slice(left, box.x + box.w + more)


def _line_box(line: Cells) -> Box:
    words = [word.box for cell in line for word in cell]
    box = words[0]
    for other in words[1:]:
        box = box.union(other)
    return box


def _surest(lines: Iterable[Sequence[Recognised]]) -> list[Sequence[Recognised]]:
    """Of lines found at any place, those that are text, from top to bottom; of two at one place the one with more sure
    letters."""
    kept: list[Sequence[Recognised]] = []
    for (letters, sure), line in sorted(
        ((legible(line), line) for line in lines), key=lambda rated: -rated[0][0] * rated[0][1]
    ):
        box = _line_box([list(line)])
        is_text = letters > 1 and (sure >= _SURE_OF_MISSED or _is_text(line))
        if is_text and not any(_line_box([list(other)]).meets(box) for other in kept):
            kept.append(line)
    return sorted(kept, key=lambda line: line[0].box.y)


def _room(cell: Sequence[Recognised], index: int) -> Box:
    """The box of a word and half of the gaps beside it: its own may leave out a sign at its ends."""
    box = cell[index].box
    left, right = box.x - box.h, box.x + box.w + box.h
    if index:
        before = cell[index - 1].box
        left = max(left, (before.x + before.w + box.x) // 2)
    if index + 1 < len(cell):
        right = min(right, (box.x + box.w + cell[index + 1].box.x) // 2)
    left, right = max(min(left, box.x), 0), max(right, box.x + box.w)
    return Box(left, box.y, right - left, box.h)


def _is_text(words: Sequence[Recognised]) -> bool:
    """Whether it is words, however unsurely they were read: capitals set wide, for one."""
    share, pieces = known_share(word.text for word in words)
    return pieces >= _LEAST_WORDS and share >= _KNOWN


def _place(lines: Sequence[Cells], box: Box) -> int:
    """Where a line with this box belongs: between the lines above and below it in its own column, there by its height."""
    middle = box.y + box.h / 2
    others = [_line_box(line) for line in lines]
    own = [
        (other.y + other.h / 2, index)
        for index, other in enumerate(others)
        if min(other.x + other.w, box.x + box.w) - max(other.x, box.x) > _IN_COLUMN * min(other.w, box.w)
    ]
    first = max(((y, index + 1) for y, index in own if y < middle), default=(0.0, 0))[1]
    last = min(((y, index) for y, index in own if y >= middle and index >= first), default=(0.0, len(lines)))[1]
    return next((index for index in range(first, last) if others[index].y > box.y), last)
