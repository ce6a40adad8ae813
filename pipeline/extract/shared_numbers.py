"""The sheets of one file carry one number: where they were read differently, which reading holds, and for whom. Letters
that have a number of their own belong to the file whose cover lies above them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein

from pipeline.extract import file_number
from pipeline.extract.file_number import Grammar
from pipeline.model.document import SURE_FROM, Document, DocumentKind, Field

# Set by hand; what they do in whole files is in docs/benchmarks.md ("Fields"). Confidences and shares, 0…1.
_NEAR = 0.25  # of a number's length: as many signs may be read otherwise in the same number, and two at least
_LEAST = 3  # documents; two cannot outvote each other
_IN_DOUBT = SURE_FROM  # how sure a number can be that another sheet has and this one has not
_MENDED = 0.85  # how sure one is that was read here a little otherwise
_SURE = 0.9  # confidence from which a number that was read otherwise is another number
_COVERED = 0.8  # how sure it is that a letter with a number of its own belongs to the file whose cover lies above it
_DOUBT_LEFT = 0.5  # of the doubt, when another sheet has the same number


_OF_LETTERS = {DocumentKind.LETTER, DocumentKind.ORDER}


@dataclass(frozen=True, slots=True)
class _Read:
    document: Document
    field: Field
    text: str  # the number as it is compared


def share(documents: Sequence[Document], grammar: Grammar, judge: Callable[[Document], Document]) -> list[Document]:
    """The documents with the number of their file, where most of its sheets agree on it or its cover says it.

    A cover with another number begins another file. A document that reads nearly the same gets the number as most have it;
    one without, or with quite another, gets it in doubt and keeps its own as `number_on_page`, a letter as `letter_no` too.
    `judge` decides anew where a changed document stands.
    """
    return [document for file in _files(documents) for document in _shared(file, grammar, judge)]


def _files(documents: Sequence[Document]) -> Iterator[list[Document]]:
    """The documents of each file: from a cover to the next one that has another number."""
    file: list[Document] = []
    for document in documents:
        if file and document.kind is DocumentKind.COVER and document.file_key and _is_other(document, file):
            yield file
            file = []
        file.append(document)
    if file:
        yield file


def _is_other(cover: Document, file: Sequence[Document]) -> bool:
    before = [_read(document) for document in file if document.file_key]
    return bool(before) and not any(_is_same(_read(cover), one) for one in before)


def _shared(documents: Sequence[Document], grammar: Grammar, judge: Callable[[Document], Document]) -> list[Document]:
    read = [_read(document) for document in documents if document.file_key]
    if not read:
        return list(documents)
    alike = max(([other for other in read if _is_same(one, other)] for one in read), key=len)
    first = read[0] if read[0].document is documents[0] and documents[0].kind is DocumentKind.COVER else None
    if len(documents) < _LEAST or 2 * len(alike) <= len(documents):
        if first is None or first.field.confidence < _IN_DOUBT:
            return list(documents)
        alike = [other for other in read if _is_same(first, other)]
    best = _best(alike, grammar)
    at_most = _COVERED if first in alike else _IN_DOUBT
    return [_with(document, best, alike, len(documents), at_most, judge) for document in documents]


def _read(document: Document) -> _Read:
    return _Read(document, document.fields["file_no"], _compared(document.fields["file_no"].value))


def _with(
    document: Document,
    best: _Read,
    alike: Sequence[_Read],
    count: int,
    at_most: float,
    judge: Callable[[Document], Document],
) -> Document:
    own = next((one for one in alike if one.document is document), None)
    same = [one for one in alike if one.text == best.text]
    if own is not None and own.text == best.text:
        if len(same) == 1:
            return document
        sure = 1 - (1 - own.field.confidence) * _DOUBT_LEFT
        return judge(_with_number(document, replace(own.field, value=best.field.value, confidence=round(sure, 3))))
    share_of_all = len(same) / count
    if own is not None:
        sure = min(best.field.confidence, _MENDED, share_of_all + _DOUBT_LEFT)
        box, page = own.field.box, own.field.source_page
    else:
        covered = at_most == _COVERED
        sure = min(best.field.confidence, at_most) if covered else min(share_of_all, at_most)
        box, page = None, None
    return judge(_with_number(document, Field(best.field.value, round(sure, 3), page, box)))


def _with_number(document: Document, number: Field) -> Document:
    """The document with this number; its own, if that was another, stays as `number_on_page`."""
    fields, own = {**document.fields, "file_no": number}, document.fields.get("file_no")
    if own is None:
        return replace(document, fields=fields)
    if _is_near(own.value, number.value) and fields.get("letter_no") == own:
        fields["letter_no"] = number
    if _compared(own.value) != _compared(number.value):
        fields["number_on_page"] = own
        if document.kind in _OF_LETTERS and not _is_near(own.value, number.value):
            fields.setdefault("letter_no", own)
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
    if not _is_near(one.text, other.text):
        return False
    return min(one.field.confidence, other.field.confidence) < _SURE or _digits(one.text) == _digits(other.text)


def _is_near(one: str, other: str) -> bool:
    one, other = _compared(one), _compared(other)
    reach = max(round(_NEAR * min(len(one), len(other))), 2)
    return Levenshtein.distance(one, other, score_cutoff=reach) <= reach


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())
