"""The shape of an answer as JSON, for the description of the API. The values are made in `pipeline.model.contract`."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel

from pipeline.model.document import DocumentKind, DocumentState


class HitJson(BaseModel):
    """`marks` are ranges of `snippet`; `boxes` are x, y, width, height as fractions of the page image."""

    document: str
    batch: str
    page: int
    source_page: int
    file_no: str | None
    file_key: str | None
    date: date | None
    subject: str | None
    office: str | None
    kind: DocumentKind
    score: float
    snippet: str
    marks: list[list[int]]
    boxes: list[list[float]]
    tier: str
    status: DocumentState


class AnswerJson(BaseModel):
    """`understood` says how the question was taken, `facets` how many documents each value of a filter has."""

    query: str
    understood: dict[str, Any]
    total: int
    took_ms: float
    hits: list[HitJson]
    facets: dict[str, dict[str, int]]
