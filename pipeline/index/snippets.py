"""Where the words of a query stand in a page's text, the piece of text around them, and their boxes on the image."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.db.packing import boxes_at
from pipeline.db.page_text import Place, Readable, words_of
from pipeline.index import hindi
from pipeline.index.engines import AnyOf, Phrase

_BEGUN = "*"  # at the end of a phrase whose last token is a beginning; no token is a sign
_BEFORE, _AFTER = 60, 140  # characters around the first match


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
