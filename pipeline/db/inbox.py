"""The rows behind taking files out of an inbox: slips of groups, and what was taken. Values in, values out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar, cast

from sqlalchemy import delete
from sqlmodel import col, select

from pipeline.db.database import Database
from pipeline.db.inbox_tables import SlipRow, TakenRow
from pipeline.model.inbox import SlipContent, TakenColumns


@dataclass(frozen=True, slots=True)
class SlipRows:
    """The slips of one inbox. A write is on the disk when it returns: SQLite and PostgreSQL flush at each commit."""

    database: Database
    inbox: str

    def read(self, ident: str) -> SlipContent:
        with self.database.read() as session:
            row = session.get(SlipRow, (self.inbox, ident))
            return cast(SlipContent, dict(row.content)) if row else {}

    def write(self, ident: str, content: SlipContent) -> None:
        with self.database.write() as session:
            session.merge(SlipRow(inbox=self.inbox, ident=ident, content=dict(content)))

    def remove(self, ident: str) -> None:
        with self.database.write() as session:
            session.execute(delete(SlipRow).where(col(SlipRow.inbox) == self.inbox, col(SlipRow.ident) == ident))

    def idents(self) -> list[str]:
        with self.database.read() as session:
            return list(session.exec(select(SlipRow.ident).where(SlipRow.inbox == self.inbox).order_by(SlipRow.ident)))


class _Scan(Protocol):
    """What `TakenRows` is given: see `ingest.taken_files.TakenScan`, whose module this one does not know."""

    @property
    def id(self) -> int | None: ...


S = TypeVar("S", bound=_Scan)


class Codec(Protocol[S]):
    """How a scan is written as the columns of its row, and read back."""

    def columns(self, scan: S) -> TakenColumns: ...

    def scan(self, columns: TakenColumns) -> S: ...


@dataclass(frozen=True, slots=True)
class TakenRows(Generic[S]):
    """What was taken out of one inbox."""

    database: Database
    inbox: str
    codec: Codec[S]

    def add(self, scan: S) -> int:
        with self.database.write() as session:
            row = TakenRow(inbox=self.inbox, **self._columns(scan))
            session.add(row)
            session.flush()
            return row.id or 0

    def get(self, number: int) -> S | None:
        with self.database.read() as session:
            row = session.get(TakenRow, number)
            return self._scan(row) if row else None

    def change(self, scan: S) -> None:
        """Write a scan over its row; nothing where that is gone."""
        with self.database.write() as session:
            row = session.get(TakenRow, scan.id) if scan.id is not None else None
            if row is not None:
                row.sqlmodel_update(self._columns(scan))
                session.add(row)

    def remove(self, number: int) -> None:
        with self.database.write() as session:
            session.execute(delete(TakenRow).where(col(TakenRow.id) == number))

    def latest(self, ident: str) -> S | None:
        """What was taken last of this group."""
        query = select(TakenRow).where(TakenRow.inbox == self.inbox, TakenRow.ident == ident)
        with self.database.read() as session:
            row = session.exec(query.order_by(col(TakenRow.id).desc()).limit(1)).first()
            return self._scan(row) if row else None

    def due(self, keeper: str, at: datetime, limit: int) -> Sequence[S]:
        """What is to be looked at again by the time `at`, the longest due first."""
        query = select(TakenRow).where(TakenRow.keeper == keeper, col(TakenRow.check_at) <= at)
        with self.database.read() as session:
            return [self._scan(row) for row in session.exec(query.order_by(col(TakenRow.check_at)).limit(limit))]

    def _columns(self, scan: S) -> dict[str, Any]:
        return cast(dict[str, Any], self.codec.columns(scan))

    def _scan(self, row: TakenRow) -> S:
        return self.codec.scan(cast(TakenColumns, row.model_dump()))
