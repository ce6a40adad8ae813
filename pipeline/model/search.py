"""A question to the index and its answer: query, hits, order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypedDict

from pipeline.model.document import DocumentKind, DocumentState


@dataclass(frozen=True, slots=True)
class Hit:
    """A page that answers a query. `marks` are ranges of `snippet`; `boxes` are fractions of the page image."""

    document: str
    page: int
    source_page: int
    batch: str
    file_no: str | None
    file_key: str | None
    date: date | None
    subject: str | None
    office: str | None
    kind: DocumentKind
    score: float
    snippet: str
    marks: tuple[tuple[int, int], ...]
    boxes: tuple[tuple[float, float, float, float], ...]
    tier: str = "exact"  # how the words were taken: see `index.expansion` and `index.search`
    state: DocumentState = DocumentState.FILED


class Order(StrEnum):
    """How hits follow each other: as they fit, or by the dates of their documents, those without one last."""

    BEST = "best"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Query:
    """A query: the words as typed, and the filters.

    `offices` are the codes of the offices that its author may see, None for every one; what lies in another office, or
    in none, is neither found nor counted nor mentioned.
    """

    text: str
    file_no: str | None = None
    office: str | None = None
    since: date | None = None
    until: date | None = None
    kind: DocumentKind | None = None
    limit: int = 20
    offset: int = 0
    state: DocumentState | None = None
    facets: bool = False  # whether to count offices, years, kinds, files and states among what is found
    offices: frozenset[str] | None = None
    order: Order = Order.BEST


class Understanding(TypedDict, total=False):
    """How a query was taken: its words, which of them a page must have (`match`), the tiers that were looked through, how
    Roman letters were read, what else was looked for by each typed word, and what may have been meant. `more` says that
    there are more pages than are counted, `cut` that the query was too long."""

    words: list[str]
    match: str
    file_key: str | None
    tiers: list[str]
    readings: dict[str, list[str]]
    also: dict[str, list[str]]
    did_you_mean: str | None
    more: bool
    cut: bool
    filters: dict[str, str]
    without: list[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """The hits of one query, the number there are in all, and how the query was understood."""

    query: str
    understood: Understanding
    total: int
    took_ms: float
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
