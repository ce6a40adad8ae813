"""Full-text engines behind one small interface; `tests/contracts` holds them all to the same suite.

An engine knows tokens and page numbers, nothing else; it writes in the transaction it is given. What words mean, which
others stand for them and in which order the tiers come is decided above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Select
from sqlmodel import Session

from pipeline.db.database import Database

Phrase = tuple[str, ...]  # tokens side by side, in this order
# What every engine keeps whole: FTS5 splits at any other sign of ASCII, and lines of tokens at white space.
_TOKEN = re.compile(r"(?:[a-z0-9#/:]|[^\x00-\x7f\s])+")
MOST_COUNTED = 2_000  # beyond, a count says "so many or more"
MOST_RANKED = 2_000  # pages; of more, the newest come first: ranking all of them would take too long


@dataclass(frozen=True, slots=True)
class AnyOf:
    """What may stand for one word of a query: phrases; `begun` takes the last token of each as a beginning.

    A `common` one stands on very many pages: it is asked for, but need not weigh; and where words may be missing, common
    ones alone need not be enough.
    """

    phrases: tuple[Phrase, ...]
    begun: bool = False
    common: bool = False


@dataclass(frozen=True, slots=True)
class TermQuery:
    """A query: how many of `words` a page must hold (all, if `least` is 0), what it must not and must always hold."""

    words: tuple[AnyOf, ...]
    never: tuple[AnyOf, ...] = ()
    least: int = 0
    always: tuple[AnyOf, ...] = ()

    @property
    def needed(self) -> int:
        return self.least or len(self.words)

    def can_answer(self) -> bool:
        """Whether there is enough in it: as many words with tokens as are needed, and at least one."""
        asked = sum(1 for word in self.words if any(word.phrases))
        return 0 < self.needed <= asked


@dataclass(frozen=True, slots=True)
class Scored:
    """A page and how well it answers; higher is better."""

    page_id: int
    score: float


class TextEngine(Protocol):
    def replace(self, session: Session, page_id: int, old: Sequence[str], new: Sequence[str]) -> None:
        """Make the page findable by the new tokens instead of the old ones, which are those it was given last."""

    def fill(self, session: Session, pages: Iterable[Sequence[tuple[int, str]]]) -> None:
        """Hold these pages and no others: each with its tokens in one line, by rising numbers, some at a time."""

    def find(
        self,
        session: Session,
        query: TermQuery,
        limit: int,
        within: Select[Any] | None = None,
        *,
        newest: bool = False,
        most: int = MOST_COUNTED,
    ) -> list[Scored]:
        """The best pages, best first, ties in a fixed order; of more than `MOST_RANKED`, or if so wished, the newest.

        `within` selects the pages that count; `most` says how many there are at most, where that is known.
        """

    def count(
        self, session: Session, query: TermQuery, within: Select[Any] | None = None, most: int = MOST_COUNTED
    ) -> int:
        """How many pages `find` would give without a limit, counted no further than `most`."""

    def wrong(self, session: Session, expected: dict[int, list[str]], low: int, high: int) -> list[int]:
        """Which pages from `low` to `high` the engine does not hold under exactly the tokens expected of them."""


def is_token(text: str) -> bool:
    """Whether every engine takes this for one token."""
    return _TOKEN.fullmatch(text) is not None


def words(*tokens: str, begun: bool = False) -> TermQuery:
    """All of these tokens, each for itself; the last one as a beginning, if so wished."""
    last = len(tokens) - 1
    return TermQuery(tuple(AnyOf(((token,),), begun and i == last) for i, token in enumerate(tokens)))


def engine_for(database: Database) -> TextEngine:
    """FTS5 where the rows are in SQLite, plain postings elsewhere."""
    from pipeline.index.engines.fts5 import Fts5  # noqa: PLC0415 - the engines import this module
    from pipeline.index.engines.postings import Postings  # noqa: PLC0415

    return Fts5() if database.is_sqlite else Postings()
