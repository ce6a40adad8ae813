"""Write and read the manifest of a batch: everything its rows hold, so that they can be written again from it.

The words of a page and their boxes stand in its layout object. How the bytes are checked is in `storage.manifest`, how rows
are made from it in `workflow.rebuild`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipeline.model import contract
from pipeline.model.batch import Batch, BatchState, RecordedError
from pipeline.model.document import Document, DocumentKind, DocumentState, Field
from pipeline.model.page import MACHINE, Box, ReadPage
from pipeline.model.scan import StoredObject
from pipeline.storage import manifest


@dataclass(frozen=True, slots=True)
class BatchManifest:
    """Everything that the rows hold of a batch. `documents` read back from a manifest have pages without words.

    `marks` has, for each source page, its row number (by which equally good hits are ordered) and when it was read;
    `error` is why a rejected file was rejected.
    """

    batch: Batch
    objects: tuple[StoredObject, ...]
    documents: tuple[Document, ...] = ()
    marks: Mapping[int, tuple[int, datetime]] = field(default_factory=dict)
    filed_at: datetime | None = None
    error: RecordedError | None = None


def write(account: BatchManifest) -> bytes:
    """The manifest; the same account gives the same bytes."""
    batch = account.batch
    return manifest.dumps(
        {
            "batch": batch.id,
            "state": str(batch.state),
            "source": contract.source_json(batch.source),
            "office": batch.office,
            "profile": batch.profile,
            "told": dict(batch.metadata),
            "tries": batch.tries,
            "received_at": batch.received_at.isoformat(),
            "filed_at": account.filed_at.isoformat() if account.filed_at else None,
            "error": _error_json(account.error) if account.error else None,
            "objects": [{"key": o.key, "sha256": o.sha256, "bytes": o.bytes} for o in account.objects],
            "documents": [contract.document_json(document, batch) for document in account.documents],
            "rows": {str(page): [row, read_at.isoformat()] for page, (row, read_at) in account.marks.items()},
        }
    )


def read(data: bytes) -> BatchManifest:
    """The inverse of `write`. Raises `ValueError` when the manifest is damaged or of a kind we do not know."""
    found = manifest.loads(data)
    try:
        return _account(found)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the manifest lacks something: {error!r}") from error


def _account(found: Mapping[str, Any]) -> BatchManifest:
    batch = Batch(
        id=found["batch"],
        source=contract.source_from(found["source"]),
        state=BatchState(found.get("state", BatchState.FILED)),
        received_at=datetime.fromisoformat(found["received_at"]),
        office=found["office"],
        tries=found.get("tries", 0),
        profile=found.get("profile", "generic"),
        metadata=found.get("told", {}),
    )
    error, filed_at = found.get("error"), found.get("filed_at")
    rows = found.get("rows", {})
    return BatchManifest(
        batch=batch,
        objects=tuple(StoredObject(o["key"], o["sha256"], o["bytes"]) for o in found["objects"]),
        documents=tuple(_document(document) for document in found["documents"]),
        marks={int(page): (row, datetime.fromisoformat(read_at)) for page, (row, read_at) in rows.items()},
        filed_at=datetime.fromisoformat(filed_at) if filed_at else None,
        error=_error_from(error) if error else None,
    )


def _error_json(error: RecordedError) -> dict[str, str | None]:
    at = error.at.isoformat() if error.at else None
    return {"code": error.code, "en": error.en, "hi": error.hi, "at": at}


def _error_from(found: Mapping[str, Any]) -> RecordedError:
    at = datetime.fromisoformat(found["at"]) if found["at"] else None
    return RecordedError(found["code"], found["en"], found["hi"], at)


def _document(found: Mapping[str, Any]) -> Document:
    return Document(
        id=found["document"],
        batch=found["batch"],
        kind=DocumentKind(found["kind"]),
        pages=tuple(_page(page) for page in found["pages"]),
        fields={name: _field(value) for name, value in found["fields"].items()},
        file_key=found["file_key"],
        state=DocumentState(found["status"]),
        pdf_key=found["objects"]["pdf"],
    )


def _field(found: Mapping[str, Any]) -> Field:
    pixels, machine = found.get("pixels"), found.get("machine")
    return Field(
        found["value"],
        found["confidence"],
        found["source_page"],
        Box(*pixels) if pixels else None,
        found.get("by", MACHINE),
        _field(machine) if machine else None,
    )


def _page(found: Mapping[str, Any]) -> ReadPage:
    geometry = contract.geometry_from(found)
    return ReadPage(
        source_page=found["source_page"],
        text=found["text"],
        words=(),
        confidence=found["confidence"],
        language=found["language"],
        width=found["width"],
        height=found["height"],
        dpi=found["dpi"],
        geometry=geometry,
        blank=found["blank"],
        image_key=found["objects"]["image"],
        layout_key=found["objects"]["layout"],
        flags=tuple(found["flags"]),
        codes=tuple(found.get("codes", ())),
    )
