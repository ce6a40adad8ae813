"""Batches, pages and documents as rows: written in the transactions that make them true, and read back as values.

What stands in the full text is written in the same transaction, through the index that `BatchRepository` was given. How a
batch comes in is in `arrivals`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from pipeline.db import doubts
from pipeline.db.database import Database, now
from pipeline.db.objects import note_object
from pipeline.db.page_index import PageIndex
from pipeline.db.queue import end_lease
from pipeline.db.rows import (
    batch_from,
    document_from,
    document_row,
    geometry_from,
    geometry_values,
    page_from,
    page_values,
)
from pipeline.db.tables import BatchRow, DocumentRow, ObjectRow, PageRow
from pipeline.errors import NotFoundError
from pipeline.model.batch import Batch, BatchDetails, BatchState, RecordedError
from pipeline.model.document import Document, DocumentState
from pipeline.model.page import PERSON, TIMED_OUT, Geometry, ReadPage
from pipeline.model.scan import StoredObject

_LATER, _MOST_TRIES = timedelta(minutes=10), 3  # of a batch with pages that hit a limit: when, and how often in all


class BatchRepository:
    """What was made of the batches that came in: pages, documents, objects. Safe to use from threads."""

    def __init__(self, database: Database, index: PageIndex) -> None:
        self.database = database
        self.index = index

    # --- pages ---------------------------------------------------------------------------------------------------

    def pages_read(self, batch: str) -> set[int]:
        """Numbers of the source pages that are done and need not be done again."""
        with self.database.read() as session:
            query = select(PageRow.source_page).where(PageRow.batch_id == batch, col(PageRow.stale).is_(False))
            return set(session.exec(query))

    def known_geometry(self, batch: str) -> dict[int, tuple[Geometry, bool]]:
        """Of each page that was worked on before, how it lay and whether it was blank."""
        with self.database.read() as session:
            rows = session.exec(select(PageRow).where(PageRow.batch_id == batch))
            return {row.source_page: (geometry_from(row), row.blank) for row in rows}

    def pages_timed_out(self, batch: str) -> set[int]:
        """Numbers of the source pages that hit a limit when they were last worked on."""
        with self.database.read() as session:
            query = select(PageRow.source_page, PageRow.flags).where(PageRow.batch_id == batch, col(PageRow.stale))
            return {number for number, flags in session.exec(query) if TIMED_OUT in flags}

    def keep_page(self, batch: str, page: ReadPage, objects: Sequence[StoredObject]) -> None:
        """Commit one page and its objects; a page that is there already is replaced."""
        with self.database.write() as session:
            query = select(PageRow).where(PageRow.batch_id == batch, PageRow.source_page == page.source_page)
            row = session.exec(query).first()
            values = page_values(page)
            if row is None:
                row = PageRow(batch_id=batch, source_page=page.source_page, **values)
            else:
                if row.geometry_by == PERSON != page.geometry.set_by:  # the page could not be drawn this time
                    values |= geometry_values(replace(geometry_from(row), applied=False))
                row.sqlmodel_update(values)
            session.add(row)
            for stored in objects:
                note_object(session, stored, batch)

    def read_pages(self, batch: str) -> list[ReadPage]:
        with self.database.read() as session:
            rows = session.exec(select(PageRow).where(PageRow.batch_id == batch).order_by(col(PageRow.source_page)))
            return [page_from(row) for row in rows]

    def page_marks(self, batch: str) -> dict[int, tuple[int, datetime]]:
        """Of each source page, the number of its row and when it was read."""
        with self.database.read() as session:
            query = select(PageRow.source_page, PageRow.id, PageRow.read_at).where(PageRow.batch_id == batch)
            rows = session.exec(query.order_by(col(PageRow.source_page)))
            return {page: (row or 0, read_at) for page, row, read_at in rows}

    # --- documents -----------------------------------------------------------------------------------------------

    def file(
        self,
        batch: str,
        documents: Sequence[Document],
        objects: Sequence[StoredObject],
        *,
        at: datetime | None = None,
    ) -> None:
        """Shelve a batch: its documents, their full text, its objects and its new state, all or nothing.

        Where a page hit a limit of time, the batch is due again a while later, when nothing else is (`Queue.claim`).
        """
        at = at or now()
        with self.database.write() as session:
            row = session.get(BatchRow, batch)
            if row is None:
                raise NotFoundError(what="batch", name=batch)
            if row.state == BatchState.SUPERSEDED:  # while it was worked on
                for stored in objects:
                    note_object(session, stored, batch)
                return
            self.drop_documents(session, batch)
            pages = {page.source_page: page for page in session.exec(select(PageRow).where(PageRow.batch_id == batch))}
            for document in documents:
                self._shelve(session, document, pages, at)
            for stored in objects:
                note_object(session, stored, batch)
            row.state, row.filed_at = BatchState.FILED, at
            end_lease(row)
            again = row.tries < _MOST_TRIES and any(TIMED_OUT in page.flags for page in pages.values())
            row.next_try_at = at + _LATER if again else None
            row.error_code, row.error_en, row.error_hi, row.error_at = None, None, None, None
            session.add(row)

    def _shelve(self, session: Session, document: Document, pages: dict[int, PageRow], at: datetime) -> None:
        filed = document_row(document, at)
        session.add(filed)
        session.flush()
        for number, page in enumerate(document.pages, start=1):
            row = pages[page.source_page]
            row.document_id, row.number = document.id, number
            row.blank, row.flags = page.blank, list(page.flags)  # as a person set it, perhaps
            session.add(row)
        session.flush()
        self._put(session, [(pages[page.source_page], filed) for page in document.pages])
        doubts.note(session, document)

    def _put(self, session: Session, pages: Sequence[tuple[PageRow, DocumentRow]]) -> None:
        self.index.put(session, pages)

    def drop_documents(self, session: Session, batch: str) -> None:
        """Take the documents of a batch out of the rows and the full text; its pages stay."""
        rows = session.exec(select(PageRow).where(PageRow.batch_id == batch)).all()
        self.index.take(session, [row.id for row in rows if row.id is not None])
        for row in rows:
            row.document_id, row.number = None, None
            session.add(row)
        session.flush()
        session.execute(delete(DocumentRow).where(col(DocumentRow.batch_id) == batch))

    def has_object(self, key: str) -> bool:
        """Whether an object of this key was ever stored, according to the rows."""
        with self.database.read() as session:
            return session.get(ObjectRow, key) is not None

    def note_object(self, stored: StoredObject) -> None:
        """Record an object that belongs to no batch."""
        with self.database.write() as session:
            session.merge(ObjectRow(key=stored.key, sha256=stored.sha256, bytes=stored.bytes, stored_at=now()))

    # --- reading -------------------------------------------------------------------------------------------------

    def batch(self, ident: str) -> Batch:
        with self.database.read() as session:
            return batch_from(self._batch_row(session, ident))

    def batch_details(self, ident: str) -> BatchDetails:
        """What `show` prints of a batch besides the batch itself. Raises `NotFoundError`."""
        with self.database.read() as session:
            row = self._batch_row(session, ident)
            documents = session.exec(
                select(DocumentRow.id).where(DocumentRow.batch_id == ident).order_by(col(DocumentRow.first_page))
            )
            query = select(PageRow.source_page, PageRow.blank, PageRow.flags).where(PageRow.batch_id == ident)
            pages = session.exec(query.order_by(col(PageRow.source_page))).all()
            flags: dict[str, list[int]] = {}
            for number, _, names in pages:
                for name in names:
                    flags.setdefault(name, []).append(number)
            failure = None
            if row.error_code:
                failure = RecordedError(row.error_code, row.error_en, row.error_hi, row.error_at)
            return BatchDetails(
                failure,
                tuple(documents),
                pages_read=len(pages),
                blank_pages=sum(blank for _, blank, _ in pages),
                flags=flags,
                tries=row.tries,
            )

    def _batch_row(self, session: Session, ident: str) -> BatchRow:
        row = session.get(BatchRow, ident)
        if row is None:
            raise NotFoundError(what="batch", name=ident)
        return row

    def document(self, ident: str) -> Document:
        with self.database.read() as session:
            row = session.get(DocumentRow, ident)
            if row is None:
                raise NotFoundError(what="document", name=ident)
            pages = session.exec(select(PageRow).where(PageRow.document_id == ident).order_by(col(PageRow.number)))
            return document_from(row, tuple(page_from(page) for page in pages))

    def documents_of(self, batch: str) -> list[str]:
        with self.database.read() as session:
            query = select(DocumentRow.id).where(DocumentRow.batch_id == batch)
            return list(session.exec(query.order_by(col(DocumentRow.first_page))))

    def documents_with(self, batch: str, pages: Sequence[int], named: Sequence[str]) -> list[str]:
        """The documents of a batch that hold one of these source pages, and those of these names that there are."""
        with self.database.read() as session:
            holding = select(PageRow.document_id).where(PageRow.batch_id == batch, col(PageRow.source_page).in_(pages))
            query = select(DocumentRow.id).where(
                DocumentRow.batch_id == batch, col(DocumentRow.id).in_(holding) | col(DocumentRow.id).in_(named)
            )
            return list(session.exec(query.order_by(col(DocumentRow.first_page))))

    def is_filed_under(self, key: str, office: str | None, *, besides: str) -> bool:
        """Whether another batch of the office than `besides` has a document with this file key that is not in doubt."""
        query = select(DocumentRow.id).where(
            DocumentRow.file_key == key,
            DocumentRow.office == office,
            DocumentRow.batch_id != besides,
            DocumentRow.state != DocumentState.NEEDS_REVIEW,
        )
        with self.database.read() as session:
            return session.exec(query.limit(1)).first() is not None

    def offices(self) -> set[str]:
        """The offices that documents name: from one to the next in the index, not through all documents."""
        found: set[str] = set()
        with self.database.read() as session:
            last = ""
            while office := session.exec(
                select(func.min(DocumentRow.office)).where(col(DocumentRow.office) > last)
            ).one():
                found.add(office)
                last = office
        return found

    def objects(self) -> Iterator[StoredObject]:
        with self.database.read() as session:
            columns = select(ObjectRow.key, ObjectRow.sha256, ObjectRow.bytes)
            for key, sha256, size in session.exec(columns.order_by(col(ObjectRow.key))).yield_per(1000):
                yield StoredObject(key, sha256, size)

    def keys_named(self) -> set[str]:
        """The keys of the objects that pages and documents speak of, and of the originals of every batch with pages."""
        with self.database.read() as session:
            columns = (PageRow.image_key, PageRow.layout_key, DocumentRow.pdf_key)
            named = {key for column in columns for key in session.exec(select(column)) if key}
            batches = session.exec(select(BatchRow.sha256, BatchRow.files).where(BatchRow.pages > 0))
            for sha256, files in batches:
                named |= {f"originals/{file['sha256']}" for file in files or [{"sha256": sha256}]}
            return named

    def objects_of(self, batch: str) -> list[StoredObject]:
        """What is stored of a batch; its originals too where another office's batch has the same."""
        with self.database.read() as session:
            row = session.get(BatchRow, batch)
            originals = {file.original_key for file in batch_from(row).source.each} if row else set()
            named = (col(ObjectRow.batch_id) == batch) | col(ObjectRow.key).in_(originals)
            rows = session.exec(select(ObjectRow).where(named).order_by(col(ObjectRow.key)))
            return [StoredObject(row.key, row.sha256, row.bytes) for row in rows]
