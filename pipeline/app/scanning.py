"""Builds what operators work with: uploads from the browser and annotations of pages."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.app import review
from pipeline.db.page_offices import PageOfficeRows
from pipeline.extract import file_number
from pipeline.ingest.uploads import Limits, Uploads
from pipeline.scanning.annotations import AnnotationService
from pipeline.scanning.receiving import UploadChoice, UploadService

if TYPE_CHECKING:
    from pipeline.app.container import Container
    from pipeline.model.annotation import PageAnnotation


def page_annotations(container: Container) -> AnnotationService:
    """What replaces a page, or records whether it is blank."""
    return AnnotationService(lambda: container.store, container.page_notes, container.prove, container.records.batch)


def uploads(container: Container) -> UploadService:
    """What takes in the files that people send from the browser."""
    upload = container.settings.upload
    limits = Limits(upload.max_mb, upload.in_flight, upload.keep_hours, container.settings.intake.min_free_mb)
    return UploadService(
        Uploads(container.settings.home / "uploads", limits),
        container.intake,
        container.places,
        container.records.batch,
        lambda written: file_number.parse(written) is not None,
        partial(_choices, container),
        partial(_replace, container),
        PageOfficeRows(container.database),
        threads=container.settings.intake.threads,
    )


def _replace(
    container: Container, batch: str, page: int, path: Path, *, name: str, by: str, reason: str, token: str
) -> tuple[PageAnnotation, bool]:
    """Have a scan stand for a page; the request for a new scan of it is fulfilled."""
    replaced = page_annotations(container).replace(batch, page, path, name=name, by=by, reason=reason, token=token)
    review.editor(container).scanned_again(batch, page, by)
    return replaced


def _choices(container: Container) -> tuple[list[UploadChoice], list[UploadChoice]]:
    """The offices and the scanner profiles that an upload may name."""
    settings = container.settings
    offices = {one.code: UploadChoice(one.code, one.name_hi, one.name_en) for one in container.register.offices()}
    if settings.office:
        offices.setdefault(settings.office, UploadChoice(settings.office, "", ""))
    profiles = [UploadChoice(one.name, one.title_hi, one.title) for one in container.profiles]
    return list(offices.values()), profiles
