"""Scanned files as they came: what kind a file is, its identity by content, and where its bytes are stored."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MediaType(StrEnum):
    """What a scanned file is, by its content and never by its name."""

    PDF = "application/pdf"
    TIFF = "image/tiff"
    JPEG = "image/jpeg"
    PNG = "image/png"
    UNKNOWN = ""  # of a file that was rejected before anybody could tell

    @property
    def suffix(self) -> str:
        return {"application/pdf": ".pdf", "image/tiff": ".tif", "image/jpeg": ".jpg", "image/png": ".png"}.get(
            self, ""
        )


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as it was put: its key, SHA-256 in hex and length in bytes."""

    key: str
    sha256: str
    bytes: int


_ID_DIGITS = 20  # hex digits of a batch's id: 80 bits of its identity


def batch_identity(sha256: str, office: str | None) -> str:
    """What makes a batch one of its own, in 64 hex digits: its content, and the office that it came in for.

    Without an office it is the SHA-256 of the content alone, as it was of every batch before the office counted.
    """
    if not office:
        return sha256
    return hashlib.sha256(f"{office}\n{sha256}".encode("utf-8", "surrogatepass")).hexdigest()


def batch_ids(identity: str) -> Iterator[str]:
    """The ids that a batch of this identity may have, the first that is free being taken: an older batch that came in for
    an office may have the id that its content would have without one."""
    yield identity[:_ID_DIGITS]
    for count in itertools.count(2):
        yield hashlib.sha256(f"{identity}\n{count}".encode()).hexdigest()[:_ID_DIGITS]


def batch_id(sha256: str, office: str | None = None) -> str:
    """The id of the batch with this content that came in for this office, unless another one had it before."""
    return next(batch_ids(batch_identity(sha256, office)))


@dataclass(frozen=True, slots=True)
class Source:
    """A scanned file as it came, proven whole: what it is, its fixity and how many pages it holds.

    Of a scanner that writes page by page, `files` are the pages' own files in order, and `sha256` is the hash of their
    hashes, so that the same pages are the same source. Otherwise `files` is empty.
    """

    name: str
    sha256: str
    bytes: int
    media_type: MediaType
    pages: int
    files: tuple[Source, ...] = ()

    @classmethod
    def gathered(cls, name: str, files: Sequence[Source]) -> Source:
        """Several files as one source, in the order given."""
        joined = "\n".join(file.sha256 for file in files).encode("ascii")
        return cls(
            name=name,
            sha256=hashlib.sha256(joined).hexdigest(),
            bytes=sum(file.bytes for file in files),
            media_type=files[0].media_type,
            pages=sum(file.pages for file in files),
            files=tuple(files),
        )

    @property
    def each(self) -> tuple[Source, ...]:
        """The files: those that were gathered, or the one."""
        return self.files or (self,)

    @property
    def original_key(self) -> str:
        return f"originals/{self.sha256}"

    @property
    def batch_id(self) -> str:
        """The id of a batch with this content that came in for no office."""
        return batch_id(self.sha256)

    def places(self) -> Iterator[tuple[int, Source, int]]:
        """Every page: its number in the batch, its file, and its number in that file; all from 1."""
        number = 0
        for file in self.each:
            for inside in range(1, file.pages + 1):
                number += 1
                yield number, file, inside


@dataclass(frozen=True, slots=True)
class ScanVersion:
    """That the batch `newer` is the same scan as `older`, as it was later; in doubt where it is not `certain`.

    `reason` is a key of `ingest.versions.REASONS`. Where both are the same batch, that one is current again, or, in doubt,
    something was seen of its file. `name` and `office` are those of the newer one, where they are known.
    """

    older: str
    newer: str
    reason: str
    certain: bool
    at: datetime
    name: str = ""
    office: str | None = None
