"""Puts back two signs that Tesseract loses in typefaces that draw them small: the halant of द's conjuncts (`दवारा`) and the
anusvara of a few words that Hindi has only with it (`मे`, `दिनाक`).

Nothing else is changed: neither what a word list knows as it stands, nor a name, nor a page of another language. What was
measured stands in decision 7.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from pipeline.ocr.text import Cells
from pipeline.ocr.vocabulary import known_words

_WORD = re.compile(r"[\u0900-\u0963\u0971-\u097f]+")
_CONJUNCT = re.compile("द(?=[वयधभम])")  # द्व, द्य, द्ध, द्भ, द्म: written below the line or drawn apart
_WITH_ANUSVARA = {"मे": "में", "दिनाक": "दिनांक", "क्रमाक": "क्रमांक", "बैक": "बैंक"}
_OF_HINDI = frozenset(
    ["है", "हैं", "के", "को", "से", "का", "की", "ने"]
)  # मे is May in Marathi and Nepali, whose pages have few of these
_HINDI_SHARE = 0.03  # of a page's words; running Hindi has 0.1 to 0.2


def mended(lines: list[Cells]) -> list[Cells]:
    """The lines with those signs put back; boxes and confidences stay."""
    words = [found for line in lines for cell in line for word in cell for found in _WORD.findall(word.text)]
    hindi = sum(word in _OF_HINDI for word in words) > _HINDI_SHARE * len(words)
    if not hindi:
        return lines
    return [[[replace(word, text=_WORD.sub(_as_known, word.text)) for word in cell] for cell in line] for line in lines]


def _as_known(found: re.Match[str]) -> str:
    word = found[0]
    if word in _WITH_ANUSVARA:
        return _WITH_ANUSVARA[word]
    if word in known_words():
        return word
    return next((other for other in _with_halant(word) if other in known_words()), word)


def _with_halant(word: str) -> Iterable[str]:
    return (f"{word[: place.end()]}्{word[place.end() :]}" for place in _CONJUNCT.finditer(word))
