"""The journal of the register: every change is one object, numbered without gaps; all of them in order are the register.

Who may change what is decided in `register.registrar`; the rows are written by `db.register`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import structlog

from pipeline.db.register import RegisterRepository
from pipeline.errors import RegisterBusyError
from pipeline.model.register import Office, RegisterChange
from pipeline.model.register_json import event_from, event_json, file_from, file_json
from pipeline.storage import Store, keys
from pipeline.storage.journal import Committed, Entry, EntryFormat, Journal, Replayed, exclusively

log = structlog.get_logger()

_WAIT_SECONDS = 30.0  # how long somebody else's change may take, until it is our turn


def _to_json(change: RegisterChange) -> dict[str, Any]:
    return {
        "change": change.number,
        "at": change.at.isoformat(),
        "by": change.by,
        "offices": [asdict(office) for office in change.offices],
        "files": [file_json(file) for file in change.files],
        "events": [event_json(event) for event in change.events],
    }


def _from_json(found: dict[str, Any]) -> RegisterChange:
    return RegisterChange(
        number=found["change"],
        at=datetime.fromisoformat(found["at"]),
        by=found["by"],
        offices=tuple(Office(**office) for office in found["offices"]),
        files=tuple(file_from(file) for file in found["files"]),
        events=tuple(event_from(event) for event in found["events"]),
    )


# One subject alone: the register.
FORMAT = EntryFormat(
    keys.REGISTER, lambda _: keys.REGISTER, lambda change: keys.register_change(change.number), _to_json, _from_json
)


@dataclass(frozen=True, slots=True)
class _ChangeEntries:
    """Changes as the rows of their journal."""

    register: RegisterRepository

    def committed(self, subject: str) -> Committed:
        last = self.register.last_change()
        return Committed(keys.register_change(last) if last else "")

    def commit(self, entry: Entry[RegisterChange]) -> None:
        self.register.apply(entry.value, entry.stored)


def journal_of(store: Store, register: RegisterRepository) -> Journal[RegisterChange]:
    return Journal(
        lambda: store,
        FORMAT,
        _ChangeEntries(register),
        lambda _: exclusively(register.alone(wait_seconds=_WAIT_SECONDS), RegisterBusyError()),
    )


def replay(store: Store, register: RegisterRepository) -> Replayed:
    """Commit all stored changes in their order; a change that is lost, by the gap in the numbers, is named as damaged."""
    done = journal_of(store, register).replay()
    lost = list(_gaps(info.key for info in store.list(keys.REGISTER)))
    for key in lost:
        log.warning("journal entry lost", key=key)
    done.damaged += lost
    return done


def _gaps(stored: Iterable[str]) -> Iterator[str]:
    """The keys of changes that are missing between the first and the last that are stored, in order."""
    expected = 1
    for key in stored:
        while (gap := keys.register_change(expected)) < key:
            yield gap
            expected += 1
        expected += 1
