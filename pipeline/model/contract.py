"""The JSON that other programs rely on: values of `model` as plain dictionaries, the same for the command and the web.

Keys may be added; those that are here stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.model.batch import Batch, BatchDetails, BatchVersions, RecordedError
from pipeline.model.document import Document, Field
from pipeline.model.health import VersionEntry
from pipeline.model.json_values import JsonObject
from pipeline.model.page import MACHINE, Box, Geometry, ReadPage
from pipeline.model.scan import MediaType, ScanVersion, Source
from pipeline.model.search import Answer, Hit

_NAMED_FIELDS = ("file_no", "letter_no", "date", "subject", "sender", "recipient")


def document_json(document: Document, batch: Batch) -> dict[str, Any]:
    """`show --json` of a document."""
    source = batch.source
    return {
        "document": document.id,
        "batch": document.batch,
        "office": document.value("office"),
        "source": {"name": source.name, "sha256": source.sha256, "bytes": source.bytes},
        "kind": str(document.kind),
        "status": str(document.state),
        "file_key": document.file_key,
        **{name: document.value(name) for name in _NAMED_FIELDS},
        "confidence": {name: found.confidence for name, found in document.fields.items()},
        "fields": {name: _field_json(found, document) for name, found in document.fields.items()},
        "pages": [page_json(page, number) for number, page in enumerate(document.pages, start=1)],
        "objects": {
            "original": batch.original_key,
            "pdf": document.pdf_key,
            "manifest": f"manifests/{document.batch}.json",
        },
    }


def source_json(source: Source) -> JsonObject:
    """What a batch was made from, as its manifest keeps it."""
    found: dict[str, Any] = {
        "name": source.name,
        "sha256": source.sha256,
        "bytes": source.bytes,
        "media_type": str(source.media_type),
        "pages": source.pages,
    }
    if source.files:
        found["files"] = [source_json(file) for file in source.files]
    return found


def source_from(found: Mapping[str, Any]) -> Source:
    """The inverse of `source_json`."""
    return Source(
        name=found["name"],
        sha256=found["sha256"],
        bytes=found["bytes"],
        media_type=MediaType(found["media_type"]),
        pages=found["pages"],
        files=tuple(source_from(file) for file in found.get("files", ())),
    )


def _field_json(found: Field, document: Document) -> JsonObject:
    """A field with the spot it was read from, as fractions of its page's image and in its pixels; `by` is who set it, and
    `machine` what had been read where a person corrected it."""
    page = next((page for page in document.pages if page.source_page == found.source_page), None)
    box = found.box.fractions(page.width, page.height) if found.box and page else None
    pixels = [found.box.x, found.box.y, found.box.w, found.box.h] if found.box else None
    return {
        "value": found.value,
        "confidence": found.confidence,
        "source_page": found.source_page,
        "box": box,
        "pixels": pixels,
        "by": found.by,
        "machine": _field_json(found.machine, document) if found.machine else None,
    }


def page_json(page: ReadPage, number: int) -> JsonObject:
    """One page inside its document. Angles in degrees, counter-clockwise positive, as found in the scan."""
    return {
        "number": number,
        "source_page": page.source_page,
        "text": page.text,
        "confidence": page.confidence,
        "language": page.language,
        **geometry_json(page.geometry),
        "blank": page.blank,
        "flags": list(page.flags),
        "codes": list(page.codes),
        "width": page.width,
        "height": page.height,
        "dpi": page.dpi,
        "objects": {"image": page.image_key, "layout": page.layout_key},
    }


def geometry_json(geometry: Geometry) -> JsonObject:
    """How a page lay. `outline` is x, y, width, height and `gutter` an x, in pixels of the page image; or null."""
    box = geometry.outline
    return {
        "skew_degrees": geometry.skew_degrees,
        "rotated": geometry.rotated,
        "applied": geometry.applied,
        "skew_confidence": geometry.skew_confidence,
        "rotation_confidence": geometry.rotation_confidence,
        "outline": [box.x, box.y, box.w, box.h] if box else None,
        "outline_confidence": geometry.outline_confidence,
        "gutter": geometry.gutter,
        "spread_confidence": geometry.spread_confidence,
        "geometry_from": geometry.measured_from,
        "geometry_by": geometry.set_by,
    }


def geometry_from(found: Mapping[str, Any]) -> Geometry:
    """The inverse of `geometry_json`; what older versions did not write is as if not measured."""
    outline = found.get("outline")
    return Geometry(
        rotated=found["rotated"],
        rotation_confidence=found["rotation_confidence"],
        skew_degrees=found["skew_degrees"],
        skew_confidence=found["skew_confidence"],
        applied=found["applied"],
        outline=Box(*outline) if outline else None,
        outline_confidence=found.get("outline_confidence", 0.0),
        gutter=found.get("gutter"),
        spread_confidence=found.get("spread_confidence", 0.0),
        measured_from=found.get("geometry_from", ""),
        set_by=found.get("geometry_by", MACHINE),
    )


def batch_json(batch: Batch, details: BatchDetails, versions: BatchVersions | None = None) -> dict[str, Any]:
    """`show --json` of a batch; `details` and `versions` hold what the rows know besides.

    `flags` names for each flag the source pages that carry it. `superseded_by` is the batch that stands in its place,
    `supersedes` those it stands for itself; `perhaps_same` may be versions of the same scan.
    """
    return {
        "batch": batch.id,
        "status": str(batch.state),
        "source": {"name": batch.source.name, "sha256": batch.source.sha256, "bytes": batch.source.bytes},
        "received_at": batch.received_at.isoformat(),
        "error": _failure_json(details.failure),
        "documents": list(details.documents),
        "pages": batch.source.pages,
        "pages_read": details.pages_read,
        "blank_pages": details.blank_pages,
        "flags": {name: list(pages) for name, pages in details.flags.items()},
        "tries": details.tries,
        **_versions_json(versions),
    }


def _failure_json(failure: RecordedError | None) -> JsonObject | None:
    if failure is None:
        return None
    at = failure.at.isoformat() if failure.at else None
    return {"code": failure.code, "en": failure.en, "hi": failure.hi, "at": at}


def _versions_json(versions: BatchVersions | None) -> JsonObject:
    if versions is None:
        return {}
    return {
        "superseded_by": versions.superseded_by,
        "supersedes": list(versions.supersedes),
        "perhaps_same": list(versions.perhaps),
    }


def version_json(version: ScanVersion) -> VersionEntry:
    """That one scan is, or may be, a later version of another: `status --json` and the operator's page."""
    return {
        "name": version.name,
        "older": version.older,
        "newer": version.newer,
        "reason": version.reason,
        "certain": version.certain,
        "at": version.at.isoformat(),
    }


def answer_json(answer: Answer) -> dict[str, Any]:
    """`search --json`."""
    return {
        "query": answer.query,
        "understood": answer.understood,
        "total": answer.total,
        "took_ms": answer.took_ms,
        "hits": [hit_json(hit) for hit in answer.hits],
        "facets": {name: dict(counts) for name, counts in answer.facets.items()},
    }


def hit_json(hit: Hit) -> JsonObject:
    """One hit; `marks` are ranges of the snippet, `boxes` fractions of the page image."""
    return {
        "document": hit.document,
        "batch": hit.batch,
        "page": hit.page,
        "source_page": hit.source_page,
        "file_no": hit.file_no,
        "file_key": hit.file_key,
        "date": hit.date.isoformat() if hit.date else None,
        "subject": hit.subject,
        "office": hit.office,
        "kind": str(hit.kind),
        "score": hit.score,
        "snippet": hit.snippet,
        "marks": [list(mark) for mark in hit.marks],
        "boxes": [list(box) for box in hit.boxes],
        "tier": hit.tier,
        "status": str(hit.state),
    }
