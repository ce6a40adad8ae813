"""What an S3 server's refusal means in our family of errors. Which call is repeated, and when, is decided in `s3`."""

from __future__ import annotations

from minio.error import MinioException, S3Error, ServerError
from urllib3.exceptions import HTTPError

from pipeline.errors import AbhilekhError, MissingPartError, ObjectMissingError, StoreFullError, StoreUnavailableError
from pipeline.storage import Endpoint

CAUGHT = (
    MinioException,
    HTTPError,
    ConnectionError,
    TimeoutError,
)  # what the client raises while it speaks to a server
_MISSING = {"NoSuchKey", "NoSuchObject", "NoSuchVersion"}
_FULL = {"XMinioStorageFull", "InsufficientStorage", "InsufficientCapacity", "QuotaExceeded"}
_HTTP_INTERNAL, _HTTP_NO_ROOM = 500, 507


def translate(error: Exception, key: str, endpoint: Endpoint, bucket: str) -> AbhilekhError:
    """The error of our family for one of `CAUGHT`; `key` is the object that was asked for, empty where none was."""
    if isinstance(error, ServerError):
        full = error.status_code == _HTTP_NO_ROOM
        return StoreFullError(cause=error) if full else unavailable(error, endpoint)
    if not isinstance(error, S3Error):
        return unavailable(error, endpoint)
    if error.code in _MISSING:
        return ObjectMissingError(key=key)
    if error.code in _FULL or error.response.status == _HTTP_NO_ROOM:
        return StoreFullError(cause=error.code)
    if error.response.status >= _HTTP_INTERNAL or error.code in {"SlowDown", "RequestTimeout"}:
        return unavailable(error, endpoint)
    fix = f"Check the endpoint, the keys and the bucket “{bucket}” in [store] (config/abhilekh.toml)."
    part = f"The object store {endpoint.address}"
    return MissingPartError(part=part, cause=f"{error.code}: {error.message}", fix=fix)


def unavailable(error: Exception, endpoint: Endpoint) -> StoreUnavailableError:
    """The store as a whole does not answer, as `error` shows."""
    inmost = getattr(error, "reason", None) or error  # urllib3 wraps the cause in the whole request
    cause = str(inmost).rsplit(": ", 1)[-1].strip("\"')")
    return StoreUnavailableError(endpoint=endpoint.address, cause=cause or type(error).__name__)


def is_refusal(error: BaseException) -> bool:
    """Whether the server was reached and answered that it could not do it."""
    return isinstance(error, ServerError | S3Error)
