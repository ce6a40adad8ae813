"""Full text in SQLite's FTS5: in the same file and the same transaction as the rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, column, func, select, table, text
from sqlmodel import Session

from pipeline.index.engines import Match, Scored

_TABLE = table("page_text", column("rowid"), column("rank"), column("tokens"))
_ROWID, _RANK = _TABLE.c.rowid, _TABLE.c.rank


class Fts5:
    """Tokens are stored as one line of text; its tokeniser only splits at blanks, for `hindi` has done the rest."""

    def add(self, session: Session, page_id: int, tokens: Sequence[str]) -> None:
        self.remove(session, page_id)
        session.execute(
            text("INSERT INTO page_text(rowid, tokens) VALUES (:id, :tokens)"),
            {"id": page_id, "tokens": " ".join(tokens)},
        )

    def remove(self, session: Session, page_id: int) -> None:
        session.execute(text("DELETE FROM page_text WHERE rowid = :id"), {"id": page_id})

    def find(
        self, session: Session, tokens: Sequence[str], match: Match, limit: int, within: Select[Any] | None = None
    ) -> list[Scored]:
        if not tokens:
            return []
        found = _matching(select(_ROWID, _RANK), tokens, match, within).order_by(_RANK, _ROWID).limit(limit)
        return [Scored(int(row[0]), -float(row[1])) for row in session.execute(found)]

    def count(self, session: Session, tokens: Sequence[str], match: Match, within: Select[Any] | None = None) -> int:
        if not tokens:
            return 0
        return int(session.execute(_matching(select(func.count()), tokens, match, within)).scalar_one())


def _matching(asked: Select[Any], tokens: Sequence[str], match: Match, within: Select[Any] | None) -> Select[Any]:
    found = asked.select_from(_TABLE).where(text("page_text MATCH :query").bindparams(query=_query(tokens, match)))
    return found if within is None else found.where(_ROWID.in_(within))


def _query(tokens: Sequence[str], match: Match) -> str:
    quoted = ['"' + token.replace('"', '""') + '"' for token in tokens]
    if match is Match.PREFIX:
        quoted[-1] += "*"
    return (" OR " if match is Match.ANY else " AND ").join(quoted)
