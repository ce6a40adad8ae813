"""Documents as the viewer shows them: one page at a time, and as parts of a file. Only reads.

Opening a page costs the same in a document of two hundred pages as in one of two.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from pipeline.db import page_text
from pipeline.db.database import Database
from pipeline.db.rows import document_from, page_from
from pipeline.db.tables import BatchRow, DocumentRow, PageRow
from pipeline.errors import NotFoundError
from pipeline.model.document import DocumentKind, DocumentState
from pipeline.model.page import ReadPage
from pipeline.model.viewer import FilePart, OpenDocument, PageRef

_PAGE_REF: tuple[Any, ...] = (
    PageRow.document_id,
    PageRow.number,
    DocumentRow.office,
    PageRow.batch_id,
    PageRow.source_page,
    PageRow.image_key,
    PageRow.width,
    PageRow.height,
    PageRow.read_at,
    PageRow.blank,
)
_PART: tuple[Any, ...] = (
    DocumentRow.id,
    DocumentRow.kind,
    DocumentRow.state,
    DocumentRow.office,
    DocumentRow.dated,
    DocumentRow.subject,
    DocumentRow.fields,
    DocumentRow.file_no,
    func.count(col(PageRow.id)),
    func.max(PageRow.read_at),
)


class ViewerRepository:
    """Pages and documents for the viewer."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def page_ref(self, document: str, number: int) -> PageRef:
        """One page's image and place. Raises `NotFoundError`."""
        with self.database.read() as session:
            found = _page_refs(session, document, number)
        if not found:
            raise NotFoundError(what="page", name=f"{document}/{number}")
        return found[0]

    def page_refs(self, document: str) -> tuple[PageRef, ...]:
        """The pages of a document in order; none where there is no such document."""
        with self.database.read() as session:
            return _page_refs(session, document)

    def opened(self, document: str, number: int) -> OpenDocument:
        """A document, open at page `number` from 1. Raises `NotFoundError`."""
        with self.database.read() as session:
            row = session.get(DocumentRow, document)
            if row is None:
                raise NotFoundError(what="document", name=document)
            page = session.exec(
                select(PageRow).where(PageRow.document_id == document, PageRow.number == number)
            ).first()
            if page is None:
                raise NotFoundError(what="page", name=f"{document}/{number}")
            page_refs, shown = _page_refs(session, document), _as_it_counts(page)
            here = next(page_ref for page_ref in page_refs if page_ref.number == number)
            return OpenDocument(document_from(row, (shown,)), shown, here, page_refs, row.office)

    def parts(self, office: str | None, key: str) -> tuple[str, tuple[FilePart, ...]]:
        """The number of a file as it stands on its documents, and these in the order in which they were scanned.

        Documents of no office belong to the file of every one; without an office only these are returned.
        """
        of_office: ColumnElement[bool] = col(DocumentRow.office).is_(None)
        if office is not None:
            of_office = of_office | (col(DocumentRow.office) == office)
        query = (
            sqlalchemy.select(*_PART)
            .join(BatchRow, col(BatchRow.id) == col(DocumentRow.batch_id))
            .outerjoin(PageRow, col(PageRow.document_id) == col(DocumentRow.id))
            .where(col(DocumentRow.file_key) == key, of_office)
            .group_by(col(DocumentRow.id), col(BatchRow.received_at))
            .order_by(col(BatchRow.received_at), col(DocumentRow.batch_id), col(DocumentRow.first_page))
        )
        with self.database.read() as session:
            rows = session.execute(query).all()
        numbers = [row.file_no for row in rows if row.file_no]
        return max(numbers, key=numbers.count, default=""), tuple(_part(row) for row in rows)


def _page_refs(session: Session, document: str, number: int | None = None) -> tuple[PageRef, ...]:
    query = (
        sqlalchemy.select(*_PAGE_REF)
        .join(DocumentRow, col(PageRow.document_id) == col(DocumentRow.id))
        .where(col(PageRow.document_id) == document)
        .order_by(col(PageRow.number))
    )
    if number is not None:
        query = query.where(col(PageRow.number) == number)
    return tuple(_page_ref(row) for row in session.execute(query))


def _page_ref(row: Iterable[Any]) -> PageRef:
    document, number, office, batch, source_page, key, width, height, read_at, blank = row
    version = int(read_at.timestamp()) if read_at else 0
    return PageRef(document, number or 1, office, batch, source_page, key, width, height, version, blank)


def _as_it_counts(row: PageRow) -> ReadPage:
    """The page with the text and words that count: as a person set them right, else as they were read."""
    page = page_from(row)
    if row.corrected is None:
        return page
    return replace(page, text=page_text.text_of(row), words=page_text.words_of(row))


def _part(row: Iterable[Any]) -> FilePart:
    ident, kind, state, office, dated, subject, fields, _, pages, read_at = row
    letter_no, sender = ((fields.get(name) or {}).get("value") for name in ("letter_no", "sender"))
    return FilePart(
        ident,
        DocumentKind(kind),
        DocumentState(state),
        office,
        dated,
        subject,
        letter_no,
        sender,
        pages,
        int(read_at.timestamp()) if read_at else 0,
    )
