"""What narrows a search: office, dates, kind, state and file, as tokens of the full text or as conditions on the rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, text
from sqlmodel import Session, col, select

from pipeline.db.tables import DocumentRow, IndexedRow, PageRow
from pipeline.index import hindi
from pipeline.index.engines import MOST_COUNTED, AnyOf
from pipeline.index.textindex import KIND, OFFICE, STATE, YEAR, code_token, office_token
from pipeline.index.tiers import FoundPage
from pipeline.model.search import Query

# The offices of all documents, from one to the next in the index.
_OFFICES = text(
    "WITH RECURSIVE one(office) AS (SELECT min(office) FROM document UNION ALL"
    " SELECT (SELECT min(office) FROM document WHERE document.office > one.office) FROM one WHERE one.office IS NOT NULL)"
    " SELECT office FROM one WHERE office IS NOT NULL"
)
_LONGEST_SPAN = 60  # years that are asked for one by one


def is_current(session: Session) -> bool:
    """Whether every page in the full text stands under the tokens of this version, those of the filters among them."""
    older = select(IndexedRow.page_id).where(IndexedRow.version < hindi.VERSION).limit(1)
    return session.exec(older).first() is None


def are_distinct(session: Session, offices: frozenset[str] | None) -> bool:
    """Whether the tokens of these offices stand for no other office that has documents: as tokens tehsil-1 and tehsil-01 are
    one. Where they do, only the codes on the rows tell what somebody may see."""
    if offices is None:
        return True
    ours = {office_token(office) for office in offices}
    return all(office in offices or office_token(office) not in ours for (office,) in session.execute(_OFFICES))


def tokens(query: Query) -> tuple[AnyOf, ...]:
    """The filters that are tokens: with them even a common word is narrowed at once."""
    found = []
    if query.office:
        found.append(AnyOf(((OFFICE + office_token(query.office),),)))
    if query.offices:
        found.append(AnyOf(tuple((OFFICE + office_token(office),) for office in sorted(query.offices))))
    if query.kind:
        found.append(AnyOf(((KIND + code_token(query.kind),),)))
    if query.state:
        found.append(AnyOf(((STATE + code_token(query.state),),)))
    if years := _years(query):
        found.append(AnyOf(tuple((f"{YEAR}{year}",) for year in years)))
    return tuple(found)


def _years(query: Query) -> range:
    """The years that the wanted days touch; none where there are too many to ask for."""
    if query.since is None:
        return range(0)
    last = query.until.year if query.until else max(date.today().year + 1, query.since.year)
    years = range(query.since.year, last + 1)
    return years if 0 < len(years) <= _LONGEST_SPAN else range(0)


def _whole_years(query: Query) -> bool:
    starts = query.since is not None and (query.since.month, query.since.day) == (1, 1)
    return starts and (query.until is None or (query.until.month, query.until.day) == (12, 31))


def within(query: Query, files: Sequence[str], *, by_tokens: bool) -> Select[Any] | None:
    """The pages that the filters leave, but for those that are asked for as tokens; None where nothing narrows.

    `files` are the keys of the files that are meant, where one is.
    """
    conditions: list[ColumnElement[bool]] = []
    if query.file_no is not None:
        conditions.append(col(DocumentRow.file_key).in_(files))
    if query.office and not by_tokens:
        conditions.append(func.lower(col(DocumentRow.office)) == query.office.lower())
    if query.offices is not None and not (by_tokens and query.offices):
        conditions.append(col(DocumentRow.office).in_(sorted(query.offices)))
    if query.kind and not by_tokens:
        conditions.append(col(DocumentRow.kind) == query.kind)
    if query.state and not by_tokens:
        conditions.append(col(DocumentRow.state) == query.state)
    if not (by_tokens and _years(query) and _whole_years(query)):
        if query.since:
            conditions.append(col(DocumentRow.dated) >= query.since)
        if query.until:
            conditions.append(col(DocumentRow.dated) <= query.until)
    if not conditions:
        return None
    joined = select(PageRow.id).join(DocumentRow, col(PageRow.document_id) == col(DocumentRow.id))
    return joined.where(*conditions)


def browse(
    session: Session, narrowed: Select[Any] | None, offset: int, limit: int, *, oldest_first: bool = False
) -> tuple[int, list[FoundPage]]:
    """Without words: the first pages of the documents that the filters leave, the newest first or the oldest."""
    if narrowed is None:
        return 0, []
    first = narrowed.where(col(PageRow.number) == 1)
    total = session.execute(select(func.count()).select_from(first.limit(MOST_COUNTED).subquery())).scalar_one()
    dated = col(DocumentRow.dated)
    order = (dated.is_(None), dated) if oldest_first else (dated.desc(),)
    ordered = first.order_by(*order, col(DocumentRow.id))
    rows = session.execute(ordered.offset(offset).limit(limit))
    return int(total), [FoundPage(int(row[0]), 0, 0.0) for row in rows]
