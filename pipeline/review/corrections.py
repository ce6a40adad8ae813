"""Keep corrections in their journal: one object a correction, numbered in its batch without gaps, then its rows.

Whoever corrects a batch or files it anew does so alone. What a person may correct is decided in `review.editing`; how
corrections are laid over documents, in `review.corrected`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import structlog

from pipeline.db.corrections import CorrectionRows, Outcome
from pipeline.errors import ReviewBusyError
from pipeline.model.document import Document
from pipeline.model.review import Conflict, Correction, correction_from, correction_json
from pipeline.review.corrected import Describe, apply
from pipeline.storage import Store, keys
from pipeline.storage.journal import Committed, Entry, EntryFormat, Journal, JournalWriter, exclusively

log = structlog.get_logger()

Follow = Callable[[Correction], Outcome]  # what a correction makes of the documents as they stand in the rows

_WAIT_SECONDS = 10.0  # how long somebody else's correction in the same batch may take, until it is our turn

# By subject, the batch.
FORMAT = EntryFormat(
    keys.CORRECTIONS,
    keys.corrections,
    lambda correction: keys.correction(correction.batch, correction.number),
    correction_json,
    correction_from,
)


class Corrections:
    """The corrections of all batches. Every method may raise what store and database raise."""

    def __init__(self, store: Store, rows: CorrectionRows) -> None:
        self.store = store
        self.rows = rows

    def journal(self, follow: Follow | None = None) -> Journal[Correction]:
        """The journal, by subject the batch.

        `follow` says what a correction makes of the documents; without it only the correction itself goes into the rows, for
        documents that are about to be filed anew.
        """
        rows = _CorrectionEntries(self.rows, follow)
        return Journal(lambda: self.store, FORMAT, rows, lambda batch: self.quiet(batch, wait_seconds=_WAIT_SECONDS))

    def quiet(self, batch: str, *, wait_seconds: float) -> AbstractContextManager[None]:
        """While the block runs nobody else corrects this batch or files it anew. Raises `ReviewBusyError`."""
        return exclusively(self.rows.alone(batch, wait_seconds=wait_seconds), ReviewBusyError())

    def writing(self, batch: str, follow: Follow) -> AbstractContextManager[JournalWriter[Correction]]:
        """Correct a batch, alone, with all that is stored in the rows. Raises `ReviewBusyError`."""
        return self.journal(follow).writing(batch)

    def is_behind(self, batch: str) -> bool:
        """Whether a correction is stored that no row tells of."""
        return self.journal().is_behind(batch)

    def laid_over(self, batch: str, documents: Sequence[Document], describe: Describe) -> list[Document]:
        """The machine's documents of a batch with all corrections laid over them, while nobody else corrects it (`quiet`).
        Conflicts are logged."""
        self.journal().catch_up(batch)
        corrected, conflicts = apply(documents, self.rows.of(batch), describe)
        log_conflicts(batch, conflicts)
        return corrected


@dataclass(frozen=True, slots=True)
class _CorrectionEntries:
    """Corrections as the rows of their journal."""

    rows: CorrectionRows
    follow: Follow | None

    def committed(self, subject: str) -> Committed:
        last = self.rows.last(subject)
        return Committed(keys.correction(subject, last) if last else "")

    def commit(self, entry: Entry[Correction]) -> None:
        self.rows.commit(entry.value, entry.stored, self.follow(entry.value) if self.follow else None)


def log_conflicts(batch: str, conflicts: Sequence[Conflict]) -> None:
    for one in conflicts:
        log.warning("correction", batch=batch, number=one.number, document=one.document, pages_gone=list(one.missing))
