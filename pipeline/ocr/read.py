"""Read one upright page: words, text and confidence. Tesseract itself is behind `tesseract`."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from pipeline.errors import UnreadablePageError
from pipeline.model import PageImage, ReadPage, Word
from pipeline.ocr import tesseract
from pipeline.ocr.tesseract import Recognised

log = logging.getLogger(__name__)  # to stderr, from a worker process

_DEVANAGARI = re.compile(r"[\u0900-\u097f]")
_LATIN = re.compile(r"[A-Za-z]")
# A joiner before anything but a letter joins nothing; Tesseract writes one after a final halant.
_IDLE_JOINER = re.compile("[\u200c\u200d]+(?![\u0904-\u0939\u0958-\u0961])")
_NOT_XML = re.compile(r"[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what no XML and not every database takes
_MIXED_SHARE = 0.2  # share of letters from which a second script counts


def read_page(
    page: PageImage, *, languages: str | None, page_mode: int, low_confidence: float, timeout: float
) -> ReadPage:
    """Recognise the page, or with no languages none of it.

    A blank page is not read; one that fails is returned without text and flagged `unread`.
    """
    flags = page.flags
    found: list[Recognised] = []
    if languages and not page.blank:
        try:
            found = tesseract.recognise(
                Path(page.reading_path),
                page.number,
                languages=languages,
                page_mode=page_mode,
                dpi=page.dpi,
                timeout=timeout,
            )
        except UnreadablePageError as error:
            log.warning("%s", error.text("en"))
            flags += ("unread",)
    text, words = lay_out(found)
    confidence = weighted_confidence(words)
    if words and confidence < low_confidence:
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
    )


def lay_out(found: Sequence[Recognised]) -> tuple[str, tuple[Word, ...]]:
    """The page's text, a blank between words and a line end between lines, and the words with their place in it."""
    lines: list[str] = []
    words: list[Word] = []
    place = 0
    for number, (_, group) in enumerate(groupby(found, key=lambda word: word.line)):
        line = ""
        for raw in group:
            text = unicodedata.normalize("NFC", _NOT_XML.sub("", raw.text))
            if not text:
                continue
            text = _IDLE_JOINER.sub("", text) or raw.text
            line += " " if line else ""
            start = place + len(line)
            line += text
            words.append(Word(text, raw.box, round(raw.confidence, 3), number, start, start + len(text)))
        lines.append(line)
        place += len(line) + 1
    return "\n".join(lines), tuple(words)


def weighted_confidence(words: Sequence[Word]) -> float:
    """Mean confidence of the words, weighted by their length; 0 without words."""
    letters = sum(len(word.text) for word in words)
    return round(sum(word.confidence * len(word.text) for word in words) / letters, 3) if letters else 0.0


def language_of(text: str) -> str:
    """ "hi", "en", "hi+en" by the share of letters, or "" without letters."""
    hindi, english = len(_DEVANAGARI.findall(text)), len(_LATIN.findall(text))
    if not hindi + english:
        return ""
    share = english / (hindi + english)
    return "hi" if share < _MIXED_SHARE else "en" if share > 1 - _MIXED_SHARE else "hi+en"
