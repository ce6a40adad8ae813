"""What the operator's page asks of the rows: what is in work, what went wrong, what is done, how fast it goes.

Nothing is written here. Page texts are never read for it: the counts come out of two indexes of `page`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Select, func
from sqlmodel import Session, col, select

from pipeline.db.database import Database, now
from pipeline.db.inbox_tables import VersionRow
from pipeline.db.page_offices import page_in
from pipeline.db.tables import ArrivalRow, BatchRow, DocumentRow, PageRow
from pipeline.model.batch import BatchState
from pipeline.model.scan import ScanVersion
from pipeline.model.scanning import PageThumb, Repeat, ScanProgress, ScanRate, Trouble

choose: Callable[..., Select[Any]] = sqlalchemy.select  # of columns, not of rows
Offices = frozenset[str] | None  # those that somebody may see; None stands for every one

_UNDER_WAY = (BatchState.RECEIVED, BatchState.WORKING)
_TROUBLED = (BatchState.FAILED, BatchState.REJECTED)
_SHEETS = 8  # pages shown of each batch
_MOST_ARRIVALS = 200  # looked through for files that came a second time
_HOURS = 12
_VERSIONS_SHOWN = timedelta(days=7)  # so long a scan that has a newer version is listed


class ScanningRepository:
    """Questions about work. Every method is one consistent picture."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def mark(self) -> str:
        """A short text that changes whenever a page is read or a batch changes its state: six look-ups in indexes."""
        states = (*_UNDER_WAY, *_TROUBLED)
        with self.database.read() as session:
            found = [
                session.execute(statement).one_or_none()
                for statement in (
                    choose(func.max(ArrivalRow.id)),
                    choose(func.max(PageRow.read_at)),
                    choose(func.max(BatchRow.filed_at)),
                    choose(func.max(VersionRow.at)),
                    choose(func.max(BatchRow.error_at)).where(col(BatchRow.state).in_(_TROUBLED)),
                )
            ]
            counts = session.execute(
                choose(BatchRow.state, func.count())
                .where(col(BatchRow.state).in_(states))
                .group_by(col(BatchRow.state))
            ).all()
        seen = repr([[str(value) for value in row or ()] for row in (*found, *sorted(map(tuple, counts)))])
        return hashlib.sha256(seen.encode()).hexdigest()[:16]

    def under_way(self, offices: Offices, limit: int) -> tuple[tuple[ScanProgress, ...], int]:
        """Batches that are worked on, then those that wait for a worker; and how many there are in all."""
        where = _of(offices, _UNDER_WAY)
        order = (col(BatchRow.state).desc(), col(BatchRow.received_at).desc())  # "working" before "received"
        return self._scans(where, order, limit, offices)

    def troubled(self, offices: Offices, limit: int) -> tuple[tuple[ScanProgress, ...], int]:
        """Batches that failed or were rejected, the newest trouble first; and how many there are in all."""
        return self._scans(_of(offices, _TROUBLED), (col(BatchRow.error_at).desc(),), limit, offices)

    def done(self, offices: Offices, limit: int) -> tuple[ScanProgress, ...]:
        """The batches that were filed last."""
        where = [*_of(offices, (BatchState.FILED,)), col(BatchRow.filed_at).is_not(None)]
        return self._scans(where, (col(BatchRow.filed_at).desc(),), limit, offices, counted=False)[0]

    def repeats(self, offices: Offices, limit: int) -> tuple[Repeat, ...]:
        """The files that came a second time, among the newest arrivals."""
        with self.database.read() as session:
            last = session.execute(choose(func.max(ArrivalRow.id))).scalar() or 0
            query = (
                select(ArrivalRow)
                .join(BatchRow, col(BatchRow.id) == col(ArrivalRow.batch_id))
                .where(col(ArrivalRow.id) > last - _MOST_ARRIVALS, ArrivalRow.outcome == "duplicate")
                .where(*_of(offices))
                .order_by(col(ArrivalRow.id).desc())
                .limit(limit)
            )
            return tuple(Repeat(row.name, row.batch_id, row.arrived_at) for row in session.exec(query))

    def versions(self, offices: Offices, limit: int) -> tuple[ScanVersion, ...]:
        """The scans of the last days of which a newer version came, or may have come, the newest first."""
        query = (
            choose(VersionRow.__table__, BatchRow.name, BatchRow.office)  # type: ignore[attr-defined]
            .join(BatchRow, col(BatchRow.id) == col(VersionRow.newer_id))
            .where(col(VersionRow.at) >= now() - _VERSIONS_SHOWN, *_of(offices))
            .order_by(col(VersionRow.at).desc())
            .limit(limit)
        )
        with self.database.read() as session:
            return tuple(
                ScanVersion(row.older_id, row.newer_id, row.reason, row.certain, row.at, row.name, row.office)
                for row in session.execute(query)
            )

    def pace(self, offices: Offices, at: datetime) -> ScanRate:
        """Pages read since midnight, in the last hour, and by the hour. `at` is the present moment with its zone."""
        local = at.astimezone()
        hour = local.replace(minute=0, second=0, microsecond=0)
        edges = [hour - timedelta(hours=back) for back in reversed(range(_HOURS))]
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        with self.database.read() as session:
            times = [(edge, self._read_between(session, offices, edge, edge + timedelta(hours=1))) for edge in edges]
            today = self._read_between(session, offices, midnight, at)
            return ScanRate(today, self._read_between(session, offices, at - timedelta(hours=1), at), tuple(times))

    def _read_between(self, session: Session, offices: Offices, since: datetime, until: datetime) -> int:
        query = (
            choose(func.count()).select_from(PageRow).where(col(PageRow.read_at) >= since, col(PageRow.read_at) < until)
        )
        if offices is not None:
            query = query.join(BatchRow, col(BatchRow.id) == col(PageRow.batch_id)).where(*_of(offices))
        return int(session.execute(query).scalar_one())

    def office_of(self, batch: str) -> tuple[bool, str | None]:
        """Whether there is such a batch, and its office."""
        with self.database.read() as session:
            found = session.execute(choose(BatchRow.office).where(col(BatchRow.id) == batch)).one_or_none()
            return found is not None, found[0] if found else None

    def image_of(self, batch: str, page: int) -> tuple[str, datetime] | None:
        """The key of a page's image, and when it was made; None where there is no such page yet."""
        query = choose(PageRow.image_key, PageRow.read_at).where(
            col(PageRow.batch_id) == batch, col(PageRow.source_page) == page
        )
        with self.database.read() as session:
            found = session.execute(query).one_or_none()
            return (found[0], found[1]) if found and found[0] else None

    def _scans(
        self,
        where: Sequence[ColumnElement[bool]],
        order: Sequence[Any],
        limit: int,
        offices: Offices,
        *,
        counted: bool = True,
    ) -> tuple[tuple[ScanProgress, ...], int]:
        """Batches with their newest pages and their documents, of both only those that belong to these offices."""
        with self.database.read() as session:
            rows = session.exec(select(BatchRow).where(*where).order_by(*order).limit(limit)).all()
            count = len(rows)
            if counted and count == limit:
                count = session.execute(choose(func.count()).select_from(BatchRow).where(*where)).scalar_one()
            idents = [row.id for row in rows]
            done, sheets = _pages_done(session, idents), _newest_sheets(session, idents, offices)
            documents = _documents(session, idents, offices)
        return tuple(
            _scan(row, done.get(row.id, 0), sheets.get(row.id, ()), documents.get(row.id, ())) for row in rows
        ), count


