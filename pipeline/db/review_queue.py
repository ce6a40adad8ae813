"""The documents that wait for a person, the most doubtful first; and who has one open just now.

`doubts` writes what is in doubt; `corrections` holds what people change.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select
from sqlmodel import col

from pipeline.db.database import Database, now
from pipeline.db.leases import CLOCK_SKEW
from pipeline.db.review_tables import DoubtReasonRow, DoubtRow, EditLockRow
from pipeline.db.tables import DocumentRow, PageRow
from pipeline.model.document import DocumentState

LONGEST_EDIT_LOCK_MINUTES = 120.0  # the most that `review.hand_minutes` may be
_MOST_FILES = 30  # file numbers that are offered as a filter, those with the most documents
_FILTERS = {"office": "office", "kind": "kind", "file": "file_key", "reason": "reason"}  # and what they are of `Wanted`
_SCORE = col(DoubtRow.score)
_MANY, _KEPT_SECONDS = 20_000, 30.0  # of so many documents counting takes a while, and each one changes little


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Which documents: of one office, file, kind, with one reason; those that wait, or those of another state."""

    office: str | None = None
    file_key: str | None = None
    kind: str | None = None
    reason: str | None = None
    state: str = DocumentState.NEEDS_REVIEW


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One document of the queue. `locked_by` is who else has it open."""

    document: str
    batch: str
    kind: str
    state: str
    office: str | None
    file_no: str | None
    dated: date | None
    subject: str | None
    pages: int
    doubt: float
    reasons: tuple[str, ...] = ()
    locked_by: str | None = None


@dataclass(frozen=True, slots=True)
class ReviewList:
    """A stretch of the queue, how long it is in all, and how many documents each filter would leave.

    Of a long queue these counts may be half a minute old.
    """

    entries: tuple[ReviewItem, ...]
    total: int
    counts: dict[str, dict[str, int]] = field(default_factory=dict)


class ReviewQueue:
    """The review queue. `offices` are those whose documents may be seen; None stands for every one."""

    def __init__(self, database: Database, *, edit_lock_minutes: float = LONGEST_EDIT_LOCK_MINUTES) -> None:
        self.database = database
        self.edit_lock = timedelta(minutes=edit_lock_minutes)
        self._counted: dict[tuple[str, ReviewFilter, frozenset[str] | None], tuple[float, dict[str, int]]] = {}

    def look(
        self, wanted: ReviewFilter, offices: Collection[str] | None, by: str, *, limit: int = 50, offset: int = 0
    ) -> ReviewList:
        """The most doubtful documents first, those of one doubt as they were scanned."""
        pages = select(func.count(col(PageRow.id))).where(PageRow.document_id == col(DocumentRow.id)).scalar_subquery()  # type: ignore[arg-type]
        query = (
            self._joined(select(DocumentRow, _SCORE, pages, EditLockRow.by), by)  # type: ignore[call-overload]
            .where(_where(wanted, offices, by_doubt=True))
            .order_by(_SCORE.desc(), col(DoubtRow.document_id))
        )
        with self.database.read() as session:
            rows = session.execute(query.limit(limit).offset(offset)).all()
            reasons = self._reasons(session, [row.id for row, *_ in rows])
            where = _where(wanted, offices)
            total = session.execute(select(func.count()).select_from(DocumentRow).where(where)).scalar_one()
            counts = self._counts(session, wanted, offices)
        entries = tuple(
            ReviewItem(
                row.id,
                row.batch_id,
                row.kind,
                row.state,
                row.office,
                row.file_no,
                row.dated,
                row.subject,
                count,
                score,
                reasons.get(row.id, ()),
                locked_by,
            )
            for row, score, count, locked_by in rows
        )
        return ReviewList(entries, total, counts)

    def around(
        self, document: str, wanted: ReviewFilter, offices: Collection[str] | None, by: str
    ) -> tuple[str | None, str | None]:
        """The documents before and after this one in the queue, past those that another person has open. Behind the last one
        the queue begins anew, and so for a document that stands in no queue."""
        ident = col(DoubtRow.document_id)
        free = self._joined(select(ident), by).where(
            _where(wanted, offices, by_doubt=True), ident != document, col(EditLockRow.by).is_(None)
        )
        with self.database.read() as session:
            its_own = select(_SCORE).join(DocumentRow, col(DocumentRow.id) == ident).where(ident == document)
            if offices is not None:  # where another office's document stands in its queue is not shown
                its_own = its_own.where(col(DocumentRow.office).in_(sorted(offices)))
            score = session.execute(its_own).scalar()
            onward = free.order_by(_SCORE.desc(), ident).limit(1)
            if score is None:  # it stands in no queue, or none is named: the first is next
                return None, session.execute(onward).scalar()
            # Each begins with a bound on the score alone, from which the index is read.
            later = and_(score >= _SCORE, or_(score > _SCORE, ident > document))
            earlier = and_(score <= _SCORE, or_(score < _SCORE, ident < document))
            following = session.execute(onward.where(later)).scalar() or session.execute(onward).scalar()
            back = free.where(earlier).order_by(_SCORE, ident.desc()).limit(1)
            return session.execute(back).scalar(), following

    def _joined(self, query: Select[Any], by: str) -> Select[Any]:
        """Add who else has each document open. An edit lock that ends further ahead than it can does not count."""
        until = col(EditLockRow.until)
        held = and_(
            col(EditLockRow.document_id) == col(DocumentRow.id),
            until > now(),
            until <= now() + self.edit_lock + CLOCK_SKEW,
            col(EditLockRow.by) != by,
        )
        return (
            query.select_from(DoubtRow)
            .join(DocumentRow, col(DoubtRow.document_id) == col(DocumentRow.id))
            .outerjoin(EditLockRow, held)
        )

    def _reasons(self, session: Any, documents: list[str]) -> dict[str, tuple[str, ...]]:
        query = select(DoubtReasonRow.document_id, DoubtReasonRow.reason).where(  # type: ignore[call-overload]
            col(DoubtReasonRow.document_id).in_(documents)
        )
        found: dict[str, tuple[str, ...]] = {}
        for document, reason in session.execute(query.order_by(col(DoubtReasonRow.reason))):
            found[document] = (*found.get(document, ()), reason)
        return found

    def _counts(self, session: Any, wanted: ReviewFilter, offices: Collection[str] | None) -> dict[str, dict[str, int]]:
        """What each filter would leave; of a long queue as it was counted some seconds ago."""
        whole = select(func.count()).select_from(DocumentRow).where(_where(ReviewFilter(state=wanted.state), offices))
        is_long = session.execute(whole).scalar_one() >= _MANY
        seen, oldest = None if offices is None else frozenset(offices), monotonic() - _KEPT_SECONDS
        self._counted = {asked: kept for asked, kept in list(self._counted.items()) if kept[0] > oldest}
        found = {}
        for name, own in _FILTERS.items():
            chosen: Any = {own: None}  # what is chosen of a filter does not narrow its own counts
            asked = name, replace(wanted, **chosen), seen
            kept = self._counted.get(asked) if is_long else None
            if kept is None:
                kept = monotonic(), self._count(session, name, wanted, offices)
                if is_long:
                    self._counted[asked] = kept
            found[name] = kept[1]
        return found

    def _count(self, session: Any, name: str, wanted: ReviewFilter, offices: Collection[str] | None) -> dict[str, int]:
        """How many documents there are of each value of a filter, the other filters being as they are."""
        columns: dict[str, Any] = {
            "office": col(DocumentRow.office),
            "kind": col(DocumentRow.kind),
            "file": col(DocumentRow.file_key),
            "reason": col(DoubtReasonRow.reason),
        }
        column, number = columns[name], func.count()  # a document has a reason once
        query = select(column, number).select_from(DocumentRow).where(_where(wanted, offices, besides=name))
        if name == "reason":
            query = query.join(DoubtReasonRow, col(DoubtReasonRow.document_id) == col(DocumentRow.id))
        query = query.where(column.is_not(None)).group_by(column).order_by(number.desc(), column).limit(_MOST_FILES)
        return {str(value): int(count) for value, count in session.execute(query)}

    # --- hands ---------------------------------------------------------------------------------------------------

    def acquire_edit_lock(self, document: str, by: str, minutes: float) -> str | None:
        """Take the edit lock of a document; returns the other person who holds it, and then takes nothing."""
        with self.database.write() as session:
            row = session.get(EditLockRow, document)
            if row is not None and row.by != by and now() < row.until <= now() + self.edit_lock + CLOCK_SKEW:
                return row.by
            if session.get(DocumentRow, document) is not None:
                session.merge(EditLockRow(document_id=document, by=by, until=now() + timedelta(minutes=minutes)))
            return None

    def release_edit_lock(self, document: str, by: str) -> None:
        with self.database.write() as session:
            session.execute(
                delete(EditLockRow).where(col(EditLockRow.document_id) == document, col(EditLockRow.by) == by)
            )


def _where(
    wanted: ReviewFilter, offices: Collection[str] | None, *, besides: str = "", by_doubt: bool = False
) -> ColumnElement[bool]:
    """`by_doubt` is for the first few in the order of doubt: they are found by that order, not by their state or kind."""
    state: Any = col(DocumentRow.state)
    kind: Any = col(DocumentRow.kind)
    if by_doubt:  # expressions, for which no index is used
        state, kind = state.concat(""), kind.concat("")
    found: list[ColumnElement[bool]] = [state == wanted.state]
    if offices is not None:
        found.append(col(DocumentRow.office).in_(sorted(offices)))
    given = {"office": wanted.office, "file": wanted.file_key, "kind": wanted.kind}
    columns: dict[str, Any] = {
        "office": col(DocumentRow.office),
        "file": col(DocumentRow.file_key),
        "kind": kind,
    }
    found += [columns[name] == value for name, value in given.items() if value is not None and name != besides]
    if wanted.reason is not None and besides != "reason":
        ident, reason = col(DoubtReasonRow.document_id), col(DoubtReasonRow.reason)
        having = select(ident).where(reason == wanted.reason)
        each = having.where(ident == col(DocumentRow.id)).exists()
        found.append(each if by_doubt else col(DocumentRow.id).in_(having))
    return and_(*found)
