"""How words look: which words recognition may have made of one another. Values only; the words are in `vocabulary`.

Recognition loses and swaps vowel signs and takes consonants of one shape for each other. So a word is looked up by its
consonants alone, look-alikes folded, with none or one of them left out: two words that share such a key differ by any
number of signs and at most one consonant. Of those that are found the ones are kept that are near enough letter by letter.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from pipeline.index.hindi import is_hindi

# Letters of one shape, each group by its first letter.
_SHAPES = {
    ord(letter): group[0]
    for group in ("घधछ", "भम", "बवक", "थय", "पषफ", "टठढदडङझइहई", "णगरख", "सश", "जञ", "तनल", "अआउऊओऑऔ", "एऐ")
    for letter in group
}  # fmt: skip
_SIGNS = frozenset("\u0902\u0903\u093e\u093f\u0940\u0941\u0942\u0943\u0945\u0947\u0948\u0949\u094b\u094c\u094d")
_SHORTEST, _LONGEST = 3, 40  # signs and letters of a word that is worth it
_KEPT_WHOLE = 3  # shapes that are not cut further: a single one is shared by too many words
SHORT, _MIDDLING = 4, 10  # up to here a word may differ by one, by two


def distances(length: int) -> int:
    """How many letters and signs a misread word of this length may differ by."""
    if length < _SHORTEST:
        return 0
    return 1 if length <= SHORT else 2 if length <= _MIDDLING else 3


def skeleton(word: str) -> str:
    """The consonants and independent vowels of a word, look-alikes as one."""
    if not is_hindi(word):
        return word
    return "".join(c for c in word if c not in _SIGNS).translate(_SHAPES)


def keys(word: str) -> set[int]:
    """The numbers that a word is looked up by, and kept under; none for a word too short, too long or with digits."""
    if not _SHORTEST <= len(word) <= _LONGEST or any(char.isdecimal() for char in word):
        return set()
    shape = skeleton(word)
    cut = {shape}
    if len(shape) > _KEPT_WHOLE:
        cut |= {shape[:i] + shape[i + 1 :] for i in range(len(shape))}
    return {zlib.crc32(part.encode()) for part in cut}


def near(word: str, others: Sequence[str]) -> list[tuple[str, int]]:
    """Those of the others that are near enough, and how many letters and signs they differ by.

    Neighbours in the wrong order count once.
    """
    most = distances(len(word))
    found = process.extract(word, others, scorer=OSA.distance, score_cutoff=most, limit=None)
    return [(other, int(distance)) for other, distance, _ in found]
