"""Lines that carry a number or a date, read again in other ways: smaller and larger, and with other language data.

Each way makes mistakes of its own, so that what they agree on is right far more often than what one of them is sure of.
Which lines those are and which reading to believe is decided by a `ReadingJudge`; nothing of file numbers is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from pipeline.model.page import Box, Settled
from pipeline.ocr.engine import Pixels, Recognised

_PAD, _MARGIN = 14, 16  # pixels of the page, and of white, around a line


class Way(NamedTuple):
    """How a line is read: the size it is brought to, how far it is blurred (pixels, of that size), and whether with the
    language data for numbers instead of the page's own."""

    scale: float
    blur: float
    numbers: bool


# Measured on lines that were read wrong at first: these four differ most in their mistakes. The language data for numbers
# read joints and brackets best, and digits worst, so that their word counts half. They come first all the same: what one
# font's digits are taken for by the page's data is the same at every size.
WAYS = (Way(0.75, 0, True), Way(0.75, 0, False), Way(1.5, 0, False), Way(1.5, 1.2, False))
WEIGHTS = (1.0, *(0.5 if way.numbers else 1.0 for way in WAYS))  # of the readings, the page's own first
_SURE = 0.9  # confidence of the page's own reading from which one more that says the same is enough


class ReadingJudge(Protocol):
    """Knows numbers and dates."""

    def wants(self, line: str) -> bool: ...

    def wants_below(self, line: str) -> bool: ...

    def is_plain(self, readings: Sequence[str], weights: Sequence[float]) -> bool: ...

    def settle(self, readings: Sequence[str], weights: Sequence[float]) -> Sequence[Settled]: ...


Read = Callable[[Pixels, str, float], Sequence[Recognised]]  # a piece as one line: pixels, languages, scale
Resize = Callable[[Pixels, float, float], Pixels]  # pixels, scale, blur


@dataclass(frozen=True, slots=True)
class SecondLook:
    """Who judges, the language data that are best at numbers, and how a piece is brought to another size."""

    judge: ReadingJudge
    languages: str
    resize: Resize


def settled(
    line: Sequence[Recognised], pixels: Pixels, look: SecondLook, read: Read, languages: str, *, below: bool = False
) -> list[Recognised]:
    """The words of one line with its number and date as most readings have them, and how sure that is as confidence.

    `languages` are those the page was read with; `below` says that the line stands below the page's head.
    """
    judge, first = look.judge, _text(line)
    if not (judge.wants_below(first) if below else judge.wants(first)):
        return list(line)
    cut = _cut(pixels, line)
    readings = [first]
    sure = min(word.confidence for word in line if any(sign.isdigit() for sign in word.text)) >= _SURE
    for count, way in enumerate(WAYS, start=1):
        piece = _in_margin(look.resize(cut, way.scale, way.blur))
        readings.append(_text(read(piece, look.languages if way.numbers else languages, way.scale)))
        if (count > 1 or sure) and judge.is_plain(readings, WEIGHTS[: count + 1]):
            break
    words = list(line)
    for found in reversed(judge.settle(readings, WEIGHTS[: len(readings)])):
        words = _replaced(words, found)
    return words


def _text(words: Sequence[Recognised]) -> str:
    return " ".join(word.text for word in words)


def _cut(pixels: Pixels, line: Sequence[Recognised]) -> Pixels:
    box = line[0].box
    for word in line[1:]:
        box = box.union(word.box)
    return pixels[max(box.y - _PAD, 0) : box.y + box.h + _PAD, max(box.x - _PAD, 0) : box.x + box.w + _PAD]


def _in_margin(cut: Pixels) -> Pixels:
    piece = np.full((cut.shape[0] + 2 * _MARGIN, cut.shape[1] + 2 * _MARGIN), 255, np.uint8)
    piece[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN] = cut
    return piece


def _replaced(line: Sequence[Recognised], found: Settled) -> list[Recognised]:
    """The words with one range of their text replaced: the words it touches become one, with all that stands
    before and after the range in them."""
    before: list[tuple[int, Recognised]] = []
    touched: list[tuple[int, Recognised]] = []
    after: list[tuple[int, Recognised]] = []
    place = 0
    for word in line:
        start, end = place, place + len(word.text)
        place = end + 1
        (before if end <= found.start else after if start >= found.end else touched).append((start, word))
    if not touched:
        return list(line)
    first, last = touched[0], touched[-1]
    text = first[1].text[: max(found.start - first[0], 0)] + found.text + last[1].text[found.end - last[0] :]
    box: Box = first[1].box
    for _, word in touched[1:]:
        box = box.union(word.box)
    whole = Recognised(text, box, found.confidence, first[1].line)
    return [*(word for _, word in before), whole, *(word for _, word in after)]
