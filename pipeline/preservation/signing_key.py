"""The secret key of the installation, with which it signs what it prints. It lies in the object store, so that it comes back
with a restored backup and survives when the rows are built anew from the store alone.

It is made once, when something is first signed. What is signed with it is in `model.signature`.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from datetime import UTC, datetime

import structlog

from pipeline.db.batches import BatchRepository
from pipeline.db.locks import alone
from pipeline.errors import ObjectMissingError, SigningKeyError
from pipeline.locale import Message
from pipeline.model.scan import StoredObject
from pipeline.model.signature import KEY_BYTES, Signer
from pipeline.storage import Store, keys
from pipeline.storage.manifest import sealed, unsealed

log = structlog.get_logger()

_LOCK = "signing key"
_WAIT_SECONDS = 30.0  # while another process makes the key


def signer(store: Store, records: BatchRepository) -> Signer:
    """The installation's signer; its key is made where there has never been one.

    Raises `SigningKeyError` where there was a key and it is lost or damaged: another one must not silently take its place,
    for all that was printed would be refused.
    """
    found = known_signer(store, records)
    if found is not None:
        return found
    with alone(records.database, _LOCK, wait_seconds=_WAIT_SECONDS) as ours:
        if not ours:
            raise SigningKeyError(cause=Message("another process is making it"))
        return known_signer(store, records) or _make(store, records)


def known_signer(store: Store, records: BatchRepository) -> Signer | None:
    """The installation's signer, or None where nothing was ever signed. Raises `SigningKeyError`."""
    try:
        data = store.get(keys.SIGNING_KEY)
    except ObjectMissingError:
        if records.has_object(keys.SIGNING_KEY):
            raise SigningKeyError(cause=Message("it is not there")) from None
        return None
    try:
        return Signer(base64.b64decode(unsealed(data)["key"], validate=True))
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise SigningKeyError(cause=Message("it is damaged ({cause})", cause=str(error))) from error


def _make(store: Store, records: BatchRepository) -> Signer:
    key = secrets.token_bytes(KEY_BYTES)
    content = {"key": base64.b64encode(key).decode("ascii"), "made_at": datetime.now(UTC).isoformat()}
    records.note_object(store.put_bytes(keys.SIGNING_KEY, sealed(content), "application/json"))
    log.info("signing key made", object=keys.SIGNING_KEY)
    return Signer(key)


def replay(store: Store, records: BatchRepository) -> str | None:
    """Make the row of a stored key again while rows are rebuilt; returns the object's key where it is damaged."""
    info = store.info(keys.SIGNING_KEY)
    if info is None:
        return None
    records.note_object(StoredObject(info.key, store.digest(info.key), info.bytes))
    try:
        known_signer(store, records)
    except SigningKeyError as error:
        log.warning("signing key", cause=error.text("en"))
        return keys.SIGNING_KEY
    return None
