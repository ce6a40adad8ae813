"""Words that are there to be selected, copied and searched, but not seen: the PDF's text operators and their font.

The font has no shapes and its character codes are UTF-16 units, so that one small font serves any script and the text
comes out in the order it was read, matras and conjuncts as they are spelled. Pages and files do not live here.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from operator import attrgetter
from statistics import median

import pikepdf
from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib.tables._g_l_y_f import Glyph
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from pipeline.model.page import Word

_GLYPH_WIDTH = 500  # of 1,000 units
_ASCENT, _DESCENT = 800, -200  # they fill the size, so that a word's highlight is as high as its line
_LEAST_GAP = 0.2  # of the size; where boxes touch, poppler and pdf.js would take two words for one
_INVISIBLE = 3  # text rendering mode
_RANGES_A_BLOCK = 100  # most entries a CMap block may hold
_MADE = 3_850_070_400  # seconds since 1904: the first of January 2026; a fixed time keeps bytes the same
# What one code cannot say or Unicode does not assign: controls, halves of pairs, signs beyond the plane, U+FEFF.
_UNSAYABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff\U00010000-\U0010ffff]")


def operators(words: Sequence[Word], height: int, scale: float) -> Iterator[bytes]:
    """The words as text operators. `height` is the page's in pixels, `scale` points a pixel.

    Words of a line share size and baseline, so that viewers select them as one line; each is stretched over its own box
    and has its blank in the same string, for PDFium drops one that is shown by itself.
    """
    if not words:
        return
    yield f"BT {_INVISIBLE} Tr\n".encode("ascii")
    for _, line in groupby(words, key=attrgetter("line")):
        yield from _line(list(line), height, scale)
    yield b"ET\n"


def _line(words: Sequence[Word], height: int, scale: float) -> Iterator[bytes]:
    top = median(word.box.y for word in words)
    bottom = median(word.box.y + word.box.h for word in words)
    tall = max(bottom - top, 1)
    level = all(abs(2 * word.box.y + word.box.h - top - bottom) <= tall for word in words)
    size = max(tall * scale, 1.0)
    yield f"/Text {size:.2f} Tf\n".encode("ascii")
    for word, following in zip(words, [*words[1:], None], strict=True):
        codes = _UNSAYABLE.sub("\ufffd", word.text).encode("utf-16-be")
        if not codes:
            continue
        natural = len(codes) / 2 * _GLYPH_WIDTH / 1000 * size
        stretch = 100 * _width(word, following, scale, size) / natural
        base = (height - (bottom if level else word.box.y + word.box.h)) * scale - _DESCENT / 1000 * size
        yield (
            f"{stretch:.2f} Tz 1 0 0 1 {word.box.x * scale:.2f} {base:.2f} Tm <{codes.hex().upper()}0020> Tj\n"
        ).encode("ascii")


def _width(word: Word, following: Word | None, scale: float, size: float) -> float:
    """The box's width in points, cut where the next word of the line comes too near; never by more than half."""
    whole = max(word.box.w * scale, 0.1)
    if following is None or following.box.x <= word.box.x:
        return whole
    return min(whole, max((following.box.x - word.box.x) * scale - _LEAST_GAP * size, whole / 2))


def font(document: Pdf) -> Dictionary:
    """The font resource, to be shared by all pages of the document under the name `Text`."""
    program = document.make_indirect(Stream(document, _program()))
    descriptor = document.make_indirect(
        Dictionary(
            Type=Name.FontDescriptor,
            FontName=Name.AbhilekhText,
            Flags=4,
            FontBBox=Array([0, _DESCENT, _GLYPH_WIDTH, _ASCENT]),
            ItalicAngle=0,
            Ascent=_ASCENT,
            Descent=_DESCENT,
            CapHeight=_ASCENT,
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
def _program() -> bytes:
    """A TrueType font of one empty shape."""
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "blank"])
    builder.setupCharacterMap({0x20: "blank"})
    builder.setupGlyf({".notdef": Glyph(), "blank": Glyph()})
    builder.setupHorizontalMetrics(dict.fromkeys((".notdef", "blank"), (_GLYPH_WIDTH, 0)))
    builder.setupHorizontalHeader(ascent=_ASCENT, descent=_DESCENT)
    builder.setupNameTable({"familyName": "AbhilekhText", "styleName": "Regular", "psName": "AbhilekhText"})
    builder.setupOS2(sTypoAscender=_ASCENT, usWinAscent=_ASCENT, usWinDescent=-_DESCENT)
    builder.setupPost()
    builder.font["head"].created = builder.font["head"].modified = _MADE
    builder.font.recalcTimestamp = False
    target = io.BytesIO()
    builder.save(target)
    return target.getvalue()


@cache
def _to_unicode() -> bytes:
    """A CMap that maps every code in use to itself; a range may not cross a high byte (ISO 32000-1, 9.10.3)."""
    blocks = [_RANGES[i : i + _RANGES_A_BLOCK] for i in range(0, len(_RANGES), _RANGES_A_BLOCK)]
    body = "\n".join(
        f"{len(block)} beginbfrange\n"
        + "\n".join(f"<{first:04X}> <{last:04X}> <{first:04X}>" for first, last in block)
        + "\nendbfrange"
        for block in blocks
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /AbhilekhUnicode def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        f"{body}\nendcmap CMapName currentdict /CMap defineresource pop end end\n"
    ).encode("ascii")


_RANGES = [
    (0x0020, 0x007E),
    (0x00A0, 0x00FF),
    *((high << 8, high << 8 | 0xFF) for high in range(0x01, 0x100) if not 0xD8 <= high <= 0xDF and high < 0xFE),  # noqa: PLR2004
    (0xFE00, 0xFEFE),
    (0xFF00, 0xFFFD),
]
