"""How words look: which words recognition may have made of one another. Values only; the words are in `vocabulary`.

Recognition loses and swaps vowel signs and takes consonants of one shape for each other. So a word is kept under its
consonants alone, look-alikes folded, and looked for under all that differ from these by at most one. Of those that are
found the ones are kept that are near enough letter by letter.
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
}
_SIGNS = frozenset("\u0902\u0903\u093e\u093f\u0940\u0941\u0942\u0943\u0945\u0947\u0948\u0949\u094b\u094c\u094d")
_SHORTEST, _LONGEST = 3, 40  # signs and letters of a word that is worth it
_KEPT_WHOLE = 3  # consonants of which none may be another: too many words share two
# What a skeleton is made of.
_SHAPES_THERE = sorted({chr(letter).translate(_SHAPES) for letter in range(0x905, 0x93A)})
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_LOOSE = 0.38  # letters and consonants that may differ, of all that a word has
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


def is_worth_it(word: str) -> bool:
    """Whether misreadings of the word are looked for: it is neither short nor endless, and has no digits."""
    return _SHORTEST <= len(word) <= _LONGEST and not any(char.isdecimal() for char in word)


def shape(word: str) -> int:
    """The number that words are kept under: words with the same consonants share it; 0 where it is not worth it."""
    return _number(skeleton(word)) if is_worth_it(word) else 0


def shapes_near(word: str) -> list[int]:
    """The numbers of all words that may be misreadings of this one, as its consonants go: the same, or one more, less
    or another."""
    if not is_worth_it(word):
        return []
    own = skeleton(word)
    letters = _SHAPES_THERE if is_hindi(word) else _LATIN
    found = {own}
    if len(own) > _KEPT_WHOLE:
        found |= {own[:i] + own[i + 1 :] for i in range(len(own))}
        found |= {own[:i] + letter + own[i + 1 :] for i in range(len(own)) for letter in letters}
    if len(own) >= _KEPT_WHOLE:
        found |= {own[:i] + letter + own[i:] for i in range(len(own) + 1) for letter in letters}
    return sorted(map(_number, found))


def seeming(word: str, others: Sequence[str]) -> list[tuple[str, float]]:
    """Those of the others that may be this word, badly misread, and how alike they are; 1 is the same.

    So loose a likeness tells something only on a page where the word is expected to stand.
    """
    own = skeleton(word)
    size = len(word) + len(own)
    most = int(_LOOSE * size)
    found = []
    for other, distance, _ in process.extract(word, others, scorer=OSA.distance, score_cutoff=most, limit=None):
        apart = (distance + OSA.distance(own, skeleton(other))) / size
        if apart <= _LOOSE and is_worth_it(other):
            found.append((other, 1 - apart))
    return found


def _number(skeleton: str) -> int:
    """31 bits, and never 0."""
    return zlib.crc32(skeleton.encode()) >> 1 or 1


def near(word: str, others: Sequence[str]) -> list[tuple[str, int]]:
    """Those of the others that are near enough, and how many letters and signs they differ by.

    Neighbours in the wrong order count once.
    """
    most = distances(len(word))
    found = process.extract(word, others, scorer=OSA.distance, score_cutoff=most, limit=None)
    return [(other, int(distance)) for other, distance, _ in found]
