"""Full-text engines behind one small interface; `tests/contracts` holds them all to the same suite.

An engine knows tokens and page numbers, nothing else; it writes in the transaction it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import Select
from sqlmodel import Session

from pipeline.index.database import Database


class Match(StrEnum):
    """How the tokens of a question must occur on a page."""

    ALL = "all"
    PREFIX = "prefix"  # all, the last one as the beginning of a word
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Scored:
    """A page and how well it answers; higher is better."""

    page_id: int
    score: float


class Engine(Protocol):
    def add(self, session: Session, page_id: int, tokens: Sequence[str]) -> None:
        """Make the page findable by these tokens, instead of any it had."""

    def remove(self, session: Session, page_id: int) -> None: ...

    def find(
        self, session: Session, tokens: Sequence[str], match: Match, limit: int, within: Select[Any] | None = None
    ) -> list[Scored]:
        """The best pages, best first, ties in a fixed order; none for no tokens. `within` selects the pages that count."""

    def count(self, session: Session, tokens: Sequence[str], match: Match, within: Select[Any] | None = None) -> int:
        """How many pages `find` would give without a limit."""


def engine_for(database: Database) -> Engine:
    """FTS5 where the rows are in SQLite, plain postings elsewhere."""
    from pipeline.index.engines.fts5 import Fts5  # noqa: PLC0415 - the engines import this module
    from pipeline.index.engines.postings import Postings  # noqa: PLC0415

    return Fts5() if database.is_sqlite else Postings()
