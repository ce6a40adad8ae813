"""Searchable PDF/A-2b: page images with the recognised words invisibly under them (pikepdf).

The text layer uses one font without shapes whose character codes are UTF-16 units, so that any script can be selected,
copied and searched; word boxes place it. Nothing here knows how the words were recognised.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import pikepdf
from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib.tables._g_l_y_f import Glyph
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream
from PIL import ImageCms

from pipeline.media.names import printable
from pipeline.model import Word

_POINTS = 72.0
_GLYPH_WIDTH = 500  # of 1,000 units
_INVISIBLE = 3  # text rendering mode
_BEYOND_PLANE = re.compile("[\U00010000-\U0010ffff]")  # signs that two codes would make; viewers show neither
_RANGES_A_BLOCK = 100  # most entries a CMap block may hold


@dataclass(frozen=True, slots=True)
class PdfPage:
    """A page to write: its JPEG, its size in pixels, its resolution, and the words with boxes in those pixels."""

    jpeg: bytes
    grey: bool
    width: int
    height: int
    dpi: int
    words: Sequence[Word]


@dataclass(frozen=True, slots=True)
class About:
    """What the PDF says of itself. `created` fixes its dates, so that the same input gives the same bytes."""

    title: str
    created: datetime
    identifier: str | None = None
    subject: str | None = None
    date: str | None = None
    language: str = "hi-IN"


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
    """Write the pages, taken one at a time, as one PDF/A-2b file at `path`."""
    with Pdf.new() as document:
        font = document.make_indirect(_font(document))
        for page in pages:
            _add_page(document, page, font)
        _declare(document, about)
        document.save(
            path, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True
        )


def _add_page(document: Pdf, page: PdfPage, font: Object) -> None:
    scale = _POINTS / page.dpi
    width, height = page.width * scale, page.height * scale
    image = Stream(document, page.jpeg)
    image.stream_dict = Dictionary(
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=page.width,
        Height=page.height,
        ColorSpace=Name.DeviceGray if page.grey else Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )
    drawing = f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /Page Do Q\n".encode("ascii")
    contents = Stream(document, drawing + b"".join(_text_layer(page, scale)))
    sheet = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, round(width, 3), round(height, 3)]),
        Resources=Dictionary(XObject=Dictionary(Page=document.make_indirect(image)), Font=Dictionary(Text=font)),
        Contents=document.make_indirect(contents),
    )
    document.pages.append(pikepdf.Page(document.make_indirect(sheet)))


def _text_layer(page: PdfPage, scale: float) -> Iterator[bytes]:
    """The words as text operators, each stretched over its box and followed by a blank."""
    if not page.words:
        return
    yield f"BT {_INVISIBLE} Tr\n".encode("ascii")
    for word in page.words:
        codes = _BEYOND_PLANE.sub("\ufffd", word.text).encode("utf-16-be", "replace")
        size = max(word.box.h * scale, 1.0)
        natural = len(codes) / 2 * _GLYPH_WIDTH / 1000 * size
        stretch = 100 * max(word.box.w * scale, 0.1) / natural
        left, base = word.box.x * scale, (page.height - word.box.y - word.box.h) * scale
        text = (codes + " ".encode("utf-16-be")).hex().upper()
        yield (
            f"/Text {size:.2f} Tf {stretch:.2f} Tz 1 0 0 1 {left:.2f} {base + 0.2 * size:.2f} Tm <{text}> Tj\n"
        ).encode("ascii")
    yield b"ET\n"


def _font(document: Pdf) -> Dictionary:
    program = document.make_indirect(Stream(document, _font_program()))
    descriptor = document.make_indirect(
        Dictionary(
            Type=Name.FontDescriptor,
            FontName=Name.AbhilekhText,
            Flags=4,
            FontBBox=Array([0, 0, _GLYPH_WIDTH, 1000]),
            ItalicAngle=0,
            Ascent=1000,
            Descent=0,
            CapHeight=1000,
            StemV=80,
            FontFile2=program,
        )
    )
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name.AbhilekhText,
        CIDSystemInfo=Dictionary(Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0),
        FontDescriptor=descriptor,
        DW=_GLYPH_WIDTH,
        CIDToGIDMap=document.make_indirect(Stream(document, b"\x00\x01" * 65536)),
    )
    return Dictionary(
        Type=Name.Font,
        Subtype=Name.Type0,
        BaseFont=Name.AbhilekhText,
        Encoding=Name("/Identity-H"),
        DescendantFonts=Array([document.make_indirect(descendant)]),
        ToUnicode=document.make_indirect(Stream(document, _to_unicode())),
    )


@cache
def _font_program() -> bytes:
    """A TrueType font of one empty shape."""
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "blank"])
    builder.setupCharacterMap({0x20: "blank"})
    builder.setupGlyf({".notdef": Glyph(), "blank": Glyph()})
    builder.setupHorizontalMetrics(dict.fromkeys((".notdef", "blank"), (_GLYPH_WIDTH, 0)))
    builder.setupHorizontalHeader(ascent=1000, descent=0)
    builder.setupNameTable({"familyName": "AbhilekhText", "styleName": "Regular", "psName": "AbhilekhText"})
    builder.setupOS2(sTypoAscender=1000, usWinAscent=1000, usWinDescent=0)
    builder.setupPost()
    builder.font["head"].created = builder.font["head"].modified = 0
    builder.font.recalcTimestamp = False
    target = io.BytesIO()
    builder.save(target)
    return target.getvalue()


@cache
def _to_unicode() -> bytes:
    """A CMap that maps every code to itself; a range may not cross a high byte (PDF 32000-1, 9.10.3)."""
    ranges = [f"<{high:02X}00> <{high:02X}FF> <{high:02X}00>" for high in range(256)]
    blocks = [ranges[i : i + _RANGES_A_BLOCK] for i in range(0, len(ranges), _RANGES_A_BLOCK)]
    body = "\n".join(f"{len(b)} beginbfrange\n" + "\n".join(b) + "\nendbfrange" for b in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /AbhilekhUnicode def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        f"{body}\nendcmap CMapName currentdict /CMap defineresource pop end end\n"
    ).encode("ascii")


@cache
def _srgb() -> bytes:
    return bytes(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())


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
    stamp = about.created.replace(microsecond=0).isoformat()
    with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=True) as metadata:
        metadata["pdfaid:part"] = "2"
        metadata["pdfaid:conformance"] = "B"
        metadata["dc:title"] = printable(about.title)  # signs that XML cannot hold would break it
        metadata["dc:language"] = {about.language}
        metadata["xmp:CreateDate"] = stamp
        metadata["xmp:ModifyDate"] = stamp
        metadata["xmp:MetadataDate"] = stamp
        metadata["xmp:CreatorTool"] = "Abhilekh"
        metadata["pdf:Producer"] = "Abhilekh"
        if about.identifier:
            metadata["dc:identifier"] = printable(about.identifier)
        if about.subject:
            metadata["dc:description"] = printable(about.subject)
        if about.date:
            metadata["dc:date"] = [about.date]
