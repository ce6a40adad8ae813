"""How far a text that was read is from what stands on the page. Pure functions; which pages and programs is in `ocr`.

Both texts are folded first: Unicode form, joiners, white space, the two signs for a danda, the visarga that stands for a
colon at a word's end, and drawn rules, which are no text. What is left different counts.
"""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from pipeline.model.digits import western

_SAME = str.maketrans({"\u200c": None, "\u200d": None, "|": "।"})
_FINAL_VISARGA = re.compile(r"ः(?=[\s\-]|$)")
_DRAWN_RULE = re.compile(r"[-–—]{3,}")
_SIGN = r"[^\w\u0900-\u0963\u0966-\u097f]+"  # vowel signs are part of a word, the danda is not
_EDGES = re.compile(f"^{_SIGN}|{_SIGN}$")
_DIGIT = re.compile(r"[0-9]")


def folded(text: str, *, digits: bool = False) -> str:
    """The text without differences that do not show on paper; with `digits`, those of both scripts as Western ones."""
    text = unicodedata.normalize("NFC", text).translate(_SAME)
    text = _DRAWN_RULE.sub(" ", _FINAL_VISARGA.sub(":", text))
    text = " ".join(text.split())
    return western(text) if digits else text


def cer(known: str, read: str, *, digits: bool = False) -> float:
    """Character error rate: edit distance over the truth's length, both folded. Above 1 when much too much was read."""
    expected = folded(known, digits=digits)
    return Levenshtein.distance(expected, folded(read, digits=digits)) / max(len(expected), 1)


def mean_cer(known: Sequence[str], read: Sequence[str]) -> float:
    """Mean CER over pages, each counting alike."""
    return statistics.fmean(cer(*page) for page in zip(known, read, strict=True))


def wer(known: str, read: str) -> float:
    """Word error rate: the same over words, in reading order, with their punctuation."""
    expected = folded(known).split()
    return Levenshtein.distance(expected, folded(read).split()) / max(len(expected), 1)


def numbers_found(known: str, read: str) -> float | None:
    """The share of the truth's numbers that were read, as `numbers_right` counts them; None where the truth has none."""
    right, of = numbers_right(known, read)
    return right / of if of else None


def numbers_right(known: str, read: str) -> tuple[int, int]:
    """How many of the truth's tokens with a digit are among those read, in whichever digits and order, and how many there
    are. A token found once counts once."""
    expected = _numbers(known)
    return (expected & _numbers(read)).total(), expected.total()


def rows_whole(rows: Sequence[Sequence[str]], read: str) -> int:
    """How many rows of a table stand on a line of their own: a line that has all cells of the row and the last cell of no
    other. The last cell tells rows apart."""
    lines = [_numbers(line) for line in read.splitlines()]
    wanted = [_numbers(" ".join(row)) for row in rows]
    lasts = [_numbers(row[-1]) for row in rows]
    return sum(any(cells <= line and sum(last <= line for last in lasts) == 1 for line in lines) for cells in wanted)


def _numbers(text: str) -> Counter[str]:
    tokens = (_EDGES.sub("", token) for token in folded(text, digits=True).split())
    return Counter(token for token in tokens if _DIGIT.search(token))
