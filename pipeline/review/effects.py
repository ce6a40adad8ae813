"""What one correction makes of the documents of its batch as they stand in the rows. Nothing is written here.

How corrections are laid over documents is in `review.corrected`; the rows that follow are written by `db.corrections`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

from pipeline.db.batches import BatchRepository
from pipeline.db.corrections import Outcome
from pipeline.model.batch import Batch
from pipeline.model.document import Document
from pipeline.model.review import Conflict, Correction
from pipeline.model.scan import StoredObject
from pipeline.review.corrected import Describe, apply
from pipeline.review.corrections import log_conflicts

# Publishes the documents of a batch anew where their pages changed: the batch, the documents that a correction made, which
# of them have other pages, and those left as they are. Returns the first with their PDFs, and the new objects.
Republish = Callable[
    [Batch, Sequence[Document], Set[str], Sequence[Document]], tuple[list[Document], list[StoredObject]]
]


@dataclass(frozen=True, slots=True)
class Effect:
    """The documents that a correction touches as they stand, by name, those that it makes, and where it cannot be followed
    to the letter."""

    before: dict[str, Document]
    made: list[Document]
    conflicts: list[Conflict]


class Effects:
    """Works out what corrections do. Every method raises what store and database raise."""

    def __init__(self, records: BatchRepository, describing: Callable[[Batch], Describe], republish: Republish) -> None:
        self.records = records
        self.describing = describing
        self.republish = republish

    def of(self, correction: Correction) -> Effect:
        """What a correction would make of the documents as they stand."""
        batch = self.records.batch(correction.batch)
        pages = {page for one in correction.documents for page in one.pages} | correction.pages.keys()
        named = self.records.documents_with(batch.id, sorted(pages), [one.document for one in correction.documents])
        before = {ident: self.records.document(ident) for ident in named}
        made, conflicts = apply(list(before.values()), [correction], self.describing(batch))
        return Effect(before, made, conflicts)

    def outcome(self, correction: Correction) -> Outcome:
        """What is to stand in the rows after a correction, with PDFs and manifest where pages are put together otherwise."""
        effect = self.of(correction)
        before, made = effect.before, effect.made
        log_conflicts(correction.batch, effect.conflicts)
        gone = [ident for ident in before if ident not in {document.id for document in made}]
        recut = {one.id for one in made if one.id not in before or _numbers(before[one.id]) != _numbers(one)}
        objects: list[StoredObject] = []
        if recut or gone:
            batch = self.records.batch(correction.batch)
            untouched = [self.records.document(i) for i in self.records.documents_of(batch.id) if i not in before]
            made, objects = self.republish(batch, made, recut, untouched)
        return Outcome(made, gone, objects)


def _numbers(document: Document) -> list[int]:
    return [page.source_page for page in document.pages]
