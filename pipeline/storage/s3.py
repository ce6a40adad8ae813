"""A store on any S3 server: with `s3_bucket`, `s3_client` and `s3_errors` the one home of the `minio` client, whose
exceptions stop here.

Starting a server does not live here (see `embedded`); a `revive` function that knows how to may be passed in.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import urllib3
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
from pipeline.storage.fixity import expect
from pipeline.storage.s3_bucket import PROBE_KEY, Bucket
from pipeline.storage.s3_client import whole

if TYPE_CHECKING:
    pass

T = TypeVar("T")

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
        self._opened: tuple[int, Bucket, urllib3.PoolManager] | None = None  # with the process it belongs to
        _STORES.add(self)

    def put_file(self, key: str, path: Path, content_type: str) -> StoredObject:
        def put(bucket: Bucket) -> StoredObject:
            with path.open("rb") as file:
                return bucket.put(key, file, path.stat().st_size, content_type)

        return self._finished(self._call(put, key))

    def put_bytes(self, key: str, data: bytes, content_type: str) -> StoredObject:
        return self._finished(
            self._call(lambda bucket: bucket.put(key, io.BytesIO(data), len(data), content_type), key)
        )

    def put_original(self, path: Path, sha256: str) -> StoredObject:
        key = keys.original(sha256)
        with path.open("rb") as file:  # before the put: other bytes must not come to lie under this key
            expect(sha256, hashlib.file_digest(file, "sha256").hexdigest(), key)
        if self.info(key) is None:
            stored = self.put_file(key, path, "application/octet-stream")
            if stored.sha256 != sha256:  # the file changed under our hands; the key is ours to clear
                self._call(lambda bucket: bucket.remove(key), key)
            expect(sha256, stored.sha256, key)
        expect(sha256, self.digest(key), key)
        return StoredObject(key, sha256, path.stat().st_size)

    def get(self, key: str) -> bytes:
        return self._read(lambda bucket: bucket.read(key), key)

    def stream(self, key: str, chunk: int = CHUNK_BYTES) -> Iterator[bytes]:
        response, size = self._read(lambda bucket: bucket.open(key), key)
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
                self._read(lambda bucket: bucket.copy(key, file), key)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)

    def info(self, key: str) -> ObjectInfo | None:
        try:
            return self._read(lambda bucket: bucket.info(key), key)
        except ObjectUnreadableError:
            raise
        except ObjectMissingError:
            return None

    def list(self, prefix: str = "", *, after: str = "") -> Iterator[ObjectInfo]:
        def page(start: str) -> tuple[ObjectInfo, ...]:
            return self._call(lambda bucket: bucket.page(prefix, start))

        last = after
        while found := page(last):
            yield from found
            last = found[-1].key

    def digest(self, key: str) -> str:
        return self._read(lambda bucket: bucket.digest(key), key)

    def remove(self, key: str) -> None:
        if keys.is_write_once(key):
            raise ValueError(f"{key} is an original and is never removed")
        self._call(lambda bucket: bucket.remove(key), key)

    def ping(self) -> None:
        self._call(Bucket.exists)

    def probe(self) -> None:
        """Put a small object and take it away again without a trace: more than `ping`, the store can write."""
        self._call(Bucket.probe)

    def answers(self) -> bool:
        """Whether the store serves other objects: a fresh one, or, where none can be put, one of those it has."""
        if self._read_only:
            return self._serves_another()
        try:
            self._tried(lambda bucket: bucket.probe(read=True), PROBE_KEY)
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

    def _serves_another(self) -> bool:
        with suppress(AbhilekhError):
            for info in self._tried(lambda bucket: bucket.page("", "")[:_OTHERS], ""):
                with suppress(AbhilekhError):
                    self._tried(lambda bucket, key=info.key: bucket.digest(key), info.key)  # type: ignore[misc]
                    return True
        return False

    # The client and its errors.

    def _read(self, work: Callable[[Bucket], T], key: str) -> T:
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

    def _call(self, work: Callable[[Bucket], T], key: str = "") -> T:
        """Do `work` with the bucket, once more after reviving the server, with errors of our family."""
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

    def _tried(self, work: Callable[[Bucket], T], key: str) -> T:
        try:
            return work(self._reached())
        except s3_errors.CAUGHT as error:
            raise s3_errors.translate(error, key, self.endpoint, self.bucket) from error

    def _reached(self) -> Bucket:
        with self._mutex:
            if self._opened is None or self._opened[0] != os.getpid():
                client, pool = s3_client.connect(self.endpoint)
                if not self._read_only:
                    s3_client.prepare(client, self.bucket, self.endpoint.region)
                self._opened = (os.getpid(), Bucket(client, self.bucket), pool)
            return self._opened[1]

    def _renew_mutex(self) -> None:
        """After a fork: the parent's mutex may be held by a thread that the child does not have."""
        self._mutex = threading.RLock()

    def _finished(self, stored: StoredObject) -> StoredObject:
        self._settle()
        return stored


def _after_fork() -> None:
    for store in list(_STORES):
        store._renew_mutex()


_STORES: weakref.WeakSet[S3Store] = weakref.WeakSet()
os.register_at_fork(after_in_child=_after_fork)
