"""Page annotations as rows, and their effect on the page: it is read again.

The object in the store comes before the row; who writes both is `pipeline.scanning.annotations`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any

from sqlmodel import Session, col, select

from pipeline.db.annotation_tables import PageAnnotationRow
from pipeline.db.database import Database, now
from pipeline.db.locks import alone
from pipeline.db.page_offices import page_in, page_office, scan_name
from pipeline.db.queue import lease_is_over
from pipeline.db.rows import geometry_values
from pipeline.db.tables import BatchRow, DocumentRow, ObjectRow, PageRow
from pipeline.errors import BatchBusyError, NotFoundError
from pipeline.model.annotation import AnnotationKind, PageAnnotation, PageAnnotations
from pipeline.model.batch import BatchState
from pipeline.model.page import Geometry
from pipeline.model.scan import MediaType, Source, StoredObject
from pipeline.model.scanning import PageThumb

Offices = frozenset[str] | None


class AnnotationRepository:
    """Notes as rows. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def alone(self, batch: str) -> AbstractContextManager[bool]:
        """Hold the right to annotate the batch's pages against every other process; False when another has it."""
        return alone(self.database, f"notes {batch}", wait_seconds=30.0)

    def of(self, batch: str) -> PageAnnotations:
        with self.database.read() as session:
            query = select(PageAnnotationRow).where(PageAnnotationRow.batch_id == batch)
            rows = session.exec(query.order_by(col(PageAnnotationRow.page), col(PageAnnotationRow.turn)))
            return PageAnnotations(tuple(_note_from(row) for row in rows))

    def page(self, batch: str, page: int) -> tuple[str, str, bool]:
        """Keys of image and layout of a page, and whether it is taken for blank. Raises `NotFoundError`, and
        `BatchBusyError` while the batch is worked on."""
        with self.database.read() as session:
            owner, row = self._page(session, batch, page)
            _require_free(owner)
            return (row.image_key, row.layout_key, row.blank) if row else ("", "", False)

    def commit(self, note: PageAnnotation, objects: Sequence[StoredObject]) -> None:
        """Write an annotation's row, and requeue the batch where the page is to be read again.

        Raises `BatchBusyError` while the batch is worked on; the row is then still to be written.
        """
        with self.database.write() as session:
            owner, row = self._page(session, note.batch, note.page)
            if note.kind is not AnnotationKind.BLANK:
                _require_free(owner)
            session.merge(_row_of(note))
            session.flush()
            for stored in objects:
                if session.get(ObjectRow, stored.key) is None:  # the same scan may be the original of another batch
                    session.add(
                        ObjectRow(
                            key=stored.key,
                            sha256=stored.sha256,
                            bytes=stored.bytes,
                            batch_id=note.batch,
                            stored_at=now(),
                        )
                    )
            if note.kind is AnnotationKind.BLANK:
                return
            if row is not None:
                row.stale = True
                if note.kind is AnnotationKind.REPLACED:  # the new scan lies otherwise than the old one
                    row.sqlmodel_update(geometry_values(Geometry()))
                session.add(row)
            owner.state, owner.next_try_at, owner.tries = BatchState.RECEIVED, None, 0
            session.add(owner)

    def _page(self, session: Session, batch: str, page: int) -> tuple[BatchRow, PageRow | None]:
        owner = session.get(BatchRow, batch)
        if owner is None or not 1 <= page <= owner.pages:
            raise NotFoundError(what="page", name=f"{batch}/{page}")
        query = select(PageRow).where(PageRow.batch_id == batch, PageRow.source_page == page)
        return owner, session.exec(query).first()

    def replay(self, note: PageAnnotation, objects: Sequence[StoredObject]) -> bool:
        """Commit a note that is in the store; returns whether its page is to be read again because of it.

        For rebuilding: what was done already according to the rows is not done again. Raises `NotFoundError`.
        """
        with self.database.read() as session:
            _, row = self._page(session, note.batch, note.page)
            is_done = row is not None and _is_done(note, row)
        if is_done:
            with self.database.write() as session:
                session.merge(_row_of(note))
                session.flush()
                for stored in objects:
                    if session.get(ObjectRow, stored.key) is None:
                        session.add(
                            ObjectRow(
                                key=stored.key,
                                sha256=stored.sha256,
                                bytes=stored.bytes,
                                batch_id=note.batch,
                                stored_at=now(),
                            )
                        )
            return False
        self.commit(note, objects)
        return note.kind is not AnnotationKind.BLANK

    def blanks(self, offices: Offices, limit: int, after: int = 0) -> list[tuple[int, PageThumb, str | None, str]]:
        """Pages of these offices that were taken for blank and have no annotation yet: row number, page,
        office, and the scan's name where the scan is of these offices, else its id."""
        annotated = (
            select(PageAnnotationRow.page)
            .where(
                PageAnnotationRow.batch_id == PageRow.batch_id,
                PageAnnotationRow.page == PageRow.source_page,
                col(PageAnnotationRow.kind) != AnnotationKind.REPLACED,
            )
            .correlate(PageRow)
            .exists()
        )
        query = (
            select(
                PageRow.id,
                PageRow.batch_id,
                PageRow.source_page,
                PageRow.read_at,
                PageRow.document_id,
                PageRow.number,
                page_office(),
                scan_name(offices),
            )  # type: ignore[call-overload]
            .join(BatchRow, col(BatchRow.id) == col(PageRow.batch_id))
            .outerjoin(DocumentRow, col(DocumentRow.id) == col(PageRow.document_id))
            .where(*page_in(offices))
            .where(col(PageRow.blank).is_(True), col(PageRow.stale).is_(False), col(PageRow.id) > after, ~annotated)
            .order_by(col(PageRow.id))
            .limit(limit)
        )
        with self.database.read() as session:
            return [
                (ident, PageThumb(batch, page, read_at, document, number), office, name)
                for ident, batch, page, read_at, document, number, office, name in session.execute(query)
            ]

    def document_at(self, batch: str, page: int) -> tuple[str, int] | None:
        """The document that the page is in, and its place there."""
        query = select(DocumentRow.id, PageRow.number).join(PageRow, col(PageRow.document_id) == col(DocumentRow.id))
        with self.database.read() as session:
            found = session.exec(query.where(PageRow.batch_id == batch, PageRow.source_page == page)).first()
            return (found[0], found[1] or 1) if found else None


