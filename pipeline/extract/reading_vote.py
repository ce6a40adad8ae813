"""Which of several readings of one line to believe for its number and its date, and how far.

Recognition reads digits badly and drops them, so that the lines that carry a number or a date are read several times, in
different ways (`ocr.reread`). Here the readings are compared: what most of them agree on stands, weighed with how well it
fits the grammar of file numbers. Nothing is read here, and no line is looked for on a page.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property

from rapidfuzz.distance import Levenshtein

from pipeline.extract import dates, file_number
from pipeline.extract.file_number import GOOD_FIT, Grammar, Paper
from pipeline.extract.file_number.words import misread_word
from pipeline.model.digits import TO_DEVANAGARI
from pipeline.model.page import Settled

# Set by hand; what the vote is right in is measured in decision 22.
_MISFIT = 2.5  # edits in every reading that it would cost to make a number of nothing
_MISSPELT = 2.5  # the same of a misspelt word: more than the edits that mend it
_REPAIR = 0.6  # edits that a repair costs
_SAME_YEAR = 1.5  # votes for a date of the number's own year
_SPACE = re.compile(r"[\s\u200c\u200d]+")
_VISARGA = re.compile(r"(?<=[\u0904-\u0939]):(?=[-/])")  # छ:-13 for छः-13
_DASHES = str.maketrans("–—−", "---")
_DIGIT = re.compile(r"[0-9०-९]")
_LETTER = re.compile(r"[A-Za-z\u0904-\u0939][\w\u0900-\u0963]*")
_QUOTED = re.compile(r"^\W*(?:सं|सन्|स)दर्भ|^\W*ref", re.IGNORECASE)
_WORDS_BESIDE = 2  # of a date that stands alone
_WORD = re.compile(r"[\u0904-\u0939][\u0900-\u0902\u0904-\u0963]*")  # a visarga in a number is a misread joint
# How far a value can be believed by the share of the readings that give just it: measured, see docs/benchmarks.md.
_ALL = 0.97
_BELIEVED = ((0.99, _ALL), (0.88, 0.88), (0.7, 0.8), (0.5, 0.65), (0.0, 0.45))
_UNKNOWN_FORM = 0.8  # of that, where the number is of no known form
_ONE_FOR_NINE = 0.85  # the most that a value is believed in which a ९ was taken for १
_LIKE_ONE, _STRANGE = 0.5, 0.6  # fit below which there are signs in it that no number has; of that
_MENDED = 0.85  # of that, where no reading gives the number just so


@dataclass(frozen=True)
class NumberJudge:
    """Finds the lines worth reading again, and settles what they say. The readings of one line are asked about again with
    every further one, so that what was found in each is kept; a judge is for one page."""

    grammar: Grammar
    today: date

    @cached_property
    def _find(self) -> Callable[[str], file_number.FoundNumber | None]:
        return cache(lambda line: file_number.find(line, self.grammar))

    @cached_property
    def _fit(self) -> Callable[[str], float]:
        return cache(lambda number: file_number.fit(number, self.grammar))

    @cached_property
    def _dated(self) -> Callable[[str], tuple[date, int, int] | None]:
        return cache(lambda line: _dated(line, self.today))

    def wants(self, line: str) -> bool:
        """Whether the line, one of a page's head, carries a number with its label, or a date."""
        if not any(sign.isdigit() for sign in line):
            return False
        return (
            self._find(line) is not None or dates.find(line, today=self.today) is not None or _unread(line) is not None
        )

    def wants_below(self, line: str) -> bool:
        """The same of a line below the head: the number of a paper that is answered, of an endorsement, or a date alone."""
        if not any(sign.isdigit() for sign in line):
            return False
        found = self._find(line)
        if found is not None:
            opens = found.label is not None and not _LETTER.search(line[: found.label[0]])
            return opens or found.paper in {Paper.REFERENCE, Paper.ENDORSEMENT} or _QUOTED.match(line) is not None
        dated = dates.find(line, today=self.today)
        return dated is not None and len(_LETTER.findall(line[: dated.start] + line[dated.end :])) <= _WORDS_BESIDE

    def is_plain(self, readings: Sequence[str], weights: Sequence[float]) -> bool:
        """Whether these few readings agree so well that no more are needed."""
        return all(settled.confidence >= _ALL for settled in self.settle(readings, weights))

    def settle(self, readings: Sequence[str], weights: Sequence[float]) -> list[Settled]:
        """What stands in the first reading's number and date by all readings, each with its weight, in the order of the
        line; nothing of what does not stand there."""
        lines = [file_number.roman(line) for line in readings]
        other = next((line for line, weight in zip(lines, weights, strict=True) if weight < 1), "")
        readings = [_with_ones(line, other) for line in lines]
        number = self._number(readings, weights)
        dated = self._date(readings, weights, number.text if number else "")
        found = sorted(filter(None, (number, dated)), key=lambda settled: settled.start)
        at_most = 1.0 if readings == lines else _ONE_FOR_NINE
        return [replace(settled, confidence=min(settled.confidence, at_most)) for settled in found]

    def _number(self, readings: Sequence[str], weights: Sequence[float]) -> Settled | None:
        own = self._find(readings[0])
        place = own.number if own else _unread(readings[0])
        if place is None:
            return None
        seen = [self._find(line) for line in readings]
        given = [
            _folded(line[found.number[0] : found.number[1]]) if found else ""
            for line, found in zip(readings, seen, strict=True)
        ]
        if 2 * sum(w for text, w in zip(given, weights, strict=True) if text) < sum(weights):
            return None
        candidates = _candidates([text for text in given if text], self.grammar)
        value = min(candidates, key=lambda candidate: self._cost(candidate, given, weights))[0]
        agreeing = sum(w for text, w in zip(given, weights, strict=True) if _spelt(text) == value)
        confidence = _believed(agreeing, sum(weights)) * (1 if value in given else _MENDED)
        fits = self._fit(value)
        confidence *= 1 if fits >= GOOD_FIT else _UNKNOWN_FORM if fits >= _LIKE_ONE or value.isdigit() else _STRANGE
        start, stop = place
        if given[0] == value:  # as it was written, with its blanks
            return Settled(start, stop, _VISARGA.sub("ः", readings[0][start:stop]), round(confidence, 3))
        return Settled(start, stop, _in_script(value, "".join(readings)), round(confidence, 3))

    def _cost(self, candidate: tuple[str, float], given: Sequence[str], weights: Sequence[float]) -> float:
        text, cost = candidate
        misfit = _MISFIT * (GOOD_FIT - min(self._fit(text), GOOD_FIT)) / GOOD_FIT
        misfit += _MISSPELT * sum(misread_word(word) is not None for word in _WORD.findall(text))
        apart = sum(w * Levenshtein.distance(text, other) for other, w in zip(given, weights, strict=True))
        return apart + misfit * sum(weights) + cost

    def _date(self, readings: Sequence[str], weights: Sequence[float], number: str) -> Settled | None:
        own = self._dated(readings[0])
        if own is None:
            return None
        given = [self._dated(line) for line in readings]
        votes: dict[date, float] = {}
        for found, weight in zip(given, weights, strict=True):
            if found is not None:
                votes[found[0]] = votes.get(found[0], 0.0) + weight
        digits = file_number.fold_digits(number)
        value = max(votes, key=lambda when: (votes[when] + _SAME_YEAR * (str(when.year) in digits), when == own[0]))
        line, found = next((r, f) for r, f in zip(readings, given, strict=True) if f is not None and f[0] == value)
        return Settled(own[1], own[2], line[found[1] : found[2]], _believed(votes[value], sum(weights)))


