"""The rows as the queue: who may work on which batch.

A batch is claimed with a lease; whoever holds it renews it while working. A lease that has run out, whose holder cannot be
alive, or that ends further ahead than it can, is taken over by anybody (`leases`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_, update
from sqlmodel import Session, col, select

from pipeline.db.database import Database, now
from pipeline.db.leases import CLOCK_SKEW, USUAL, is_over
from pipeline.db.rows import batch_from, geometry_values
from pipeline.db.tables import BatchRow, PageRow
from pipeline.errors import AbhilekhError, Kind, NotFoundError, UsageError
from pipeline.model.batch import Batch, BatchState
from pipeline.model.page import PERSON, Geometry

_MOST_TRIES = 5  # of a batch whose failure time does not heal


class BatchQueue:
    """Claims, leases and outcomes of batches. Every method is one transaction."""

    def __init__(self, database: Database, *, owner: str, lease_seconds: float) -> None:
        self.database = database
        self.owner = owner
        self.lease = timedelta(seconds=lease_seconds)

    def claim(self, wanted: str | None = None, *, besides: Collection[str] = ()) -> Batch | None:
        """The oldest batch that waits, failed and is due, or whose worker died; and where there is none, a filed one that
        has pages to be tried again. None when there is nothing to do.

        `wanted` claims that batch or nothing; none of `besides` is claimed.
        """
        with self.database.write() as session:
            free = or_(_claimable(), *self._abandoned(session))
            query = select(BatchRow).where(free).order_by(col(BatchRow.received_at)).limit(1)
            if besides:
                query = query.where(col(BatchRow.id).not_in(besides))
            if wanted:
                query = query.where(BatchRow.id == wanted)
            later = select(BatchRow).where(_due_again()).order_by(col(BatchRow.next_try_at)).limit(1)
            if besides:
                later = later.where(col(BatchRow.id).not_in(besides))
            if not self.database.is_sqlite:
                query, later = (one.with_for_update(skip_locked=True) for one in (query, later))
            row = session.exec(query).first() or (None if wanted else session.exec(later).first())
            if row is None:
                return None
            row.state, row.lease_owner = BatchState.WORKING, self.owner
            row.lease_until, row.lease_seconds = now() + self.lease, self.lease.total_seconds()
            row.tries += 1
            session.add(row)
            return batch_from(row)

    def leased(self) -> list[str]:
        """Batches that somebody works on now."""
        with self.database.read() as session:
            rows = session.exec(select(BatchRow).where(BatchRow.state == BatchState.WORKING))
            return [row.id for row in rows if not lease_is_over(row, self.lease)]

    def _abandoned(self, session: Session) -> list[ColumnElement[bool]]:
        """Conditions for the batches whose lease is over although its time is not. Each holds as long as that lease does:
        somebody else may take the batch in between."""
        query = select(BatchRow).where(BatchRow.state == BatchState.WORKING, col(BatchRow.lease_until) > now())
        return [
            and_(
                col(BatchRow.id) == row.id,
                col(BatchRow.lease_owner) == row.lease_owner,
                col(BatchRow.lease_until) == row.lease_until,
            )
            for row in session.exec(query)
            if lease_is_over(row, self.lease)
        ]

    def renew(self, batch: str) -> bool:
        """Hold the lease for another while; False when it is no longer ours."""
        with self.database.write() as session:
            done = session.execute(
                update(BatchRow)
                .where(col(BatchRow.id) == batch, col(BatchRow.lease_owner) == self.owner)
                .values(lease_until=now() + self.lease, lease_seconds=self.lease.total_seconds())
            )
            return bool(getattr(done, "rowcount", 0))

    def release(self, batch: str) -> None:
        """Give an unfinished batch back, as when the worker is asked to stop: it is no failure and no try."""
        with self.database.write() as session:
            row = session.get(BatchRow, batch)
            if row and row.lease_owner == self.owner:
                row.state = BatchState.RECEIVED
                end_lease(row)
                row.tries = max(row.tries - 1, 0)
                session.add(row)

    def fail(self, batch: str, error: AbhilekhError, *, pause_seconds: float) -> None:
        """Record why the batch failed. What time may heal is tried again after the pause, for as long as it takes;
        what is our own fault a few times, then it waits for `retry`; what is the input's fault never."""
        with self.database.write() as session:
            row = session.get(BatchRow, batch)
            if row is None or row.state == BatchState.SUPERSEDED:
                return
            row.state = BatchState.REJECTED if error.kind is Kind.INPUT else BatchState.FAILED
            end_lease(row)
            heals = error.kind in (Kind.TRANSIENT, Kind.MISSING)
            row.next_try_at = now() + timedelta(seconds=pause_seconds) if heals or row.tries < _MOST_TRIES else None
            note_error(row, error)
            session.add(row)

    def put_back(self, batches: list[str] | None, *, redo: bool) -> list[str]:
        """Make failed batches due at once (all, or the named), those whose worker cannot be alive, and filed ones for their
        pages that hit a limit; `redo` puts finished ones back as well.

        With `redo` every page is read again; what is searchable stays so until it is replaced.
        """
        states = [BatchState.FAILED, BatchState.REJECTED, *([BatchState.FILED] if redo else [])]
        with self.database.write() as session:
            unfinished = (col(BatchRow.state) == BatchState.FILED) & col(BatchRow.id).in_(
                select(PageRow.batch_id).where(col(PageRow.stale))
            )
            query = select(BatchRow).where(col(BatchRow.state).in_([*states, BatchState.WORKING]) | unfinished)
            if batches:
                query = query.where(col(BatchRow.id).in_(batches))
            # A file that never opened has no pages.
            rows = [row for row in session.exec(query) if row.pages > 0 and not self._is_worked_on(row)]
            for row in rows:
                end_lease(row)
                row.state, row.next_try_at, row.tries = BatchState.RECEIVED, None, 0
                session.add(row)
                if redo:
                    session.execute(update(PageRow).where(col(PageRow.batch_id) == row.id).values(stale=True))
            return [row.id for row in rows]

    def _is_worked_on(self, row: BatchRow) -> bool:
        return row.state == BatchState.WORKING and not lease_is_over(row, self.lease)

    def turn_page(self, batch: str, page: int, rotated: int, skew_degrees: float | None) -> None:
        """Record how a page lies in its scan, as a person found it, and requeue its batch to have that page done again.

        Without a skew, it will be measured on the page so turned. Raises `NotFoundError` when there is no such page, and
        `UsageError` while somebody works on the batch.
        """
        with self.database.write() as session:
            query = select(PageRow).where(PageRow.batch_id == batch, PageRow.source_page == page)
            row, owner = session.exec(query).first(), session.get(BatchRow, batch)
            if row is None or owner is None:
                raise NotFoundError(what="page", name=f"{batch} {page}")
            if self._is_worked_on(owner):
                raise UsageError(cause=f"Batch {batch} is being worked on. Try again when it is filed.")
            by_hand = Geometry(
                rotated=rotated,
                rotation_confidence=1.0,
                skew_degrees=skew_degrees or 0.0,
                skew_confidence=0.0 if skew_degrees is None else 1.0,
                set_by=PERSON,
            )
            row.sqlmodel_update({**geometry_values(by_hand), "stale": True})
            owner.state, owner.next_try_at, owner.tries = BatchState.RECEIVED, None, 0
            session.add_all([row, owner])


