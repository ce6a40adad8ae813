"""Prove that a scanned file is whole, by its content and never by its name.

The file is opened in a process of its own (`isolation`): whatever it does to its decoder, ours goes on. Nothing here changes
a file or keeps it; intake decides what follows from the answer.
"""

from __future__ import annotations

import hashlib
import resource
import stat
import struct
import warnings
from itertools import islice
from os import SEEK_CUR
from pathlib import Path
from typing import Literal

from PIL import Image, ImageSequence

from pipeline.errors import (
    AbhilekhError,
    EmptyScanError,
    IncompleteScanError,
    NoPagesError,
    NotAFileError,
    OversizedPageError,
    UnknownMediaError,
    UnreasonableScanError,
)
from pipeline.formats import pdf
from pipeline.formats.image_frames import loaded
from pipeline.formats.isolation import Apart, Bounds, DiedError
from pipeline.formats.names import printable
from pipeline.model.scan import MediaType, Source

Image.MAX_IMAGE_PIXELS = None  # we check sizes ourselves, before decoding, with an error that names the page

_MAGIC: tuple[tuple[bytes, MediaType], ...] = (
    (b"\xff\xd8\xff", MediaType.JPEG),
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
    (b"II*\x00", MediaType.TIFF),
    (b"MM\x00*", MediaType.TIFF),
    (b"II+\x00", MediaType.TIFF),
    (b"MM\x00+", MediaType.TIFF),
)
_BIG_TIFF = 43  # version in the header; 42 in the classic format
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
    """Open the file to its last page and return what it is. `name`, made printable, is used in messages.

    Raises the `InputError` that says what is wrong: `EmptyScanError`, `UnknownMediaError`, `IncompleteScanError`,
    `EncryptedScanError`, `NoPagesError`, `OversizedPageError`, `NotAFileError`, `UnreasonableScanError`; or `OSError`
    when the file cannot be read at the moment.
    """
    shown = printable(name)
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):  # never opened: a pipe would hold us for ever, a device may be anything
        raise NotAFileError(name=shown)
    kind = media_type(path, shown)
    try:
        return _APART.call(_look, path, shown, kind, max_pixels, bounds=_bounds(kind, found.st_size, max_pixels))
    except DiedError as error:
        raise UnreasonableScanError(name=shown, cause=error) from error
    except MemoryError as error:  # what is too much there is little to us
        raise UnreasonableScanError(name=shown, cause="too much memory") from error


_APART = Apart(__name__)
_MEMORY_MB = 256  # for a file without large pages
_BYTES_A_PIXEL = 8  # of the largest page allowed: four decoded, and as many in the decoder's hands
_CPU_SECONDS, _CPU_SECONDS_A_MB = 20, 2.0  # honest scans take a tenth of that
_SECONDS, _SECONDS_A_MB = 120.0, 10.0  # on the clock, where the disk or the network is slow
_MOST_PAGES = 20_000


def _bounds(kind: MediaType, size: int, max_pixels: int) -> Bounds:
    """What opening the file may take: of a PDF the data are read as they are, of an image the pixels are decoded."""
    megabytes = size / 2**20
    more = 2 * megabytes if kind is MediaType.PDF else megabytes + max_pixels * _BYTES_A_PIXEL / 2**20
    return Bounds(
        memory_mb=int(_MEMORY_MB + more),
        cpu_seconds=int(_CPU_SECONDS + megabytes * _CPU_SECONDS_A_MB),
        seconds=_SECONDS + megabytes * _SECONDS_A_MB,
    )


def _look(path: Path, name: str, kind: MediaType, max_pixels: int) -> Source:
    """What `prove` does, in the process that may die of it."""
    before = _peak_mb()
    try:
        pages = _count_whole_pages(path, name, kind, max_pixels)
    except IncompleteScanError as error:
        if kind is MediaType.PDF and _peak_mb() - before > _MEMORY_MB / 4 + 2 * path.stat().st_size / 2**20:
            raise UnreasonableScanError(name=name, cause="it unpacks to more than its pages need") from error
        raise
    if pages == 0:
        raise NoPagesError(name=name)
    if pages > _MOST_PAGES:
        raise UnreasonableScanError(name=name, cause=f"{pages} pages; the limit is {_MOST_PAGES}")
    return Source(name=name, sha256=sha256(path), bytes=path.stat().st_size, media_type=kind, pages=pages)


