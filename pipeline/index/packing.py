"""A page's words as compact bytes beside the row, so that marks are found without asking the object store."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence

from pipeline.model import Box, Word


def pack(words: tuple[Word, ...]) -> bytes:
    rows = [[w.start, w.end, w.line, round(w.confidence * 1000), w.box.x, w.box.y, w.box.w, w.box.h] for w in words]
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode("ascii"), 6)


def boxes_at(data: bytes, places: Sequence[tuple[int, int]]) -> list[Box]:
    """The boxes of the words that touch these ranges of the text, without making values of all the others."""
    return [
        Box(x, y, w, h)
        for start, end, _, _, x, y, w, h in json.loads(zlib.decompress(data))
        if any(start < b and end > a for a, b in places)
    ]


def unpack(data: bytes, text: str) -> tuple[Word, ...]:
    """The inverse of `pack`; `text` is the page's text, of which the words are parts."""
    return tuple(
        Word(text[start:end], Box(x, y, w, h), confidence / 1000, line, start, end)
        for start, end, line, confidence, x, y, w, h in json.loads(zlib.decompress(data))
    )
