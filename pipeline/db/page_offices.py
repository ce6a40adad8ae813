"""The office of each page, out of the rows: for one scan as a value, and for queries over many scans as a condition.

Who may do what with a page of an office is decided in `people.model.allowed_pages`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, case
from sqlmodel import Session, col

from pipeline.db.database import Database
from pipeline.db.tables import BatchRow, DocumentRow, PageRow
from pipeline.errors import NotFoundError
from pipeline.model.accounts import PageOffices


def page_office() -> ColumnElement[str]:
    """The office of a page, in a query of `page` joined with `batch` and, outer, with `document`."""
    found: ColumnElement[str] = case(
        (col(PageRow.document_id).is_not(None), col(DocumentRow.office)), else_=col(BatchRow.office)
    )
    return found


def page_in(offices: Collection[str] | None) -> list[ColumnElement[bool]]:
    """The condition that a page belongs to one of these offices; None stands for every one. Joined as `page_office` is."""
    return [] if offices is None else [page_office().in_(sorted(offices))]


def scan_name(offices: Collection[str] | None) -> ColumnElement[str]:
    """The name of a scan in a query over `batch`, where the scan is of one of these offices; the batch's id of others."""
    ours = sqlalchemy.true() if offices is None else col(BatchRow.office).in_(sorted(offices))
    found: ColumnElement[str] = case((ours, col(BatchRow.name)), else_=col(BatchRow.id))
    return found


class PageOfficeRows:
    """The offices of the pages of a scan. Safe to use from many threads."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def __call__(self, batch: str) -> PageOffices:
        """Raises `NotFoundError` for a batch that is not there."""
        with self.database.read() as session:
            return offices_of(session, batch)


def offices_of(session: Session, batch: str) -> PageOffices:
    """Raises `NotFoundError` for a batch that is not there."""
    choose: Any = sqlalchemy.select
    row = session.execute(choose(BatchRow.office, BatchRow.pages).where(col(BatchRow.id) == batch)).one_or_none()
    if row is None:
        raise NotFoundError(what="batch", name=batch)
    documents = session.execute(choose(DocumentRow.id, DocumentRow.office).where(col(DocumentRow.batch_id) == batch))
    of: dict[str, str | None] = {ident: office for ident, office in documents}  # noqa: C416 - rows are no pairs
    pages = session.execute(
        choose(PageRow.source_page, PageRow.document_id).where(
            col(PageRow.batch_id) == batch, col(PageRow.document_id).is_not(None)
        )
    )
    return PageOffices(batch, row[0], row[1], {page: of.get(document) for page, document in pages}, of)
