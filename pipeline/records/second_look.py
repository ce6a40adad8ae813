"""Which of several readings of one line to believe for its number and its date, and how far.

Recognition reads digits badly and drops them, so that the lines that carry a number or a date are read several times, in
different ways (`ocr.again`). Here the readings are compared: what most of them agree on stands, weighed with how well it
fits the grammar of file numbers. Nothing is read here, and no line is looked for on a page.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from rapidfuzz.distance import Levenshtein

from pipeline.model import Settled
from pipeline.records import dates, file_number
from pipeline.records.file_number import Grammar

_MISFIT = 1.5  # edits that a number outside the grammar must save in each of three readings to be taken all the same
_REPAIR = 0.6  # edits that a repair costs
_KNOWN = 0.9  # fit from which a number is of a known form
_SPACE = re.compile(r"[\s\u200c\u200d]+")
_VISARGA = re.compile(r"(?<=[\u0904-\u0939]):(?=[-/])")  # छ:-13 for छः-13
_DASHES = str.maketrans("–—−", "---")
_HINDI = str.maketrans("0123456789", "०१२३४५६७८९")
_DIGIT = re.compile(r"[0-9०-९]")
# How far a value can be believed by the share of the readings that give just it: measured, see docs/benchmarks.md.
_ALL, _ALL_BUT_ONE, _MOST, _SOME = 0.97, 0.92, 0.75, 0.45
_UNKNOWN_FORM = 0.8  # of that, where the number is of no known form


@dataclass(frozen=True, slots=True)
class NumberJudge:
    """Tells the lines that are worth reading again, and what they say."""

    grammar: Grammar
    today: date

    def wants(self, line: str) -> bool:
        """Whether the line carries a number with its label, or a date."""
        return file_number.find(line, self.grammar) is not None or dates.find(line, today=self.today) is not None

    def is_plain(self, readings: Sequence[str]) -> bool:
        """Whether these few readings agree so well that no more are needed."""
        return all(settled.confidence >= _ALL for settled in self.settle(readings))

    def settle(self, readings: Sequence[str]) -> list[Settled]:
        """What stands in the first reading's number and date by all readings, in the order of the line; nothing of what
        does not stand there."""
        found = [settled for settled in (self._number(readings), self._date(readings)) if settled is not None]
        return sorted(found, key=lambda settled: settled.start)

    def _number(self, readings: Sequence[str]) -> Settled | None:
        own = file_number.find(readings[0], self.grammar)
        if own is None:
            return None
        seen = [file_number.find(line, self.grammar) for line in readings]
        given = [_folded(line[found.number[0] : found.number[1]]) if found else "" for line, found in
                 zip(readings, seen, strict=True)]  # fmt: skip
        value = min(_candidates([text for text in given if text], self.grammar), key=lambda c: self._cost(c, given))[0]
        agreeing = sum(text == value for text in given)
        confidence = _believed(agreeing, len(given))
        if file_number.fit(value, self.grammar) < _KNOWN:
            confidence = round(confidence * _UNKNOWN_FORM, 3)
        start, stop = own.number
        if given[0] == value:  # as it was written, with its blanks
            return Settled(start, stop, readings[0][start:stop], confidence)
        script = "".join(readings)[: 10 * len(readings[0])]
        return Settled(start, stop, _in_script(value, script), confidence)

    def _cost(self, candidate: tuple[str, float], given: Sequence[str]) -> float:
        text, cost = candidate
        misfit = _MISFIT * (_KNOWN - min(file_number.fit(text, self.grammar), _KNOWN)) / _KNOWN
        return sum(Levenshtein.distance(text, other) for other in given) + len(given) * misfit + cost

    def _date(self, readings: Sequence[str]) -> Settled | None:
        own = _dated(readings[0], self.today)
        given = [_dated(line, self.today) for line in readings]
        told = [found[0] for found in given if found is not None]
        if own is None or not told:
            return None
        value = max(told, key=lambda when: (told.count(when), when == own[0]))
        line, found = next((r, f) for r, f in zip(readings, given, strict=True) if f is not None and f[0] == value)
        return Settled(own[1], own[2], line[found[1] : found[2]], _believed(told.count(value), len(given)))


def _dated(line: str, today: date) -> tuple[date, int, int] | None:
    """The date after its label; without a label the line's first."""
    label = file_number.DATE_LABEL.search(line)
    after = label.end() if label else 0
    found = dates.find(line[after:], today=today)
    return None if found is None else (found[0], found[1] + after, found[2] + after)


def _believed(agreeing: int, asked: int) -> float:
    if agreeing == asked:
        return _ALL
    if agreeing >= asked - 1 and asked > 2:  # noqa: PLR2004 - of two readings neither outvotes the other
        return _ALL_BUT_ONE
    return _MOST if 2 * agreeing > asked else _SOME


def _folded(written: str) -> str:
    """A number as it is compared: Western digits, no blanks, one dash."""
    text = file_number.fold_digits(unicodedata.normalize("NFC", written)).translate(_DASHES)
    return _VISARGA.sub("ः", _SPACE.sub("", text)).strip(".,;:-/")


def _in_script(value: str, like: str) -> str:
    """With the digits that most of `like` has."""
    digits = _DIGIT.findall(like)
    hindi = sum(digit >= "०" for digit in digits)
    return value.translate(_HINDI) if 2 * hindi > len(digits) else value


def _candidates(given: Sequence[str], grammar: Grammar) -> Iterator[tuple[str, float]]:
    """What may be meant, with its price: each reading, what they agree on sign by sign, and repairs of all these."""
    texts = dict.fromkeys([*given, *(_voted(pivot, given) for pivot in dict.fromkeys(given))])
    for text in texts:
        yield text, 0.0
        for mended, cost in file_number.repairs(text, grammar):
            if cost:
                yield _folded(mended), _REPAIR * cost


def _voted(pivot: str, given: Sequence[str]) -> str:
    """The readings laid over `pivot`, and at each sign what most of them have (J. Fiscus, "A post-processing system to yield
    reduced word error rates: ROVER", ASRU 1997)."""
    signs: list[dict[str, int]] = [{} for _ in pivot]
    gaps: list[dict[str, int]] = [{} for _ in range(len(pivot) + 1)]
    for other in given:
        for edit in Levenshtein.opcodes(pivot, other):
            there = other[edit.dest_start : edit.dest_end]
            if edit.tag == "insert":
                _vote(gaps[edit.src_start], there)
                continue
            for offset in range(edit.src_end - edit.src_start):
                _vote(signs[edit.src_start + offset], there[offset] if there else "")
    text = ""
    for place in range(len(pivot) + 1):
        inserted = max(gaps[place].items(), key=lambda item: item[1], default=("", 0))
        text += inserted[0] if 2 * inserted[1] > len(given) else ""
        if place < len(pivot):
            text += max(signs[place].items(), key=lambda item: (item[1], item[0] == pivot[place]))[0]
    return text


def _vote(ballot: dict[str, int], sign: str) -> None:
    ballot[sign] = ballot.get(sign, 0) + 1
