"""The objects that there should be, by what the store itself says: for when the rows cannot be trusted.

Originals and rejected scans carry their SHA-256 in their key, manifests and page notes name that of what belongs to them.
Everything else is taken as it is read, if it can be read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pipeline.errors import ObjectMissingError
from pipeline.model.scan import StoredObject
from pipeline.preservation.map_ordered import map_ordered
from pipeline.storage import ObjectInfo, Store, annotation_record, batch_manifest, keys


@dataclass(slots=True)
class Inventory:
    """What there should be, by key, and the keys of what is there and cannot be read."""

    objects: dict[str, StoredObject] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)


def recorded_in_store(store: Store) -> Inventory:
    """Take stock of the store without its rows. Raises what an outage of the store raises."""
    found = Inventory()
    there = list(store.list())
    for info in there:
        if keys.is_write_once(info.key):
            found.objects[info.key] = StoredObject(info.key, info.key.rpartition("/")[2], info.bytes)
    for prefix, read in ((keys.MANIFESTS, _of_manifest), (keys.PAGE_NOTES, _of_page_note)):
        named = [info for info in there if info.key.startswith(prefix)]
        for info, objects in map_ordered(_reader(store, read), named):
            if objects is None:
                found.unreadable.append(info.key)
            else:
                found.objects |= {stored.key: stored for stored in objects}
    others = [info for info in there if info.key not in found.objects and info.key not in found.unreadable]
    for info, objects in map_ordered(_reader(store, _as_read), others):
        if objects is None:
            found.unreadable.append(info.key)
        else:
            found.objects |= {stored.key: stored for stored in objects}
    return found


def _reader(
    store: Store, read: Callable[[str, bytes], Iterator[StoredObject]]
) -> Callable[[ObjectInfo], tuple[ObjectInfo, list[StoredObject] | None]]:
    def objects_of(info: ObjectInfo) -> tuple[ObjectInfo, list[StoredObject] | None]:
        try:
            return info, list(read(info.key, store.get(info.key)))
        except (ValueError, KeyError, TypeError, ObjectMissingError):
            return info, None

    return objects_of


def _of_manifest(key: str, data: bytes) -> Iterator[StoredObject]:
    yield from batch_manifest.read(data).objects
    yield from _as_read(key, data)


def _of_page_note(key: str, data: bytes) -> Iterator[StoredObject]:
    entry = annotation_record.FORMAT.decode(key, data)
    yield from entry.value.objects(entry.stored)


def _as_read(key: str, data: bytes) -> Iterator[StoredObject]:
    yield StoredObject(key, hashlib.sha256(data).hexdigest(), len(data))
