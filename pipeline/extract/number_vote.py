"""Which of the numbers that were read on the sheets of one file is the file's: votes of readings that may be of one number.

Which sheets make a file, and what becomes of a sheet that has another number, is decided in `shared_numbers`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from pipeline.extract import file_number
from pipeline.extract.file_number import Grammar
from pipeline.extract.file_number.volumes import split_volume
from pipeline.extract.reading_vote import voted
from pipeline.model.digits import TO_DEVANAGARI
from pipeline.model.document import Document, DocumentKind, Field

# Set by hand; what they do in whole files is in docs/benchmarks.md ("Fields"). Confidences and shares, 0…1.
_NEAR = 0.25  # of a number's length: as many signs may be read otherwise in the same number, and two at least
_SURE = 0.9  # confidence from which a number that was read otherwise is another number
_LIKE_ONE = 0.5  # fit, below which a number of no known form has signs in it that no number has
_CONTESTED = 0.6  # of the votes for the best number, from which as many for another leave it open
_MOST_SUB_DIGITS = 4  # of what a letter has behind its file's number
_MOST_APART = 2  # signs; what is farther from a number says no more against it
_EDGES = ".,:;-/"


@dataclass(frozen=True, slots=True)
class NumberRead:
    """A number that was read on a document, without volume and part: as it is written and as it is compared; and these."""

    document: Document
    field: Field
    written: str
    text: str
    volume: str

    @property
    def heads_file(self) -> bool:
        """Whether it stands on a cover or a note sheet, whose number is the file's."""
        return self.document.kind in (DocumentKind.COVER, DocumentKind.NOTING)


@dataclass(frozen=True, slots=True)
class Vote:
    """The number that a file's readings speak for, as it is written and as it is compared; how surely it was read where it
    was. It is open where another has nearly as many votes, or where it has a sign that no number has: sheets agree in what
    the recogniser always takes for something else, as a Roman XI."""

    value: str
    text: str
    confidence: float
    is_open: bool


class _Volume(NamedTuple):
    """Volume and part as they are written, how surely they were read, and whether others have nearly as many votes."""

    written: str
    confidence: float
    is_open: bool


def read_of(document: Document) -> NumberRead:
    """The document's number, for comparing."""
    field = document.fields["file_no"]
    body, _ = split_volume(file_number.fold_digits(field.value))
    volume = field.value[len(body) :].strip(" .,:;")
    written = field.value[: len(field.value.rstrip(" .,:;")) - len(volume)].rstrip() if volume else field.value
    return NumberRead(document, field, written, compared(body), volume)


def compared(number: str) -> str:
    """The number as it is compared: digits folded, no blanks."""
    return "".join(file_number.fold_digits(number).split()).strip(_EDGES)


def is_near(one: str, other: str) -> bool:
    """Whether so few signs differ that both may be readings of one number."""
    one, other = compared(one), compared(other)
    reach = max(round(_NEAR * min(len(one), len(other))), 2)
    return Levenshtein.distance(one, other, score_cutoff=reach) <= reach


def is_same(one: NumberRead, other: NumberRead) -> bool:
    """Whether both may be readings of one number: alike, and where their digits differ, one of them read unsurely. Cover and
    note sheets of a file have one number, however surely they were read."""
    if not is_near(one.text, other.text):
        return False
    unsure = min(one.field.confidence, other.field.confidence) < _SURE
    return unsure or (one.heads_file and other.heads_file) or _digits(one.text) == _digits(other.text)


def without_serial(one: NumberRead, file_no: str) -> NumberRead:
    """The reading without what a letter has behind its file's number: letters of एफ 1-2/2003 are numbered एफ 1-2/2003/101.
    As it is where what stands before the last slash is no nearer to `file_no`, as it is compared, than the whole."""
    base, sign, rest = one.text.rpartition("/")
    written = one.written.rpartition("/")[0]
    if not sign or not rest.isdigit() or len(rest) > _MOST_SUB_DIGITS or not is_near(base, file_no) or not written:
        return one
    if Levenshtein.distance(base, file_no) >= Levenshtein.distance(one.text, file_no):
        return one
    return replace(one, written=written, text=base)


def vote(readings: Sequence[NumberRead], grammar: Grammar) -> Vote:
    """The number that lies nearest to all readings, each with its confidence as its weight, and fits a known form best: one
    of them, or what they say sign by sign (the median string; a reading that is quite another counts as two signs apart).
    """
    given = [(one.text, one.field.confidence) for one in readings]

    def cost(text: str) -> float:
        apart = sum(weight * min(Levenshtein.distance(text, other), _MOST_APART) for other, weight in given)
        return apart - file_number.fit(text, grammar)

    written = dict(_written(readings))
    best = min(written, key=lambda text: (cost(text), text not in {one for one, _ in given}))
    support = {text: sum(weight for other, weight in given if other == text) for text, _ in given}
    others = max((votes for text, votes in support.items() if _digits(text) != _digits(best)), default=0.0)
    sure = max((weight for text, weight in given if text == best), default=min(weight for _, weight in given))
    is_open = others >= _CONTESTED * support.get(best, 0.0) or file_number.fit(best, grammar) < _LIKE_ONE
    volume = _volume(readings)
    if not volume.written:
        return Vote(written[best], best, sure, is_open)
    between = "" if volume.written[0] in "/(-" else " "
    value = written[best] + between + volume.written
    return Vote(value, best, min(sure, volume.confidence), is_open or volume.is_open)


def _written(readings: Sequence[NumberRead]) -> Iterator[tuple[str, str]]:
    """Candidates as they are compared and as they are written: sign by sign first, so that a reading replaces its equal; of
    equal readings the surest last."""
    texts = [one.text for one in readings]
    for one in readings:
        text = voted(one.text, texts)
        if len(text) == len(one.text):
            yield text, _rewritten(one.written, one.text, text)
    for one in sorted(readings, key=lambda one: one.field.confidence):
        yield one.text, one.written


def _rewritten(value: str, text: str, wanted: str) -> str:
    """The number as it is written, `text` as it is compared, with the signs of `wanted`."""
    signs = list(value)
    at = 0
    for was, sign in zip(text, wanted, strict=True):
        while compared(signs[at]) != was and file_number.fold_digits(signs[at]) != was:
            at += 1
        if sign != was:
            signs[at] = sign.translate(TO_DEVANAGARI) if "०" <= signs[at] <= "९" else sign
        at += 1
    return "".join(signs)


def _volume(readings: Sequence[NumberRead]) -> _Volume:
    """Volume and part as the cover and the note sheets have them: volumes are files of their own. Where no sheet of these
    was read, as most have them."""
    heads = [one for one in readings if one.heads_file and (one.volume or one.document.kind is DocumentKind.COVER)]
    votes: dict[str, float] = {}
    for one in heads or readings:
        votes[one.volume] = votes.get(one.volume, 0.0) + one.field.confidence
    best = max(votes, key=lambda volume: votes[volume])
    others = max((weight for volume, weight in votes.items() if volume not in ("", best)), default=0.0)
    sure = max(one.field.confidence for one in readings if one.volume == best)
    return _Volume(best, sure, bool(best) and others >= _CONTESTED * votes[best])


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())
