"""Annotate pages for good: the object in the store first, its row after (`storage.journal`). A page that is replaced, or on
which something is written, is read again; its document's PDF, fields and full text are made anew by whoever works on the
batch next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import structlog

from pipeline.db.annotations import AnnotationRepository
from pipeline.errors import BatchBusyError, NotOnePageError
from pipeline.model.annotation import AnnotationKind, PageAnnotation
from pipeline.model.batch import Batch
from pipeline.model.scan import Source, StoredObject
from pipeline.storage import Store, annotation_record, keys
from pipeline.storage.annotation_record import AnnotationRecord
from pipeline.storage.journal import Committed, Entry, Journal, JournalWriter, Replayed, exclusively

log = structlog.get_logger()


class AnnotationService:
    """Annotates pages. `prove` opens a scan to its last page, `batch` finds a batch."""

    def __init__(
        self,
        store: Callable[[], Store],
        notes: AnnotationRepository,
        prove: Callable[[Path, str], Source],
        batch: Callable[[str], Batch],
    ) -> None:
        self.store = store
        self.notes = notes
        self.prove = prove
        self.batch = batch
        self.journal = journal_of(store, AnnotationRows(notes))

    def replace(
        self, batch: str, page: int, path: Path, *, name: str, by: str, reason: str, token: str = ""
    ) -> tuple[PageAnnotation, bool]:
        """Have the scan at `path` stand for a page from now on; returns the annotation, and whether it is new.

        The scan is stored as an original of its own. The same scan again changes nothing. Raises the `InputError` that says
        what is wrong with the scan, `NotOnePageError` when it has more pages than one, `NotFoundError`, `BatchBusyError`.
        """
        source = self.prove(path, name)
        if source.pages != 1:
            raise NotOnePageError(name=name, pages=source.pages)
        new = PageAnnotation(
            batch, page, 0, AnnotationKind.REPLACED, datetime.now(UTC), by, reason, source, token=token
        )
        with self.journal.writing(batch) as writer:
            known = self.notes.of(batch).replaced(page)
            if known is not None and known.source is not None and known.source.sha256 == source.sha256:
                return known, False
            self.notes.page(batch, page)
            if known is None and self._came_as(batch, page) == source.sha256:
                return replace(new, reason="", token=""), False
            return self._append(writer, new, self.store().put_original(path, source.sha256)), True

    def _came_as(self, batch: str, page: int) -> str | None:
        """The hash of the file that the page came in, where that file holds nothing else."""
        places = {number: file for number, file, _ in self.batch(batch).source.places()}
        return places[page].sha256 if page in places and places[page].pages == 1 else None

    def annotate(self, batch: str, page: int, kind: AnnotationKind, *, by: str) -> PageAnnotation:
        """Mark a page as written on, or as blank; the same mark again changes nothing. Raises `NotFoundError`,
        `BatchBusyError`."""
        with self.journal.writing(batch) as writer:
            self.notes.page(batch, page)
            last = self.notes.of(batch).of(page)[-1:]
            if last and last[0].kind is kind:
                return last[0]
            return self._append(writer, PageAnnotation(batch, page, 0, kind, datetime.now(UTC), by))

    def _append(
        self, writer: JournalWriter[AnnotationRecord], new: PageAnnotation, original: StoredObject | None = None
    ) -> PageAnnotation:
        image, layout, _ = self.notes.page(new.batch, new.page)
        note = replace(new, turn=self._next_turn(writer, new), image_key=image, layout_key=layout)
        writer.append(AnnotationRecord(note, original))
        log.info("page annotated", batch=note.batch, page=note.page, kind=str(note.kind), by=note.by)
        return note

    def _next_turn(self, writer: JournalWriter[AnnotationRecord], new: PageAnnotation) -> int:
        """The turn after all that are in rows or in the store: one whose object is damaged is not given again."""
        turns = [note.turn for note in self.notes.of(new.batch).of(new.page)]
        turns += [turn for page, turn in map(keys.page_and_turn, writer.stored) if page == new.page]
        return max(turns, default=0) + 1


@dataclass(frozen=True, slots=True)
class AnnotationRows:
    """Annotations as the rows of their journal; its subject is a batch."""

    notes: AnnotationRepository

    def committed(self, subject: str) -> Committed:
        every = self.notes.of(subject).every
        return Committed(keys={keys.page_note(note.batch, note.page, note.turn) for note in every})

    def commit(self, entry: Entry[AnnotationRecord]) -> None:
        self.notes.commit(entry.value.note, entry.value.objects(entry.stored))


@dataclass(frozen=True, slots=True)
class _RebuiltRows(AnnotationRows):
    """While rows are rebuilt: pages that were read since their annotation are not read again; `unread` are the batches of
    the others."""

    unread: list[str] = field(default_factory=list)

    def commit(self, entry: Entry[AnnotationRecord]) -> None:
        note = entry.value.note
        if self.notes.replay(note, entry.value.objects(entry.stored)):
            self.unread.append(note.batch)


def journal_of(store: Callable[[], Store], rows: AnnotationRows) -> Journal[AnnotationRecord]:
    return Journal(
        store,
        annotation_record.FORMAT,
        rows,
        lambda batch: exclusively(rows.notes.alone(batch), BatchBusyError(batch=batch)),
    )


def replay(store: Store, notes: AnnotationRepository) -> tuple[Replayed, list[str]]:
    """Commit all stored annotations while rows are rebuilt; also returns the batches with a page to be read again."""
    rows = _RebuiltRows(notes)
    return journal_of(lambda: store, rows).replay(), rows.unread