def _count_whole_pages(path: Path, name: str, kind: MediaType, max_pixels: int) -> int:
    try:
        if kind is MediaType.PDF:
            return pdf.count_whole_pages(path, name)
        return _count_whole_frames(path, name, kind, max_pixels)
    except (AbhilekhError, OSError, MemoryError):
        raise
    except Exception as error:  # whatever else a decoder raises is the file's doing
        raise IncompleteScanError(name=name, cause=f"{type(error).__name__}: {error}") from error


def _peak_mb() -> float:
    """The most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# What Pillow raises on damaged images: a missing tag, for one, is a KeyError that becomes a TypeError.
DAMAGE = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, struct.error)
_STRIPS, _TILES = (273, 279), (324, 325)  # TIFF tags: where the pieces of an image start, and how long they are


def _count_whole_frames(path: Path, name: str, kind: MediaType, max_pixels: int) -> int:
    """Decode every frame to its last strip; only one is held at a time."""
    announced = _count_directories(path, name) if kind is MediaType.TIFF else 1
    frames = 0
    try:
        # A warning about odd metadata is no reason to refuse a page that decodes.
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=[kind.name]) as image:
            for frame in islice(ImageSequence.Iterator(image), announced):
                frames += 1
                pixels = frame.width * frame.height
                if pixels > max_pixels:
                    raise OversizedPageError(name=name, page=frames, pixels=pixels, limit=max_pixels)
                loaded(frame, path)
                _check_pieces(frame, path.stat().st_size)
    except DAMAGE as error:
        if "MAX_TEXT" in str(error):  # Pillow stops where the remarks of a PNG unpack to megabytes
            raise UnreasonableScanError(name=name, cause="its remarks unpack to more than its page") from error
        where = f"page {frames}" if frames else "the header"
        raise IncompleteScanError(name=name, cause=f"{where}: {error}") from error
    if frames < announced:  # Pillow ends quietly where a directory is damaged
        raise IncompleteScanError(name=name, cause=f"{frames} of {announced} pages are there")
    return frames


def _check_pieces(frame: Image.Image, size: int) -> None:
    """Raise `EOFError` when a TIFF frame's data run past the file's end; some decoders do not mind a missing tail."""
    tags = getattr(frame, "tag_v2", None)
    if tags is None:
        return
    pieces = [
        start + length
        for offsets, lengths in (_STRIPS, _TILES)
        for start, length in zip(tags.get(offsets, ()), tags.get(lengths, ()), strict=True)
    ]
    if not pieces or max(pieces) > size:
        raise EOFError("the image data are cut short")


def _count_directories(path: Path, name: str) -> int:
    """The pages a TIFF announces, by the chain of its directories (TIFF 6.0, section 2, and BigTIFF)."""
    with path.open("rb") as stream:

        def number(size: int) -> int:
            data = stream.read(size)
            if len(data) < size:
                raise IncompleteScanError(name=name, cause=f"directory {len(seen) + 1} is cut short")
            return int.from_bytes(data, order)

        seen: set[int] = set()
        order: Literal["little", "big"] = "little" if stream.read(2) == b"II" else "big"
        big = number(2) == _BIG_TIFF
        wide, entry = (8, 20) if big else (4, 12)
        stream.seek(8 if big else 4)
        place = number(wide)
        while place:
            if place in seen:
                raise IncompleteScanError(name=name, cause="its directories run in a circle")
            stream.seek(place)
            stream.seek(number(8 if big else 2) * entry, SEEK_CUR)
            seen.add(place)
            place = number(wide)
    if not seen:
        raise NoPagesError(name=name)
    return len(seen)
