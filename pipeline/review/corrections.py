"""What people said, kept: one object of the store a correction, numbered in its batch without gaps, then its rows.

Whoever corrects a batch or shelves it anew does so alone, and first takes what is stored and in no row yet, as after a crash
between the two. What a person may say is decided in `reviewing`; how it is laid over documents, in `review.corrected`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import structlog

from pipeline.db.corrections import CorrectionRows, Outcome
from pipeline.errors import ReviewBusyError
from pipeline.model.document import Document
from pipeline.model.review import Conflict, Correction, correction_from, correction_json
from pipeline.model.scan import StoredObject
from pipeline.review.corrected import Describe, apply
from pipeline.storage import Store, keys, manifest

log = structlog.get_logger()

Follow = Callable[[Correction], Outcome]  # what a correction makes of the documents as they stand in the rows


class Corrections:
    """The corrections of all batches. Every method may raise what store and database raise."""

    def __init__(self, store: Store, rows: CorrectionRows) -> None:
        self.store = store
        self.rows = rows

    @contextmanager
    def quiet(self, batch: str, *, wait_seconds: float) -> Iterator[None]:
        """While the block runs nobody else corrects this batch or shelves it anew. Raises `ReviewBusyError`."""
        with self.rows.alone(batch, wait_seconds=wait_seconds) as ours:
            if not ours:
                raise ReviewBusyError
            yield

    def keep(self, correction: Correction) -> StoredObject:
        """Store a correction. From here on it holds, whatever happens to the rows."""
        key = keys.correction(correction.batch, correction.number)
        return self.store.put_bytes(key, manifest.sealed(correction_json(correction)), "application/json")

    def catch_up(self, batch: str, follow: Follow | None = None) -> int:
        """Commit corrections that are stored and in no row; returns the number that the next one will have.

        `follow` says what one makes of the documents; without it only the correction itself is noted, for documents that
        are about to be filed anew.
        """
        last = self.rows.last(batch)
        for info in self.store.list(keys.corrections(batch)):
            if info.key <= keys.correction(batch, last):
                continue
            last = int(info.key.removesuffix(".json").rpartition("/")[2])
            found = read(self.store, info.key)
            if found is not None:
                self.rows.commit(*found, follow(found[0]) if follow else None)
        return last + 1

    def laid_over(self, batch: str, documents: Sequence[Document], describe: Describe) -> list[Document]:
        """The machine's documents of a batch with all that people said of them; conflicts are logged."""
        self.catch_up(batch)
        corrected, conflicts = apply(documents, self.rows.of(batch), describe)
        tell(batch, conflicts)
        return corrected


def read(store: Store, key: str) -> tuple[Correction, StoredObject] | None:
    """A correction and its object; None where it is damaged, which the log says."""
    data = store.get(key)
    try:
        correction = correction_from(manifest.unsealed(data))
        if keys.correction(correction.batch, correction.number) != key:
            raise ValueError(f"it is correction {correction.number} of {correction.batch}")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("correction", key=key, cause=str(error))
        return None
    return correction, StoredObject(key, hashlib.sha256(data).hexdigest(), len(data))


def tell(batch: str, conflicts: Sequence[Conflict]) -> None:
    for one in conflicts:
        log.warning("correction", batch=batch, number=one.number, document=one.document, pages_gone=list(one.missing))
