"""Corrections as rows: those of a batch in their order, and documents as they stand after one.

A correction and the documents that it changes are committed in one transaction, with their full text; its object
is stored by then (`review.corrections`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from pipeline.db import doubts
from pipeline.db.database import Database, now
from pipeline.db.locks import alone
from pipeline.db.page_index import PageIndex
from pipeline.db.page_offices import offices_of
from pipeline.db.review_tables import CorrectionRow, TouchedRow
from pipeline.db.rows import document_row
from pipeline.db.tables import BatchRow, DocumentRow, ObjectRow, PageRow
from pipeline.errors import NotFoundError
from pipeline.model.accounts import PageOffices
from pipeline.model.batch import BatchState
from pipeline.model.document import Document
from pipeline.model.review import NOT_BLANK, RESCAN_WANTED, Correction, ReviewAction, correction_from, correction_json
from pipeline.model.scan import StoredObject

_MOST_WISHES = 5000  # of the newest wishes for new scans, those that are looked through


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a correction makes: the documents as they are after it, the names of those that are no more, new objects."""

    documents: Sequence[Document] = ()
    gone: Sequence[str] = ()
    objects: Sequence[StoredObject] = ()


@dataclass(frozen=True, slots=True)
class WantedAgain:
    """A page for which a new scan was requested, and why; `name` is that of the scan it came in."""

    batch: str
    page: int
    name: str
    office: str | None
    document: str
    reason: str
    by: str
    at: datetime


class CorrectionRows:
    """The corrections of all batches."""

    def __init__(self, database: Database, index: PageIndex) -> None:
        self.database = database
        self.index = index

    def alone(self, batch: str, *, wait_seconds: float) -> AbstractContextManager[bool]:
        """Hold the right to correct a batch or to file it anew; False when another process has it all the while."""
        return alone(self.database, f"corrections {batch}", wait_seconds=wait_seconds)

    def last(self, batch: str) -> int:
        """The number of the newest correction; 0 where there is none."""
        with self.database.read() as session:
            query = select(func.max(CorrectionRow.number)).where(CorrectionRow.batch_id == batch)
            return session.exec(query).one() or 0

    def of(self, batch: str) -> list[Correction]:
        """All corrections of a batch in their order."""
        with self.database.read() as session:
            query = select(CorrectionRow.content).where(CorrectionRow.batch_id == batch)
            return [correction_from(content) for content in session.exec(query.order_by(col(CorrectionRow.number)))]

    def history(self, document: str) -> list[Correction]:
        """The corrections of a document, the oldest first."""
        joined = select(CorrectionRow.content).join(
            TouchedRow,
            (col(TouchedRow.batch_id) == col(CorrectionRow.batch_id))
            & (col(TouchedRow.number) == col(CorrectionRow.number)),
        )
        query = joined.where(TouchedRow.document_id == document).order_by(col(CorrectionRow.number))
        with self.database.read() as session:
            return [correction_from(content) for content in session.exec(query)]

    def wanted_again(self, offices: Collection[str] | None, limit: int) -> list[WantedAgain]:
        """The pages of which a new scan is wanted, the newest wish first: by the last word on each page."""
        query = (
            select(CorrectionRow, BatchRow.name)
            .join(BatchRow, col(BatchRow.id) == col(CorrectionRow.batch_id))
            .where(col(CorrectionRow.action).in_([ReviewAction.RESCAN, ReviewAction.UNDONE]))
            .order_by(col(CorrectionRow.at).desc())
        )
        if offices is not None:
            of_document = select(DocumentRow.batch_id).where(col(DocumentRow.office).in_(sorted(offices)))
            query = query.where(col(BatchRow.office).in_(sorted(offices)) | col(BatchRow.id).in_(of_document))
        last: dict[tuple[str, int], WantedAgain | None] = {}
        scans: dict[str, PageOffices] = {}
        with self.database.read() as session:
            for row, name in session.exec(query.limit(_MOST_WISHES)):
                one = correction_from(row.content)
                scan = scans[one.batch] if one.batch in scans else offices_of(session, one.batch)
                scans[one.batch] = scan
                known = name if offices is None or scan.batch_office in offices else one.batch
                for page, flags in one.pages.items():
                    office = scan.office(page)
                    if RESCAN_WANTED not in flags or (one.batch, page) in last:
                        continue
                    if offices is None or office in offices:
                        wish = WantedAgain(one.batch, page, known, office, one.document, one.reason, one.by, one.at)
                        last[one.batch, page] = wish if flags[RESCAN_WANTED] else None
        return [wish for wish in last.values() if wish is not None][:limit]

    def commit(self, correction: Correction, stored: StoredObject, outcome: Outcome | None = None) -> None:
        """Have a stored correction in the rows, with what it makes of the documents; may be done again."""
        with self.database.write() as session:
            if session.get(BatchRow, correction.batch) is None:
                raise NotFoundError(what="batch", name=correction.batch)
            self._note(session, correction)
            for made in (stored, *(outcome.objects if outcome else ())):
                session.merge(
                    ObjectRow(
                        key=made.key, sha256=made.sha256, bytes=made.bytes, batch_id=correction.batch, stored_at=now()
                    )
                )
            if outcome is not None:
                self._shelve(session, correction.batch, outcome)
                self._read_again(session, correction)

    def _note(self, session: Session, correction: Correction) -> None:
        session.merge(
            CorrectionRow(
                batch_id=correction.batch,
                number=correction.number,
                at=correction.at,
                by=correction.by,
                action=correction.action,
                undoes=correction.undoes,
                content=dict(correction_json(correction)),
            )
        )
        for document in correction.touches:
            session.merge(TouchedRow(batch_id=correction.batch, number=correction.number, document_id=document))

    def _shelve(self, session: Session, batch: str, outcome: Outcome) -> None:
        """Put documents in the place of those that were, page by page, and make them findable as they now stand."""
        pages = {page.source_page: page for page in session.exec(select(PageRow).where(PageRow.batch_id == batch))}
        for document in outcome.documents:
            before = session.get(DocumentRow, document.id)
            session.merge(document_row(document, before.filed_at if before else now()))
        session.flush()
        for document in outcome.documents:
            for number, page in enumerate(document.pages, start=1):
                row = pages[page.source_page]
                row.document_id, row.number = document.id, number
                row.blank, row.flags = page.blank, list(page.flags)
                session.add(row)
        session.flush()
        session.execute(delete(DocumentRow).where(col(DocumentRow.id).in_(outcome.gone)))
        for document in outcome.documents:
            row_of = session.get_one(DocumentRow, document.id)
            self.index.put(session, [(pages[page.source_page], row_of) for page in document.pages])
            doubts.note(session, document)

    def _read_again(self, session: Session, correction: Correction) -> None:
        """A page that was taken for blank and is not was never read: have it read."""
        wanted = [page for page, flags in correction.pages.items() if flags.get(NOT_BLANK)]
        batch = session.get_one(BatchRow, correction.batch)
        if not wanted or batch.state != BatchState.FILED:
            return
        query = select(PageRow).where(PageRow.batch_id == batch.id, col(PageRow.source_page).in_(wanted))
        for page in session.exec(query):
            page.stale = True
            session.add(page)
        batch.state, batch.next_try_at, batch.tries = BatchState.RECEIVED, None, 0
        session.add(batch)
