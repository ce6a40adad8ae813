"""What comes in, as rows: a batch with its originals, a duplicate, a file that cannot be taken in.

What is made of a batch afterwards does not live here (see `batches`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, select

from pipeline.db.database import Database, now
from pipeline.db.locks import alone
from pipeline.db.objects import note_object
from pipeline.db.rows import batch_from, batch_row
from pipeline.db.tables import ArrivalRow, BatchRow
from pipeline.errors import AbhilekhError, NotFoundError
from pipeline.model.batch import Batch, BatchState
from pipeline.model.scan import StoredObject, batch_identity, batch_ids


class ArrivalRepository:
    """Commits what comes in. Safe to use from threads; whoever takes the same content twice holds the lock of its batch."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def alone(self, name: str, *, wait_seconds: float = 0.0) -> AbstractContextManager[bool]:
        """Hold the lock `name` against every thread, process and machine; False when somebody had it all the while."""
        return alone(self.database, name, wait_seconds=wait_seconds)

    def place(self, sha256: str, office: str | None) -> tuple[str, Batch | None]:
        """The id of the batch with this content that came in for this office, and the batch where there is one."""
        with self.database.read() as session:
            ident, row = _placed(session, batch_identity(sha256, office))
            return ident, batch_from(row) if row else None

    def pages_of(self, batch: str) -> int:
        """How many pages a batch was received with. Raises `NotFoundError`."""
        with self.database.read() as session:
            found = session.exec(select(BatchRow.pages).where(BatchRow.id == batch)).first()
        if found is None:
            raise NotFoundError(what="batch", name=batch)
        return found

    def receive(self, batch: Batch, originals: Sequence[StoredObject]) -> tuple[Batch, bool]:
        """Commit a batch whose originals are safe; returns it as it stands and whether it is new.

        Every arrival is recorded, a duplicate's too. What another office has with the same content is another batch.
        """
        with self.database.write() as session:
            ident, row = _placed(session, batch.identity)
            new = row is None or row.pages == 0  # or once rejected, and now readable by a newer version
            if row is None or new:
                row = session.merge(batch_row(replace(batch, id=ident)))
            session.flush()
            if new:
                for original in originals:
                    note_object(session, original, row.id)
            source = batch.source
            _arrive(session, source.name, ident, source.sha256, source.bytes, "received" if new else "duplicate")
            return batch_from(row), new

    def reject(
        self,
        name: str,
        kept: StoredObject,
        error: AbhilekhError,
        *,
        at: datetime | None = None,
        manifest: StoredObject | None = None,
        office: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Record a file that cannot be taken in, its bytes being kept; returns the batch's id."""
        at = at or now()
        with self.database.write() as session:
            ident, row = _placed(session, batch_identity(kept.sha256, office))
            row = row or BatchRow(
                id=ident,
                name=name,
                sha256=kept.sha256,
                bytes=kept.bytes,
                media_type="",
                pages=0,
                state=BatchState.REJECTED,
                received_at=at,
                office=office,
                scan_metadata=dict(metadata or {}),
            )
            row.error_code, row.error_at = error.code, at
            row.error_en, row.error_hi = error.text("en"), error.text("hi")
            session.add(row)
            session.flush()
            for stored in (kept, manifest) if manifest else (kept,):
                note_object(session, stored, ident)
            _arrive(session, name, ident, kept.sha256, kept.bytes, "rejected")
            return ident

    def gathered_with(self, sha256s: Sequence[str], name: str, profile: str, office: str | None) -> str | None:
        """A gathered batch of this name, profile and office that has all these files; None where there is none."""
        query = select(BatchRow).where(
            BatchRow.name == name, BatchRow.profile == profile, BatchRow.office == office, BatchRow.pages > 0
        )
        with self.database.read() as session:
            for row in session.exec(query):
                if set(sha256s) <= {file["sha256"] for file in row.files}:
                    return row.id
        return None


def _arrive(session: Session, name: str, batch: str, sha256: str, size: int, outcome: str) -> None:
    session.add(ArrivalRow(name=name, sha256=sha256, bytes=size, outcome=outcome, batch_id=batch, arrived_at=now()))


def _placed(session: Session, identity: str) -> tuple[str, BatchRow | None]:
    """The batch of this identity and its id; where there is none yet, the id that it will have."""
    row = session.exec(select(BatchRow).where(BatchRow.identity == identity)).first()
    if row is not None:
        return row.id, row
    return next(ident for ident in batch_ids(identity) if session.get(BatchRow, ident) is None), None
