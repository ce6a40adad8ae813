"""Objects of the store as rows: key, SHA-256 and size, and the batch that an object belongs to."""

from __future__ import annotations

from sqlmodel import Session

from pipeline.db.database import now
from pipeline.db.tables import ObjectRow
from pipeline.model.scan import StoredObject


def note_object(session: Session, stored: StoredObject, batch: str) -> None:
    """Record an object of a batch. One that is named by its content may belong to several: it stays with the first."""
    known = session.get(ObjectRow, stored.key)
    if known is not None and known.batch_id is not None and _is_shared(stored.key):
        batch = known.batch_id
    session.merge(ObjectRow(key=stored.key, sha256=stored.sha256, bytes=stored.bytes, batch_id=batch, stored_at=now()))


def _is_shared(key: str) -> bool:
    """Whether several batches may have this object: it is stored once, under the SHA-256 of what it holds."""
    return key.startswith(("originals/", "rejected/"))
