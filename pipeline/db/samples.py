"""Samples for acceptance as rows: the documents they are drawn from, and what stands of each sample. Columns only in
`review_tables`; what a sample is, in `model.sampling`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlmodel import col

from pipeline.db.database import Database
from pipeline.db.locks import alone
from pipeline.db.review_tables import SampleRow
from pipeline.db.tables import DocumentRow, ObjectRow, PageRow
from pipeline.errors import NotFoundError
from pipeline.model.sampling import Sample, Scope, sample_from, sample_json
from pipeline.model.scan import StoredObject

_AT_ONCE = 500
MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Named:
    """A document of a sample as a list names it."""

    document: str
    kind: str
    file_no: str | None
    dated: date | None
    subject: str | None
    pages: int


class SampleRepository:
    """Safe to use from many threads."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def alone(self, ident: str, *, wait_seconds: float) -> AbstractContextManager[bool]:
        return alone(self.database, f"sample {ident}", wait_seconds=wait_seconds)

    def population(self, scope: Scope) -> list[str]:
        """The documents of a scope: days are those of this machine's clock."""
        since = datetime.combine(scope.since, time.min).astimezone()
        until = datetime.combine(scope.until + timedelta(days=1), time.min).astimezone()
        ident, filed = col(DocumentRow.id), col(DocumentRow.filed_at)
        query = select(ident).where(filed >= since, filed < until)
        if scope.office is not None:
            query = query.where(col(DocumentRow.office) == scope.office)
        with self.database.read() as session:
            return list(session.execute(query).scalars())

    def put(self, sample: Sample, stored: StoredObject) -> None:
        """Write a sample's row, new or changed, with its object's."""
        signed = sample.signature.at if sample.signature else None
        row = SampleRow(
            id=sample.id,
            drawn_at=sample.drawn_at,
            office=sample.scope.office,
            signed_at=signed,
            content=dict(sample_json(sample)),
        )
        with self.database.write() as session:
            session.merge(row)
            session.merge(
                ObjectRow(key=stored.key, sha256=stored.sha256, bytes=stored.bytes, stored_at=sample.drawn_at)
            )

    def one(self, ident: str) -> Sample:
        """Raises `NotFoundError`."""
        with self.database.read() as session:
            row = session.get(SampleRow, ident)
            if row is None:
                raise NotFoundError(what="sample", name=ident)
            return sample_from(row.content)

    def of(self, offices: Collection[str] | None) -> list[Sample]:
        """The newest samples of these offices, or with None of every one."""
        query = select(col(SampleRow.content)).order_by(col(SampleRow.drawn_at).desc()).limit(MOST_LISTED)
        if offices is not None:
            query = query.where(col(SampleRow.office).in_(sorted(offices)))
        with self.database.read() as session:
            return [sample_from(content) for content in session.execute(query).scalars()]

    def named(self, documents: Sequence[str], offices: Collection[str] | None) -> dict[str, Named]:
        """What lists show of these documents; one that is gone, or in none of these offices by now, is missing."""
        found: dict[str, Named] = {}
        columns = (
            col(DocumentRow.id),
            col(DocumentRow.kind),
            col(DocumentRow.file_no),
            col(DocumentRow.dated),
            col(DocumentRow.subject),
            func.count(col(PageRow.id)),
        )
        query = select(*columns).join(PageRow, col(PageRow.document_id) == col(DocumentRow.id)).group_by(*columns[:-1])
        if offices is not None:
            query = query.where(col(DocumentRow.office).in_(sorted(offices)))
        with self.database.read() as session:
            for start in range(0, len(documents), _AT_ONCE):
                some = col(DocumentRow.id).in_(documents[start : start + _AT_ONCE])
                found |= {row[0]: Named(*row) for row in session.execute(query.where(some))}
        return found
