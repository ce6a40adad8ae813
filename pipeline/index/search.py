"""Answer a query: understand it, ask the engine, filter, and show the words on the page.

Pages that hold all the words come first; only when there are none, those with the last word begun, then those with any
of the words. A query that is a file number finds its documents by their key as well.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlmodel import Session, col, select

from pipeline.index import hindi
from pipeline.index.database import Database
from pipeline.index.engines import Engine, Match, Scored
from pipeline.index.packing import unpack
from pipeline.index.records import key_terms
from pipeline.index.tables import DocumentRow, PageRow
from pipeline.model import Answer, DocumentKind, Hit, Query

_MOST = 2000  # pages the engine ranks at the most; nobody turns further
_SNIPPET_BEFORE, _SNIPPET_AFTER = 60, 140  # characters around the first match
_WINDOW = 400  # ids asked for in one statement


class Search:
    """Queries over one database and its engine."""

    def __init__(self, database: Database, engine: Engine) -> None:
        self.database = database
        self.engine = engine

    def find(self, query: Query, *, query_key: str | None, filter_key: str | None) -> Answer:
        """The hits for `query`. `query_key` is the file-number key its text may be, `filter_key` that of its filter."""
        began = time.perf_counter()
        words = hindi.terms(query.text)
        with self.database.read() as session:
            if words:
                match, scored = self._ask(session, words, query_key)
            else:
                match, scored = Match.ALL, None
            rows = self._filtered(session, query, filter_key, scored)
            asked = frozenset(words)
            hits = tuple(
                _hit(page, document, score, asked, match)
                for page, document, score in rows[query.offset : query.offset + query.limit]
            )
        took = (time.perf_counter() - began) * 1000
        understood: dict[str, object] = {"words": words, "match": str(match), "file_key": query_key or filter_key}
        return Answer(query.text, understood, len(rows), round(took, 1), hits)

    def _ask(self, session: Session, words: Sequence[str], key: str | None) -> tuple[Match, list[Scored]]:
        by_key = self.engine.find(session, key_terms(key), Match.ALL, _MOST) if key else []
        for match in Match:
            found = self.engine.find(session, words, match, _MOST)
            if found or by_key:
                best = {hit.page_id for hit in by_key}
                return match, [*by_key, *(hit for hit in found if hit.page_id not in best)]
        return Match.ALL, []

    def _filtered(
        self, session: Session, query: Query, filter_key: str | None, scored: list[Scored] | None
    ) -> list[tuple[PageRow, DocumentRow, float]]:
        """Pages with their documents, in the order of `scored`; without words, the newest documents' first pages."""
        statement = select(PageRow, DocumentRow).join(DocumentRow, col(PageRow.document_id) == col(DocumentRow.id))
        if query.file_no is not None:
            statement = statement.where(DocumentRow.file_key == (filter_key or ""))
        if query.office:
            statement = statement.where(DocumentRow.office == query.office)
        if query.since:
            statement = statement.where(col(DocumentRow.dated) >= query.since)
        if query.until:
            statement = statement.where(col(DocumentRow.dated) <= query.until)
        if query.kind:
            statement = statement.where(DocumentRow.kind == query.kind)
        if scored is None:
            if not (query.file_no or query.office or query.since or query.until or query.kind):
                return []
            rows = session.exec(
                statement.where(PageRow.number == 1)
                .order_by(col(DocumentRow.dated).desc(), DocumentRow.id)
                .limit(_MOST)
            )
            return [(page, document, 0.0) for page, document in rows]
        found: dict[int | None, tuple[PageRow, DocumentRow]] = {}
        ids = [hit.page_id for hit in scored]
        for start in range(0, len(ids), _WINDOW):
            rows = session.exec(statement.where(col(PageRow.id).in_(ids[start : start + _WINDOW])))
            found.update({page.id: (page, document) for page, document in rows})
        return [(*found[hit.page_id], hit.score) for hit in scored if hit.page_id in found]

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
