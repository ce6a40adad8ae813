"""Which documents belong to which file, for those who take them out. In the order in which they were scanned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import sqlalchemy
from sqlmodel import col

from pipeline.db.database import Database
from pipeline.db.tables import BatchRow, DocumentRow, ObjectRow


@dataclass(frozen=True, slots=True)
class ExportScope:
    """What is asked for: one file by its key, one office, or, where both are None, everything."""

    office: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class BundledDocument:
    """A document by its id, with the number that stands on it."""

    document: str
    number: str | None


@dataclass(frozen=True, slots=True)
class Bundle:
    """The documents of one file. `key` is None for those on which no number was found."""

    office: str | None
    key: str | None
    page_refs: tuple[BundledDocument, ...]

    @property
    def number(self) -> str | None:
        """The file's number, as it is written on the first document that has it."""
        return next((page_ref.number for page_ref in self.page_refs if page_ref.number), self.key)


class ExportRepository:
    """Safe beside running work: what is filed meanwhile is not among it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def bundles(self, wanted: ExportScope) -> Iterator[Bundle]:
        """The files that are asked for, by office and key, each with its documents."""
        columns = (DocumentRow.office, DocumentRow.file_key, DocumentRow.id, DocumentRow.file_no)
        query = (
            sqlalchemy.select(*columns)  # type: ignore[call-overload]
            .join(BatchRow, col(BatchRow.id) == col(DocumentRow.batch_id))
            .order_by(
                col(DocumentRow.office),
                col(DocumentRow.file_key),
                col(BatchRow.received_at),
                col(DocumentRow.batch_id),
                col(DocumentRow.first_page),
            )
        )
        if wanted.office is not None:
            query = query.where(col(DocumentRow.office) == wanted.office)
        if wanted.key is not None:
            query = query.where(col(DocumentRow.file_key) == wanted.key)
        with self.database.read() as session:
            rows = session.execute(query).all()
        for (office, key), found in groupby(rows, key=lambda row: (row[0], row[1])):
            yield Bundle(office, key, tuple(BundledDocument(ident, number) for _, _, ident, number in found))

    def digest(self, key: str) -> str | None:
        """The SHA-256 that an object was put with."""
        with self.database.read() as session:
            row = session.get(ObjectRow, key)
            return row.sha256 if row else None
