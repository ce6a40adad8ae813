"""The sheets of one file carry one number: for whom the number that `number_vote` finds holds, and how surely. Letters that
have a number of their own belong to the file whose cover lies above them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.extract.file_number import Grammar
from pipeline.extract.number_vote import NumberRead, Vote, compared, is_near, is_same, read_of, vote, without_serial
from pipeline.model.document import SURE_FROM, Document, DocumentKind, Field

# Set by hand; what they do in whole files is in docs/benchmarks.md ("Fields"). Confidences and shares, 0…1.
_LEAST = 3  # documents; two cannot outvote each other
_IN_DOUBT = SURE_FROM  # how sure a number can be that another sheet has and this one has not
_MENDED = 0.85  # how sure one is that was read here a little otherwise
_COVERED = 0.8  # how sure it is that a letter with a number of its own belongs to the file whose cover lies above it
_OPEN = 0.55  # the most that a number is sure where another has as many votes, or the cover's was not read
_DOUBT_LEFT = 0.5  # of the doubt, when another sheet has the same number

_OF_LETTERS = {DocumentKind.LETTER, DocumentKind.ORDER}

Judge = Callable[[Document], Document]


@dataclass(frozen=True, slots=True)
class _File:
    """What was found of a file: its number, the readings that speak for it, how many documents it has, and how sure the
    number can be on one that has another."""

    best: Vote
    alike: tuple[NumberRead, ...]
    count: int
    at_most: float


def share(documents: Sequence[Document], grammar: Grammar, judge: Judge) -> list[Document]:
    """The documents with the number of their file, where most of its sheets agree on it or its cover says it.

    A cover with another number begins another file. A document that reads nearly the same gets the number as most have it;
    one without, or with quite another, gets it in doubt and keeps its own as `number_on_page`, a letter as `letter_no` too.
    Where two numbers have equal votes, all have it in doubt. `judge` decides anew where a changed document stands.
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
    """Whether the cover's number is none of those before it; digits that were surely read and differ make another."""
    own = replace(read_of(cover), document=replace(cover, kind=DocumentKind.OTHER))
    before = [read_of(document) for document in file if document.file_key]
    return bool(before) and not any(is_same(own, one) for one in before)


def _shared(documents: Sequence[Document], grammar: Grammar, judge: Judge) -> list[Document]:
    read = [read_of(document) for document in documents if document.file_key]
    if not read:
        return list(documents)
    is_covered = documents[0].kind is DocumentKind.COVER
    heads = [one for one in read if one.heads_file] if is_covered else []
    head = vote(_largest(heads), grammar) if heads else None
    if head is not None:
        read = [without_serial(one, head.text) if one.document.kind in _OF_LETTERS else one for one in read]
    alike = _largest(read)
    if len(documents) < _LEAST or 2 * len(alike) <= len(documents):
        if head is None:
            return [_doubted(document, judge) for document in documents] if is_covered else list(documents)
        alike = [one for one in read if is_near(one.text, head.text) and any(is_same(one, other) for other in heads)]
    else:
        alike += [one for one in heads if one not in alike and is_near(one.text, alike[0].text)]
    best = vote(alike, grammar)
    is_headed = any(one.heads_file for one in alike) and is_covered
    file = _File(best, tuple(alike), len(documents), _COVERED if is_headed else _IN_DOUBT)
    return [_with(document, file, judge) for document in documents]


def _largest(read: Sequence[NumberRead]) -> list[NumberRead]:
    """The most readings that may be of one number."""
    return max(([other for other in read if is_same(one, other)] for one in read), key=len)


def _doubted(document: Document, judge: Judge) -> Document:
    """A document under a cover whose number was not read: its own number is hardly the file's."""
    number = document.fields.get("file_no")
    if number is None or document.kind not in _OF_LETTERS:
        return document
    fields = {**document.fields, "file_no": replace(number, confidence=min(number.confidence, _OPEN))}
    return judge(replace(document, fields=fields))


def _with(document: Document, file: _File, judge: Judge) -> Document:
    best, at_most = file.best, _OPEN if file.best.is_open else 1.0
    own = next((one for one in file.alike if one.document is document), None)
    same = [one for one in file.alike if one.text == best.text]
    is_it = own is not None and compared(own.field.value) == compared(best.value)
    if own is not None and is_it:
        if len(same) == 1 and not best.is_open:
            return document
        sure = 1 - (1 - own.field.confidence) * _DOUBT_LEFT
        number = replace(own.field, value=best.value, confidence=round(min(sure, at_most), 3))
        return judge(_with_number(document, number, is_own=True))
    share_of_all = len(same) / file.count
    if own is not None:
        sure = min(best.confidence, _MENDED, max(share_of_all, 1 / file.count) + _DOUBT_LEFT, at_most)
        is_own = own.text == compared(own.field.value) or bool(own.volume)
        return judge(
            _with_number(document, replace(own.field, value=best.value, confidence=round(sure, 3)), is_own=is_own)
        )
    covered = file.at_most == _COVERED
    sure = min(best.confidence, file.at_most, at_most) if covered else min(share_of_all, file.at_most, at_most)
    return judge(_with_number(document, Field(best.value, round(sure, 3)), is_own=False))


def _with_number(document: Document, number: Field, *, is_own: bool) -> Document:
    """The document with this number. Its own, if that was another, stays as `number_on_page`; a letter's as `letter_no` too,
    unless it is the same one read otherwise (`is_own`)."""
    fields, own = {**document.fields, "file_no": number}, document.fields.get("file_no")
    if own is None:
        return replace(document, fields=fields)
    if is_own and fields.get("letter_no") == own:
        fields["letter_no"] = number
    if compared(own.value) != compared(number.value):
        fields["number_on_page"] = own
        if document.kind in _OF_LETTERS and not is_own:
            fields.setdefault("letter_no", own)
    return replace(document, fields=fields)
