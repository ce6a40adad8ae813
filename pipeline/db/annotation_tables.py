"""The table of page annotations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Column, String
from sqlmodel import Field, SQLModel


class PageAnnotationRow(SQLModel, table=True):
    """One page annotation. Rows are only ever added; the object of the same name is stored first."""

    __tablename__ = "page_note"

    batch_id: str = Field(primary_key=True, foreign_key="batch.id")
    page: int = Field(primary_key=True)
    turn: int = Field(primary_key=True)
    kind: str = Field(sa_column=Column("saying", String, nullable=False))
    at: dt.datetime
    by: str
    reason: str = ""
    source: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    image_key: str = ""
    layout_key: str = ""
    token: str = ""
