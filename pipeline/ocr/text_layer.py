"""Take a page's words from the text that the PDF carries, where that is right; else they are for Tesseract to read.

What is right is judged in `text_layer_assessment`. Here some lines of it are read on the page, for a layer may be
well-formed and say something else than what is seen: text laid over another page, codes that do not mean their shapes,
figures misread.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import groupby

from pipeline.errors import SlowPageError, UnreadablePageError
from pipeline.model.digits import WESTERN, western
from pipeline.model.page import Box, Layer, LayerWord, PageImage, ReadPage, Table
from pipeline.ocr.engine import LINE, Recognised, read_boxes
from pipeline.ocr.layer_pictures import with_pictures
from pipeline.ocr.options import OcrOptions, PreparedPage
from pipeline.ocr.text import Cells, language_of, lay_out, weighted_confidence
from pipeline.ocr.text_layer_assessment import Judgement, TextLayerVerdict, judge
from pipeline.ocr.vocabulary import known_words, parts

log = logging.getLogger(__name__)  # to stderr, from a worker process

# What was measured, and how the limits were set, is in decision 13.
_LINES, _LINES_SCAN = 4, 8  # read for comparison; half of them those with the most figures, half the longest
_LEAST_LINE = 6  # letters of a line worth comparing
_TALLEST = 0.4  # inches
_ALIKE = 0.9  # of a right layer's lines and their reading: clean type has 0.95 and more, another text 0.1 to 0.4
_ALIKE_SCAN = 0.98  # of what a program read; with less it was worse than what we read ourselves
_ALIKE_CONVERTED = 0.7  # old fonts join their pieces less neatly, and are read worse
_SURE = 0.99  # of what was typed
_FAIRLY_SURE, _UNSURE = 0.95, 0.85  # of words converted or read elsewhere: of known ones, and of others


def read_layer(page: PageImage, reading: PreparedPage, layer: Layer, options: OcrOptions) -> ReadPage | None:
    """The page with the layer's words, flagged `text_layer` or `text_layer_converted`; None where it is to be read."""
    found = judge(layer, reading.pixels)
    if found.is_fit and not _says_what_is_seen(found, page, reading, options, is_scan=layer.is_scan):
        log.info("page %d: its text layer does not say what is seen: %s", page.number, found)
        return None
    if not found.is_fit:
        log.info("page %d: its text layer is not used: %s", page.number, found)
        return None
    typed = _lines(found, reading.tables, is_scan=layer.is_scan)
    lines = with_pictures(typed, page, reading.pixels, layer.pictures, options)
    if lines is None:
        log.info("page %d: its text layer is not used: a picture seems to hold more writing", page.number)
        return None
    text, words = lay_out(lines)
    return ReadPage(
        source_page=page.number,
        text=text,
        words=words,
        confidence=weighted_confidence(words),
        language=language_of(text),
        width=page.width,
        height=page.height,
        dpi=page.dpi,
        geometry=page.geometry,
        blank=page.blank,
        flags=_flags(page, reading, found, is_scan=layer.is_scan),
    )


def _flags(page: PageImage, reading: PreparedPage, found: Judgement, *, is_scan: bool) -> tuple[str, ...]:
    """The page's flags without doubts that its words have settled: they run upright, and those of a typed page level."""
    settled = ("orientation_doubtful",) if is_scan else ("orientation_doubtful", "skew_doubtful")
    kept = tuple(flag for flag in page.flags if flag not in settled)
    signed = ("signed",) if reading.strokes else ()
    return (*kept, *signed, "text_layer_converted" if found.verdict is TextLayerVerdict.CONVERTED else "text_layer")


def _says_what_is_seen(
    found: Judgement, page: PageImage, reading: PreparedPage, options: OcrOptions, *, is_scan: bool
) -> bool:
    """Whether some lines, read on the page, are what the layer says; those with figures and the longest ones. Of a scan
    every figure in them must be the same: data for Hindi that cannot read the digit 1 are common, and no dictionary
    tells."""
    lines = [list(line) for _, line in groupby(found.words, key=lambda word: word.line)]
    lines = [line for line in lines if _is_comparable(line, page.dpi)]
    half = (_LINES_SCAN if is_scan else _LINES) // 2
    chosen = sorted(lines, key=lambda line: -len(_figures(_text(line))))[:half]
    chosen += sorted((line for line in lines if line not in chosen), key=lambda line: -len(_text(line)))[:half]
    boxes = [_with_room(_box(line)) for line in chosen]
    try:
        seen = read_boxes(
            options.engine,
            reading.pixels,
            boxes,
            page.number,
            languages=options.languages,
            page_mode=LINE,
            dpi=page.dpi,
        )
    except SlowPageError:
        raise
    except UnreadablePageError:
        return False
    carried, read = "".join(map(_text, chosen)), "".join("".join(word.text for word in line) for line in seen)
    least = _ALIKE_CONVERTED if found.verdict is TextLayerVerdict.CONVERTED else _ALIKE_SCAN if is_scan else _ALIKE
    if not carried or _alike(carried, read) < least:
        return False
    return not is_scan or _figures(carried) == _figures(read)


def _is_comparable(line: Sequence[LayerWord], dpi: int) -> bool:
    return len(_text(line)) >= _LEAST_LINE and _box(line).h <= _TALLEST * dpi


def _text(line: Sequence[LayerWord]) -> str:
    return "".join(word.text for word in line)


def _box(line: Sequence[LayerWord]) -> Box:
    box = line[0].box
    for word in line[1:]:
        box = box.union(word.box)
    return box


def _with_room(box: Box) -> Box:
    """Wider at both ends by part of its height, for other programs cut their boxes close."""
    more = box.h // 3
    left = max(box.x - more, 0)
    return Box(left, box.y, box.x + box.w + more - left, box.h)


def _figures(text: str) -> str:
    return "".join(letter for letter in western(text) if letter in WESTERN)


def _alike(one: str, other: str) -> float:
    carried, read = (western(text) for text in (one, other))
    return SequenceMatcher(None, carried, read, autojunk=False).ratio()


def _lines(found: Judgement, tables: Sequence[Table], *, is_scan: bool) -> list[Cells]:
    """The words by lines, in the PDF's order; those in ruled tables by rows and columns."""
    lines, last = list[Cells](), None
    for word in found.words:
        table = next((table for table in tables if table.box.holds(word.box)), None)
        row = None if table is None else (table, _place(word.box.y + word.box.h / 2, table.rows))
        place = row or word.line
        if place != last:
            lines.append([[] for _ in table.columns[1:]] if table else [[]])
            last = place
        column = _place(word.box.x + word.box.w / 2, table.columns) if table else 0
        sure = _confidence(word.text, found.verdict, is_scan=is_scan)
        lines[-1][column].append(Recognised(word.text, word.box, sure, word.line))
    return lines


def _place(middle: float, rules: Sequence[int]) -> int:
    """Between which two rules it lies, from 0."""
    return min(max(sum(middle > rule for rule in rules) - 1, 0), len(rules) - 2)


def _confidence(text: str, verdict: TextLayerVerdict, *, is_scan: bool) -> float:
    if verdict is TextLayerVerdict.RIGHT and not is_scan:
        return _SURE
    return _FAIRLY_SURE if all(part in known_words() for part in parts(text)) else _UNSURE
