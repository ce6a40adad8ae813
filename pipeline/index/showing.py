"""From pages that were found to what people see: order, marks, boxes, and how the question was understood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy
from sqlalchemy import Select
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from pipeline.index import snippets
from pipeline.index.engines import MOST_COUNTED, AnyOf
from pipeline.index.query import Said
from pipeline.index.tables import DocumentRow, PageRow
from pipeline.index.textindex import SUBJECT
from pipeline.index.tiers import Found, Plan
from pipeline.index.widening import Tier, Widened, any_of
from pipeline.model import DocumentKind, DocumentState, Hit

_RECENT, _REVIEWED = 0.15, 0.1  # what a new document, and text that a person saw, add to a score
_FIRST_YEAR, _SPAN = 1950, 100  # years in which a document becomes new
_WEIGHED: tuple[Any, ...] = (
    PageRow.id,
    PageRow.document_id,
    PageRow.corrected_at,
    DocumentRow.dated,
    DocumentRow.state,
    DocumentRow.office,
)
# All that a hit is made of: there are twenty to an answer, and rows are wide.
_OF_PAGE: tuple[Any, ...] = (
    PageRow.number, PageRow.source_page, PageRow.text, PageRow.corrected, PageRow.words, PageRow.width, PageRow.height,
)  # fmt: skip
_OF_DOCUMENT: tuple[Any, ...] = (
    DocumentRow.batch_id, DocumentRow.file_no, DocumentRow.file_key, DocumentRow.dated, DocumentRow.subject,
    DocumentRow.office, DocumentRow.kind, DocumentRow.state,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A question ready to be asked."""

    said: Said
    words: tuple[tuple[Widened, ...], ...]
    narrowed: tuple[AnyOf, ...]
    within: Select[Any] | None
    file_key: str | None
    offices: frozenset[str] | None = None

    @property
    def looked_for(self) -> list[AnyOf]:
        """All that may be marked on a page, the marks of fields taken off."""
        found = [any_of(choice, Tier.SPELLING) for choice in self.words]
        return [AnyOf(tuple(_bare(phrase) for phrase in word.phrases), word.begun) for word in found]


