"""Signs of life of the running parts, as rows: who runs, on which machine, and how it is."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import cast

from sqlalchemy import delete
from sqlmodel import col, select

from pipeline.db.database import Database, now
from pipeline.db.leases import Holder
from pipeline.db.tables import PartRow
from pipeline.model.health import PartReport, PartState

_ALIVE = timedelta(seconds=30)  # a part that gave no sign of life for so long is not running


class HeartbeatRepository:
    """The parts that run. Safe to use from threads."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def beat(self, part: str, owner: str, note: str = "ok", *, details: PartReport | None = None) -> None:
        """Record a sign of life: how the part is, "ok" or what hinders it, and what else it reports of itself."""
        written = json.dumps({"state": note, **(details or {})}, ensure_ascii=False)
        with self.database.write() as session:
            session.merge(PartRow(name=part, owner=owner, beat_at=now(), note=written))
            too_old, too_late = now() - 4 * _ALIVE, now() + 4 * _ALIVE  # the clock was ahead
            session.execute(delete(PartRow).where((col(PartRow.beat_at) < too_old) | (col(PartRow.beat_at) > too_late)))

    def farewell(self, part: str, owner: str) -> None:
        """Record that a part ended."""
        with self.database.write() as session:
            session.execute(delete(PartRow).where(col(PartRow.name) == part, col(PartRow.owner) == owner))

    def running(self) -> dict[str, str]:
        """The parts that gave a sign of life lately, and how they are."""
        return {part["part"]: part["state"] for part in self.states()}

    def states(self) -> list[PartState]:
        """All that each part reported with its last sign of life, on whatever machine, the newest last. Left out are those
        whose process is known to have ended, and signs of life that lie ahead."""
        lately = col(PartRow.beat_at).between(now() - _ALIVE, now() + _ALIVE)
        with self.database.read() as session:
            rows = session.exec(select(PartRow).where(lately).order_by(col(PartRow.beat_at)))
            states = [_state_from(row) for row in rows]
        return [state for state in states if not _has_ended(state)]


def _state_from(row: PartRow) -> PartState:
    """A row as a value; earlier versions wrote the bare state in place of JSON."""
    details = json.loads(row.note) if row.note.startswith("{") else {"state": row.note}
    return cast(PartState, {**details, "part": row.name, "owner": row.owner})


def _has_ended(state: PartState) -> bool:
    process = Holder.parse(state.get("process"))
    return process is not None and process.is_dead()
