"""The interface that every object store fulfils, and what describes a store and an object in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pipeline.model.scan import StoredObject

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An S3 server: `address` is host:port without a scheme; the keys never show in a repr.

    `certificate` is a PEM file with a key, for mutual TLS with the bundled server; a configured store has none.
    """

    address: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    secure: bool = False
    region: str | None = None
    certificate: Path | None = None


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What a store says of an object without reading it: key, length in bytes, and its ETag without quotes."""

    key: str
    bytes: int
    etag: str


class Store(Protocol):
    """Objects by key, safe to use from many threads.

    Every method raises `StoreUnavailableError` when the store does not answer, `StoreFullError` when it has no room and
    `MissingPartError` when it refuses the keys or the bucket. A put that returned is on the disk and was confirmed.
    Where an `ObjectMissingError` is named, an object that is there and cannot be read raises its kind
    `ObjectUnreadableError`, while the store answers for others.
    """

    def put_file(self, key: str, path: Path, content_type: str) -> StoredObject:
        """Store a file under `key`, replacing what was there. Raises `FixityError` when other bytes arrived."""

    def put_bytes(self, key: str, data: bytes, content_type: str) -> StoredObject:
        """Store `data` under `key`, replacing what was there. Raises `FixityError` when other bytes arrived."""

    def put_original(self, path: Path, sha256: str) -> StoredObject:
        """Store a file once under `originals/<sha256>`, and read it back. Raises `FixityError` if hashes differ."""

    def get(self, key: str) -> bytes:
        """The object's bytes. Raises `ObjectMissingError`."""

    def stream(self, key: str, chunk: int = CHUNK_BYTES) -> Iterator[bytes]:
        """The object's bytes in pieces of at most `chunk`. Raises `ObjectMissingError` at the first piece."""

    def fetch(self, key: str, path: Path) -> None:
        """Copy the object to `path`, which appears whole or not at all. Raises `ObjectMissingError`."""

    def info(self, key: str) -> ObjectInfo | None:
        """Length and ETag, or None when there is no such object."""

    def list(self, prefix: str = "", *, after: str = "") -> Iterator[ObjectInfo]:
        """All objects whose key begins with `prefix` and comes after the key `after`, in the order of their keys."""

    def digest(self, key: str) -> str:
        """SHA-256 in hex of the bytes as stored now. Raises `ObjectMissingError`."""

    def remove(self, key: str) -> None:
        """Remove a working copy; a missing one is no error. Raises `ValueError` for originals and rejected scans."""

    def answers(self) -> bool:
        """Whether the store serves objects at all: what one object is not given for, another may be."""

    def ping(self) -> None:
        """Return when the store answers and takes our keys."""

    def close(self) -> None:
        """Let go of the connections. The store stays usable: the next call opens new ones."""
