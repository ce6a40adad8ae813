"""Check that every object is what was put, that every row is what was written and has its object. Changes nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from pipeline.db.batches import BatchRepository
from pipeline.errors import DatabaseDamagedError, ObjectMissingError, ObjectUnreadableError, StoreUnavailableError
from pipeline.index import integrity
from pipeline.model.json_values import JsonObject
from pipeline.model.scan import StoredObject
from pipeline.preservation.map_ordered import Tell, map_ordered
from pipeline.storage import Store, keys

_WAITING = 32  # damaged objects asked for at once: a server takes seconds over each, and does nothing meanwhile


class ObjectState(StrEnum):
    """How an object was found; one that is there and cannot be read is changed."""

    WELL = "well"
    MISSING = "missing"
    CHANGED = "changed"


@dataclass(slots=True)
class VerifyResult:
    """How many objects and bytes were read, and the keys of those that are missing, changed, or known to no row.

    `rows` names the rows that are not what was written or what their object says, `database` what is wrong with the
    database as a whole; `listing` is why the store could not say what it holds, empty where it could.
    """

    objects: int = 0
    bytes: int = 0
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    database: list[str] = field(default_factory=list)
    listing: str = ""

    @property
    def is_well(self) -> bool:
        return not (self.missing or self.changed or self.rows or self.database or self.listing)

    def json(self) -> JsonObject:
        return asdict(self)


def verify(
    store: Store, records: BatchRepository, *, sample: int | None, tell: Tell, rows: bool = True
) -> VerifyResult:
    """Compare store and rows: of every object its presence and length, and the SHA-256 of all, or of `sample` by chance.
    With `rows`, the database as well, and each row with what was written; with a sample, not the full text.

    Safe beside running work: what differs is looked at once more with fresh rows before it is reported.
    """
    done = VerifyResult()
    if rows:
        found = integrity.check(records.database, full_text=sample is None)
        done.rows, done.database = found.rows, found.database
    try:
        _verify_objects(store, records, sample, done, tell)
    except (DatabaseDamagedError, ValueError) as error:  # rows that cannot be read: their objects are not known
        if not done.database:
            done.database.append(str(error))
    return done


def _verify_objects(store: Store, records: BatchRepository, sample: int | None, done: VerifyResult, tell: Tell) -> None:
    recorded = {stored.key: stored for stored in records.objects()}
    there = _listed(store, done)
    chosen = sorted(random.sample(sorted(recorded), min(sample, len(recorded)))) if sample else sorted(recorded)
    doubtful = {key for key, stored in recorded.items() if there is not None and there.get(key) != stored.bytes}
    done.objects, done.bytes = len(chosen), sum(recorded[key].bytes for key in chosen)
    readable = [key for key in chosen if key not in doubtful]
    for count, (key, state) in enumerate(map_ordered(_looker(store, recorded), readable), start=1):
        if state is not ObjectState.WELL:
            doubtful.add(key)
        tell(count, len(chosen))
    named = records.keys_named()
    now_recorded = {stored.key: stored for stored in records.objects()}
    again = map_ordered(_looker(store, now_recorded), sorted(doubtful & now_recorded.keys()), threads=_WAITING)
    for key, state in again:
        if state is not ObjectState.WELL:
            (done.missing if state is ObjectState.MISSING else done.changed).append(key)
        elif there is not None and there.get(key, now_recorded[key].bytes) != now_recorded[key].bytes:
            done.rows.append(f"object {key}: bytes")
    done.missing = sorted({*done.missing, *(named - now_recorded.keys())})
    unrecorded = (key for key in there or {} if key not in now_recorded)
    done.orphans = sorted(key for key in unrecorded if not key.startswith(keys.AUDIT_TAIL))


def _listed(store: Store, done: VerifyResult) -> dict[str, int] | None:
    """Keys and lengths of all objects there; None where the store cannot tell, though it serves objects."""
    try:
        return {info.key: info.bytes for info in store.list()}
    except StoreUnavailableError as error:
        if not store.answers():
            raise
        done.listing = error.text("en")
        return None


def _looker(store: Store, recorded: dict[str, StoredObject]) -> Callable[[str], tuple[str, ObjectState]]:
    return lambda key: (key, state_of(store, recorded[key]))


def state_of(store: Store, stored: StoredObject) -> ObjectState:
    """Read an object and compare its SHA-256 with the recorded one. Raises what an outage of the store raises."""
    try:
        return ObjectState.WELL if store.digest(stored.key) == stored.sha256 else ObjectState.CHANGED
    except ObjectUnreadableError:
        return ObjectState.CHANGED
    except ObjectMissingError:
        return ObjectState.MISSING
