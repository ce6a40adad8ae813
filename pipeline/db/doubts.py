"""The doubt of every document as rows, written in the transaction that files or corrects it."""

from __future__ import annotations

from sqlalchemy import delete
from sqlmodel import Session, col

from pipeline.db.review_tables import DoubtReasonRow, DoubtRow
from pipeline.model.document import Document, DocumentState
from pipeline.model.review import doubt_of


def note(session: Session, document: Document) -> None:
    """Write what is in doubt about a document whose row is there; nothing is, once a person has reviewed it."""
    session.execute(delete(DoubtReasonRow).where(col(DoubtReasonRow.document_id) == document.id))
    doubt = doubt_of(document)
    is_seen = document.state is DocumentState.REVIEWED
    session.merge(DoubtRow(document_id=document.id, score=0.0 if is_seen else doubt.score))
    if not is_seen:
        session.add_all(DoubtReasonRow(document_id=document.id, reason=reason) for reason in doubt.reasons)
