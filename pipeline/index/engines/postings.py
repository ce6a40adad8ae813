"""Full text as an ordinary table of tokens and pages: for any database that SQLAlchemy speaks to.

Right and portable, not fast at a million pages; larger sites get an engine of their own.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func
from sqlmodel import Session, col, select

from pipeline.index.engines import Match, Scored
from pipeline.index.tables import PageRow, PostingRow


class Postings:
    def add(self, session: Session, page_id: int, tokens: Sequence[str]) -> None:
        self.remove(session, page_id)
        session.add_all(PostingRow(token=t, page_id=page_id, count=n) for t, n in Counter(tokens).items())
        session.flush()

    def remove(self, session: Session, page_id: int) -> None:
        session.execute(delete(PostingRow).where(col(PostingRow.page_id) == page_id))

    def find(
        self, session: Session, tokens: Sequence[str], match: Match, limit: int, within: Select[Any] | None = None
    ) -> list[Scored]:
        return self._all(session, tokens, match, within)[:limit]

    def count(self, session: Session, tokens: Sequence[str], match: Match, within: Select[Any] | None = None) -> int:
        return len(self._all(session, tokens, match, within))

    def _all(self, session: Session, tokens: Sequence[str], match: Match, within: Select[Any] | None) -> list[Scored]:
        """Ranked by the sum over the question's tokens of log frequency times inverse document frequency."""
        wanted = list(dict.fromkeys(tokens))
        total = session.exec(select(func.count()).select_from(PageRow)).one()
        scores: defaultdict[int, float] = defaultdict(float)
        matched: Counter[int] = Counter()
        for index, token in enumerate(wanted):
            as_prefix = match is Match.PREFIX and index == len(wanted) - 1
            asked = select(PostingRow.page_id, func.sum(PostingRow.count)).where(_is(token, as_prefix))
            if within is not None:
                asked = asked.where(col(PostingRow.page_id).in_(within))
            rows = session.exec(asked.group_by(col(PostingRow.page_id))).all()
            weight = math.log(1 + total / (1 + len(rows)))
            for page_id, count in rows:
                scores[page_id] += weight * (1 + math.log(count))
                matched[page_id] += 1
        enough = 1 if match is Match.ANY else len(wanted)
        hits = [Scored(page, score) for page, score in scores.items() if matched[page] >= enough]
        return sorted(hits, key=lambda hit: (-hit.score, hit.page_id))


def _is(token: str, as_prefix: bool) -> ColumnElement[bool]:
    column = col(PostingRow.token)
    return column.startswith(token, autoescape=True) if as_prefix else column == token
