"""Says something of a page for good: the object in the store first, its row after. A page that is replaced, or said to be
written on, is read again; its document's PDF, fields and full text are made anew by whoever works on the batch next.

Killed between the two, the object is found again by whoever says something of the batch next, and by `rebuild`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import structlog

from pipeline.db.annotations import AnnotationRepository
from pipeline.errors import BatchBusyError, NotFoundError, NotOnePageError
from pipeline.model.annotation import AnnotationKind, PageAnnotation
from pipeline.model.batch import Batch
from pipeline.model.scan import Source, StoredObject
from pipeline.storage import Store, annotation_record, keys

log = structlog.get_logger()


class AnnotationService:
    """Who says something of a page. `prove` opens a scan to its last page, `batch` finds a batch."""

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

    def replace(
        self, batch: str, page: int, path: Path, *, name: str, by: str, reason: str, token: str = ""
    ) -> tuple[PageAnnotation, bool]:
        """Have the scan at `path` stand for a page from now on; returns the note, and whether it is new.

        The scan is stored as an original of its own. The same scan again changes nothing. Raises the `InputError` that says
        what is wrong with the scan, `NotOnePageError` when it has more pages than one, `NotFoundError`, `BatchBusyError`.
        """
        source = self.prove(path, name)
        if source.pages != 1:
            raise NotOnePageError(name=name, pages=source.pages)
        with self.notes.alone(batch) as ours:
            if not ours:
                raise BatchBusyError(batch=batch)
            self.take_up(batch)
            known = self.notes.of(batch).replaced(page)
            if known is not None and known.source is not None and known.source.sha256 == source.sha256:
                return known, False
            self.notes.page(batch, page)
            if known is None and self._came_as(batch, page) == source.sha256:
                note = PageAnnotation(batch, page, 0, AnnotationKind.REPLACED, datetime.now(UTC), by, source=source)
                return note, False
            original = self.store().put_original(path, source.sha256)
            said = PageAnnotation(
                batch, page, 0, AnnotationKind.REPLACED, datetime.now(UTC), by, reason, source, token=token
            )
            return self._say(said, original), True

    def _came_as(self, batch: str, page: int) -> str | None:
        """The hash of the file that the page came in, where that file holds nothing else."""
        places = {number: file for number, file, _ in self.batch(batch).source.places()}
        return places[page].sha256 if page in places and places[page].pages == 1 else None

    def say(self, batch: str, page: int, kind: AnnotationKind, *, by: str) -> PageAnnotation:
        """Say of a page that it is written on, or that it is blank. Raises `NotFoundError`, `BatchBusyError`."""
        with self.notes.alone(batch) as ours:
            if not ours:
                raise BatchBusyError(batch=batch)
            self.take_up(batch)
            self.notes.page(batch, page)
            notes = self.notes.of(batch)
            last = notes.of(page)[-1:]
            if last and last[0].kind is kind:
                return last[0]
            return self._say(PageAnnotation(batch, page, 0, kind, datetime.now(UTC), by))

    def _say(self, said: PageAnnotation, original: StoredObject | None = None) -> PageAnnotation:
        notes = self.notes.of(said.batch).of(said.page)
        image, layout, _ = self.notes.page(said.batch, said.page)
        note = replace(said, turn=len(notes) + 1, image_key=image, layout_key=layout)
        key = keys.page_note(note.batch, note.page, note.turn)
        stored = self.store().put_bytes(key, annotation_record.encode(note, original), "application/json")
        self.notes.commit(note, [stored, *([original] if original else [])])
        log.info("said of a page", batch=note.batch, page=note.page, kind=str(note.kind), by=note.by)
        return note

    def take_up(self, batch: str) -> None:
        """Commit what is stored and in no row: whoever said it was killed before the row."""
        known = {(note.page, note.turn) for note in self.notes.of(batch).every}
        for info in self.store().list(keys.page_notes(batch)):
            if keys.page_and_turn(info.key) not in known:
                note, objects = annotation_record.decode(info.key, self.store().get(info.key))
                self.notes.commit(note, objects)
                log.info("taken up", batch=batch, page=note.page, turn=note.turn)


def replay(store: Store, notes: AnnotationRepository, key: str) -> tuple[PageAnnotation, bool] | None:
    """Commit a stored note while rows are rebuilt: the note, and whether its page is to be read again; None for a damaged
    one, or one of a batch that is no more."""
    try:
        note, objects = annotation_record.decode(key, store.get(key))
        return note, notes.replay(note, objects)
    except (ValueError, NotFoundError) as error:
        log.warning("note", key=key, cause=str(error))
        return None
