"""Which batch is an earlier version of which: as rows, and what follows for the batches.

The earlier one of a certain pair is `superseded`: its documents leave the search, the lists and the counts; its original,
its pages and its PDFs stay in the store, and `show` tells of both. A pair in doubt changes nothing and is only listed.
"""

from __future__ import annotations

from sqlalchemy import delete, or_
from sqlmodel import Session, col, select

from pipeline.db.batches import BatchRepository
from pipeline.db.database import now
from pipeline.db.inbox_tables import VersionRow
from pipeline.db.tables import BatchRow, ObjectRow
from pipeline.errors import NotFoundError
from pipeline.model.batch import BatchState, BatchVersions
from pipeline.model.scan import ScanVersion, StoredObject


class Versions:
    """Versions of batches. Safe to use from threads."""

    def __init__(self, records: BatchRepository) -> None:
        self.records = records
        self.database = records.database

    def committed(self, prefix: str) -> set[str]:
        """The keys of the links that were committed: those of all objects that begin with `prefix`."""
        with self.database.read() as session:
            return set(
                session.exec(select(ObjectRow.key).where(col(ObjectRow.key).startswith(prefix, autoescape=True)))
            )

    def commit(self, version: ScanVersion, stored: StoredObject, *, is_over: bool = False) -> None:
        """Write a pair, and what follows from it, in one transaction. Raises `NotFoundError` for an unknown batch.

        Of one that `is_over`, as its older batch is current again since, only the object is recorded. What stands already as
        certain is not made doubtful. A batch that stands for another is no longer superseded itself:
        a file may have become again what it was.
        """
        with self.database.write() as session:
            older, newer = session.get(BatchRow, version.older), session.get(BatchRow, version.newer)
            if older is None or newer is None:
                raise NotFoundError(what="batch", name=version.older if older is None else version.newer)
            session.merge(
                ObjectRow(key=stored.key, sha256=stored.sha256, bytes=stored.bytes, batch_id=older.id, stored_at=now())
            )
            if is_over:
                return
            if version.certain:
                self._stand(session, newer)
            known = session.get(VersionRow, older.id)
            if older.id == newer.id and version.certain:
                return
            if known is not None and known.certain and not version.certain:
                return
            session.merge(
                VersionRow(
                    older_id=older.id, newer_id=newer.id, reason=version.reason, certain=version.certain, at=version.at
                )
            )
            if version.certain:
                self._supersede(session, older)

    def _supersede(self, session: Session, batch: BatchRow) -> None:
        self.records.drop_documents(session, batch.id)
        batch.state = BatchState.SUPERSEDED
        batch.lease_owner, batch.lease_until, batch.next_try_at = None, None, None
        session.add(batch)

    def _stand(self, session: Session, batch: BatchRow) -> None:
        """A batch that was superseded is current again: it is filed anew, from what was read of it."""
        session.execute(
            delete(VersionRow).where(col(VersionRow.older_id) == batch.id, col(VersionRow.certain).is_(True))
        )
        if batch.state == BatchState.SUPERSEDED:
            batch.state, batch.tries = BatchState.RECEIVED, 0
            session.add(batch)

    def of(self, batch: str) -> BatchVersions:
        """What is known of a batch."""
        query = select(VersionRow).where(or_(col(VersionRow.older_id) == batch, col(VersionRow.newer_id) == batch))
        with self.database.read() as session:
            rows = session.exec(query.order_by(col(VersionRow.at))).all()
        by = next((row.newer_id for row in rows if row.certain and row.older_id == batch), None)
        stands_for = tuple(row.older_id for row in rows if row.certain and row.newer_id == batch)
        others = [row.newer_id if row.older_id == batch else row.older_id for row in rows if not row.certain]
        return BatchVersions(by, stands_for, tuple(dict.fromkeys(other for other in others if other != batch)))
