"""Values of the model as rows, and back: what a row's columns hold, and nothing of where rows are kept."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from pipeline.db.database import now
from pipeline.db.packing import pack, unpack
from pipeline.db.tables import BatchRow, DocumentRow, PageRow
from pipeline.model.batch import Batch, BatchState
from pipeline.model.document import Document, DocumentKind, DocumentState, Field
from pipeline.model.page import MACHINE, TIMED_OUT, Box, Geometry, ReadPage
from pipeline.model.scan import MediaType, Source


def batch_from(row: BatchRow) -> Batch:
    files = tuple(_source_file(file) for file in row.files)
    source = Source(row.name, row.sha256, row.bytes, MediaType(row.media_type), row.pages, files)
    return Batch(
        id=row.id,
        source=source,
        state=BatchState(row.state),
        received_at=row.received_at,
        office=row.office,
        tries=row.tries,
        profile=row.profile,
        metadata=row.scan_metadata,
    )


def batch_row(batch: Batch) -> BatchRow:
    source = batch.source
    return BatchRow(
        id=batch.id,
        identity=batch.identity,
        name=source.name,
        sha256=source.sha256,
        bytes=source.bytes,
        media_type=source.media_type,
        pages=source.pages,
        files=[asdict(file) for file in source.files],
        office=batch.office,
        profile=batch.profile,
        scan_metadata=dict(batch.metadata),
        state=batch.state,
        received_at=batch.received_at,
    )


def _source_file(found: dict[str, Any]) -> Source:
    return Source(**{**found, "media_type": MediaType(found["media_type"]), "files": ()})


def page_from(row: PageRow) -> ReadPage:
    geometry = geometry_from(row)
    return ReadPage(
        source_page=row.source_page,
        text=row.text,
        words=unpack(row.words, row.text),
        confidence=row.confidence,
        language=row.language,
        width=row.width,
        height=row.height,
        dpi=row.dpi,
        geometry=geometry,
        blank=row.blank,
        image_key=row.image_key,
        layout_key=row.layout_key,
        flags=tuple(row.flags),
        codes=tuple(row.codes),
    )


def page_values(page: ReadPage) -> dict[str, Any]:
    return {
        "text": page.text,
        "words": pack(page.words),
        "confidence": page.confidence,
        "language": page.language,
        "width": page.width,
        "height": page.height,
        "dpi": page.dpi,
        **geometry_values(page.geometry),
        "blank": page.blank,
        "flags": list(page.flags),
        "codes": list(page.codes),
        "image_key": page.image_key,
        "layout_key": page.layout_key,
        "stale": TIMED_OUT in page.flags,  # it is tried again
        "read_at": now(),
    }


def geometry_from(row: PageRow) -> Geometry:
    """The inverse of `geometry_values`."""
    return Geometry(
        rotated=row.rotated,
        rotation_confidence=row.rotation_confidence,
        skew_degrees=row.skew_degrees,
        skew_confidence=row.skew_confidence,
        applied=row.applied,
        outline=Box(*row.outline) if row.outline else None,
        outline_confidence=row.outline_confidence,
        gutter=row.gutter,
        spread_confidence=row.spread_confidence,
        measured_from=row.geometry_from,
        set_by=row.geometry_by,
    )


def geometry_values(geometry: Geometry) -> dict[str, Any]:
    """A page's geometry as the columns of its row."""
    values = asdict(geometry)
    values["outline"] = list(values["outline"].values()) if geometry.outline else None
    values["geometry_from"], values["geometry_by"] = values.pop("measured_from"), values.pop("set_by")
    return values


def document_from(row: DocumentRow, pages: tuple[ReadPage, ...]) -> Document:
    return Document(
        id=row.id,
        batch=row.batch_id,
        kind=DocumentKind(row.kind),
        pages=pages,
        fields={name: _field_from(found) for name, found in row.fields.items()},
        file_key=row.file_key,
        state=DocumentState(row.state),
        pdf_key=row.pdf_key,
    )


def document_row(document: Document, at: datetime) -> DocumentRow:
    return DocumentRow(
        id=document.id,
        batch_id=document.batch,
        first_page=document.pages[0].source_page,
        kind=document.kind,
        state=document.state,
        office=document.value("office"),
        file_no=document.value("file_no"),
        file_key=document.file_key,
        dated=document.date,
        subject=document.value("subject"),
        fields={name: asdict(found) for name, found in document.fields.items()},
        pdf_key=document.pdf_key,
        filed_at=at,
    )


def _field_from(found: dict[str, Any]) -> Field:
    box, machine = Box(**found["box"]) if found.get("box") else None, found.get("machine")
    return Field(
        found["value"],
        found["confidence"],
        found.get("source_page"),
        box,
        found.get("by", MACHINE),
        _field_from(machine) if machine else None,
    )
