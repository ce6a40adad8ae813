"""Prove that a scanned file is whole, by its content and never by its name.

Nothing here changes a file or keeps it; intake decides what follows from the answer.
"""

from __future__ import annotations

import hashlib
import struct
import warnings
from pathlib import Path

from PIL import Image, ImageSequence, UnidentifiedImageError

from pipeline.errors import EmptyScanError, IncompleteScanError, NoPagesError, OversizedPageError, UnknownMediaError
from pipeline.media import pdf
from pipeline.model import MediaType, Source

Image.MAX_IMAGE_PIXELS = None  # we check sizes ourselves, before decoding, with an error that names the page

_MAGIC: tuple[tuple[bytes, MediaType], ...] = (
    (b"\xff\xd8\xff", MediaType.JPEG),
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
    (b"II*\x00", MediaType.TIFF),
    (b"MM\x00*", MediaType.TIFF),
    (b"II+\x00", MediaType.TIFF),
    (b"MM\x00+", MediaType.TIFF),
)
_HEAD = 1024  # bytes in which a PDF's header may stand (ISO 32000-1, implementation note 13)


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def media_type(path: Path, name: str) -> MediaType:
    """What the file is. Raises `EmptyScanError` or `UnknownMediaError`."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if not head:
        raise EmptyScanError(name=name, cause="0 bytes")
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if b"%PDF-" in head:
        return MediaType.PDF
    if any(magic.startswith(head) for magic, _ in _MAGIC) or b"%PDF-".startswith(head):
        raise IncompleteScanError(name=name, cause=f"only {len(head)} bytes")
    raise UnknownMediaError(name=name)


def prove(path: Path, name: str, *, max_pixels: int) -> Source:
    """Open the file to its last page and return what it is. `name` is used in messages.

    Raises the `InputError` that says what is wrong: `EmptyScanError`, `UnknownMediaError`, `IncompleteScanError`,
    `EncryptedScanError`, `NoPagesError`, `OversizedPageError`.
    """
    kind = media_type(path, name)
    pages = (
        pdf.count_whole_pages(path, name)
        if kind is MediaType.PDF
        else _count_whole_frames(path, name, kind, max_pixels)
    )
    if pages == 0:
        raise NoPagesError(name=name)
    return Source(name=name, sha256=sha256(path), bytes=path.stat().st_size, media_type=kind, pages=pages)


def _count_whole_frames(path: Path, name: str, kind: MediaType, max_pixels: int) -> int:
    """Decode every frame to its last strip; only one is held at a time."""
    if kind is MediaType.TIFF and _has_no_directory(path):
        raise NoPagesError(name=name)
    frames = 0
    try:
        # A warning about odd metadata is no reason to refuse a page that decodes.
        with warnings.catch_warnings(), Image.open(path) as image:
            warnings.simplefilter("ignore")
            for frame in ImageSequence.Iterator(image):
                frames += 1
                pixels = frame.width * frame.height
                if pixels > max_pixels:
                    raise OversizedPageError(name=name, page=frames, pixels=pixels, limit=max_pixels)
                frame.load()
                if kind is not MediaType.TIFF:
                    break
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, UnidentifiedImageError) as error:
        where = f"page {frames}" if frames else "the header"
        raise IncompleteScanError(name=name, cause=f"{where}: {error}") from error
    return frames


def _has_no_directory(path: Path) -> bool:
    """Whether a TIFF's first directory offset is zero: a whole file without a page."""
    with path.open("rb") as stream:
        head = stream.read(16)
    order = "<" if head[:2] == b"II" else ">"
    if head[2:4] in (b"+\x00", b"\x00+"):
        return len(head) == 16 and struct.unpack(order + "Q", head[8:16])[0] == 0  # noqa: PLR2004
    return len(head) >= 8 and struct.unpack(order + "I", head[4:8])[0] == 0  # noqa: PLR2004
