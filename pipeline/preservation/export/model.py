"""What an export is made of: its dependencies, files and documents on their way out, and their rows and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from pipeline.db.batches import BatchRepository
from pipeline.db.exports import Bundle, ExportRepository
from pipeline.model import contract, register_json
from pipeline.model.batch import Batch
from pipeline.model.document import Document, DocumentKind
from pipeline.model.json_values import JsonObject
from pipeline.model.register import RegisterFile
from pipeline.storage import Store

FIELDS = ("letter_no", "date", "subject", "sender", "recipient")
COLUMNS = (
    "office",
    "file_no",
    "file_key",
    "document",
    "kind",
    "status",
    *FIELDS,
    "pages",
    "batch",
    "source_name",
    "source_sha256",
    "source_first_page",
    "path",
)


class ExportFormat(StrEnum):
    PDF = "pdf"
    BAGIT = "bagit"
    EOFFICE = "eoffice"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class ExportDependencies:
    """What exporting needs. `registered` finds the volumes of a file in the register, by office and key."""

    store: Store
    records: BatchRepository
    exports: ExportRepository
    registered: Callable[[str, str], Sequence[RegisterFile]]
    scratch: Path


@dataclass(slots=True)
class Exported:
    """What was exported, and the SHA-256 of its manifest, as the audit log has it."""

    form: str
    target: str
    files: int = 0
    documents: int = 0
    pages: int = 0
    bytes: int = 0
    manifest_sha256: str = ""


@dataclass(slots=True)
class ExportedFile:
    """A document on its way out, with the batch that it came in."""

    document: Document
    batch: Batch
    path: str = ""


@dataclass(slots=True)
class File:
    """A file on its way out: where it goes, what the register says of it, and its documents."""

    bundle: Bundle
    volumes: Sequence[RegisterFile]
    folder: str
    documents: list[ExportedFile] = field(default_factory=list)

    @property
    def subject(self) -> str:
        return next((volume.subject for volume in self.volumes if volume.subject), "")

    @property
    def number(self) -> str:
        return next((volume.number for volume in self.volumes), None) or self.bundle.number or ""

    def of(self, *kinds: DocumentKind) -> Iterator[ExportedFile]:
        return (taken for taken in self.documents if taken.document.kind in kinds)


def row(file: File, taken: ExportedFile) -> list[object]:
    """A document as a line of `documents.csv`."""
    document, source = taken.document, taken.batch.source
    return [
        file.bundle.office,
        document.value("file_no"),
        document.file_key,
        document.id,
        str(document.kind),
        str(document.state),
        *(document.value(name) for name in FIELDS),
        len(document.pages),
        document.batch,
        source.name,
        source.sha256,
        document.pages[0].source_page if document.pages else None,
        taken.path,
    ]


def file_json(file: File) -> JsonObject:
    """A file with everything that is known of it and of its documents."""
    return {
        "office": file.bundle.office,
        "file_no": file.number,
        "file_key": file.bundle.key,
        "register": [register_json.file_json(volume) for volume in file.volumes],
        "documents": [contract.document_json(taken.document, taken.batch) for taken in file.documents],
    }


def as_json(value: Any) -> Iterable[str]:
    yield json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n"


def today() -> str:
    return datetime.now(UTC).date().isoformat()
