"""Text in legacy Hindi fonts as Unicode. The fonts' tables are in `legacy_tables`; whether the outcome is any good is for
`text_layer_assessment` to decide."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from pipeline.ocr.legacy_tables import CHANAKYA, I_BEFORE, KRUTI_DEV, REPH


class Encoding(StrEnum):
    """How a legacy font codes Hindi."""

    KRUTI_DEV = "kruti_dev"
    CHANAKYA = "chanakya"


_TABLES = {Encoding.KRUTI_DEV: KRUTI_DEV, Encoding.CHANAKYA: CHANAKYA}
_NAMES = (
    (re.compile(r"kruti|krdev|dev\s*lys|\bk(?:dev)?010", re.I), Encoding.KRUTI_DEV),
    (re.compile(r"chanakya", re.I), Encoding.CHANAKYA),
)
# What hardly any Kruti Dev page is without: के का की को से में है और ने पर.
_TELL_TALES = frozenset(("ds", "dk", "dh", "dks", "ls", "esa", "gS", "vkSj", "us", "ij", "fd", ";g", "gsrq", 'fo"k;'))
_LEAST_TELLING = 0.04  # share of the words; running text has 0.15 to 0.3

_CONSONANT = "[\u0915-\u0939\u0958-\u095f]\u093c?"
_CLUSTER = f"{_CONSONANT}(?:\u094d{_CONSONANT})*"
_SIGNS = "[\u093e-\u094c\u0901-\u0903]*"
_VOWEL_I = re.compile(f"{I_BEFORE}({REPH}?)({_CLUSTER})")
_OVER = re.compile(f"({_CLUSTER}{_SIGNS}){REPH}")
_JOINED = (
    ("\u094d\u094d", "\u094d"),
    ("\u094d\u093e", ""),  # a half letter and its stem
    ("\u093e\u093e", "\u093e"),
    ("\u093e\u0947", "ो"),
    ("\u093e\u0948", "ौ"),
    ("\u093e\u0945", "ॉ"),
    ("\u093e\u0949", "ॉ"),
    ("अ\u093e", "आ"),
    ("अ\u094b", "ओ"),
    ("अ\u094c", "औ"),
    ("अ\u0949", "ऑ"),
    ("आ\u0947", "ओ"),
    ("आ\u0948", "औ"),
    ("आ\u0945", "ऑ"),
    ("ए\u0947", "ऐ"),
    (f"इ{REPH}", "ई"),
)
_ORDER = (
    (re.compile("([\u093e-\u094c\u0901-\u0903]+)\u093c"), "\u093c\\1"),  # the point below belongs to the letter
    (re.compile("([\u0901\u0902])([\u093e-\u094c]+)"), "\\2\\1"),  # the point above comes last
)


def encoding_of(font: str) -> Encoding | None:
    """What the font's name says; None of a font that is not known as a legacy one."""
    return next((encoding for name, encoding in _NAMES if name.search(font)), None)


def tells_kruti_dev(words: list[str]) -> bool:
    """Whether words of Kruti Dev stand among these, as where a PDF does not tell its fonts' right names."""
    return sum(word in _TELL_TALES for word in words) >= max(_LEAST_TELLING * len(words), 1)


def to_unicode(word: str, encoding: Encoding) -> str:
    """One word, without blanks, as Unicode. A letter that is not in the font's table stays as it is."""
    table = _TABLES[encoding]
    text = "".join(table.get(letter, letter) for letter in word)
    for drawn, meant in _JOINED:
        text = text.replace(drawn, meant)
    for pattern, meant in _ORDER:
        text = pattern.sub(meant, text)
    text = _VOWEL_I.sub("\\2\u093f\\1", text)
    text = _OVER.sub("र\u094d\\1", text)
    for pattern, meant in _ORDER:
        text = pattern.sub(meant, text)
    text = text.replace(I_BEFORE, "\u093f").replace(REPH, "र\u094d")
    return unicodedata.normalize("NFC", text)
