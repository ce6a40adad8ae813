"""Keep the audit log in the object store: the database's rows are checked by it, and filled again when they are lost.

New entries are put there within a second, a few at a time (`audit-tail/<number of the first>.json`), and once a minute
together as a segment that stays (`deeds/<number of its first entry>.json`; the prefix is that of the first version). A
segment is made of what lies in the store, and not of rows that somebody may have changed since. Whoever serves the web does
both; until then the newest entries stand in the database alone.

This is no `storage.journal`, where the object comes first and the row after it: a page view must not wait for the store. The
rows come first here, each with the hash of the one before it; an object holds many entries, and what proves them is that
chain, and not a seal of the object.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

import structlog

from pipeline.db.audit import AuditLog
from pipeline.db.batches import BatchRepository
from pipeline.db.locks import alone
from pipeline.errors import AbhilekhError
from pipeline.model.audit import BEGINNING, Action, AuditEvent, ChainFault, faults
from pipeline.model.scan import StoredObject
from pipeline.storage import Store, keys

log = structlog.get_logger()

_MOST = 5000  # entries of one object
_WAIT_SECONDS = 5.0  # for somebody else who writes a checkpoint; the tail is tried again in a second instead
_NO_TIME = datetime.fromtimestamp(0, UTC)
_LOCK = "sealing"


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """What a check of the audit log found: entries in the database, entries in checkpoints in the store, and every fault."""

    entries: int
    sealed: int
    faults: tuple[ChainFault, ...]

    @property
    def is_whole(self) -> bool:
        return not self.faults


def seal_tail(store: Store, records: BatchRepository, audit_log: AuditLog) -> int:
    """Put the entries that are not in the store yet there; returns how many."""
    with alone(records.database, _LOCK, wait_seconds=0.0) as ours:
        return _put_tail(store, audit_log) if ours else 0


def write_checkpoint(store: Store, records: BatchRepository, audit_log: AuditLog) -> int:
    """Put all entries that stand in no segment together as one, or several; returns how many."""
    sealed = 0
    with alone(records.database, _LOCK, wait_seconds=_WAIT_SECONDS) as ours:
        if not ours:
            return 0
        _put_tail(store, audit_log)
        parts = _tail_keys(store)
        tail = _beyond(_entries(store, parts), _last_of_segments(store))
        while some := list(islice(tail, _MOST)):
            stored = store.put_bytes(keys.audit_log(some[0].number), _as_json(some), "application/json")
            records.note_object(stored)
            sealed += len(some)
        for key in parts[:-1]:  # the last one stays: it tells how far the store goes
            store.remove(key)
    return sealed


def _put_tail(store: Store, audit_log: AuditLog) -> int:
    """Add what is new to the tail. What is there already is never written again: rows may have been changed since."""
    last = _last_sealed(store)
    fresh = audit_log.every(after=last.number)
    put = 0
    while some := list(islice(fresh, _MOST)):
        if put == 0 and some[0].before != last.hash:
            log.error("the audit log does not follow what was sealed", entry=some[0].number)
        store.put_bytes(keys.audit_tail(some[0].number), _as_json(some), "application/json")
        put += len(some)
    return put


def _as_json(some: list[AuditEvent]) -> bytes:
    return json.dumps([event.as_json() for event in some], ensure_ascii=False).encode("utf-8", "surrogatepass")


def _last_sealed(store: Store) -> AuditEvent:
    """The newest entry in the store; where there is none, one of number 0 with the hash that the first carries."""
    for prefix in (
        keys.AUDIT_TAIL,
        keys.CHECKPOINTS,
    ):  # looking through all segments is needed for a store without a tail alone
        found = [info.key for info in store.list(prefix)]
        if found:
            return max(_segment(store, max(found)), key=lambda event: event.number)
    return AuditEvent(0, _NO_TIME, "", Action.OTHER, "", hash=BEGINNING)


def _last_of_segments(store: Store) -> int:
    found = [info.key for info in store.list(keys.CHECKPOINTS)]
    return max((event.number for event in _segment(store, max(found))), default=0) if found else 0


def _tail_keys(store: Store) -> list[str]:
    return sorted(info.key for info in store.list(keys.AUDIT_TAIL))


def _entries(store: Store, parts: Iterable[str]) -> Iterator[AuditEvent]:
    """The entries of some objects in order; a damaged object is left out, and the check names it."""
    for key in parts:
        try:
            yield from _segment(store, key)
        except (ValueError, AbhilekhError):
            continue


def _beyond(entries: Iterable[AuditEvent], last: int) -> Iterator[AuditEvent]:
    """The entries after this number, each number once: what was sealed first counts."""
    for event in entries:
        if event.number > last:
            last = event.number
            yield event


def _segment(store: Store, key: str) -> list[AuditEvent]:
    """The entries of a segment. Raises `ValueError` for one that cannot be read."""
    try:
        return [AuditEvent.from_json(one) for one in json.loads(store.get(key))]
    except (KeyError, TypeError) as error:
        raise ValueError(f"{key} is no segment of the audit log: {error!r}") from error


def checkpointed_events(store: Store) -> Iterator[AuditEvent]:
    """All sealed entries in order; a damaged segment is left out."""
    last = 0
    for event in _entries(store, sorted(info.key for info in store.list(keys.CHECKPOINTS))):
        last = max(last, event.number)
        yield event
    yield from _beyond(_entries(store, _tail_keys(store)), last)


def check(store: Store, audit_log: AuditLog) -> AuditCheck:
    """Compare the audit log in the database with itself and with the store, entry by entry."""
    found = list(faults(audit_log.every()))
    sealed = checkpointed_events(store)
    count = 0
    expected = next(sealed, None)
    last = 0
    for event in audit_log.every():
        last = event.number
        if expected is not None and expected.number == event.number:
            count += 1
            if expected.hash != event.hash:
                found.append(ChainFault(event.number, "sealed"))
            expected = next(sealed, None)
    while expected is not None:
        count += 1
        found.append(ChainFault(expected.number, "cut" if expected.number > last else "missing"))
        expected = next(sealed, None)
    in_store = _gap(store)
    if in_store is not None:
        found.append(in_store)
    return AuditCheck(last, count, tuple(sorted(set(found), key=lambda fault: fault.number)))


def _gap(store: Store) -> ChainFault | None:
    """A segment that is missing or damaged: the chain of the sealed entries does not hold there."""
    before, number = BEGINNING, 0
    for event in checkpointed_events(store):
        if event.number != number + 1 or event.before != before:
            return ChainFault(event.number, "segment")
        before, number = event.hash, event.number
    return None


def replay(store: Store, records: BatchRepository) -> int:
    """Fill an empty audit log from the store; returns how many entries came back."""
    audit_log = AuditLog(records.database)
    taken = 0
    for info in sorted(store.list(keys.CHECKPOINTS), key=lambda info: info.key):
        try:
            some = _segment(store, info.key)
        except (ValueError, AbhilekhError):
            continue  # the check names it
        data = store.get(info.key)
        records.note_object(StoredObject(info.key, hashlib.sha256(data).hexdigest(), len(data)))
        taken += audit_log.replay(some)
    return taken + audit_log.replay(list(_entries(store, _tail_keys(store))))
