"""A page annotation as the sealed object that keeps it, and back."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from pipeline.model import contract
from pipeline.model.annotation import AnnotationKind, PageAnnotation
from pipeline.model.scan import StoredObject
from pipeline.storage import keys
from pipeline.storage.manifest import sealed, unsealed


def encode(note: PageAnnotation, original: StoredObject | None) -> bytes:
    """A note as it is stored, sealed; `original` is where the new scan lies."""
    told: dict[str, Any] = {
        "batch": note.batch,
        "page": note.page,
        "turn": note.turn,
        "saying": str(note.kind),
        "at": note.at.isoformat(),
        "by": note.by,
        "reason": note.reason,
        "source": contract.source_json(note.source) if note.source else None,
        "original": {"key": original.key, "sha256": original.sha256, "bytes": original.bytes} if original else None,
        "before": {"image": note.image_key, "layout": note.layout_key},
        "token": note.token,
    }
    return sealed(told)


def decode(key: str, data: bytes) -> tuple[PageAnnotation, tuple[StoredObject, ...]]:
    """The inverse of `encode`, with the objects that belong to the note. Raises `ValueError` for a damaged one."""
    told = unsealed(data)
    try:
        note = PageAnnotation(
            batch=told["batch"],
            page=told["page"],
            turn=told["turn"],
            kind=AnnotationKind(told["saying"]),
            at=datetime.fromisoformat(told["at"]),
            by=told["by"],
            reason=told["reason"],
            source=contract.source_from(told["source"]) if told["source"] else None,
            image_key=told["before"]["image"],
            layout_key=told["before"]["layout"],
            token=told["token"],
        )
        original = StoredObject(**told["original"]) if told["original"] else None
    except (KeyError, TypeError) as error:
        raise ValueError(f"the note lacks something: {error!r}") from error
    if keys.page_note(note.batch, note.page, note.turn) != key:
        raise ValueError(f"it is note {note.turn} of page {note.page} of {note.batch}")
    own = StoredObject(key, hashlib.sha256(data).hexdigest(), len(data))
    return note, (own, *([original] if original else []))