def _require_free(owner: BatchRow) -> None:
    if owner.state == BatchState.WORKING and not lease_is_over(owner):
        raise BatchBusyError(batch=owner.id)


def _is_done(note: PageAnnotation, row: PageRow) -> bool:
    """Whether the page has been read since. The name of a page's image shows which scan it was made from."""
    _, _, turn = row.image_key.partition(".")[0].partition("-r")
    made_from = int(turn or 0)
    if note.kind is AnnotationKind.WRITTEN:
        return not row.blank or made_from > note.turn
    return note.kind is AnnotationKind.BLANK or made_from >= note.turn


def _row_of(note: PageAnnotation) -> PageAnnotationRow:
    values: dict[str, Any] = asdict(note)
    source = values.pop("source")
    if source is not None:
        source["media_type"] = str(source["media_type"])
    return PageAnnotationRow(batch_id=values.pop("batch"), source=source, **values)


def _note_from(row: PageAnnotationRow) -> PageAnnotation:
    source = None
    if row.source is not None:
        source = Source(**{**row.source, "media_type": MediaType(row.source["media_type"]), "files": ()})
    return PageAnnotation(
        batch=row.batch_id,
        page=row.page,
        turn=row.turn,
        kind=AnnotationKind(row.kind),
        at=row.at,
        by=row.by,
        reason=row.reason,
        source=source,
        image_key=row.image_key,
        layout_key=row.layout_key,
        token=row.token,
    )
