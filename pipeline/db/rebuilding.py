"""Rows filled again from manifests. Reading manifests does not live here (see `workflow.rebuild`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session, select

from pipeline.db import register
from pipeline.db.batches import BatchRepository
from pipeline.db.database import now
from pipeline.db.objects import note_object
from pipeline.db.rows import batch_row, page_values
from pipeline.db.tables import ArrivalRow, BatchRow, DocumentRow, ObjectRow, PageRow
from pipeline.model.batch import Batch, BatchState, RecordedError
from pipeline.model.document import Document
from pipeline.model.page import ReadPage
from pipeline.model.scan import StoredObject, batch_identity

_COUNT_ON = text("SELECT setval(pg_get_serial_sequence('page', 'id'), GREATEST(:kept, (SELECT max(id) FROM page)))")


class Rebuilding(BatchRepository):
    """Takes batches back as they were: the same rows; the full text is filled at the end (`index.refill`).

    Stopped before that, the pages are found once they were put in one by one (see `checking.refresh_all`).
    """

    def _put(self, session: Session, pages: Sequence[tuple[PageRow, DocumentRow]]) -> None:
        """Not one by one."""

    def is_empty(self) -> bool:
        """Whether there is not a single batch, nor anything in the register of offices and files."""
        with self.database.read() as session:
            return session.exec(select(BatchRow.id).limit(1)).first() is None and register.is_empty(session)

    def knows(self, key: str) -> bool:
        """Whether the object of this key is recorded."""
        with self.database.read() as session:
            return session.get(ObjectRow, key) is not None

    def replay(
        self,
        batch: Batch,
        objects: Sequence[StoredObject],
        *,
        documents: Sequence[Document] = (),
        marks: Mapping[int, tuple[int, datetime]] | None = None,
        filed_at: datetime | None = None,
        error: RecordedError | None = None,
    ) -> bool:
        """Commit a batch with all that belongs to it, in one transaction; False when there is one of that name.

        `marks` has each page's row number, which is kept where it is free, and when it was read.
        """
        with self.database.write() as session:
            if session.get(BatchRow, batch.id) is not None:
                return False
            session.add(_row_of(session, batch, filed_at, error))
            session.flush()
            self._arrived(session, batch)
            pages = {page.source_page: page for document in documents for page in document.pages}
            rows = {number: self._page_row(session, batch.id, page, marks or {}) for number, page in pages.items()}
            self._count_on(session, rows.values())
            session.add_all(rows.values())
            session.flush()
            for document in documents:
                self._shelve(session, document, rows, filed_at or now())
            for stored in objects:
                note_object(session, stored, batch.id)
            return True

    def _arrived(self, session: Session, batch: Batch) -> None:
        source, rejected = batch.source, batch.state is BatchState.REJECTED
        session.add(
            ArrivalRow(
                name=source.name,
                sha256=source.sha256,
                bytes=source.bytes,
                outcome="rejected" if rejected else "received",
                batch_id=batch.id,
                arrived_at=batch.received_at,
            )
        )

    def _page_row(
        self, session: Session, batch: str, page: ReadPage, marks: Mapping[int, tuple[int, datetime]]
    ) -> PageRow:
        ident, read_at = marks.get(page.source_page, (None, now()))
        taken = ident is None or session.get(PageRow, ident) is not None
        values = {**page_values(page), "read_at": read_at}
        return PageRow(id=None if taken else ident, batch_id=batch, source_page=page.source_page, **values)

    def _count_on(self, session: Session, rows: Iterable[PageRow]) -> None:
        """Have PostgreSQL number new pages above those whose number is kept; SQLite does so by itself."""
        kept = [row.id for row in rows if row.id is not None]
        if kept and not self.database.is_sqlite:
            session.execute(_COUNT_ON, {"kept": max(kept)})


def _row_of(session: Session, batch: Batch, filed_at: datetime | None, error: RecordedError | None) -> BatchRow:
    row = batch_row(batch)
    if session.exec(select(BatchRow.id).where(BatchRow.identity == row.identity)).first() is not None:
        row.identity = batch_identity(row.identity, batch.id)  # taken in twice, the rows having been lost in between
    row.tries, row.filed_at = batch.tries, filed_at
    if error:
        row.error_code, row.error_at = error.code, error.at
        row.error_en, row.error_hi = error.en, error.hi
    return row
