"""From words to a page's text, its confidence and its language. How words are recognised is in `read`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import groupby

from pipeline.model.page import Word
from pipeline.ocr.engine import Recognised

_DEVANAGARI = re.compile(r"[\u0900-\u097f]")
_LEGIBLE = re.compile(r"[\u0904-\u0939\u0958-\u0961\u0966-\u096f0-9A-Za-z]")
_LATIN = re.compile(r"[A-Za-z]")
# A joiner before anything but a letter joins nothing; Tesseract writes one after a final halant.
_IDLE_JOINER = re.compile("[\u200c\u200d]+(?![\u0904-\u0939\u0958-\u0961])")
_NOT_XML = re.compile(r"[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what no XML and not every database takes
_MIXED_SHARE = 0.2  # share of letters from which a second script counts

Cells = list[list[Recognised]]  # the words of one line, by column; a line outside tables has one cell


def in_lines(found: Iterable[Recognised]) -> list[Cells]:
    """Words in reading order as lines of one cell each."""
    return [[list(words)] for _, words in groupby(found, key=lambda word: word.line)]


def lay_out(found: Sequence[Cells]) -> tuple[str, tuple[Word, ...]]:
    """The page's text and the words with their place in it: a blank between words, a tab between the cells of a table, a
    line end between lines."""
    lines: list[str] = []
    words: list[Word] = []
    place = 0
    for number, cells in enumerate(found):
        line = ""
        for count, cell in enumerate(cells):
            line += "\t" if count else ""
            for raw in cell:
                text = unicodedata.normalize("NFC", _NOT_XML.sub("", raw.text))
                if not text:
                    continue
                text = _IDLE_JOINER.sub("", text) or raw.text
                line += " " if line and not line.endswith("\t") else ""
                start = place + len(line)
                line += text
                words.append(Word(text, raw.box, round(raw.confidence, 3), number, start, start + len(text)))
        line = line.rstrip("\t")
        lines.append(line)
        place += len(line) + 1
    return "\n".join(lines), tuple(words)


def weighted_confidence(words: Sequence[Word] | Sequence[Recognised]) -> float:
    """Mean confidence of the words, weighted by their length; 0 without words."""
    letters = sum(len(word.text) for word in words)
    return round(sum(word.confidence * len(word.text) for word in words) / letters, 3) if letters else 0.0


def legible(words: Sequence[Recognised]) -> tuple[int, float]:
    """How many letters and digits there are, and how surely they were read, 0 to 1: the words' mean, by their letters."""
    counts = [(len(_LEGIBLE.findall(word.text)), word.confidence) for word in words]
    letters = sum(count for count, _ in counts)
    return letters, sum(count * confidence for count, confidence in counts) / letters if letters else 0.0


def language_of(text: str) -> str:
    """ "hi", "en", "hi+en" by the share of letters, or "" without letters."""
    hindi, english = len(_DEVANAGARI.findall(text)), len(_LATIN.findall(text))
    if not hindi + english:
        return ""
    share = english / (hindi + english)
    return "hi" if share < _MIXED_SHARE else "en" if share > 1 - _MIXED_SHARE else "hi+en"
