"""Searchable PDF/A-2b: page images with the recognised words invisibly under them (pikepdf).

One page is in memory at a time: images and text go to a `draft` on the disk and from there into the file. How words
become text is in `invisible_text`; nothing here knows how they were recognised.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import ImageCms

from pipeline.formats import bilevel, invisible_text
from pipeline.formats.draft import Put, drafted
from pipeline.formats.frames import POINTS
from pipeline.formats.names import printable
from pipeline.model.page import Word

_SHORTEST, _LONGEST = 3.0, 14_400.0  # points; no side of a page may be beyond (ISO 32000-1, annex C)
_ICC_DATE = slice(24, 36)  # in a profile's header: when it was made, six 16-bit numbers
_MADE = b"".join(part.to_bytes(2) for part in (2026, 1, 1, 0, 0, 0))  # a fixed time keeps bytes the same
_IDS = uuid.UUID("6d2b0f0a-6c0e-5d0f-9a53-2b1f5a6f7c11")  # our own space of names for documents' ids


@dataclass(frozen=True, slots=True)
class PdfPage:
    """A page to write: its image, its size in pixels, its resolution, and the words with boxes in those pixels.

    The image is a JPEG, grey or coloured, kept as it is; or a PNG of one bit a pixel, kept as CCITT Group 4.
    """

    image: bytes
    width: int
    height: int
    dpi: int
    words: Sequence[Word]


@dataclass(frozen=True, slots=True)
class About:
    """What the PDF says of itself. `created` fixes its dates, so that the same input gives the same bytes.

    `identifier` is the file number, `date` the document's own in ISO 8601, `kind` what sort of document it is,
    `source` tells the scan it was made from (by its hash), `document` is the record's id.
    """

    title: str
    created: datetime
    identifier: str | None = None
    subject: str | None = None
    date: str | None = None
    kind: str | None = None
    source: str | None = None
    document: str | None = None
    language: str = "hi-IN"


@dataclass(frozen=True, slots=True)
class _DraftPage:
    """A page in the draft: its size in points and the numbers of its two streams."""

    width: float
    height: float
    image: int
    contents: int


def is_grey_jpeg(jpeg: bytes) -> bool:
    """Whether a baseline or progressive JPEG has one component (its frame header says so)."""
    place = 2
    while place + 9 < len(jpeg):
        marker, length = jpeg[place + 1], int.from_bytes(jpeg[place + 2 : place + 4])
        if marker in (0xC0, 0xC1, 0xC2):
            return jpeg[place + 9] == 1
        place += 2 + length
    return False


def write(pages: Iterable[PdfPage], about: About, path: Path) -> None:
    """Write the pages, taken one at a time, as one PDF/A-2b file at `path`.

    Needs about the file's own size again in `path`'s folder until it is done. Raises `ValueError` for a PNG of more than
    one bit a pixel, `OSError` when the disk is full.
    """
    sheets: list[_DraftPage] = []

    def fill(put: Put) -> None:
        sheets.extend(_put_page(put, page) for page in pages)

    with drafted(path.parent, fill) as document:
        font = document.make_indirect(invisible_text.font(document))
        for sheet in sheets:
            resources = Dictionary(
                XObject=Dictionary(Page=document.get_object(sheet.image, 0)), Font=Dictionary(Text=font)
            )
            page = Dictionary(
                Type=Name.Page,
                MediaBox=Array([0, 0, round(sheet.width, 3), round(sheet.height, 3)]),
                Resources=resources,
                Contents=document.get_object(sheet.contents, 0),
            )
            document.pages.append(pikepdf.Page(document.make_indirect(page)))
        _declare(document, about)
        document.save(
            path, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True
        )


def _put_page(put: Put, page: PdfPage) -> _DraftPage:
    """Put the page's streams. A page too small or too large for a PDF at its resolution is shown at another."""
    sides = (page.width, page.height)
    scale = min(max(POINTS / page.dpi, _SHORTEST / min(sides)), _LONGEST / max(sides))
    width, height = page.width * scale, page.height * scale
    drawing = f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /Page Do Q\n".encode("ascii")
    contents = drawing + b"".join(invisible_text.operators(page.words, page.height, scale))
    return _DraftPage(width, height, put(*_image(page)), put(Dictionary(), contents))


def _image(page: PdfPage) -> tuple[Dictionary, bytes]:
    """The image XObject's dictionary and data."""
    says = Dictionary(Type=Name.XObject, Subtype=Name.Image, Width=page.width, Height=page.height)
    if bilevel.is_png(page.image):
        says.ColorSpace, says.BitsPerComponent, says.Filter = Name.DeviceGray, 1, Name.CCITTFaxDecode
        says.DecodeParms = Dictionary(K=-1, Columns=page.width, Rows=page.height)
        return says, bilevel.png_to_g4(page.image)
    says.ColorSpace = Name.DeviceGray if is_grey_jpeg(page.image) else Name.DeviceRGB
    says.BitsPerComponent, says.Filter = 8, Name.DCTDecode
    return says, page.image


@cache
def _srgb() -> bytes:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_ICC_DATE] = _MADE
    return bytes(profile)


def _declare(document: Pdf, about: About) -> None:
    """Say that this is PDF/A-2b: colour meant, language, and metadata that the information dictionary agrees with."""
    profile = Stream(document, _srgb())
    profile.stream_dict = Dictionary(N=3)
    document.Root.OutputIntents = Array(
        [
            Dictionary(
                Type=Name.OutputIntent,
                S=Name.GTS_PDFA1,
                OutputConditionIdentifier=pikepdf.String("sRGB"),
                DestOutputProfile=document.make_indirect(profile),
            )
        ]
    )
    document.Root.Lang = pikepdf.String(about.language)
    document.Root.MarkInfo = Dictionary(Marked=False)
    document.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    _describe(document, about)


def _describe(document: Pdf, about: About) -> None:
    """Write the XMP: Dublin Core for the archive, only namespaces that PDF/A knows of itself."""
    stamp = about.created.replace(microsecond=0).isoformat()
    texts = {  # what is optional; `printable`, for signs that XML cannot hold would break it
        "dc:identifier": about.identifier,
        "dc:description": about.subject,
        "dc:source": about.source,
    }
    with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=True) as metadata:
        metadata["pdfaid:part"] = "2"
        metadata["pdfaid:conformance"] = "B"
        metadata["dc:format"] = "application/pdf"
        metadata["dc:title"] = printable(about.title)  # becomes a language alternative, x-default
        metadata["dc:language"] = {about.language}
        for name, text in texts.items():
            if text:
                metadata[name] = printable(text)
        if about.date:
            metadata["dc:date"] = [about.date]
        if about.kind:
            metadata["dc:type"] = {about.kind}
        if about.document:
            metadata["xmpMM:DocumentID"] = f"uuid:{uuid.uuid5(_IDS, about.document)}"
        for name in ("xmp:CreateDate", "xmp:ModifyDate", "xmp:MetadataDate"):
            metadata[name] = stamp
        metadata["xmp:CreatorTool"] = metadata["pdf:Producer"] = "Abhilekh"
