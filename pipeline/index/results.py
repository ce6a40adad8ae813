"""From pages that were found to what people see: order, marks, boxes, and how the query was understood."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlmodel import Session

from pipeline.db import page_text
from pipeline.db.tables import DocumentRow, PageRow
from pipeline.index import snippets
from pipeline.index.engines import MOST_COUNTED, AnyOf
from pipeline.index.expansion import ExpandedTerm, Tier, any_of
from pipeline.index.query import ParsedQuery
from pipeline.index.snippets import Sought
from pipeline.index.textindex import SUBJECT
from pipeline.index.tiers import NEAR_MATCH, FoundPage, SearchPlan
from pipeline.model.document import DocumentKind, DocumentState
from pipeline.model.page import Box
from pipeline.model.search import Hit, Understanding

_RECENT, _REVIEWED = 0.15, 0.1  # what a new document, and text that a person saw, add to a score
_FIRST_YEAR, _SPAN = 1950, 100  # years in which a document becomes new
# All that is asked here are columns: rows as objects take several times as long, and pages are wide.
_PAGE: Any = PageRow.__table__  # type: ignore[attr-defined]
_DOCUMENT: Any = DocumentRow.__table__  # type: ignore[attr-defined]
_THESE = _PAGE.c.id.in_(bindparam("pages", expanding=True))
_JOINED = _PAGE.join(_DOCUMENT, _PAGE.c.document_id == _DOCUMENT.c.id)
_WEIGHED = (
    select(
        _PAGE.c.id, _PAGE.c.document_id, _PAGE.c.corrected_at, _DOCUMENT.c.dated, _DOCUMENT.c.state, _DOCUMENT.c.office
    )
    .select_from(_JOINED)
    .where(_THESE)
)
_DATED = (
    select(_PAGE.c.id, _PAGE.c.number, _PAGE.c.document_id, _DOCUMENT.c.dated, _DOCUMENT.c.office)
    .select_from(_JOINED)
    .where(_THESE)
)
_FIELDS = select(_PAGE.c.id, _PAGE.c.source_page, _DOCUMENT.c.fields).select_from(_JOINED).where(_THESE)
_SHOWN = (
    select(
        _PAGE.c.id,
        _PAGE.c.document_id,
        _PAGE.c.number,
        _PAGE.c.source_page,
        _PAGE.c.text,
        _PAGE.c.corrected,
        _PAGE.c.words,
        _PAGE.c.width,
        _PAGE.c.height,
        _DOCUMENT.c.batch_id,
        _DOCUMENT.c.file_no,
        _DOCUMENT.c.file_key,
        _DOCUMENT.c.dated,
        _DOCUMENT.c.subject,
        _DOCUMENT.c.office,
        _DOCUMENT.c.kind,
        _DOCUMENT.c.state,
    )
    .select_from(_JOINED)
    .where(_THESE)
)


@dataclass(frozen=True, slots=True)
class SearchContext:
    """A query ready to be run."""

    parsed: ParsedQuery
    words: tuple[tuple[ExpandedTerm, ...], ...]
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
    session: Session, found: Sequence[FoundPage], strict: int, offices: frozenset[str] | None = None
) -> list[FoundPage]:
    """The pages in the order they are shown in: tier, score with what counts beside it, each with its document's others.

    Pages of the first `strict` tiers stand before all the rest, of whatever document.
    Only pages of these offices, by their codes letter for letter: as tokens two codes may be one.
    """
    rows = _rows(session, _WEIGHED, found)
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
        weighed.append(FoundPage(hit.page_id, hit.tier, hit.score * (1 + _RECENT * recent + _REVIEWED * reviewed)))
    weighed.sort(key=lambda hit: (hit.tier, -hit.score))
    best: dict[tuple[bool, str], int] = {}
    for place, hit in enumerate(weighed):
        best.setdefault((hit.tier < strict, known[hit.page_id][1]), place)
    return sorted(weighed, key=lambda hit: best[hit.tier < strict, known[hit.page_id][1]])


def by_date(
    session: Session, found: Sequence[FoundPage], offices: frozenset[str] | None = None, *, oldest_first: bool
) -> list[FoundPage]:
    """The pages in the order of their documents' dates, those without one last; of one document in their own order."""
    rows = _rows(session, _DATED, found)
    known = {row.id: row for row in rows if offices is None or row.office in offices}

    def place(hit: FoundPage) -> tuple[bool, int, str, int]:
        row = known[hit.page_id]
        day = row.dated.toordinal() if row.dated else 0
        return row.dated is None, day if oldest_first else -day, row.document_id, row.number or 0

    return sorted((hit for hit in found if hit.page_id in known), key=place)


