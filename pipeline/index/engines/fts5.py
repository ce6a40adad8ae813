"""Full text in SQLite's FTS5: in the same file and the same transaction as the rows.

The table keeps no copy of the tokens: to take a page out, FTS5 is told the tokens it went in with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, literal_column, select, table, text
from sqlmodel import Session

from pipeline.index.engines import MOST_COUNTED, MOST_RANKED, AnyOf, Phrase, Scored, TermQuery

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
        self,
        session: Session,
        query: TermQuery,
        limit: int,
        within: Select[Any] | None = None,
        *,
        newest: bool = False,
        most: int = MOST_COUNTED,
    ) -> list[Scored]:
        if not query.can_answer():
            return []
        telling = tuple(word for word in query.words if not word.common)
        newest = newest or not telling
        if newest or (most >= MOST_RANKED and self.count(session, query, within, MOST_RANKED) >= MOST_RANKED):
            rows = _rows(session, "rowid", _match(query), within, f"ORDER BY rowid DESC LIMIT {int(limit)}")
            return [Scored(row[0], 0.0) for row in rows]
        # All ranks are asked for and put in order here: in order of rank, FTS5 works each of them out twice.
        if len(telling) == len(query.words) and not query.always:
            scores = dict(_rows(session, "rowid, rank", _match(query), within))
        else:
            # FTS5 counts every page of every word it ranks by, so it is made to rank by the rarer ones alone.
            scores = {row[0]: 0.0 for row in _rows(session, "rowid", _match(query), within)}
            these = f"AND +rowid IN ({','.join(map(str, scores))})"
            scores |= dict(_rows(session, "rowid, rank", _match(TermQuery(telling, least=1)), None, these))
        best = sorted(scores.items(), key=itemgetter(1, 0))[:limit]
        return [Scored(page, -rank) for page, rank in best]

    def count(
        self, session: Session, query: TermQuery, within: Select[Any] | None = None, most: int = MOST_COUNTED
    ) -> int:
        if not query.can_answer():
            return 0
        if within is not None:
            return len(_rows(session, "rowid", _match(query), within, f"LIMIT {int(most)}"))
        counted = f"SELECT count(*) FROM (SELECT rowid FROM page_text WHERE page_text MATCH ? LIMIT {int(most)})"  # noqa: S608
        return int(session.connection().exec_driver_sql(counted, (_match(query),)).scalar_one())

    def wrong(self, session: Session, expected: dict[int, list[str]], low: int, high: int) -> list[int]:
        """FTS5 tells its places by term: each range of pages reads the whole index, so ranges are best large."""
        session.execute(text(_INSTANCES))
        held: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
        places = text("SELECT doc, offset, term FROM temp.page_text_places WHERE doc BETWEEN :low AND :high")
        for page, offset, term in session.execute(places, {"low": low, "high": high}):
            held[page].append((offset, term))
        found = {page: [term for _, term in sorted(terms)] for page, terms in held.items()}
        return sorted(p for p in {*found, *expected} if found.get(p, []) != expected.get(p, []))


def _rows(session: Session, wanted: str, match: str, within: Select[Any] | None, rest: str = "") -> Sequence[Any]:
    """Rows of the full text that `match` finds; straight from the driver, for there are ten to a query."""
    if within is None:
        statement = f"SELECT {wanted} FROM page_text WHERE page_text MATCH ? {rest}"  # noqa: S608 - of what stands above
        return _raw(session, statement, match)
    matches = text("page_text MATCH :match").bindparams(match=match)
    # The plus keeps SQLite from asking FTS5 for each of these pages by itself.
    columns: list[Any] = [literal_column(name) for name in wanted.split(", ")]
    found = select(*columns).select_from(table("page_text")).where(matches)
    return session.execute(found.where(literal_column("+rowid").in_(within)).suffix_with(rest)).all()


def _raw(session: Session, statement: str, match: str) -> Sequence[Any]:
    """The driver's own rows: there may be two thousand."""
    return session.connection().exec_driver_sql(statement, (match,)).cursor.fetchall()


def _match(query: TermQuery) -> str:
    """The query in FTS5's own language."""
    words = [_any_of(word) for word in query.words if any(word.phrases)]
    if query.needed >= len(words):
        match = " AND ".join(words)
    else:
        common = {_any_of(word) for word in query.words if word.common}
        some = list(combinations(words, query.needed))
        telling = [each for each in some if not common.issuperset(each)]
        match = " OR ".join(f"({' AND '.join(each)})" for each in telling or some)
    always = [_any_of(word) for word in query.always if any(word.phrases)]
    if always:
        match = " AND ".join([f"({match})", *always])
    never = [_any_of(word) for word in query.never if any(word.phrases)]
    return f"({match}) NOT ({' OR '.join(never)})" if never else match


def _any_of(word: AnyOf) -> str:
    return "(" + " OR ".join(_phrase(phrase, word.begun) for phrase in word.phrases if phrase) + ")"


def _phrase(phrase: Phrase, begun: bool) -> str:
    quoted = " ".join(phrase).replace('"', '""').replace("\0", "")
    return f'"{quoted}"' + ("*" if begun else "")
