"""The numbers of `status --json` that the rows know, and the newest troubles."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from pipeline.db.database import Database
from pipeline.db.review_tables import DoubtReasonRow
from pipeline.db.tables import BatchRow, DocumentRow, PageRow
from pipeline.model.batch import BatchState
from pipeline.model.document import DocumentState
from pipeline.model.health import BatchTrouble, RowCounts
from pipeline.model.page import TIMED_OUT


class HealthRepository:
    """Counts of batches, documents and pages. Only reads."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def counts(self) -> RowCounts:
        """The numbers of all rows at one moment."""
        with self.database.read() as session:

            def count(*conditions: Any, of: Any = BatchRow) -> int:
                return int(session.exec(select(func.count()).select_from(of).where(*conditions)).one())

            return {
                "received": count(BatchRow.state == BatchState.RECEIVED),
                "working": count(col(BatchRow.state).in_([BatchState.RECEIVED, BatchState.WORKING])),
                "failed": count(BatchRow.state == BatchState.FAILED),
                "rejected": count(BatchRow.state == BatchState.REJECTED),
                "review": count(DocumentRow.state == DocumentState.NEEDS_REVIEW, of=DocumentRow),
                "documents": count(of=DocumentRow),
                "pages": count(col(PageRow.document_id).is_not(None), of=PageRow),
                "blank_pages": count(col(PageRow.blank).is_(True), of=PageRow),
                "files": session.exec(select(func.count(func.distinct(DocumentRow.file_key)))).one(),
                "timed_out": count(DoubtReasonRow.reason == TIMED_OUT, of=DoubtReasonRow),
                "pages_today": count(PageRow.read_at >= _midnight(), of=PageRow),
            }

    def troubles(self, limit: int = 20) -> list[BatchTrouble]:
        """The newest batches that failed or were rejected, with cause and advice in both languages."""
        with self.database.read() as session:
            rows = session.exec(
                select(BatchRow)
                .where(col(BatchRow.state).in_([BatchState.FAILED, BatchState.REJECTED]))
                .order_by(col(BatchRow.error_at).desc())
                .limit(limit)
            )
            return [
                {
                    "batch": row.id,
                    "name": row.name,
                    "status": row.state,
                    "at": row.error_at,
                    "tries": row.tries,
                    "en": row.error_en,
                    "hi": row.error_hi,
                }
                for row in rows
            ]


def _midnight() -> datetime:
    """The last local midnight, with its zone."""
    return datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
