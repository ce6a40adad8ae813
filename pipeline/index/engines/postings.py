"""Full text as an ordinary table of tokens and pages: for any database that SQLAlchemy speaks to.

Right and portable, not fast at a million pages; larger sites get an engine of their own.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func
from sqlmodel import Session, col, select

from pipeline.db.tables import IndexedRow, PostingRow
from pipeline.index.engines import MOST_COUNTED, AnyOf, Phrase, Scored, TermQuery

Counts = dict[int, int]  # of each page, how often
_PLACES, _COUNT = col(PostingRow.places), func.sum(PostingRow.count)


class Postings:
    def replace(self, session: Session, page_id: int, old: Sequence[str], new: Sequence[str]) -> None:
        session.execute(delete(PostingRow).where(col(PostingRow.page_id) == page_id))
        places: defaultdict[str, list[str]] = defaultdict(list)
        for place, token in enumerate(new):
            places[token].append(str(place))
        session.add_all(
            PostingRow(token=token, page_id=page_id, count=len(at), places=" ".join(at))
            for token, at in sorted(places.items())
        )
        session.flush()

    def fill(self, session: Session, pages: Iterable[Sequence[tuple[int, str]]]) -> None:
        session.execute(delete(PostingRow))
        for some in pages:
            for page_id, line in some:
                self.replace(session, page_id, [], line.split())
            session.expunge_all()

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
        found = self._all(session, query, within)
        if newest:
            found = [Scored(hit.page_id, 0.0) for hit in sorted(found, key=lambda hit: -hit.page_id)]
        return found[:limit]

    def count(
        self, session: Session, query: TermQuery, within: Select[Any] | None = None, most: int = MOST_COUNTED
    ) -> int:
        return min(len(self._all(session, query, within)), most)

    def wrong(self, session: Session, expected: dict[int, list[str]], low: int, high: int) -> list[int]:
        rows = select(PostingRow).where(col(PostingRow.page_id).between(low, high))
        held: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
        for row in session.exec(rows):
            held[row.page_id] += [(int(place), row.token) for place in row.places.split()]
        found = {page: [token for _, token in sorted(tokens)] for page, tokens in held.items()}
        return sorted(p for p in {*found, *expected} if found.get(p, []) != expected.get(p, []))

    def _all(self, session: Session, query: TermQuery, within: Select[Any] | None) -> list[Scored]:
        """Ranked by the sum over the query's words of log frequency times inverse document frequency."""
        if not query.can_answer():
            return []
        total = int(session.execute(select(func.count()).select_from(IndexedRow)).scalar_one())
        scores: defaultdict[int, float] = defaultdict(float)
        matched: Counter[int] = Counter()
        for word in dict.fromkeys(query.words):
            counts = _counts(session, word, within)
            weight = math.log(1 + total / (1 + len(counts)))
            for page_id, count in counts.items():
                scores[page_id] += weight * (1 + math.log(count))
                matched[page_id] += 1
        enough = min(query.needed, len(set(query.words)))
        for word in query.always:
            there = _counts(session, word, within)
            scores = defaultdict(float, {page: score for page, score in scores.items() if page in there})
        never = {page for word in query.never for page in _counts(session, word, within)}
        hits = [Scored(page, score) for page, score in scores.items() if matched[page] >= enough and page not in never]
        return sorted(hits, key=lambda hit: (-hit.score, hit.page_id))


def _counts(session: Session, word: AnyOf, within: Select[Any] | None) -> Counts:
    found: Counter[int] = Counter()
    single = [phrase[0] for phrase in word.phrases if len(phrase) == 1]
    if single and not word.begun:
        for page, count in _rows(session, col(PostingRow.token).in_(single), within, _COUNT):
            found[page] += count
    for phrase in word.phrases:
        if len(phrase) > 1 or (phrase and word.begun):
            found.update(_phrase_counts(session, phrase, word.begun, within))
    return dict(found)


def _phrase_counts(session: Session, phrase: Phrase, begun: bool, within: Select[Any] | None) -> Counts:
    """How often the tokens stand side by side on each page."""
    begins: dict[int, set[int]] | None = None
    for offset, token in enumerate(phrase):
        as_beginning = begun and offset == len(phrase) - 1
        column = col(PostingRow.token)
        where = column.startswith(token, autoescape=True) if as_beginning else column == token
        here: defaultdict[int, set[int]] = defaultdict(set)
        for page, places in _rows(session, where, within, _PLACES):
            here[page] |= {int(place) - offset for place in places.split()}
        begins = here if begins is None else {p: begins[p] & at for p, at in here.items() if begins.get(p, set()) & at}
    return {page: len(at) for page, at in (begins or {}).items()}


def _rows(session: Session, where: ColumnElement[bool], within: Select[Any] | None, wanted: Any) -> list[Any]:
    asked = select(PostingRow.page_id, wanted).where(where)
    if within is not None:
        asked = asked.where(col(PostingRow.page_id).in_(within))
    if wanted is not _PLACES:
        asked = asked.group_by(col(PostingRow.page_id))
    return list(session.execute(asked))
