"""The record of deeds in the object store: segments that are written once, by which the database's record is checked and,
when it is lost, filled again.

A segment is `deeds/<number of its first entry>.json`. Whoever serves the web seals now and then; until then the newest
entries stand in the database alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from pipeline.errors import AbhilekhError
from pipeline.index.deeds import Deeds
from pipeline.index.locks import alone
from pipeline.index.records import Records
from pipeline.model import StoredObject
from pipeline.people.deeds import BEGINNING, Deed, Fault, faults
from pipeline.store import Store, keys

_MOST = 5000  # entries of one segment
_LOCK = "sealing"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of the record found: entries in the database, entries sealed in the store, and every fault."""

    entries: int
    sealed: int
    faults: tuple[Fault, ...]

    @property
    def is_whole(self) -> bool:
        return not self.faults


def seal(store: Store, records: Records, deeds: Deeds) -> int:
    """Put the entries that are not in the store yet there, as one segment or several; returns how many."""
    sealed = 0
    with alone(records.database, _LOCK, wait_seconds=0.0) as ours:
        if not ours:
            return 0
        last = _last_sealed(store)
        fresh = deeds.every(after=last)
        while some := list(islice(fresh, _MOST)):
            data = json.dumps([deed.as_json() for deed in some], ensure_ascii=False).encode("utf-8", "surrogatepass")
            stored = store.put_bytes(keys.deeds(some[0].number), data, "application/json")
            records.note_object(stored)
            sealed += len(some)
    return sealed


def _last_sealed(store: Store) -> int:
    found = [info.key for info in store.list(keys.DEEDS)]
    return max((deed.number for deed in _segment(store, max(found))), default=0) if found else 0


def _segment(store: Store, key: str) -> list[Deed]:
    """The entries of a segment. Raises `ValueError` for one that cannot be read."""
    try:
        return [Deed.from_json(one) for one in json.loads(store.get(key))]
    except (KeyError, TypeError) as error:
        raise ValueError(f"{key} is no segment of deeds: {error!r}") from error


def sealed_deeds(store: Store) -> Iterator[Deed]:
    """All sealed entries in order; a damaged segment is left out."""
    for key in sorted(info.key for info in store.list(keys.DEEDS)):
        try:
            yield from _segment(store, key)
        except (ValueError, AbhilekhError):
            continue


def check(store: Store, deeds: Deeds) -> Checked:
    """Compare the database's record with itself and with the store, entry by entry."""
    found = list(faults(deeds.every()))
    sealed = sealed_deeds(store)
    count = 0
    expected = next(sealed, None)
    last = 0
    for deed in deeds.every():
        last = deed.number
        if expected is not None and expected.number == deed.number:
            count += 1
            if expected.hash != deed.hash:
                found.append(Fault(deed.number, "sealed"))
            expected = next(sealed, None)
    while expected is not None:
        count += 1
        found.append(Fault(expected.number, "cut" if expected.number > last else "missing"))
        expected = next(sealed, None)
    in_store = _gap(store)
    if in_store is not None:
        found.append(in_store)
    return Checked(last, count, tuple(sorted(set(found), key=lambda fault: fault.number)))


def _gap(store: Store) -> Fault | None:
    """A segment that is missing or damaged: the chain of the sealed entries does not hold there."""
    before, number = BEGINNING, 0
    for deed in sealed_deeds(store):
        if deed.number != number + 1 or deed.before != before:
            return Fault(deed.number, "segment")
        before, number = deed.hash, deed.number
    return None


def take_back(store: Store, records: Records) -> int:
    """Fill an empty record from the store; returns how many entries came back."""
    deeds = Deeds(records.database)
    taken = 0
    for info in sorted(store.list(keys.DEEDS), key=lambda info: info.key):
        try:
            some = _segment(store, info.key)
        except (ValueError, AbhilekhError):
            continue  # the check names it
        data = store.get(info.key)
        records.note_object(StoredObject(info.key, hashlib.sha256(data).hexdigest(), len(data)))
        taken += deeds.take_back(some)
    return taken
