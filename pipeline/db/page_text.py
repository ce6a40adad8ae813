"""The text of a page that counts, and its words in their boxes: as a person set it right, else as it was read."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Protocol

from pipeline.db.packing import unpack
from pipeline.model.page import Word

Place = tuple[int, int]  # a range of the text


class Readable(Protocol):
    """A page's row, or as much of it as marks are made of."""

    @property
    def text(self) -> str: ...
    @property
    def corrected(self) -> str | None: ...
    @property
    def words(self) -> bytes: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...


def text_of(page: Readable) -> str:
    """The text that counts: as a person set it right, else as it was read."""
    return page.text if page.corrected is None else page.corrected


def words_of(page: Readable) -> tuple[Word, ...]:
    """The words of the text that counts, with their boxes. What a person wrote stands where it was read."""
    words = unpack(page.words, page.text)
    return words if page.corrected is None else aligned(words, page.corrected)


def aligned(words: Sequence[Word], text: str) -> tuple[Word, ...]:
    """The words of a corrected text in the boxes of the words that were read; added words are in the box before them."""
    new = _pieces(text)
    old = [word.text for word in words]
    found: list[Word] = []
    matcher = SequenceMatcher(a=old, b=[text[start:end] for start, end in new], autojunk=False)
    for _, i1, i2, j1, j2 in matcher.get_opcodes():
        for j in range(j1, j2):
            here = words[min(i1 + j - j1, max(i2, i1 + 1) - 1, len(words) - 1)] if words else None
            if here is not None:
                start, end = new[j]
                found.append(Word(text[start:end], here.box, 1.0, here.line, start, end))
    return tuple(found)


def _pieces(text: str) -> list[Place]:
    places, end = [], 0
    for piece in text.split():
        start = text.index(piece, end)
        end = start + len(piece)
        places.append((start, end))
    return places
