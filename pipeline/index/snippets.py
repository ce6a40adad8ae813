"""Where the words of a question stand in a page's text, the piece of text around them, and their boxes on the image."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Protocol

from pipeline.db.packing import boxes_at, unpack
from pipeline.index import hindi
from pipeline.index.engines import AnyOf, Phrase
from pipeline.model.page import Word

Place = tuple[int, int]  # a range of the text
_BEGUN = "*"  # at the end of a phrase whose last token is a beginning; no token is a sign
_BEFORE, _AFTER = 60, 140  # characters around the first match


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


@dataclass(frozen=True, slots=True)
class Sought:
    """The phrases whose words are marked, by their first token, and beginnings of words; made once for many pages."""

    by_first: Mapping[str, Sequence[Phrase]]
    beginnings: tuple[str, ...]

    @classmethod
    def of(cls, asked: Sequence[AnyOf], *, begun: bool = False) -> Sought:
        """What is asked for; `begun` takes the last word as a beginning: for pages that have no other."""
        by_first: defaultdict[str, list[Phrase]] = defaultdict(list)
        beginnings: list[str] = []
        for place, word in enumerate(asked, start=1):
            as_beginning = word.begun or (begun and place == len(asked))
            for phrase in filter(None, word.phrases):
                if as_beginning and len(phrase) == 1:
                    beginnings.append(phrase[0])
                else:
                    by_first[phrase[0]].append((*phrase, _BEGUN) if as_beginning else phrase)
        return cls(by_first, tuple(beginnings))

    def places(self, text: str) -> list[Place]:
        """Ranges of `text` whose tokens are asked for, in order; of phrases only where they stand side by side."""
        if not self.beginnings and all(len(phrase) == 1 for some in self.by_first.values() for phrase in some):
            return hindi.standing(text, self.by_first)
        tokens, where = hindi.analysed(text)
        found: set[int] = set()
        for index in [i for i, token in enumerate(tokens) if token in self.by_first]:
            for phrase in self.by_first[tokens[index]]:
                length = len(phrase) - (phrase[-1] is _BEGUN)
                if length == 1 or _stands(phrase, tokens[index : index + length]):
                    found.update(range(index, index + length))
        if self.beginnings:
            found.update(i for i, token in enumerate(tokens) if token.startswith(self.beginnings))
        return [where[index] for index in sorted(found)]


def boxes(page: Readable, where: Sequence[Place]) -> list[tuple[float, float, float, float]]:
    """The boxes of the words that the places touch, as fractions of the page image; each box once."""
    if not where:
        return []
    if page.corrected is None:
        touched = boxes_at(page.words, where)
    else:
        words = words_of(page)
        touched = [word.box for word in words if any(word.start < end and word.end > start for start, end in where)]
    found: dict[tuple[float, float, float, float], None] = {}
    for box in touched:
        x, y, w, h = box.fractions(max(page.width, 1), max(page.height, 1))
        found[x, y, w, h] = None
    return list(found)


def snippet(text: str, where: Sequence[Place]) -> tuple[str, list[Place]]:
    """The text around the best match on one line, cut between words, and the marks inside it."""
    first = _densest(where)
    start = max(first - _BEFORE, 0)
    if start:
        start = min(max(text.find(" ", start, first), text.find("\n", start, first)) + 1 or first, first)
    end = min(first + _AFTER, len(text))
    if end < len(text):
        cut = max(text.rfind(" ", first, end), text.rfind("\n", first, end))
        end = cut if cut > first else end
    marks = [(a - start, b - start) for a, b in where if a >= start and b <= end]
    return text[start:end].replace("\n", " ").replace("\t", " "), marks


def _densest(where: Sequence[Place]) -> int:
    """Where the piece of text begins that holds the most places."""
    if not where:
        return 0
    counts = [sum(1 for b in where[i:] if b[1] <= a[0] + _AFTER) for i, a in enumerate(where)]
    return where[counts.index(max(counts))][0]


def _stands(phrase: Phrase, here: Sequence[str]) -> bool:
    if phrase[-1] is not _BEGUN:
        return list(phrase) == list(here)
    *whole, last = phrase[:-1]
    return len(here) == len(phrase) - 1 and list(here[:-1]) == whole and here[-1].startswith(last)
