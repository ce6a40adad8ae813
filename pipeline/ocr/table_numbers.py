"""The columns of a table that hold numbers: their form, and which of several readings of a cell fits it.

A column's own cells tell its digits and its form (a count, a sum in groups, a date). A cell that fits neither was misread,
most often as Latin signs of the same look. Nothing is read here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.model.digits import TO_DEVANAGARI, WESTERN, western

_FORMS = tuple(
    re.compile(form)
    for form in (
        r"[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}|[0-9]{1,3}",  # a sum in groups
        r"[0-9]{1,2}[./-][0-9]{1,2}[./-](?:[0-9]{2}){1,2}",  # a date
        r"[0-9]+[.][0-9]+",
        r"[0-9]+[.)]?",
    )
)
_GROUPED = re.compile(r"[0-9],[0-9]")
_LEAST_SHARE = 0.5  # of them
_LEAST_CELLS = 2  # of a column that have its form, or a place in its count
_NOISE = re.compile(r"^[\s'\"`´‘’“”~:;_|।\\-]+|[\s'\"`´‘’“”~:;_|।/\\.,-]+$")
# What a Devanagari digit is read as where it is taken for a Latin sign, by its look: seen in the tables of drawn letters.
_LOOKS = str.maketrans("9qRB8tEG&CcS", "११२४४४६७६८८९")
# Where a cell is voted on: how far its number can be believed, of the share of the readings that give it.
_BELIEVED = 0.8
_LEAST_VOTES = 1.0  # weight of the readings that must agree


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """A column of numbers: the form that its cells have, in Western digits; whether they are written in Devanagari ones; and
    at which number its count begins, at the first of its cells, or None where it does not count."""

    form: re.Pattern[str]
    devanagari: bool
    begins: int | None

    def fits(self, text: str, place: int) -> bool:
        """Whether the cell at `place` (from 0) is a number as the others of this column, in their digits."""
        if not self._is_written_so(text) or not self.form.fullmatch(western(text)):
            return False
        return self.begins is None or western(text).rstrip(".)") == str(self.begins + place)

    def bare(self, text: str, place: int) -> str | None:
        """The cell's number without the marks around it, where it is one as the others."""
        bare = _NOISE.sub("", text)
        return bare if self.fits(bare, place) else None

    def settle(self, readings: Sequence[str], weights: Sequence[float], place: int) -> tuple[str, float] | None:
        """The number that the readings of one cell speak for, each with its weight, and how far it can be believed; None
        where too few of them fit. In a column that counts only the next number fits, and one reading is enough."""
        votes: dict[str, float] = {}
        for text, weight in zip(readings, weights, strict=True):
            number = self._number(text, place)
            if number is not None:
                votes[number] = votes.get(number, 0.0) + weight
        best, agreeing = max(votes.items(), key=lambda vote: vote[1], default=("", 0.0))  # of equal ones the first
        if self.begins is not None:
            return (best, _BELIEVED) if best else None
        return (best, _BELIEVED * agreeing / sum(weights)) if agreeing >= _LEAST_VOTES else None

    def _number(self, text: str, place: int) -> str | None:
        """The reading as a number of this column: without marks at its ends, its signs the digits that look so."""
        bare = _NOISE.sub("", text)
        if self.devanagari:
            bare = bare.translate(_LOOKS).translate(TO_DEVANAGARI)
        return bare if self.fits(bare, place) else None

    def _is_written_so(self, text: str) -> bool:
        return not (self.devanagari and any(sign in WESTERN for sign in text)) and not (
            not self.devanagari and western(text) != text
        )


def number_column(cells: Sequence[str], *, devanagari: bool) -> NumberColumn | None:
    """What the cells of a column, its heading not among them, show to be numbers; None where too few are."""
    written = [western(_NOISE.sub("", cell)) for cell in cells if cell]
    form, count = max(
        ((form, sum(form.fullmatch(cell) is not None for cell in written)) for form in _forms(written)),
        key=lambda pair: pair[1],
    )
    if count < max(_LEAST_CELLS, _LEAST_SHARE * len(written)):
        return None
    return NumberColumn(form, devanagari, _count(cells))


def _forms(written: Sequence[str]) -> Iterator[re.Pattern[str]]:
    """Those that may be: a number below a thousand is of every form of groups, so that one must be parted."""
    yield from _FORMS if any(_GROUPED.search(cell) for cell in written) else _FORMS[1:]


def _count(cells: Sequence[str]) -> int | None:
    """At which number the cells begin to count one by one, where most of them do."""
    starts = Counter(
        int(text) - place
        for place, cell in enumerate(cells)
        if (text := western(cell).rstrip(".)")).isdecimal() and text.isascii()
    )
    start, times = max(starts.items(), key=lambda pair: pair[1], default=(0, 0))
    return start if times >= max(_LEAST_CELLS, _LEAST_SHARE * len(cells)) else None


def is_devanagari(cells: Sequence[str]) -> bool:
    """Whether most digits of these cells are Devanagari ones."""
    digits = [sign for cell in cells for sign in cell if sign.isdecimal()]
    return 2 * sum(sign not in WESTERN for sign in digits) > len(digits)
