"""Split, merge and reorder documents: the snapshots of what is then to stand, and those that undo a correction.

Values only; nothing is kept here.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.errors import ReviewCutError, ReviewUndoError
from pipeline.locale import Message
from pipeline.model.document import Document, DocumentState, Field
from pipeline.model.page import PERSON
from pipeline.model.review import Correction, DocumentSnapshot, snapshot_of
from pipeline.review.corrected import name_of

_CERTAIN = ("file_no", "office", "volume", "part")  # where certain of a document, certain of each part of it
WAITS = DocumentState.NEEDS_REVIEW


def split(document: Document, page: int, taken: set[str]) -> list[DocumentSnapshot]:
    """This document without its `page`th page and those after it, and those as a new one. `taken` are the names in use."""
    if not 1 < page <= len(document.pages):
        raise ReviewCutError(
            cause=Message("a new document can begin with the second page at the earliest"),
        )
    numbers = [sheet.source_page for sheet in document.pages]
    names = [name_of(document.batch, number) for number in (*numbers[page - 1 :], *numbers[: page - 1])]
    name = next((one for one in names if one not in taken), None)  # rather one of its own pages
    if name is None:
        raise ReviewCutError(
            cause=Message("every name that the new document could have is in use"),
        )
    known: dict[str, str | None] = {
        n: one.value for n, one in document.fields.items() if n in _CERTAIN and _is_given(one)
    }
    left = DocumentSnapshot(document.id, tuple(numbers[: page - 1]), WAITS)
    return [left, DocumentSnapshot(name, tuple(numbers[page - 1 :]), WAITS, known)]


def _is_given(found: Field) -> bool:
    """Whether a person or a separator sheet gave it, and not only the settings that hold for every document."""
    return found.confidence == 1 and (found.by == PERSON or found.source_page is not None)


def merge(first: Document, second: Document) -> list[DocumentSnapshot]:
    """The pages of both as the first document; its name and its corrections stay."""
    pages = (*snapshot_of(first).pages, *snapshot_of(second).pages)
    return [DocumentSnapshot(first.id, pages, WAITS)]


def reorder(document: Document, order: Sequence[int]) -> list[DocumentSnapshot]:
    """The same pages, in another order: their present numbers in the document."""
    if sorted(order) != list(range(1, len(document.pages) + 1)):
        raise ReviewCutError(cause=Message("each page must be named once"))
    return [DocumentSnapshot(document.id, tuple(document.pages[number - 1].source_page for number in order), WAITS)]


def source_page(document: Document, page: int) -> int:
    """The number in the scanned file of a page of the document."""
    if not 1 <= page <= len(document.pages):
        raise ReviewCutError(cause=Message("there is no page {page}", page=page))
    return document.pages[page - 1].source_page


def no_neighbour(*, following: bool) -> ReviewCutError:
    if following:
        return ReviewCutError(
            cause=Message("no document that you may review follows in this scan"),
        )
    return ReviewCutError(
        cause=Message("no document that you may review comes before in this scan"),
    )


def before(correction: Correction) -> list[DocumentSnapshot]:
    """The snapshots that undo a correction: pages, state and fields as they stood."""
    changed = {one.document: one.fields for one in correction.documents}
    if not changed:
        return []
    return [
        DocumentSnapshot(
            was.document, was.pages, was.state, {name: was.fields.get(name) for name in changed.get(was.document, ())}
        )
        for was in correction.before
    ]


def require_unchanged(correction: Correction, there: Sequence[Document]) -> None:
    """Raise `ReviewUndoError` unless everything that the correction changed still stands so."""
    documents = {document.id: document for document in there}
    pages = {page.source_page: page for document in there for page in document.pages}
    for after in correction.documents:
        document = documents[after.document]
        stands = snapshot_of(document, after.fields)
        if stands.pages != after.pages or any(not _is(document, name, after.fields[name]) for name in after.fields):
            raise ReviewUndoError(number=correction.number)
    for number, flags in correction.pages.items():
        if number not in pages or any((flag in pages[number].flags) != on for flag, on in flags.items()):
            raise ReviewUndoError(number=correction.number)


def _is(document: Document, name: str, value: str | None) -> bool:
    found = document.fields.get(name)
    if value is None:
        return found is None or found.by != PERSON
    return found is not None and found.by == PERSON and found.value == value
