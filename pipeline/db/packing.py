"""A page's words as compact bytes beside the row, so that marks are found without asking the object store.

Eight columns of numbers one after the other, compressed; the first byte tells how wide a number is. Earlier versions wrote
JSON, which is still read.
"""

from __future__ import annotations

import json
import sys
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from pipeline.model.page import Box, Word

_NARROW, _WIDE = "H", "i"  # 16 bits, without sign, where all numbers fit; else 32
_COLUMNS = 8
_MOST = 0xFFFF
_QUICK = 6


def pack(words: tuple[Word, ...]) -> bytes:
    rows = [(w.start, w.end, w.line, round(w.confidence * 1000), w.box.x, w.box.y, w.box.w, w.box.h) for w in words]
    numbers = [number for column in zip(*rows, strict=True) for number in column]
    kind = _NARROW if all(0 <= number <= _MOST for number in numbers) else _WIDE
    return kind.encode() + zlib.compress(_swapped(array(kind, numbers)).tobytes(), _QUICK)


def boxes_at(data: bytes, places: Sequence[tuple[int, int]]) -> list[Box]:
    """The boxes of the words that touch these ranges of the text, without making values of all the others."""
    starts, ends, _, _, *boxes = _columns(data)
    there: set[int] = set()
    for a, b in places:
        there.update(range(bisect_right(ends, a), bisect_left(starts, b)))
    return [Box(*(column[i] for column in boxes)) for i in sorted(there)]


def unpack(data: bytes, text: str) -> tuple[Word, ...]:
    """The inverse of `pack`; `text` is the page's text, of which the words are parts."""
    return tuple(
        Word(text[start:end], Box(x, y, w, h), confidence / 1000, line, start, end)
        for start, end, line, confidence, x, y, w, h in zip(*_columns(data), strict=True)
    )


def _columns(data: bytes) -> list[Sequence[int]]:
    kind = chr(data[0]) if data else ""
    if kind not in (_NARROW, _WIDE):
        return list(zip(*json.loads(zlib.decompress(data)), strict=True)) or [()] * _COLUMNS
    numbers = array(kind)
    numbers.frombytes(zlib.decompress(data[1:]))
    numbers, count = _swapped(numbers), len(numbers) // _COLUMNS
    return [numbers[i * count : (i + 1) * count] for i in range(_COLUMNS)]


def _swapped(numbers: array[int]) -> array[int]:
    """The numbers with their low byte first, on whatever machine."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
