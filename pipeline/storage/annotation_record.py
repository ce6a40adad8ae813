"""A page annotation as the sealed object that keeps it, and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.model import contract
from pipeline.model.annotation import AnnotationKind, PageAnnotation
from pipeline.model.scan import StoredObject
from pipeline.storage import keys
from pipeline.storage.journal import EntryFormat


@dataclass(frozen=True, slots=True)
class AnnotationRecord:
    """An annotation, and where the scan lies that stands for the page from now on; None where there is no new scan."""

    note: PageAnnotation
    original: StoredObject | None = None

    def objects(self, stored: StoredObject) -> tuple[StoredObject, ...]:
        """The objects that belong to the annotation, its own first."""
        return (stored, self.original) if self.original else (stored,)


def _key(record: AnnotationRecord) -> str:
    return keys.page_note(record.note.batch, record.note.page, record.note.turn)


def _to_json(record: AnnotationRecord) -> dict[str, Any]:
    note, original = record.note, record.original
    return {
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


def _from_json(content: dict[str, Any]) -> AnnotationRecord:
    note = PageAnnotation(
        batch=content["batch"],
        page=content["page"],
        turn=content["turn"],
        kind=AnnotationKind(content["saying"]),
        at=datetime.fromisoformat(content["at"]),
        by=content["by"],
        reason=content["reason"],
        source=contract.source_from(content["source"]) if content["source"] else None,
        image_key=content["before"]["image"],
        layout_key=content["before"]["layout"],
        token=content["token"],
    )
    return AnnotationRecord(note, StoredObject(**content["original"]) if content["original"] else None)


# By subject, the batch: what is said of all its pages.
FORMAT = EntryFormat(keys.PAGE_NOTES, keys.page_notes, _key, _to_json, _from_json)
