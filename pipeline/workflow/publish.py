"""What is made of documents beside their rows: the searchable PDF/A of each, and the manifest of their batch.

How a PDF is written is in `formats.searchable`, what a manifest holds in `storage.batch_manifest`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline.db.batches import BatchRepository
from pipeline.formats import searchable
from pipeline.model.batch import Batch, BatchState
from pipeline.model.document import Document
from pipeline.model.page import ReadPage
from pipeline.model.scan import StoredObject
from pipeline.storage import Store, batch_manifest, keys


def bind(batch: Batch, store: Store, document: Document, folder: Path) -> tuple[Document, StoredObject]:
    """Make the PDF in `folder` and store it; returns the document with its key."""
    key, path = keys.document_pdf(document.id), folder / f"{document.id}.pdf"
    searchable.write((_pdf_page(page, store) for page in document.pages), about(batch, document), path)
    stored = store.put_file(key, path, "application/pdf")
    path.unlink()
    return document.with_pdf(key), stored


def about(batch: Batch, document: Document) -> searchable.About:
    """The metadata of the PDF."""
    return searchable.About(
        title=document.value("subject") or document.value("file_no") or batch.source.name,
        created=batch.received_at,
        identifier=document.value("file_no"),
        subject=document.value("subject"),
        date=document.value("date"),
        kind=document.kind.value,
        source=f"sha256:{batch.source.sha256}",
        document=document.id,
    )


def _pdf_page(page: ReadPage, store: Store) -> searchable.PdfPage:
    return searchable.PdfPage(store.get(page.image_key), page.width, page.height, page.dpi, page.words)


def write_manifest(
    batch: Batch,
    store: Store,
    records: BatchRepository,
    documents: Sequence[Document],
    pdfs: Sequence[StoredObject],
    at: datetime,
) -> StoredObject:
    """Store the manifest that can rebuild the batch's rows as they are with these documents and their new PDFs."""
    objects = {stored.key: stored for stored in (*records.objects_of(batch.id), *pdfs)}
    objects.pop(keys.manifest(batch.id), None)
    account = batch_manifest.BatchManifest(
        replace(batch, state=BatchState.FILED),
        tuple(objects.values()),
        tuple(documents),
        marks=records.page_marks(batch.id),
        filed_at=at,
    )
    return store.put_bytes(keys.manifest(batch.id), batch_manifest.write(account), "application/json")


def republish(
    batch: Batch,
    made: Sequence[Document],
    recut: Set[str],
    untouched: Sequence[Document],
    *,
    store: Store,
    records: BatchRepository,
) -> tuple[list[Document], list[StoredObject]]:
    """Make anew the PDFs of the documents in `recut`, and the manifest of the batch with `made` and `untouched`.

    Returns `made` with their PDFs, and the objects that were stored.
    """
    bound, objects = [], []
    with tempfile.TemporaryDirectory(prefix="abhilekh-") as folder:
        for document in made:
            if document.id in recut:
                with_pdf, stored = bind(batch, store, document, Path(folder))
                objects.append(stored)
                bound.append(with_pdf)
            else:
                bound.append(document)
    every = sorted([*untouched, *bound], key=lambda document: document.pages[0].source_page)
    objects.append(write_manifest(batch, store, records, every, objects, datetime.now(UTC)))
    return bound, objects