def end_lease(row: BatchRow) -> None:
    """Leave nothing of a lease in the row: a row that is built again from the store has none either."""
    row.lease_owner, row.lease_until, row.lease_seconds = None, None, None


def lease_is_over(row: BatchRow, usual: timedelta = USUAL) -> bool:
    """Whether nobody can be working on the batch any more by its lease."""
    return is_over(row.lease_owner, row.lease_until, row.lease_seconds, now(), usual)


def note_error(row: BatchRow, error: AbhilekhError) -> None:
    row.error_code, row.error_at = error.code, now()
    row.error_en, row.error_hi = error.text("en"), error.text("hi")


def _due_again() -> ColumnElement[bool]:
    """Filed, with pages that hit a limit."""
    return and_(col(BatchRow.next_try_at) <= now(), col(BatchRow.state) == BatchState.FILED)


def _claimable() -> ColumnElement[bool]:
    moment = now()
    return or_(
        col(BatchRow.state) == BatchState.RECEIVED,
        and_(col(BatchRow.state) == BatchState.FAILED, col(BatchRow.next_try_at) <= moment),
        # It failed in the future: the pause was counted from a clock that was ahead.
        and_(
            col(BatchRow.state) == BatchState.FAILED,
            col(BatchRow.next_try_at).is_not(None),
            col(BatchRow.error_at) > moment + CLOCK_SKEW,
        ),
        and_(
            col(BatchRow.state) == BatchState.WORKING,
            or_(col(BatchRow.lease_until).is_(None), col(BatchRow.lease_until) <= moment),
        ),
    )
