"""Read one upright page: words, text and confidence.

How its lines are read is in `page_reader`; Tesseract itself is behind `engine`.
"""

from __future__ import annotations

import logging

from pipeline.errors import SlowPageError, UnreadablePageError
from pipeline.model.page import PageImage, ReadPage
from pipeline.ocr.handwriting import LEAST_READABLE
from pipeline.ocr.options import OcrOptions, PreparedPage
from pipeline.ocr.page_reader import PageReader
from pipeline.ocr.postcorrect import mended
from pipeline.ocr.text import Cells, language_of, lay_out, weighted_confidence

log = logging.getLogger(__name__)  # to stderr, from a worker process


def read_page(page: PageImage, reading: PreparedPage | None, options: OcrOptions | None) -> ReadPage:
    """Recognise the page; without a `reading` (a blank page) or `options` (recognition is off) there are no words.

    A page that fails is returned without text and flagged `unread`; one that is mostly handwriting, or no writing at all,
    `not_machine_read`; one with a part in handwriting `partly_not_machine_read`; one with strokes of a pen beside the type
    `signed`; one with lines of ink that look like writing and gave no sure words `unread_ink`; one with more unsure pieces
    than are read again `not_all_read_again`. Raises `SlowPageError`.
    """
    flags = page.flags
    lines: list[Cells] = []
    if reading is not None:
        flags += ("signed",) if reading.strokes else ()
        if options is not None:
            lines, found = _lines_of(page, reading, options)
            flags += found
    text, words = lay_out(mended(lines))
    confidence = weighted_confidence(words)
    if words and confidence < LEAST_READABLE:
        text, words, flags = "", (), (*flags, "not_machine_read")
    elif words and options is not None and confidence < options.low_confidence:
        flags += ("low_confidence",)
    return ReadPage(
        source_page=page.number,
        text=text,
        words=words,
        confidence=confidence,
        language=language_of(text),
        width=page.width,
        height=page.height,
        dpi=page.dpi,
        geometry=page.geometry,
        blank=page.blank,
        flags=flags,
        codes=page.codes,
    )


def _lines_of(page: PageImage, reading: PreparedPage, options: OcrOptions) -> tuple[list[Cells], tuple[str, ...]]:
    """The page's lines in reading order, and the flags that reading them has given."""
    reader = PageReader(page, reading, options)
    try:
        lines = reader.lines()
    except SlowPageError:
        raise
    except UnreadablePageError as error:
        log.warning("%s", error.text("en"))
        return [], ("unread",)
    flags: tuple[str, ...] = ()
    if reader.handwritten:
        flags += ("partly_not_machine_read" if lines else "not_machine_read",)
    if reader.unread:
        flags += ("unread_ink",)
    if reader.left < 0:
        flags += ("not_all_read_again",)
    return lines, flags
