"""The tables of what is being taken out of inboxes, of what was taken, and of scans that are versions of each other."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel


class SlipRow(SQLModel, table=True):
    """What is being taken of one group of one inbox (see `ingest.slip`). It is there only while it is being taken."""

    __tablename__ = "slip"

    inbox: str = Field(primary_key=True)
    ident: str = Field(primary_key=True)
    content: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class TakenRow(SQLModel, table=True):
    """The files of one batch taken out of an inbox (see `ingest.taken_files`), as long as they are looked at."""

    __tablename__ = "taken"
    __table_args__ = (Index("ix_taken_ident", "inbox", "ident", "id"), Index("ix_taken_due", "keeper", "check_at"))

    id: int | None = Field(default=None, primary_key=True)
    inbox: str
    ident: str
    keeper: str
    name: str
    profile: str
    scan_metadata: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    outcome: str
    batch_id: str
    files: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    taken_at: dt.datetime
    check_at: dt.datetime | None = None
    checks: int = 0


class VersionRow(SQLModel, table=True):
    """That one batch is, or may be, an earlier version of another. The object in the store came first."""

    __tablename__ = "version"

    older_id: str = Field(primary_key=True, foreign_key="batch.id")
    newer_id: str = Field(foreign_key="batch.id", index=True)
    reason: str
    certain: bool
    at: dt.datetime = Field(index=True)
