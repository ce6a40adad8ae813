"""A store on any S3 server: with `s3_client` and `s3_errors` the one home of the `minio` client, whose exceptions stop here.

Starting a server does not live here (see `embedded`); a `revive` function that knows how to may be passed in.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

import urllib3
from minio import Minio
from urllib3.exceptions import HTTPError

from pipeline.errors import (
    AbhilekhError,
    ObjectMissingError,
    ObjectUnreadableError,
    StoreFullError,
    StoreUnavailableError,
)
from pipeline.model.scan import StoredObject
from pipeline.storage import CHUNK_BYTES, Endpoint, ObjectInfo, keys, s3_client, s3_errors
from pipeline.storage.fixity import HashingReader, expect
from pipeline.storage.s3_client import whole

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

T = TypeVar("T")

PART_BYTES = 16 << 20  # files up to this go in one request, whose ETag is an MD5 that can be compared
PROBE_KEY = "probe"
LIST_PAGE = 1000
PROBE = b"probe"
_RETRIED_SECONDS = (
    5.0  # a server that refuses only after so long has asked its disks again itself; SeaweedFS takes 13 s
)
_OTHERS = 3  # objects that are read, where nothing can be written, to see whether the store answers


class S3Store:
    """`Store` in one bucket of an S3 server. Usable from many threads, and in a forked child.

    When the server does not answer, `revive` is called once for its present endpoint and the call is repeated once.
    `settle` is called after each put and returns when the server's own files are on the disk (the bundled needs it).
    With `read_only` no bucket is made and nothing is written to see whether the store answers.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        bucket: str,
        *,
        revive: Callable[[], Endpoint] | None = None,
        settle: Callable[[], None] | None = None,
        read_only: bool = False,
    ) -> None:
        self.endpoint = endpoint
        self.bucket = bucket
        self._revive = revive
        self._read_only = read_only
        self._settle = settle or (lambda: None)
        self._mutex = threading.RLock()
        self._opened: tuple[int, Minio, urllib3.PoolManager] | None = None  # with the process it belongs to
        _STORES.add(self)

    def put_file(self, key: str, path: Path, content_type: str) -> StoredObject:
        def put(client: Minio) -> StoredObject:
            with path.open("rb") as file:
                return self._put(client, key, file, path.stat().st_size, content_type)

        return self._finished(self._call(put, key))

    def put_bytes(self, key: str, data: bytes, content_type: str) -> StoredObject:
        def put(client: Minio) -> StoredObject:
            return self._put(client, key, io.BytesIO(data), len(data), content_type)

        return self._finished(self._call(put, key))

    def put_original(self, path: Path, sha256: str) -> StoredObject:
        key = keys.original(sha256)
        with path.open("rb") as file:  # before the put: other bytes must not come to lie under this key
            expect(sha256, hashlib.file_digest(file, "sha256").hexdigest(), key)
        if self.info(key) is None:
            stored = self.put_file(key, path, "application/octet-stream")
            if stored.sha256 != sha256:  # the file changed under our hands; the key is ours to clear
                self._call(lambda client: client.remove_object(self.bucket, key), key)
            expect(sha256, stored.sha256, key)
        expect(sha256, self.digest(key), key)
        return StoredObject(key, sha256, path.stat().st_size)

    def get(self, key: str) -> bytes:
        return self._read(lambda client: b"".join(self._pieces(client, key, CHUNK_BYTES)), key)

    def stream(self, key: str, chunk: int = CHUNK_BYTES) -> Iterator[bytes]:
        response, size = self._read(lambda client: self._open(client, key), key)
        try:
            yield from whole(response, size, chunk, key)
        except (HTTPError, OSError) as error:
            if self.answers():
                raise ObjectUnreadableError(key=key) from error
            raise s3_errors.unavailable(error, self.endpoint) from error
        finally:
            response.close()
            response.release_conn()

    def fetch(self, key: str, path: Path) -> None:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                self._read(lambda client: self._copy(client, key, file), key)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)

    def info(self, key: str) -> ObjectInfo | None:
        try:
            stat = self._read(lambda client: client.stat_object(self.bucket, key), key)
        except ObjectUnreadableError:
            raise
        except ObjectMissingError:
            return None
        return ObjectInfo(key, int(stat.size or 0), (stat.etag or "").strip('"'))

    def list(self, prefix: str = "", *, after: str = "") -> Iterator[ObjectInfo]:
        def page(start: str) -> tuple[ObjectInfo, ...]:
            return self._call(lambda client: self._page(client, prefix, start))

        last = after
        while found := page(last):
            yield from found
            last = found[-1].key

    def digest(self, key: str) -> str:
        return self._read(lambda client: self._digest(client, key), key)

    def remove(self, key: str) -> None:
        if keys.is_write_once(key):
            raise ValueError(f"{key} is an original and is never removed")
        self._call(lambda client: client.remove_object(self.bucket, key), key)

    def ping(self) -> None:
        self._call(lambda client: client.bucket_exists(self.bucket))

    def probe(self) -> None:
        """Put a small object and take it away again without a trace: more than `ping`, the store can write."""

        def write(client: Minio) -> None:
            put = client.put_object(self.bucket, PROBE_KEY, io.BytesIO(PROBE), len(PROBE))
            client.remove_object(self.bucket, PROBE_KEY, version_id=put.version_id)

        self._call(write)

    def answers(self) -> bool:
        """Whether the store serves other objects: a fresh one, or, where none can be put, one of those it has."""
        if self._read_only:
            return self._serves_another()
        try:
            self._tried(self._put_and_read, PROBE_KEY)
            return True
        except ObjectMissingError:  # put, and taken away by another process that asks the same: it answers
            return True
        except AbhilekhError:
            return self._serves_another()

    def close(self) -> None:
        with self._mutex:
            opened, self._opened = self._opened, None
        if opened and opened[0] == os.getpid():
            opened[2].clear()

    def _put_and_read(self, client: Minio) -> None:
        put = client.put_object(self.bucket, PROBE_KEY, io.BytesIO(PROBE), len(PROBE))
        try:
            b"".join(self._pieces(client, PROBE_KEY, CHUNK_BYTES))
        finally:
            client.remove_object(self.bucket, PROBE_KEY, version_id=put.version_id)

    def _serves_another(self) -> bool:
        with suppress(AbhilekhError):
            for info in self._tried(lambda client: self._page(client, "", "")[:_OTHERS], ""):
                with suppress(AbhilekhError):
                    self._tried(lambda client, key=info.key: self._digest(client, key), info.key)  # type: ignore[misc]
                    return True
        return False

    # The client and its errors.

    def _read(self, work: Callable[[Minio], T], key: str) -> T:
        """Do `work`, which reads the object `key`; where it fails, tell its damage from an outage of the store.

        Another object is asked for, and this one again, unless the server took so long that it has done so itself.
        Raises `ObjectUnreadableError` when the store answers for others and not for this one.
        """
        began = time.monotonic()
        try:
            return self._tried(work, key)
        except StoreFullError:
            raise
        except StoreUnavailableError as error:
            cause, took = error.__cause__, time.monotonic() - began
        if not self.answers():
            return self._call(work, key)
        if took < _RETRIED_SECONDS or cause is None or not s3_errors.is_refusal(cause):
            try:
                return self._tried(work, key)
            except StoreUnavailableError as error:
                cause = error
                if not self.answers():
                    raise
        raise ObjectUnreadableError(key=key) from cause

    def _call(self, work: Callable[[Minio], T], key: str = "") -> T:
        """Do `work` with the client, once more after reviving the server, with errors of our family."""
        before = self.endpoint
        try:
            return self._tried(work, key)
        except StoreFullError:
            raise
        except StoreUnavailableError:
            if self._revive is None:
                raise
        with self._mutex:  # one thread revives; the others find the new endpoint
            if self.endpoint is before:
                self.close()
                self.endpoint = self._revive()
        return self._tried(work, key)

    def _tried(self, work: Callable[[Minio], T], key: str) -> T:
        try:
            return work(self._client())
        except s3_errors.CAUGHT as error:
            raise s3_errors.translate(error, key, self.endpoint, self.bucket) from error

    def _client(self) -> Minio:
        with self._mutex:
            if self._opened is None or self._opened[0] != os.getpid():
                client, pool = s3_client.connect(self.endpoint)
                if not self._read_only:
                    s3_client.prepare(client, self.bucket, self.endpoint.region)
                self._opened = (os.getpid(), client, pool)
            return self._opened[1]

    def _renew_mutex(self) -> None:
        """After a fork: the parent's mutex may be held by a thread that the child does not have."""
        self._mutex = threading.RLock()

    # What happens with a client in hand.

    def _put(self, client: Minio, key: str, data: BinaryIO, size: int, content_type: str) -> StoredObject:
        """Send `size` bytes and make sure that they, and no others, are there."""
        reader = HashingReader(data)
        client.put_object(self.bucket, key, cast(BinaryIO, reader), size, content_type, part_size=PART_BYTES)
        sha256 = reader.sha256.hexdigest()
        stat = client.stat_object(self.bucket, key)
        sure = stat.size == size and (stat.etag or "").strip('"') == reader.md5.hexdigest()
        if not sure:
            expect(sha256, self._digest(client, key), key)
        return StoredObject(key, sha256, size)

    def _finished(self, stored: StoredObject) -> StoredObject:
        self._settle()
        return stored

    def _open(self, client: Minio, key: str) -> tuple[BaseHTTPResponse, int | None]:
        response = client.get_object(self.bucket, key)
        length = response.headers.get("Content-Length")
        return response, int(length) if length else None

    def _pieces(self, client: Minio, key: str, chunk: int) -> Iterator[bytes]:
        response, size = self._open(client, key)
        try:
            yield from whole(response, size, chunk, key)
        finally:
            response.close()
            response.release_conn()

    def _digest(self, client: Minio, key: str) -> str:
        sha256 = hashlib.sha256()
        for piece in self._pieces(client, key, CHUNK_BYTES):
            sha256.update(piece)
        return sha256.hexdigest()

    def _copy(self, client: Minio, key: str, file: BinaryIO) -> None:
        file.seek(0)
        file.truncate()
        for piece in self._pieces(client, key, CHUNK_BYTES):
            file.write(piece)

    def _page(self, client: Minio, prefix: str, start: str) -> tuple[ObjectInfo, ...]:
        """Up to a thousand objects after `start`."""
        items = client.list_objects(self.bucket, prefix or None, recursive=True, start_after=start or None)
        return tuple(
            ObjectInfo(item.object_name or "", int(item.size or 0), (item.etag or "").strip('"'))
            for item in itertools.islice(items, LIST_PAGE)
        )


def _after_fork() -> None:
    for store in list(_STORES):
        store._renew_mutex()


_STORES: weakref.WeakSet[S3Store] = weakref.WeakSet()
os.register_at_fork(after_in_child=_after_fork)
