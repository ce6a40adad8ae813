"""The client of one S3 server: its connections, its bucket, and a body that came whole. What is asked of it is in `s3`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import urllib3
from minio import Minio
from minio.commonconfig import ENABLED
from minio.error import S3Error, ServerError
from minio.versioningconfig import VersioningConfig
from urllib3.exceptions import HTTPError

from pipeline.storage import Endpoint, certificate

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

CONNECT_SECONDS = 3.0
READ_SECONDS = 60.0
CONNECTIONS = 32


def connect(endpoint: Endpoint) -> tuple[Minio, urllib3.PoolManager]:
    pool = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        maxsize=CONNECTIONS,
        retries=urllib3.Retry(total=2, backoff_factor=0.2, status_forcelist=[502, 503, 504], raise_on_status=False),
        ssl_context=certificate.client_context(endpoint.certificate) if endpoint.certificate else None,
    )
    client = Minio(
        endpoint.address,
        endpoint.access_key,
        endpoint.secret_key,
        secure=endpoint.secure,
        region=endpoint.region,
        http_client=pool,
    )
    return client, pool


def whole(response: BaseHTTPResponse, size: int | None, chunk: int, key: str) -> Iterator[bytes]:
    """The body in pieces. A body shorter than announced is an error, not an end."""
    count = 0
    for piece in response.stream(chunk):
        count += len(piece)
        yield piece
    if size is not None and count != size:
        raise HTTPError(f"{key}: {count} of {size} bytes came")


def prepare(client: Minio, bucket: str, region: str | None) -> None:
    """Make the bucket if there is none, and have it keep versions where the server can."""
    if not client.bucket_exists(bucket):
        try:
            client.make_bucket(bucket, region)
        except S3Error as error:  # another process was faster
            if error.code not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                raise
    with suppress(S3Error, ServerError, ValueError):  # no versioning here, or not ours to switch on
        if client.get_bucket_versioning(bucket).status is None:
            client.set_bucket_versioning(bucket, VersioningConfig(ENABLED))
