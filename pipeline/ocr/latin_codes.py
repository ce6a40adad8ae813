"""Latin codes in Hindi lines: `B-1`, `W-2`, `E619-1609`, whose letter data for Devanagari take for a digit or a danda.

Such a word is told by its shape: Western digits behind a sign that a Latin letter is taken for. It is read once more with
data for English; where the two readings agree in all but that sign, the letter stands.
"""

from __future__ import annotations

import re

# What Latin capitals are read as by data for Devanagari; seen on drawn lines.
_TAKEN_FOR = {"8": "B", "६": "E", "॥": "W", "०": "WOC", "८": "C"}
_SHAPE = re.compile(f"[{''.join(_TAKEN_FOR)}][-/0-9]*[0-9][-/0-9]*")
_WESTERN = re.compile(r"[0-9]")
_DASHES = re.compile("[-–—]+")
# Of the English reading, where the sign may be a digit of the same script: of drawn B-1 it was 0.68 to 0.93, and a drawn 8-1
# was read as that, with 0.97.
_SURE = 0.6


def may_be_latin(word: str) -> bool:
    """Whether the first sign of the word may be a Latin letter."""
    return _SHAPE.fullmatch(word) is not None


def latin_code(word: str, english: str, confidence: float) -> str | None:
    """The word with the Latin letter that `english`, a second reading of it, sees in place of its first sign; None where
    that sees none, or disagrees in anything else. `confidence` is that of the second reading, 0 to 1."""
    read = _DASHES.sub("-", english.strip())
    agrees = may_be_latin(word) and read[1:] == word[1:] and read[:1] in set(_TAKEN_FOR[word[0]])
    mixed = _WESTERN.match(word) is None  # no number has digits of two scripts
    return read if agrees and read and (mixed or confidence >= _SURE) else None
