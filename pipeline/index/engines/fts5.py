"""Full text in SQLite's FTS5: in the same file and the same transaction as the rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel import Session

from pipeline.index.engines import Match, Scored


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

    def find(self, session: Session, tokens: Sequence[str], match: Match, limit: int) -> list[Scored]:
        if not tokens:
            return []
        rows = session.execute(
            text("SELECT rowid, rank FROM page_text WHERE page_text MATCH :query ORDER BY rank, rowid LIMIT :limit"),
            {"query": _query(tokens, match), "limit": limit},
        )
        return [Scored(int(row[0]), -float(row[1])) for row in rows]


def _query(tokens: Sequence[str], match: Match) -> str:
    quoted = ['"' + token.replace('"', '""') + '"' for token in tokens]
    if match is Match.PREFIX:
        quoted[-1] += "*"
    return (" OR " if match is Match.ANY else " AND ").join(quoted)
