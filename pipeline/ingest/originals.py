"""Originals, rejected files and the manifests of new batches, as intake writes them to the object store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pipeline.errors import AbhilekhError
from pipeline.files import sha256_of_file
from pipeline.model.batch import Batch, BatchState, RecordedError
from pipeline.model.scan import StoredObject
from pipeline.storage import Store, batch_manifest, keys


class OriginalStore:
    """Where originals and rejected bytes are kept."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def put_original(self, path: Path, sha256: str) -> StoredObject:
        return self.store.put_original(path, sha256)

    def put_rejected(self, path: Path) -> StoredObject:
        return self.store.put_file(keys.rejected(sha256_of_file(path)), path, "application/octet-stream")

    def note(
        self, batch: Batch, kept: Sequence[StoredObject], error: AbhilekhError | None, at: datetime
    ) -> StoredObject:
        """Write the manifest from which a received batch, or one rejected for `error`, can be known again."""
        state = BatchState.REJECTED if error else BatchState.RECEIVED
        why = RecordedError(error.code, error.text("en"), error.text("hi"), at) if error else None
        account = batch_manifest.BatchManifest(replace(batch, state=state, tries=0), tuple(kept), error=why)
        return self.store.put_bytes(keys.manifest(batch.id), batch_manifest.write(account), "application/json")
