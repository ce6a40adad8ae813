"""The audit log in the database: events are appended and read, nothing else.

What an event is and how the chain is checked is in `model.audit`; `audit.checkpoints` writes checkpoints to the store.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import structlog
from sqlalchemy import Select, func, or_
from sqlmodel import col, select

from pipeline.db.account_tables import AuditEventRow
from pipeline.db.database import Database, now
from pipeline.db.locks import alone
from pipeline.errors import AbhilekhError
from pipeline.model.audit import BEGINNING, Action, AuditEvent
from pipeline.model.json_values import JsonObject

log = structlog.get_logger()

_LOCK = "deeds"  # its name since the first version: two versions may run side by side
_WAIT_SECONDS = 30.0
_GATHER_SECONDS = 0.2  # views and searches are written together
_MOST_WAITING = 10_000  # beyond, whoever adds an event waits until it is written


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries an auditor wants to see."""

    person: str = ""
    action: Action | None = None
    since: date | None = None
    until: date | None = None
    text: str = ""


class AuditLog:
    """The record of one installation; several processes may add to it. Close it when done: what waits is written then."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._waiting: list[AuditEvent] = []
        self._changed = threading.Condition()
        self._writer: threading.Thread | None = None
        self._closed = False

    def note(self, person: str, action: Action, what: str, details: JsonObject | None = None) -> None:
        """Add an entry and return once it is kept."""
        self._write([_new(person, action, what, details)])

    def record_soon(self, person: str, action: Action, what: str, details: JsonObject | None = None) -> None:
        """Add an entry within a moment, together with others: for views and searches, of which there are many. Once closed,
        it is kept at once: what is still answered then must not be lost."""
        with self._changed:
            if not self._closed:
                self._waiting.append(_new(person, action, what, details))
                if self._writer is None:
                    self._writer = threading.Thread(target=self._keep_writing, name="audit-log", daemon=True)
                    self._writer.start()
                self._changed.notify_all()
                while len(self._waiting) > _MOST_WAITING and not self._closed:
                    self._changed.wait(1.0)
                return
        self.note(person, action, what, details)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._writer is not None:
            self._writer.join(_WAIT_SECONDS)

    def _keep_writing(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if not self._waiting:
                    return
                if not self._closed:
                    self._changed.wait(_GATHER_SECONDS)
                some, self._waiting = self._waiting, []
            try:
                self._write(some)
            except AbhilekhError as error:  # the database is busy or away: nothing is dropped
                log.warning("audit events wait", count=len(some), reason=error.text("en"))
                with self._changed:
                    self._waiting = some + self._waiting
                    if self._closed:
                        return
                    self._changed.wait(1.0)
            with self._changed:
                self._changed.notify_all()

    def _write(self, some: Sequence[AuditEvent]) -> None:
        with alone(self.database, _LOCK, wait_seconds=_WAIT_SECONDS), self.database.write() as session:
            last = session.exec(select(AuditEventRow).order_by(col(AuditEventRow.number).desc()).limit(1)).first()
            number, before = (last.number, last.hash) if last else (0, BEGINNING)
            for event in some:
                number += 1
                chained = replace(event, number=number, before=before)
                chained = replace(chained, hash=chained.right_hash())
                before = chained.hash
                session.add(row_of(chained))

    # --- reading -------------------------------------------------------------------------------------------------

    def every(self, after: int = 0) -> Iterator[AuditEvent]:
        """All entries after the one of this number, in order."""
        with self.database.read() as session:
            query = select(AuditEventRow).where(AuditEventRow.number > after).order_by(col(AuditEventRow.number))
            for row in session.exec(query).yield_per(1000):
                yield event_from(row)

    def last_number(self) -> int:
        """The number of the newest entry; 0 where there is none."""
        with self.database.read() as session:
            return session.exec(select(func.max(AuditEventRow.number))).one() or 0

    def page(self, wanted: AuditFilter, offset: int, limit: int) -> tuple[int, list[AuditEvent]]:
        """How many entries fit, and some of them, the newest first."""
        with self.database.read() as session:
            fitting = _fitting(select(AuditEventRow), wanted)
            total = session.exec(select(func.count()).select_from(fitting.subquery())).one()
            rows = session.execute(
                fitting.order_by(col(AuditEventRow.number).desc()).offset(offset).limit(limit)
            ).scalars()
            return total, [event_from(row) for row in rows]

    def people(self) -> list[str]:
        with self.database.read() as session:
            return sorted(session.exec(select(AuditEventRow.person).distinct()))

    def replay(self, audit_log: Sequence[AuditEvent]) -> int:
        """Add entries as they stand in the store to a record that does not have them yet; returns how many."""
        with alone(self.database, _LOCK, wait_seconds=_WAIT_SECONDS), self.database.write() as session:
            last = session.exec(select(func.max(AuditEventRow.number))).one() or 0
            missing = [event for event in audit_log if event.number > last]
            session.add_all(row_of(event) for event in missing)
            return len(missing)


def _new(person: str, action: Action, what: str, details: JsonObject | None) -> AuditEvent:
    return AuditEvent(0, now(), person, action, what[:400], details or {})


def row_of(event: AuditEvent) -> AuditEventRow:
    return AuditEventRow(
        number=event.number,
        at=event.at,
        person=event.person,
        action=event.action,
        what=event.what,
        details=dict(event.details),
        before=event.before,
        hash=event.hash,
        written=event.at.isoformat(),
    )


def event_from(row: AuditEventRow) -> AuditEvent:
    return AuditEvent(
        row.number,
        datetime.fromisoformat(row.written),
        row.person,
        Action(row.action),
        row.what,
        row.details,
        row.before,
        row.hash,
    )


def _fitting(query: Any, wanted: AuditFilter) -> Select[Any]:
    if wanted.person:
        query = query.where(AuditEventRow.person == wanted.person)
    if wanted.action:
        query = query.where(AuditEventRow.action == wanted.action)
    if wanted.since:
        query = query.where(col(AuditEventRow.at) >= _midnight(wanted.since))
    if wanted.until:
        query = query.where(col(AuditEventRow.at) < _midnight(wanted.until + timedelta(days=1)))
    if wanted.text:
        text = col(AuditEventRow.what).contains(wanted.text, autoescape=True)
        query = query.where(
            or_(text, func.lower(col(AuditEventRow.what)).contains(wanted.text.lower(), autoescape=True))
        )
    found: Select[Any] = query
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time()).astimezone()