def _of(offices: Offices, states: Iterable[BatchState] = ()) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [col(BatchRow.state).in_(list(states))] if states else []
    return where if offices is None else [*where, col(BatchRow.office).in_(sorted(offices))]


def _pages_done(session: Session, batches: Sequence[str]) -> dict[str, int]:
    query = choose(PageRow.batch_id, func.count()).where(
        col(PageRow.batch_id).in_(batches), col(PageRow.stale).is_(False)
    )
    return {batch: count for batch, count in session.execute(query.group_by(col(PageRow.batch_id)))}  # noqa: C416 - rows are no pairs


def _newest_sheets(session: Session, batches: Sequence[str], offices: Offices) -> dict[str, tuple[PageThumb, ...]]:
    """The pages of each batch that were read last, those first; only pages of these offices."""
    place = func.row_number().over(partition_by=col(PageRow.batch_id), order_by=col(PageRow.read_at).desc())
    ranked = (
        choose(col(PageRow.id).label("id"), place.label("place"))
        .join(BatchRow, col(BatchRow.id) == col(PageRow.batch_id))
        .outerjoin(DocumentRow, col(DocumentRow.id) == col(PageRow.document_id))
        .where(col(PageRow.batch_id).in_(batches), col(PageRow.stale).is_(False), *page_in(offices))
        .subquery()
    )
    query = (
        choose(PageRow.batch_id, PageRow.source_page, PageRow.read_at, PageRow.document_id, PageRow.number)
        .join(ranked, ranked.c.id == col(PageRow.id))
        .where(ranked.c.place <= _SHEETS)
        .order_by(ranked.c.place)
    )
    found: dict[str, tuple[PageThumb, ...]] = {}
    for batch, page, read_at, document, number in session.execute(query):
        found[batch] = (*found.get(batch, ()), PageThumb(batch, page, read_at, document, number))
    return found


def _documents(session: Session, batches: Sequence[str], offices: Offices) -> dict[str, tuple[str, ...]]:
    query = choose(DocumentRow.batch_id, DocumentRow.id).where(col(DocumentRow.batch_id).in_(batches))
    if offices is not None:
        query = query.where(col(DocumentRow.office).in_(sorted(offices)))
    found: dict[str, tuple[str, ...]] = {}
    for batch, document in session.execute(query.order_by(col(DocumentRow.first_page))):
        found[batch] = (*found.get(batch, ()), document)
    return found


def _scan(row: BatchRow, done: int, sheets: tuple[PageThumb, ...], documents: tuple[str, ...]) -> ScanProgress:
    state = BatchState(row.state)
    trouble = None
    if row.error_code:
        again = row.next_try_at if state is BatchState.FAILED else None
        trouble = Trouble(row.error_code, row.error_en or "", row.error_hi or "", row.error_at or now(), again)
    ended = {BatchState.FILED: row.filed_at, BatchState.FAILED: row.error_at, BatchState.REJECTED: row.error_at}
    return ScanProgress(
        batch=row.id,
        name=row.name,
        office=row.office,
        operator=row.scan_metadata.get("operator"),
        state=state,
        pages=row.pages,
        done=done,
        received_at=row.received_at,
        ended_at=ended.get(state),
        trouble=trouble,
        sheets=sheets,
        documents=documents,
    )
