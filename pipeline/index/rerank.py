"""Few pages weighed by their own tokens: which tier each stands in, and how well it answers.

An engine reads every page of every word that it ranks by, once for each tier. Where few pages have the words at all, the
tokens kept beside them (`indexed`) tell the same sooner. The formula is FTS5's, bm25.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy import func
from sqlmodel import Session, col, select

from pipeline.db.tables import IndexedRow
from pipeline.index import vocabulary
from pipeline.index.engines import Scored, TermQuery
from pipeline.index.textindex import unpack

MOST_RERANKED = 120  # pages; of more the engine is quicker
_K, _B = 1.2, 0.75  # of bm25: how soon more of a word tells nothing more, how much a long page counts less
_LEAST = 1e-6  # the weight of a word on more than half of all pages


class PageTokens:
    """The tokens of pages, read once for a query."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._read: dict[int, list[str]] = {}

    def of(self, pages: Iterable[int]) -> dict[int, list[str]]:
        """The tokens that each of these pages stands under; at most a few hundred pages."""
        wanted = list(dict.fromkeys(pages))
        if new := [page for page in wanted if page not in self._read]:
            rows = select(IndexedRow.page_id, IndexedRow.tokens).where(col(IndexedRow.page_id).in_(new))
            self._read |= {page: unpack(tokens) for page, tokens in self.session.execute(rows)}
        return {page: self._read[page] for page in wanted if page in self._read}


def can_rerank(query: TermQuery) -> bool:
    """Whether the query is of single words alone, whose pages the vocabulary counts."""
    return query.can_answer() and all(
        not word.begun and all(len(phrase) == 1 and vocabulary.is_word(phrase[0]) for phrase in word.phrases)
        for word in query.words
    )


def rerank(page_refs: PageTokens, queries: Sequence[TermQuery], pages: Sequence[int]) -> list[list[Scored]]:
    """For each query those of the pages that answer it and none before it, best first.

    The pages are those that hold what must always, and nothing that must never be there.
    """
    there = page_refs.of(pages)
    asked = frozenset(token for query in queries for word in query.words for (token,) in word.phrases)
    counts = {page: Counter(token for token in tokens if token in asked) for page, tokens in there.items()}
    weights = _weights(page_refs.session, set().union(*counts.values()))
    usual = sum(map(len, there.values())) / len(there) if there else 1.0
    longer = {page: _K * (1 - _B + _B * len(tokens) / usual) for page, tokens in there.items()}
    found = []
    for query in queries:
        telling = frozenset(token for word in query.words if not word.common for (token,) in word.phrases)
        held = [page for page, count in counts.items() if _answers(query, count)]
        scored = [Scored(page, _score(counts[page], telling, weights, longer[page])) for page in held]
        # Common words alone do not rank: the newest come first, as the engine gives them.
        found.append(sorted(scored, key=lambda hit: (-hit.score, hit.page_id if telling else -hit.page_id)))
        for page in held:
            del counts[page]
    return found


def _score(count: Counter[str], telling: frozenset[str], weights: dict[str, float], longer: float) -> float:
    return sum(weights[token] * n * (_K + 1) / (n + longer) for token, n in count.items() if token in telling)


def _answers(query: TermQuery, count: Counter[str]) -> bool:
    """Whether a page with these of the words has enough of them, and not common ones alone if there are others."""
    held = [word for word in query.words if any(token in count for (token,) in word.phrases)]
    common = all(word.common for word in query.words)
    return len(held) >= query.needed and (common or any(not word.common for word in held))


def _weights(session: Session, tokens: set[str]) -> dict[str, float]:
    """How much each word tells: the fewer pages it stands on, the more."""
    pages = vocabulary.pages(session, sorted(tokens))
    every = session.execute(select(func.max(IndexedRow.page_id))).scalar() or 0
    rest = {token: pages.get(token, 1) + 0.5 for token in tokens}
    return {token: max(math.log(max(every - few + 1, few) / few), _LEAST) for token, few in rest.items()}
