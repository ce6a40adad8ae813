"""Correct documents in review; every correction is an entry of the journal in `review.corrections`.

Each is decided on the document as it stands, while nobody else changes its batch, and is refused when the document does not
stand as the person saw it. Values of fields are checked in `review.values`, cuts are planned in `review.cuts`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from pipeline.db.batches import BatchRepository
from pipeline.errors import AbhilekhError, NotFoundError, ReviewStaleError, ReviewUndoError, SecondPersonError
from pipeline.model.accounts import Grant, Person
from pipeline.model.batch import Batch
from pipeline.model.document import Document, DocumentState
from pipeline.model.page import ReadPage
from pipeline.model.review import (
    RESCAN_WANTED,
    Correction,
    DocumentSnapshot,
    PageFlags,
    ReviewAction,
    display_value,
    snapshot_of,
    version_of,
)
from pipeline.model.roles import Right, Role
from pipeline.review import cuts as review_cuts
from pipeline.review import values as review_values
from pipeline.review.corrected import Describe
from pipeline.review.corrections import Corrections
from pipeline.review.effects import Effects, Republish
from pipeline.review.permissions import require, require_offices

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CorrectionDraft:
    """What a correction is to hold. `touched` are the documents that it names, as they stood."""

    action: ReviewAction
    touched: Sequence[Document]
    documents: Sequence[DocumentSnapshot] = ()
    pages: PageFlags | None = None
    reason: str = ""
    undoes: int | None = None


Decide = Callable[[Document], CorrectionDraft]


class ReviewEditor:
    """The actions of review. Each raises `NotFoundError` for a document that is not there or not this person's to review,
    `ReviewStaleError`, `ReviewBusyError`, and what store and database raise; it returns the correction as it was kept."""

    def __init__(
        self,
        corrections: Corrections,
        records: BatchRepository,
        describing: Callable[[Batch], Describe],
        two_persons: Callable[[str | None], bool],
        republish: Republish,
    ) -> None:
        self.corrections = corrections
        self.records = records
        self.two_persons = two_persons
        self.effects = Effects(records, describing, republish)

    # --- fields of a document -------------------------------------------------------------------------------------

    def accept(self, person: Person, ident: str, version: str, values: Mapping[str, str]) -> Correction:
        """Accept the document: every field is right, those in `values` as they are written there.

        Raises `ReviewValueError`, and `SecondPersonError` where the office wants two persons and this is the first of them.
        """

        def decide(document: Document) -> CorrectionDraft:
            fields = review_values.accepted(document, values)
            action, state = self._second_check(person, document, fields)
            return CorrectionDraft(
                action, [document], [replace(snapshot_of(document), fields=fields, state=state, was={})]
            )

        return self._do(person, ident, version, decide)

    def correct(
        self,
        person: Person,
        ident: str,
        version: str,
        values: Mapping[str, str | None],
        *,
        action: ReviewAction = ReviewAction.CORRECTED,
    ) -> Correction:
        """Correct some fields; None restores the machine's reading. The document still waits for review. Raises
        `ReviewValueError`."""

        def decide(document: Document) -> CorrectionDraft:
            fields = review_values.corrected(document, values)
            was = document.state
            state = DocumentState.NEEDS_REVIEW if was is DocumentState.REVIEWED and fields else was
            return CorrectionDraft(
                action, [document], [replace(snapshot_of(document), fields=fields, state=state, was={})]
            )

        return self._do(person, ident, version, decide)

    def move(self, person: Person, ident: str, version: str, file_no: str, office: str | None = None) -> Correction:
        """Put the document into another file, perhaps of another office. Raises `ReviewValueError`."""
        values = {"file_no": file_no} | ({"office": office} if office else {})
        return self.correct(person, ident, version, values, action=ReviewAction.MOVED)

    # --- which pages make it -------------------------------------------------------------------------------------

    def split(self, person: Person, ident: str, version: str, page: int) -> Correction:
        """Begin a new document with a page, the `page`th of this one. Raises `ReviewCutError`."""

        def decide(document: Document) -> CorrectionDraft:
            taken = set(self.records.documents_of(document.batch))
            return CorrectionDraft(ReviewAction.SPLIT, [document], review_cuts.split(document, page, taken))

        return self._do(person, ident, version, decide)

    def merge(self, person: Person, ident: str, version: str, *, following: bool) -> Correction:
        """Make one document of this one and the one before it, or the `following` one. Raises `ReviewCutError`."""

        def decide(document: Document) -> CorrectionDraft:
            other = self._neighbour(person, document, 1 if following else -1)
            first, second = (document, other) if following else (other, document)
            return CorrectionDraft(ReviewAction.MERGED, [first, second], review_cuts.merge(first, second))

        return self._do(person, ident, version, decide)

    def reorder(self, person: Person, ident: str, version: str, order: Sequence[int]) -> Correction:
        """Put the pages into another order: their present numbers in the document, as they are to follow each other."""

        def decide(document: Document) -> CorrectionDraft:
            return CorrectionDraft(ReviewAction.REORDERED, [document], review_cuts.reorder(document, order))

        return self._do(person, ident, version, decide)

    def mark(self, person: Person, ident: str, version: str, page: int, flags: Mapping[str, bool]) -> Correction:
        """Flag a page as blank or not, as a duplicate or not. It stays where it is."""

        def decide(document: Document) -> CorrectionDraft:
            return CorrectionDraft(
                ReviewAction.PAGE, [document], pages={review_cuts.source_page(document, page): flags}
            )

        return self._do(person, ident, version, decide)

    def want_again(self, person: Person, ident: str, version: str, page: int, reason: str) -> Correction:
        """Ask for a new scan of a page, or withdraw that with an empty reason."""

        def decide(document: Document) -> CorrectionDraft:
            flags = {review_cuts.source_page(document, page): {RESCAN_WANTED: bool(reason)}}
            return CorrectionDraft(ReviewAction.RESCAN, [document], pages=flags, reason=reason)

        return self._do(person, ident, version, decide)

    def scanned_again(self, batch: str, page: int, by: str) -> None:
        """Withdraw the wish for a new scan of a page that has come. A failure is logged; a person can withdraw it."""
        operator = Person(by, "", (Grant(Role.RECORD_KEEPER),))  # whoever may replace a page answers the wish with it

        def decide(document: Document) -> CorrectionDraft:
            return CorrectionDraft(ReviewAction.RESCAN, [document], pages={page: {RESCAN_WANTED: False}})

        try:
            for ident in self.records.documents_with(batch, [page], []):
                document = self.records.document(ident)
                if any(one.source_page == page and RESCAN_WANTED in one.flags for one in document.pages):
                    self._do(operator, ident, None, decide)
        except AbhilekhError as error:
            log.warning("still wanted again", batch=batch, page=page, reason=error.text("en"))

    def undo(self, person: Person, ident: str, number: int) -> Correction:
        """Undo a correction by one that restores what stood before it. Raises `ReviewUndoError` when what it changed was
        changed again since."""

        def decide(document: Document) -> CorrectionDraft:
            every = self.corrections.rows.of(document.batch)
            found = next((one for one in every if one.number == number and document.id in one.touches), None)
            if found is None or any(one.undoes == number for one in every):
                raise ReviewUndoError(number=number)
            names = {one.document for one in found.documents} or {document.id}
            there = [self._document(person, name, number) for name in sorted(names)]
            review_cuts.require_unchanged(found, there)
            return CorrectionDraft(
                ReviewAction.UNDONE,
                there,
                review_cuts.before(found),
                found.pages_before,
                reason=str(found.action),
                undoes=number,
            )

        return self._do(person, ident, None, decide)

    # --- how a correction is kept --------------------------------------------------------------------------------

    def heal(self, batch: str) -> None:
        """Commit corrections that are stored and in no row, as after a crash between the two."""
        with self.corrections.writing(batch, self.effects.outcome):
            pass

    def _do(self, person: Person, ident: str, version: str | None, decide: Decide) -> Correction:
        document = self.records.document(ident)
        require(person, document)
        with self.corrections.writing(document.batch, self.effects.outcome) as writer:
            try:
                document = self.records.document(ident)
            except NotFoundError:
                raise ReviewStaleError(document=ident) from None
            if version is not None and version_of(document) != version:
                raise ReviewStaleError(document=ident)
            require(person, document)
            correction = _correction(document, writer.next_number, person.name, decide(document))
            require_offices(person, correction, self.effects.of(correction))
            writer.append(correction)
            return correction

    # --- who may, and who was there ------------------------------------------------------------------------------

    def _second_check(
        self, person: Person, document: Document, fields: Mapping[str, str | None]
    ) -> tuple[ReviewAction, DocumentState]:
        """Whether this acceptance is the last one that the office wants. A second person who changes something is the first
        to have seen it so."""
        if not self.two_persons(document.value("office")):
            return ReviewAction.ACCEPTED, DocumentState.REVIEWED
        history = self.corrections.rows.history(document.id)
        first = history[-1] if history and history[-1].action is ReviewAction.SEEN else None
        changes = any((value or "") != display_value(document, name) for name, value in fields.items())
        if first is None or changes:
            return ReviewAction.SEEN, DocumentState.NEEDS_REVIEW
        if first.by == person.name:
            raise SecondPersonError
        return ReviewAction.ACCEPTED, DocumentState.REVIEWED

    def _neighbour(self, person: Person, document: Document, step: int) -> Document:
        """The document before or after in the scan. One that the person may not review is as if there were none."""
        names = self.records.documents_of(document.batch)
        place = names.index(document.id) + step
        found = self.records.document(names[place]) if 0 <= place < len(names) else None
        if found is None or not person.may(Right.REVIEW, found.value("office")):
            raise review_cuts.no_neighbour(following=step > 0)
        return found

    def _document(self, person: Person, ident: str, number: int) -> Document:
        """A document that a correction names. Raises `ReviewUndoError` where it is no more, or not the person's."""
        try:
            found = self.records.document(ident)
            require(person, found)
        except NotFoundError:
            raise ReviewUndoError(number=number) from None
        return found


def _correction(document: Document, number: int, by: str, draft: CorrectionDraft) -> Correction:
    named: dict[str, Mapping[str, str | None]] = {one.document: one.fields for one in draft.documents}
    flags = dict(draft.pages or {})
    there = {page.source_page: page for one in draft.touched for page in one.pages}
    return Correction(
        batch=document.batch,
        number=number,
        at=datetime.now(UTC),
        by=by,
        action=draft.action,
        document=document.id,
        documents=tuple(draft.documents),
        pages=flags,
        before=tuple(snapshot_of(one, named.get(one.id, ())) for one in draft.touched),
        pages_before={
            n: {flag: flag in there[n].flags for flag in set_flags} for n, set_flags in flags.items() if n in there
        },
        reason=draft.reason,
        undoes=draft.undoes,
    )


def _standing(page: ReadPage, flags: Mapping[str, bool]) -> dict[str, bool]:
    """Which of these flags the page has now."""
    return {flag: flag in page.flags for flag in flags}
