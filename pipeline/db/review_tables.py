"""The tables of review: corrections, doubts, edit locks, and samples for acceptance. Columns only.

Corrections and samples stand in objects of the store as well, from which these rows can be made again.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, String, text
from sqlmodel import Field, SQLModel


def _of_document(**rules: Any) -> Any:
    """A column that names a document and goes with it."""
    return Column(ForeignKey("document.id", ondelete="CASCADE"), nullable=False, **rules)


class CorrectionRow(SQLModel, table=True):
    """One action of one reviewer. `content` is the correction whole, as its object has it. Rows are only ever added."""

    __tablename__ = "correction"

    batch_id: str = Field(primary_key=True, foreign_key="batch.id")
    number: int = Field(primary_key=True)
    at: dt.datetime
    by: str
    action: str = Field(sa_column=Column("deed", String, index=True, nullable=False))
    undoes: int | None = None
    content: dict[str, Any] = Field(default_factory=dict, sa_column=Column("told", JSON, nullable=False))


class TouchedRow(SQLModel, table=True):
    """A document that a correction is history of; it may be gone by now."""

    __tablename__ = "correction_document"

    batch_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    document_id: str = Field(primary_key=True, index=True)


class DoubtRow(SQLModel, table=True):
    """How much a document needs a person. Every document has a row."""

    __tablename__ = "doubt"
    __table_args__ = (Index("ix_doubt_order", text("score DESC"), "document_id"),)

    document_id: str = Field(sa_column=_of_document(primary_key=True))
    score: float


class DoubtReasonRow(SQLModel, table=True):
    """One reason of a document's doubt."""

    __tablename__ = "doubt_reason"

    document_id: str = Field(sa_column=_of_document(primary_key=True))
    reason: str = Field(primary_key=True, index=True)


class EditLockRow(SQLModel, table=True):
    """Who has a document open for review, and until when that is believed."""

    __tablename__ = "review_hand"

    document_id: str = Field(sa_column=_of_document(primary_key=True))
    by: str
    until: dt.datetime


class SampleRow(SQLModel, table=True):
    """A sample drawn for acceptance. `content` is all of it, as its object has it."""

    __tablename__ = "sample"

    id: str = Field(primary_key=True)
    drawn_at: dt.datetime = Field(index=True)
    office: str | None = Field(default=None, index=True)
    signed_at: dt.datetime | None = None
    content: dict[str, Any] = Field(default_factory=dict, sa_column=Column("told", JSON, nullable=False))
