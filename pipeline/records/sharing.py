"""The sheets of one file carry one number: where they were read differently, which reading holds, and for whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein

from pipeline.model import Document, Field
from pipeline.records import file_number
from pipeline.records.file_number import Grammar

_NEAR = 0.25  # of a number's length: as many signs may be read otherwise in the same number, and two at least
_LEAST = 3  # documents; two cannot outvote each other
_IN_DOUBT = 0.6  # how sure a number can be that another sheet has and this one has not
_MENDED = 0.85  # how sure one is that was read here a little otherwise
_SURE = 0.9  # confidence from which a number that was read otherwise is another number
_LEFT = 0.5  # of the doubt, when another sheet has the same number


@dataclass(frozen=True, slots=True)
class _Read:
    document: Document
    field: Field
    text: str  # the number as it is compared


def share(documents: Sequence[Document], grammar: Grammar, judge: Callable[[Document], Document]) -> list[Document]:
    """The documents of one file, each with the file's number where most of them agree on it.

    A document that reads nearly the same gets the number as most have it; one without, or with quite another, gets it in
    doubt and keeps its own as `number_on_page`. `judge` decides anew where a changed document stands.
    """
    read = [_Read(d, d.fields["file_no"], _compared(d.fields["file_no"].value)) for d in documents if d.file_key]
    if len(documents) < _LEAST or not read:
        return list(documents)
    alike = max(([other for other in read if _is_same(one, other)] for one in read), key=len)
    if 2 * len(alike) <= len(documents):
        return list(documents)
    best = _best(alike, grammar)
    return [_with(document, best, alike, len(documents), judge) for document in documents]


def _with(
    document: Document, best: _Read, alike: Sequence[_Read], count: int, judge: Callable[[Document], Document]
) -> Document:
    own = next((one for one in alike if one.document is document), None)
    same = [one for one in alike if one.text == best.text]
    if own is not None and own.text == best.text:
        if len(same) == 1:
            return document
        sure = 1 - (1 - own.field.confidence) * _LEFT
        return judge(_told(document, replace(own.field, value=best.field.value, confidence=round(sure, 3))))
    share_of_all = len(same) / count
    sure = (
        min(best.field.confidence, _MENDED, share_of_all + _LEFT) if own is not None else min(share_of_all, _IN_DOUBT)
    )
    box, page = (own.field.box, own.field.source_page) if own is not None else (None, None)
    return judge(_told(document, Field(best.field.value, round(sure, 3), page, box)))


def _told(document: Document, number: Field) -> Document:
    """The document with this number; its own, if that was another, stays as `number_on_page`."""
    fields, own = {**document.fields, "file_no": number}, document.fields.get("file_no")
    if own is not None and _compared(own.value) != _compared(number.value):
        fields["number_on_page"] = own
    if own is not None and fields.get("letter_no") == own:
        fields["letter_no"] = number
    return replace(document, fields=fields)


def _best(alike: Sequence[_Read], grammar: Grammar) -> _Read:
    """The reading that all together speak for: how often and how surely it was read, and how well it fits a known form."""

    def votes(text: str) -> float:
        return sum(one.field.confidence for one in alike if one.text == text) + file_number.fit(text, grammar)

    text = max({one.text for one in alike}, key=votes)
    return max((one for one in alike if one.text == text), key=lambda one: one.field.confidence)


def _compared(number: str) -> str:
    return "".join(file_number.fold_digits(number).split()).strip(".,:;-")


def _is_same(one: _Read, other: _Read) -> bool:
    """Whether both may be readings of one number: alike, and where their digits differ, one of them read unsurely."""
    reach = max(round(_NEAR * min(len(one.text), len(other.text))), 2)
    if Levenshtein.distance(one.text, other.text, score_cutoff=reach) > reach:
        return False
    return min(one.field.confidence, other.field.confidence) < _SURE or _digits(one.text) == _digits(other.text)


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())