def _with_ones(line: str, other: str) -> str:
    """The line with १ where it has ९ and the reading with the language data for numbers has १.

    In some fonts (Sarala, Yantramanav, Mukta) the page's data take nearly every १ for ९, at every size; the other data
    hardly ever give a १ that is none, for they were made to give none at all.
    """
    if "९" not in line or "१" not in other:
        return line
    signs = list(line)
    for edit in Levenshtein.opcodes(line, other):
        if edit.tag == "replace":
            for at, there in zip(
                range(edit.src_start, edit.src_end), other[edit.dest_start : edit.dest_end], strict=False
            ):
                signs[at] = "१" if (signs[at], there) == ("९", "१") else signs[at]
    return "".join(signs)


def _unread(line: str) -> tuple[int, int] | None:
    """Where a number must stand that was not read as one: what follows a label that opens the line, up to the date's."""
    label = file_number.LABEL.search(line)
    if label is None or _LETTER.search(line[: label.start()]):
        return None
    dated = file_number.DATE_LABEL.search(line, label.end())
    stop = dated.start() if dated else len(line)
    stop = label.end() + len(line[label.end() : stop].rstrip(" ,"))
    return (label.end(), stop) if _DIGIT.search(line[label.end() : stop]) else None


def _dated(line: str, today: date) -> tuple[date, int, int] | None:
    """The date after its label; without a label the line's first."""
    label = file_number.DATE_LABEL.search(line)
    after = label.end() if label else 0
    found = dates.find(line[after:], today=today)
    return None if found is None else (found[0], found[1] + after, found[2] + after)


def _believed(agreeing: float, asked: float) -> float:
    share = agreeing / asked
    return next(confidence for least, confidence in _BELIEVED if share >= least)


def _folded(written: str) -> str:
    """A number as it is compared: Western digits, no blanks, one dash."""
    text = file_number.fold_digits(unicodedata.normalize("NFC", written)).translate(_DASHES)
    return _VISARGA.sub("ः", _SPACE.sub("", text)).strip(".,;:-/")


def _in_script(value: str, like: str) -> str:
    """With the digits that most of `like` has."""
    digits = _DIGIT.findall(like)
    hindi = sum(digit >= "०" for digit in digits)
    return value.translate(TO_DEVANAGARI) if 2 * hindi > len(digits) else value


def _candidates(given: Sequence[str], grammar: Grammar) -> Iterator[tuple[str, float]]:
    """What may be meant, with its price: each reading, what they agree on sign by sign, and repairs of all these."""
    texts = dict.fromkeys([*given, *(voted(pivot, given) for pivot in dict.fromkeys(given))])
    for text in texts:
        yield text, 0.0
        spelt = _spelt(text)
        if spelt != text:
            yield spelt, _REPAIR
        for mended, cost in file_number.repairs(spelt, grammar):
            if cost:
                yield _folded(mended), _REPAIR * cost


def _spelt(text: str) -> str:
    """The number with words that can only be misread ones set right."""
    return _WORD.sub(lambda word: misread_word(word.group()) or word.group(), text)


def voted(pivot: str, given: Sequence[str]) -> str:
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
