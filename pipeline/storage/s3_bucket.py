"""The objects of one bucket, with a client in hand: what one call is in requests to the server.

The client's exceptions pass through; what they mean is in `s3_errors`, and which call is repeated is decided in `s3`.
"""

from __future__ import annotations

import hashlib
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from pipeline.model.scan import StoredObject
from pipeline.storage import CHUNK_BYTES, ObjectInfo
from pipeline.storage.fixity import HashingReader, expect
from pipeline.storage.s3_client import whole

if TYPE_CHECKING:
    from minio import Minio
    from urllib3.response import BaseHTTPResponse

PART_BYTES = 16 << 20  # files up to this go in one request, whose ETag is an MD5 that can be compared
LIST_PAGE = 1000
PROBE_KEY, PROBE = "probe", b"probe"


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket as a client reaches it."""

    client: Minio
    name: str

    def exists(self) -> bool:
        return self.client.bucket_exists(self.name)

    def put(self, key: str, data: BinaryIO, size: int, content_type: str) -> StoredObject:
        """Send `size` bytes and make sure that they, and no others, are there. Raises `FixityError`."""
        reader = HashingReader(data)
        self.client.put_object(self.name, key, cast(BinaryIO, reader), size, content_type, part_size=PART_BYTES)
        sha256 = reader.sha256.hexdigest()
        stat = self.info(key)
        if stat.bytes != size or stat.etag != reader.md5.hexdigest():
            expect(sha256, self.digest(key), key)
        return StoredObject(key, sha256, size)

    def info(self, key: str) -> ObjectInfo:
        stat = self.client.stat_object(self.name, key)
        return ObjectInfo(key, int(stat.size or 0), (stat.etag or "").strip('"'))

    def remove(self, key: str) -> None:
        self.client.remove_object(self.name, key)

    def open(self, key: str) -> tuple[BaseHTTPResponse, int | None]:
        """The body, to be closed and released, and its length where the server tells it."""
        response = self.client.get_object(self.name, key)
        length = response.headers.get("Content-Length")
        return response, int(length) if length else None

    def pieces(self, key: str, chunk: int = CHUNK_BYTES) -> Iterator[bytes]:
        response, size = self.open(key)
        try:
            yield from whole(response, size, chunk, key)
        finally:
            response.close()
            response.release_conn()

    def read(self, key: str) -> bytes:
        return b"".join(self.pieces(key))

    def digest(self, key: str) -> str:
        """SHA-256 in hex of the bytes as they are stored now."""
        sha256 = hashlib.sha256()
        for piece in self.pieces(key):
            sha256.update(piece)
        return sha256.hexdigest()

    def copy(self, key: str, file: BinaryIO) -> None:
        """Write the object into an open file, in the place of what is in it."""
        file.seek(0)
        file.truncate()
        for piece in self.pieces(key):
            file.write(piece)

    def page(self, prefix: str, start: str) -> tuple[ObjectInfo, ...]:
        """Up to a thousand objects after `start`."""
        items = self.client.list_objects(self.name, prefix or None, recursive=True, start_after=start or None)
        return tuple(
            ObjectInfo(item.object_name or "", int(item.size or 0), (item.etag or "").strip('"'))
            for item in itertools.islice(items, LIST_PAGE)
        )

    def probe(self, *, read: bool = False) -> None:
        """Put a small object, read it where asked, and take it away again without a trace."""
        put = self.client.put_object(self.name, PROBE_KEY, io.BytesIO(PROBE), len(PROBE))
        try:
            if read:
                self.read(PROBE_KEY)
        finally:
            self.client.remove_object(self.name, PROBE_KEY, version_id=put.version_id)