def _bare(phrase: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(token.removeprefix(SUBJECT) for token in phrase)


def together(
    session: Session, found: Sequence[Found], strict: int, offices: frozenset[str] | None = None
) -> list[Found]:
    """The pages in the order they are shown in: tier, score with what counts beside it, each with its document's others.

    Pages of the first `strict` tiers stand before all the rest, of whatever document.
    Only pages of these offices, by their codes letter for letter: as tokens two codes may be one.
    """
    rows = session.execute(
        sqlalchemy.select(*_WEIGHED)
        .join(DocumentRow, col(PageRow.document_id) == col(DocumentRow.id))
        .where(col(PageRow.id).in_([hit.page_id for hit in found]))
    ).all()
    known = {row[0]: row for row in rows}
    weighed = []
    for hit in found:
        if hit.page_id not in known:
            continue
        _, _, corrected, dated, state, office = known[hit.page_id]
        if offices is not None and office not in offices:
            continue
        recent = min(max((dated.year - _FIRST_YEAR) / _SPAN, 0.0), 1.0) if dated else 0.0
        reviewed = corrected is not None or state == DocumentState.REVIEWED
        weighed.append(Found(hit.page_id, hit.tier, hit.score * (1 + _RECENT * recent + _REVIEWED * reviewed)))
    weighed.sort(key=lambda hit: (hit.tier, -hit.score))
    best: dict[tuple[bool, str], int] = {}
    for place, hit in enumerate(weighed):
        best.setdefault((hit.tier < strict, known[hit.page_id][1]), place)
    return sorted(weighed, key=lambda hit: best[hit.tier < strict, known[hit.page_id][1]])


def by_date(
    session: Session, found: Sequence[Found], offices: frozenset[str] | None = None, *, oldest_first: bool
) -> list[Found]:
    """The pages in the order of their documents' dates, those without one last; of one document in their own order."""
    statement = sqlalchemy.select(
        col(PageRow.id), col(PageRow.number), col(PageRow.document_id), col(DocumentRow.dated), col(DocumentRow.office)
    ).join(DocumentRow, col(PageRow.document_id) == col(DocumentRow.id))
    rows = session.execute(statement.where(col(PageRow.id).in_([hit.page_id for hit in found]))).all()
    known = {row.id: row for row in rows if offices is None or row.office in offices}

    def place(hit: Found) -> tuple[bool, int, str, int]:
        row = known[hit.page_id]
        day = row.dated.toordinal() if row.dated else 0
        return row.dated is None, day if oldest_first else -day, row.document_id, row.number or 0

    return sorted((hit for hit in found if hit.page_id in known), key=place)


def hits_of(session: Session, found: Sequence[Found], planned: Plan | None, asked: Asked) -> tuple[Hit, ...]:
    """The pages as hits, with the words marked."""
    statement = select(PageRow, DocumentRow).join(DocumentRow, col(PageRow.document_id) == col(DocumentRow.id))
    statement = statement.options(load_only(*_OF_PAGE), load_only(*_OF_DOCUMENT))
    rows = session.exec(statement.where(col(PageRow.id).in_([hit.page_id for hit in found])))
    known = {page.id: (page, document) for page, document in rows}
    looked_for = asked.looked_for
    names = [step.name for step in planned.steps] if planned else ["exact"]
    seen = planned.seen if planned else {}
    most = len(names)
    hits = []
    for hit in found:
        if hit.page_id in known:
            score = most - hit.tier - 1 + hit.score / (1 + hit.score)
            also = [AnyOf(((seen[hit.page_id],),))] if names[hit.tier] == "glimpsed" else []
            hits.append(_hit(*known[hit.page_id], score, [*looked_for, *also], names[hit.tier]))
    return tuple(hits)


def _hit(page: PageRow, document: DocumentRow, score: float, looked_for: Sequence[AnyOf], tier: str) -> Hit:
    text = snippets.text_of(page)
    where = snippets.begun(page, looked_for) if tier == "prefix" else snippets.places(text, looked_for)
    piece, marks = snippets.snippet(text, where)
    return Hit(
        document=document.id, page=page.number or 1, source_page=page.source_page, batch=document.batch_id,
        file_no=document.file_no, file_key=document.file_key, date=document.dated, subject=document.subject,
        office=document.office, kind=DocumentKind(document.kind), score=round(score, 4), snippet=piece,
        marks=tuple(marks), boxes=tuple(snippets.boxes(page, where)), tier=tier, state=DocumentState(document.state),
    )  # fmt: skip


def understood(
    asked: Asked, planned: Plan | None, key: str | None, total: int, may_tell: Callable[[str], bool]
) -> dict[str, object]:
    """How the question was taken: words, readings of Roman letters, what else was looked for, and what may be meant.

    Words that were not typed are told only where `may_tell` allows it.
    """
    every = [widened for choice in asked.words for widened in choice]
    heard = {w.item.tokens[0]: [word.token for word in w.readings] for w in every if w.readings}
    readings = {typed: [word for word in words if may_tell(word)] for typed, words in heard.items()}
    also = {w.item.tokens[0]: [word for word in w.also if may_tell(word)] for w in every if w.also}
    found: dict[str, object] = {
        "words": [token for widened in every for token in widened.item.tokens],
        "match": planned.match if planned else "all",
        "file_key": key,
        "tiers": [step.name for step in planned.steps] if planned else [],
        "readings": {typed: words for typed, words in readings.items() if words},
        "also": {typed: words for typed, words in also.items() if words},
        "did_you_mean": _meant(every, may_tell),
        "more": total >= MOST_COUNTED,
    }
    said = asked.said
    narrowed = {"file": said.file, "office": said.office, "from": said.since, "to": said.until}
    found["filters"] = {name: str(value) for name, value in narrowed.items() if value is not None}
    if said.never:
        found["without"] = [" ".join(item.tokens) for item in said.never]
    return found


def _meant(every: Sequence[Widened], may_tell: Callable[[str], bool]) -> str | None:
    """The question with the words that are nowhere, or hardly anywhere, put right."""
    meant = [widened.meant if widened.meant and may_tell(widened.meant) else None for widened in every]
    if not any(meant):
        return None
    return " ".join(word or " ".join(widened.item.tokens) for word, widened in zip(meant, every, strict=True))
