"""Check that every object is what was put, and that every row has its object. Changes nothing."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, field
from typing import Any

from pipeline.errors import ObjectMissingError
from pipeline.index.records import Records
from pipeline.keeping.side_by_side import Tell, side_by_side
from pipeline.model import StoredObject
from pipeline.store import Store


@dataclass(slots=True)
class Verified:
    """How many objects and bytes were read, and the keys of those that are missing, changed, or known to no row."""

    objects: int = 0
    bytes: int = 0
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        return not self.missing and not self.changed

    def json(self) -> dict[str, Any]:
        return asdict(self)


def verify(store: Store, records: Records, *, sample: int | None, tell: Tell) -> Verified:
    """Compare store and rows: of every object its presence and length, and the SHA-256 of all, or of `sample` by chance.

    Safe beside running work: what differs is looked at once more with fresh rows before it is told.
    """
    recorded = {stored.key: stored for stored in records.objects()}
    there = {info.key: info.bytes for info in store.list()}
    chosen = sorted(random.sample(sorted(recorded), min(sample, len(recorded)))) if sample else sorted(recorded)
    doubtful = {key for key, stored in recorded.items() if there.get(key) != stored.bytes}
    done = Verified(objects=len(chosen), bytes=sum(recorded[key].bytes for key in chosen))
    states = side_by_side(lambda key: (key, _state(store, recorded[key])), [k for k in chosen if k not in doubtful])
    for count, (key, state) in enumerate(states, start=1):
        if state != "well":
            doubtful.add(key)
        tell(count, len(chosen))
    named = records.keys_named()
    now_recorded = {stored.key: stored for stored in records.objects()}
    for key in sorted(doubtful & now_recorded.keys()):
        state = _state(store, now_recorded[key])
        if state != "well":
            (done.missing if state == "missing" else done.changed).append(key)
    done.missing = sorted({*done.missing, *(named - now_recorded.keys())})
    done.orphans = sorted(key for key in there if key not in now_recorded)
    return done


def _state(store: Store, stored: StoredObject) -> str:
    try:
        return "well" if store.digest(stored.key) == stored.sha256 else "changed"
    except ObjectMissingError:
        return "missing"
