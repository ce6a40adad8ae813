"""The story of a scan on one screen: from a committed batch to documents on the shelf.

Each step takes values and gives new ones; what it needs is in the `Kit`. A step whose result is already kept is skipped,
so that the same batch may be digitised again after any crash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog

from pipeline.db.batches import BatchRepository
from pipeline.extract.file_number import NO_FORMS, Grammar
from pipeline.extract.separate import OfficeKnowledge, describe, separate
from pipeline.extract.sheet_trust import SheetCheck
from pipeline.model.annotation import PageAnnotations
from pipeline.model.batch import Batch
from pipeline.model.document import Document, KnownNumber
from pipeline.model.scan import StoredObject
from pipeline.ocr.layout import to_alto
from pipeline.preprocess.upright import KnownGeometry, fingerprint
from pipeline.review.corrections import Corrections
from pipeline.settings import OcrSettings, PageSettings, WorkSettings
from pipeline.storage import Store, keys
from pipeline.workflow.page_worker import PageJob, PageResult
from pipeline.workflow.publish import bind, write_manifest
from pipeline.workflow.time_budget import BatchAllowance

log = structlog.get_logger()

_QUIET_SECONDS = 300.0  # how long a batch waits for whoever corrects it
_IMAGE_TYPES = {".jpg": "image/jpeg", ".png": "image/png"}

WorkPages = Callable[[Sequence[PageJob], BatchAllowance], Iterator[PageResult]]


def _believe_no_sheet(batch: Batch, notes: PageAnnotations) -> SheetCheck:
    return SheetCheck(batch.office, None, lambda page, office: False)


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What digitising needs: where objects, rows and corrections are kept, and who works on pages (in any order, as
    they end).

    `numbers` is the grammar of file numbers, `known` finds what the office of a batch knows of one. `dpi_of` has, by
    scanner profile, the resolution of pages that do not carry their own; `notes` finds the annotations of a batch's pages;
    `sheets` checks which separator sheets of a batch may settle something. `work` bounds the processor time of a page and of
    a batch.
    """

    store: Store
    records: BatchRepository
    corrections: Corrections
    work_pages: WorkPages
    pages: PageSettings
    ocr: OcrSettings
    numbers: Grammar = NO_FORMS
    known: Callable[[Batch], Callable[[str], KnownNumber]] | None = None
    dpi_of: Mapping[str, int] = field(default_factory=dict)
    notes: Callable[[str], PageAnnotations] = lambda batch: PageAnnotations()
    sheets: Callable[[Batch, PageAnnotations], SheetCheck] = _believe_no_sheet
    work: WorkSettings = field(default_factory=WorkSettings)


def digitise(
    batch: Batch, dependencies: Dependencies, folder: Path, *, on_page: Callable[[int], None] = lambda number: None
) -> list[str]:
    """Take one batch from scan to shelf; returns its documents. `folder` is scratch space; `on_page` hears of each page.

    Raises `HeavyScanError` when its pages take too much processor time; those that are done are kept.
    """
    notes = dependencies.notes(batch.id)
    originals = fetch(batch, dependencies, notes, folder)
    pages_to_do = jobs(batch, dependencies, notes, originals, folder)
    for result in dependencies.work_pages(
        pages_to_do, BatchAllowance(batch, len(pages_to_do), dependencies.work.batch_seconds)
    ):
        keep(batch, dependencies, notes, result)
        on_page(result.page.source_page)
    pages = dependencies.records.read_pages(batch.id)
    knowledge: OfficeKnowledge = {
        "office": batch.office,
        "today": batch.latest_date,
        "grammar": dependencies.numbers.until(batch.latest_date),
        "known": dependencies.known(batch) if dependencies.known else None,
    }
    documents = separate(
        batch.id, pages, metadata=batch.metadata, sheets=dependencies.sheets(batch, notes), **knowledge
    )
    with dependencies.corrections.quiet(batch.id, wait_seconds=_QUIET_SECONDS):
        documents = dependencies.corrections.laid_over(batch.id, documents, partial(describe, batch.id, **knowledge))
        shelved = [bind(batch, dependencies.store, document, folder) for document in documents]
        shelve(batch, dependencies, shelved)
    return [document.id for document, _ in shelved]


def fetch(batch: Batch, dependencies: Dependencies, notes: PageAnnotations, folder: Path) -> dict[str, Path]:
    """The originals as local files, by their SHA-256; those with them that stand for single pages."""
    found: dict[str, Path] = {}
    for file in (*batch.source.each, *notes.sources()):
        path = folder / f"{file.sha256}{file.media_type.suffix}"
        dependencies.store.fetch(file.original_key, path)
        found[file.sha256] = path
    return found


def jobs(
    batch: Batch, dependencies: Dependencies, notes: PageAnnotations, originals: dict[str, Path], folder: Path
) -> list[PageJob]:
    """The pages that are still to be done, in order, each with what is known of how it lies."""
    done = dependencies.records.pages_read(batch.id)
    dpi = dependencies.dpi_of.get(batch.profile, dependencies.pages.default_dpi)
    limits = dependencies.pages.model_copy(update={"default_dpi": dpi})
    numbers = dependencies.numbers.until(batch.latest_date)
    before, timed_out = dependencies.records.known_geometry(batch.id), dependencies.records.pages_timed_out(batch.id)
    found = []
    for number, came, place in batch.source.places():
        if number not in done:
            note = notes.replaced(number)
            file, inside = (note.source, 1) if note and note.source else (came, place)
            measured_from = fingerprint(file.sha256, inside, limits, asked=dependencies.ocr.enabled)
            geometry, blank = before.get(number, (None, False))
            known = KnownGeometry(measured_from, geometry, blank, notes.is_written(number))
            path = str(originals[file.sha256])
            found.append(
                PageJob(
                    path,
                    file.media_type,
                    inside,
                    number,
                    str(folder),
                    limits,
                    dependencies.ocr,
                    known,
                    numbers,
                    batch.latest_date,
                    number in timed_out,
                    dependencies.work.draw_seconds,
                )
            )
    return found


def keep(batch: Batch, dependencies: Dependencies, notes: PageAnnotations, result: PageResult) -> None:
    """Store a page's image and layout, then commit its row: from here it is never done again."""
    number, image = result.page.source_page, Path(result.image)
    turn = notes.turn(number)
    image_key = keys.page_image(batch.id, number, image.suffix.removeprefix("."), turn)
    layout_key = keys.page_layout(batch.id, number, turn)
    page = replace(result.page, image_key=image_key, layout_key=layout_key)
    objects = (
        dependencies.store.put_file(image_key, image, _IMAGE_TYPES[image.suffix]),
        dependencies.store.put_bytes(layout_key, to_alto(page), "application/gzip"),
    )
    dependencies.records.keep_page(batch.id, page, objects)
    image.unlink()
    log.info("page", batch=batch.id, page=number, confidence=page.confidence, blank=page.blank, flags=page.flags)


def shelve(batch: Batch, dependencies: Dependencies, shelved: Sequence[tuple[Document, StoredObject]]) -> None:
    """Write the manifest that can rebuild the rows, then file rows and full text in one transaction."""
    documents, pdfs, at = [document for document, _ in shelved], [stored for _, stored in shelved], datetime.now(UTC)
    stored = write_manifest(batch, dependencies.store, dependencies.records, documents, pdfs, at)
    dependencies.records.file(batch.id, documents, [*pdfs, stored], at=at)
    log.info("filed", batch=batch.id, documents=[document.id for document in documents])