def hits_of(
    session: Session, found: Sequence[FoundPage], planned: SearchPlan | None, context: SearchContext
) -> tuple[Hit, ...]:
    """The pages as hits, with the words marked."""
    known = {row.id: row for row in _rows(session, _SHOWN, found)}
    every = context.looked_for
    looked_for, begun = Sought.of(every), Sought.of(every, begun=True)
    names = [step.name for step in planned.steps] if planned else ["exact"]
    seen = planned.seen if planned else {}
    # What was misread or is written otherwise stands in no token that is looked for.
    numbers = _numbers(session, [hit for hit in found if names[hit.tier].startswith("file")])
    most = len(names)
    hits = []
    for hit in found:
        if hit.page_id in known:
            score, tier = most - hit.tier - 1 + hit.score / (1 + hit.score), names[hit.tier]
            sought = begun if tier == "prefix" else looked_for
            if tier == NEAR_MATCH:
                sought = Sought.of([*every, AnyOf(((seen[hit.page_id],),))])
            hits.append(_hit(known[hit.page_id], score, sought, tier, numbers.get(hit.page_id)))
    return tuple(hits)


def _numbers(session: Session, found: Sequence[FoundPage]) -> dict[int, Box]:
    """Where the file numbers of documents stand, on those of the pages that have them."""
    boxes = {}
    for page, source_page, fields in _rows(session, _FIELDS, found) if found else ():
        number = fields.get("file_no") or {}
        if number.get("box") and number.get("source_page") in (None, source_page):
            boxes[page] = Box(**number["box"])
    return boxes


def _rows(session: Session, statement: Select[Any], found: Sequence[FoundPage]) -> Sequence[Any]:
    """These columns of the pages found, straight from the connection."""
    return session.connection().execute(statement, {"pages": [hit.page_id for hit in found]}).all()


def _hit(row: Any, score: float, sought: Sought, tier: str, number: Box | None) -> Hit:
    text = page_text.text_of(row)
    where = sought.places(text)
    piece, marks = snippets.snippet(text, where)
    boxes = snippets.boxes(row, where)
    if number is not None and not boxes:
        x, y, w, h = number.fractions(max(row.width, 1), max(row.height, 1))
        boxes = [(x, y, w, h)]
    return Hit(
        document=row.document_id,
        page=row.number or 1,
        source_page=row.source_page,
        batch=row.batch_id,
        file_no=row.file_no,
        file_key=row.file_key,
        date=row.dated,
        subject=row.subject,
        office=row.office,
        kind=DocumentKind(row.kind),
        score=round(score, 4),
        snippet=piece,
        marks=tuple(marks),
        boxes=tuple(boxes),
        tier=tier,
        state=DocumentState(row.state),
    )


def understood(
    context: SearchContext, planned: SearchPlan | None, key: str | None, total: int, may_tell: Callable[[str], bool]
) -> Understanding:
    """How the query was taken. Words that were not typed are named only where `may_tell` allows it."""
    terms = [term for choice in context.words for term in choice]
    readings = {term.item.tokens[0]: [word.token for word in term.readings] for term in terms if term.readings}
    found = Understanding(
        words=[token for term in terms for token in term.item.tokens],
        match=planned.match if planned else "all",
        file_key=key,
        tiers=[step.name for step in planned.steps] if planned else [],
        readings=_named(readings, may_tell),
        also=_named({term.item.tokens[0]: term.also for term in terms if term.also}, may_tell),
        did_you_mean=_meant(terms, may_tell),
        more=total >= MOST_COUNTED,
        cut=context.parsed.cut,
        filters=_filters(context.parsed),
    )
    if context.parsed.never:
        found["without"] = [" ".join(item.tokens) for item in context.parsed.never]
    return found


def _named(words: Mapping[str, Sequence[str]], may_tell: Callable[[str], bool]) -> dict[str, list[str]]:
    """By the typed word, those of its words that may be named; without any, it is left out."""
    return {typed: named for typed, some in words.items() if (named := [word for word in some if may_tell(word)])}


def _filters(parsed: ParsedQuery) -> dict[str, str]:
    values = {"file": parsed.file, "office": parsed.office, "from": parsed.since, "to": parsed.until}
    return {name: str(value) for name, value in values.items() if value is not None}


def _meant(terms: Sequence[ExpandedTerm], may_tell: Callable[[str], bool]) -> str | None:
    """The query with the words that are nowhere, or hardly anywhere, put right."""
    meant = [term.meant if term.meant and may_tell(term.meant) else None for term in terms]
    if not any(meant):
        return None
    return " ".join(word or " ".join(term.item.tokens) for word, term in zip(meant, terms, strict=True))
