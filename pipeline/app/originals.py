"""The object store as intake knows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import AbhilekhError
from pipeline.model.batch import Batch, BatchState
from pipeline.model.scan import StoredObject

if TYPE_CHECKING:
    from pipeline.storage import Store


class OriginalStore:
    """The store as intake knows it."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def put_original(self, path: Path, sha256: str) -> StoredObject:
        return self.store.put_original(path, sha256)

    def put_rejected(self, path: Path) -> StoredObject:
        from pipeline.formats.probe import sha256
        from pipeline.storage import keys

        return self.store.put_file(keys.rejected(sha256(path)), path, "application/octet-stream")

    def note(
        self, batch: Batch, kept: Sequence[StoredObject], error: AbhilekhError | None, at: datetime
    ) -> StoredObject:
        from pipeline.storage import batch_manifest, keys

        state = BatchState.REJECTED if error else BatchState.RECEIVED
        why = {"code": error.code, "en": error.text("en"), "hi": error.text("hi"), "at": at} if error else None
        account = batch_manifest.BatchManifest(replace(batch, state=state, tries=0), tuple(kept), error=why)
        return self.store.put_bytes(keys.manifest(batch.id), batch_manifest.write(account), "application/json")
