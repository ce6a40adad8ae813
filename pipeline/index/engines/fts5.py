"""Full text in SQLite's FTS5: in the same file and the same transaction as the rows.

The table keeps no copy of the tokens: to take a page out, FTS5 is told the tokens it went in with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

from sqlalchemy import Select, TextClause, column, func, literal_column, select, table, text
from sqlmodel import Session

from pipeline.index.engines import MOST_COUNTED, MOST_RANKED, AnyOf, Ask, Phrase, Scored

_TABLE = table("page_text", column("rowid"), column("rank"))
_ROWID, _RANK = _TABLE.c.rowid, _TABLE.c.rank
_PUT = text("INSERT INTO page_text(rowid, tokens) VALUES (:id, :tokens)")
_TAKE = text("INSERT INTO page_text(page_text, rowid, tokens) VALUES ('delete', :id, :tokens)")
_SET = "INSERT INTO page_text(page_text, rank) VALUES (?, ?)"
_DO = "INSERT INTO page_text(page_text) VALUES (?)"
_GATHERED, _USUALLY = (
    64 * 2**20,
    2**20,
)  # bytes of postings that wait in memory: while the whole is filled, and by default
_WHILE_FILLING = ((_DO, ("delete-all",)), (_SET, ("hashsize", _GATHERED)), (_SET, ("automerge", 0)))
_FILLED = ((_DO, ("optimize",)), (_SET, ("hashsize", _USUALLY)), (_SET, ("automerge", 4)))
_INSTANCES = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.page_text_places USING fts5vocab('main', 'page_text', 'instance')"


class Fts5:
    """Tokens go in as one line of text; the tokeniser only splits at blanks, for `hindi` has done the rest."""

    def replace(self, session: Session, page_id: int, old: Sequence[str], new: Sequence[str]) -> None:
        if old:
            session.execute(_TAKE, {"id": page_id, "tokens": " ".join(old)})
        if new:
            session.execute(_PUT, {"id": page_id, "tokens": " ".join(new)})

    def fill(self, session: Session, pages: Iterable[Sequence[tuple[int, str]]]) -> None:
        """Gathered in memory and merged once, at the end, into one piece: the smallest and the quickest to search."""
        connection = session.connection()
        for command in _WHILE_FILLING:
            connection.exec_driver_sql(*command)
        for some in pages:
            connection.exec_driver_sql("INSERT INTO page_text(rowid, tokens) VALUES (?, ?)", list(some))
        for command in _FILLED:
            connection.exec_driver_sql(*command)

    def find(
        self, session: Session, ask: Ask, limit: int, within: Select[Any] | None = None, *, newest: bool = False
    ) -> list[Scored]:
        if not ask.can_be_asked():
            return []
        matching = _matching(select(_ROWID, _RANK), ask, within)
        if newest or self.count(session, ask, within, MOST_RANKED) >= MOST_RANKED:
            rows = session.execute(_matching(select(_ROWID), ask, within).order_by(_ROWID.desc()).limit(limit))
            return [Scored(int(row[0]), 0.0) for row in rows]
        # FTS5 ranks fast only when rank alone is the order; ties are put in theirs here.
        found = [Scored(int(row[0]), -float(row[1])) for row in session.execute(matching.order_by(_RANK))]
        return sorted(found, key=lambda hit: (-hit.score, hit.page_id))[:limit]

    def count(self, session: Session, ask: Ask, within: Select[Any] | None = None, most: int = MOST_COUNTED) -> int:
        if not ask.can_be_asked():
            return 0
        counted = _matching(select(_ROWID), ask, within).limit(most).subquery()
        return int(session.execute(select(func.count()).select_from(counted)).scalar_one())

    def wrong(self, session: Session, expected: dict[int, list[str]], low: int, high: int) -> list[int]:
        """FTS5 tells its places by term: each range of pages reads the whole index, so ranges are best large."""
        session.execute(text(_INSTANCES))
        held: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
        places = text("SELECT doc, offset, term FROM temp.page_text_places WHERE doc BETWEEN :low AND :high")
        for page, offset, term in session.execute(places, {"low": low, "high": high}):
            held[page].append((offset, term))
        found = {page: [term for _, term in sorted(terms)] for page, terms in held.items()}
        return sorted(p for p in {*found, *expected} if found.get(p, []) != expected.get(p, []))


def _matching(asked: Select[Any], ask: Ask, within: Select[Any] | None) -> Select[Any]:
    found = asked.select_from(_TABLE).where(_match(ask))
    # The plus keeps SQLite from asking FTS5 for each of these pages by itself.
    return found if within is None else found.where(literal_column("+rowid").in_(within))


def _match(ask: Ask) -> TextClause:
    return text("page_text MATCH :query").bindparams(query=query(ask))


def query(ask: Ask) -> str:
    """The question in FTS5's own language."""
    words = [_any_of(word) for word in ask.words if any(word.phrases)]
    needed = ask.needed
    if needed >= len(words):
        asked = " AND ".join(words)
    elif needed == 1:
        asked = " OR ".join(words)
    else:
        asked = " OR ".join(f"({' AND '.join(some)})" for some in combinations(words, needed))
    always = [_any_of(word) for word in ask.always if any(word.phrases)]
    if always:
        asked = " AND ".join([f"({asked})", *always])
    never = [_any_of(word) for word in ask.never if any(word.phrases)]
    return f"({asked}) NOT ({' OR '.join(never)})" if never else asked


def _any_of(word: AnyOf) -> str:
    return "(" + " OR ".join(_phrase(phrase, word.begun) for phrase in word.phrases if phrase) + ")"


def _phrase(phrase: Phrase, begun: bool) -> str:
    quoted = " ".join(phrase).replace('"', '""').replace("\0", "")
    return f'"{quoted}"' + ("*" if begun else "")
