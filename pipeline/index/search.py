"""Answer a query: understand it, ask the engine, filter, and show the words on the page.

Pages that hold all the words come first; only when there are none, those with the last word begun, then those with any
of the words. A query that is a file number finds its documents by their key as well.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func
from sqlmodel import Session, col, select

from pipeline.index import hindi
from pipeline.index.database import Database
from pipeline.index.engines import Engine, Match, Scored
from pipeline.index.packing import unpack
from pipeline.index.records import key_terms
from pipeline.index.tables import DocumentRow, PageRow
from pipeline.model import Answer, DocumentKind, Hit, Query

_SNIPPET_BEFORE, _SNIPPET_AFTER = 60, 140  # characters around the first match


class Search:
    """Queries over one database and its engine."""

    def __init__(self, database: Database, engine: Engine) -> None:
        self.database = database
        self.engine = engine

    def find(self, query: Query, *, query_key: str | None, filter_key: str | None) -> Answer:
        """The hits for `query`. `query_key` is the file-number key its text may be, `filter_key` that of its filter."""
        began = time.perf_counter()
        words = hindi.terms(query.text)
        within = _within(query, filter_key)
        with self.database.read() as session:
            if words:
                match, total, scored = self._ask(session, words, query_key, within, query.offset + query.limit)
            else:
                match, total, scored = Match.ALL, *_browse(session, within, query.offset + query.limit)
            hits = self._hits(session, scored[query.offset :], frozenset(words), match)
        took = (time.perf_counter() - began) * 1000
        understood: dict[str, object] = {"words": words, "match": str(match), "file_key": query_key or filter_key}
        return Answer(query.text, understood, total, round(took, 1), hits)

    def _ask(
        self, session: Session, words: Sequence[str], key: str | None, within: Select[Any] | None, limit: int
    ) -> tuple[Match, int, list[Scored]]:
        """How the words were taken, how many pages there are, and the best of them: those of the file itself first."""
        by_key = self.engine.find(session, key_terms(key), Match.ALL, limit, within) if key else []
        best = {hit.page_id for hit in by_key}
        for match in Match:
            total = self.engine.count(session, words, match, within)
            if total or by_key:
                found = self.engine.find(session, words, match, limit, within)
                others = [hit for hit in found if hit.page_id not in best]
                extra = len(by_key) - (len(found) - len(others))  # of the file, but without all the words
                return match, total + extra, [*by_key, *others][:limit]
        return Match.ALL, 0, []

    def _hits(self, session: Session, scored: Sequence[Scored], asked: frozenset[str], match: Match) -> tuple[Hit, ...]:
        statement = select(PageRow, DocumentRow).join(DocumentRow, col(PageRow.document_id) == col(DocumentRow.id))
        rows = session.exec(statement.where(col(PageRow.id).in_([hit.page_id for hit in scored])))
        found = {page.id: (page, document) for page, document in rows}
        return tuple(_hit(*found[hit.page_id], hit.score, asked, match) for hit in scored if hit.page_id in found)

    def boxes(self, document: str, number: int, text: str) -> list[list[float]]:
        """Where the words of `text` stand on page `number` of a document, as fractions of the page image."""
        asked = frozenset(hindi.terms(text))
        with self.database.read() as session:
            page = session.exec(
                select(PageRow).where(PageRow.document_id == document, PageRow.number == number)
            ).first()
            if page is None or not asked:
                return []
            return [list(box) for box in _boxes(page, _places(page.text, asked))]


def _within(query: Query, filter_key: str | None) -> Select[Any] | None:
    """The pages that the filters leave, or None where there is no filter."""
    conditions: list[ColumnElement[bool]] = []
    if query.file_no is not None:
        conditions.append(col(DocumentRow.file_key) == (filter_key or ""))
    if query.office:
        conditions.append(col(DocumentRow.office) == query.office)
    if query.since:
        conditions.append(col(DocumentRow.dated) >= query.since)
    if query.until:
        conditions.append(col(DocumentRow.dated) <= query.until)
    if query.kind:
        conditions.append(col(DocumentRow.kind) == query.kind)
    if not conditions:
        return None
    joined = select(PageRow.id).join(DocumentRow, col(PageRow.document_id) == col(DocumentRow.id))
    return joined.where(*conditions)


def _browse(session: Session, within: Select[Any] | None, limit: int) -> tuple[int, list[Scored]]:
    """Without words: the first pages of the documents that the filters leave, the newest first."""
    if within is None:
        return 0, []
    first = within.where(col(PageRow.number) == 1)
    total = session.execute(select(func.count()).select_from(first.subquery())).scalar_one()
    rows = session.execute(first.order_by(col(DocumentRow.dated).desc(), col(DocumentRow.id)).limit(limit))
    return int(total), [Scored(int(row[0]), 0.0) for row in rows]


def _places(text: str, asked: frozenset[str], match: Match = Match.ANY) -> list[tuple[int, int]]:
    """Ranges of `text` whose token is asked for, or begins with one where prefixes count."""

    def is_asked(token: str) -> bool:
        return token in asked or (match is Match.PREFIX and any(token.startswith(begun) for begun in asked))

    return [(token.start, token.end) for token in hindi.tokens(text) if is_asked(token.text)]


def _boxes(page: PageRow, places: Sequence[tuple[int, int]]) -> list[tuple[float, float, float, float]]:
    """The boxes of the words that the places touch."""
    found = []
    for word in unpack(page.words, page.text):
        if any(word.start < end and word.end > start for start, end in places):
            x, y, w, h = word.box.fractions(page.width, page.height)
            found.append((x, y, w, h))
    return found


def _hit(page: PageRow, document: DocumentRow, score: float, asked: frozenset[str], match: Match) -> Hit:
    places = _places(page.text, asked, match)
    snippet, marks = _snippet(page.text, places)
    return Hit(
        document=document.id, page=page.number or 1, source_page=page.source_page, batch=document.batch_id,
        file_no=document.file_no, file_key=document.file_key, date=document.dated, subject=document.subject,
        office=document.office, kind=DocumentKind(document.kind), score=round(score, 4), snippet=snippet,
        marks=tuple(marks), boxes=tuple(_boxes(page, places)),
    )  # fmt: skip


def _snippet(text: str, places: Sequence[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """The text around the first match on one line, cut between words, and the marks inside it."""
    first = places[0][0] if places else 0
    start = max(first - _SNIPPET_BEFORE, 0)
    if start:
        start = min(max(text.find(" ", start, first), text.find("\n", start, first)) + 1 or first, first)
    end = min(first + _SNIPPET_AFTER, len(text))
    if end < len(text):
        cut = max(text.rfind(" ", first, end), text.rfind("\n", first, end))
        end = cut if cut > first else end
    marks = [(a - start, b - start) for a, b in places if a >= start and b <= end]
    return text[start:end].replace("\n", " "), marks
