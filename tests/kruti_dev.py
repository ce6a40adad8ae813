"""Hindi as it was typed before Unicode: words put into Kruti Dev's codes, a font that draws them, a PDF set in it.

The font is made here from the shapes of an installed Unicode font, each laid on the Latin letter where Kruti Dev has it, so
that such a PDF looks like Hindi and holds Latin letters, as the real ones do.
"""

from __future__ import annotations

import re
import subprocess
import unicodedata
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path

import pikepdf
import uharfbuzz
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from pipeline.ocr.legacy_tables import I_BEFORE, KRUTI_DEV, REPH

_HALANT = "\u094d"
_DRAWN = {meant: letter for letter, meant in reversed(list(KRUTI_DEV.items()))}
_TWO_PARTS = {"ो": "ks", "ौ": "kS", "ॉ": "kW", "आ": "vk", "ओ": "vks", "औ": "vkS", "ऐ": ",s", "ई": "bZ"}
_SYLLABLE = re.compile(
    "(?P<reph>र\u094d(?=[क-ह]))?(?P<cluster>[क-ह]\u093c?(?:\u094d[क-ह]\u093c?)*\u094d?)(?P<signs>[\u093e-\u094c\u0901-\u0903]*)"
)


def typed(text: str) -> str:
    """Unicode text as a Kruti Dev typist would type it."""
    text = unicodedata.normalize("NFC", text).replace(":", "ः")  # the one key serves for both
    return "".join(_in_kruti_dev(part) for part in re.split("( )", text))


def _in_kruti_dev(word: str) -> str:
    out, place = "", 0
    while place < len(word):
        found = _SYLLABLE.match(word, place)
        if found is None:
            out += _TWO_PARTS.get(word[place]) or _DRAWN.get(word[place], word[place])
            place += 1
            continue
        signs = found["signs"]
        out += ("f" if "ि" in signs else "") + _cluster(found["cluster"])
        vowel = "".join(_TWO_PARTS.get(sign) or _DRAWN[sign] for sign in signs if sign != "ि" and sign not in "ंँः")
        out += vowel + ("Z" if found["reph"] else "") + "".join(_DRAWN[sign] for sign in signs if sign in "ंँः")
        place = found.end()
    return out


def _cluster(letters: str) -> str:
    """Whole conjuncts where the font has them, else half letters and a whole one."""
    if not letters:
        return ""
    for length in range(len(letters), 0, -1):
        head, rest = letters[:length], letters[length:]
        if rest.startswith("\u093c") or (rest and not rest.startswith(_HALANT) and not head.endswith(_HALANT)):
            continue
        if head in _DRAWN:
            return _DRAWN[head] + _cluster(rest)
        if not head.endswith(_HALANT) and head + _HALANT in _DRAWN:
            return _DRAWN[head + _HALANT] + "k" + _cluster(rest)
    if letters[1:2] == "\u093c":
        return _cluster(letters[0]) + "+" + _cluster(letters[2:])
    if letters.startswith(_HALANT):
        return ("z" if letters[1:2] == "र" else "~") + _cluster(letters[2 if letters[1:2] == "र" else 1 :])
    raise ValueError(letters)


@cache
def _unicode_font() -> Path:
    asked = ["fc-match", "-f", "%{file}", "Noto Sans Devanagari:style=Regular"]
    return Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)


@cache
def font_file() -> tuple[bytes, dict[str, int]]:
    """A TrueType font, and the width of each letter in thousandths."""
    source = TTFont(_unicode_font())
    shaper = uharfbuzz.Font(uharfbuzz.Face(_unicode_font().read_bytes()))
    units, shapes, names = source["head"].unitsPerEm, source.getGlyphSet(), source.getGlyphOrder()
    glyphs, metrics = {".notdef": TTGlyphPen(None).glyph()}, {".notdef": (500, 0)}
    for letter, meant in {**{c: c for c in "0123456789 !"}, **KRUTI_DEV}.items():
        buffer = uharfbuzz.Buffer()
        buffer.add_str(_shown(meant))
        buffer.guess_segment_properties()
        uharfbuzz.shape(shaper, buffer)
        pen, x = TTGlyphPen(None), 0
        is_mark = meant[0] == REPH or (unicodedata.category(meant[-1]) == "Mn" and not meant.endswith(_HALANT))
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            if names[info.codepoint] not in ("dottedCircle", "uni25CC"):
                record = DecomposingRecordingPen(shapes)
                shapes[names[info.codepoint]].draw(record)
                record.replay(TransformPen(pen, (1, 0, 0, 1, x + position.x_offset, position.y_offset)))
                x += position.x_advance
        name = f"c{ord(letter)}"
        glyphs[name], metrics[name] = pen.glyph(), (0 if is_mark else x, 0)
    builder = FontBuilder(units, isTTF=True)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap({int(name[1:]): name for name in glyphs if name != ".notdef"})
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(metrics)
    builder.setupHorizontalHeader(ascent=source["hhea"].ascent, descent=source["hhea"].descent)
    builder.setupNameTable({"familyName": "Kruti Dev 010", "psName": "KrutiDev010"})
    builder.setupOS2()
    builder.setupPost()
    data = BytesIO()
    builder.save(data)
    return data.getvalue(), {chr(int(n[1:])): round(w * 1000 / units) for n, (w, _) in metrics.items() if n[0] == "c"}


def _shown(meant: str) -> str:
    """What a Unicode font must be given to draw just this piece."""
    if meant.startswith(REPH):
        return "\u25ccर्"
    if meant == I_BEFORE:
        return "\u25cc\u093f"
    if meant.endswith(_HALANT) and len(meant) > 1:
        return meant + "\u200d"
    return "\u25cc" + meant if unicodedata.category(meant[0]) in ("Mn", "Mc") else meant


def pdf_in_kruti_dev(path: Path, lines: Sequence[str], *, font: str = "KrutiDev010", encoded: bool = False) -> None:
    """One A4 page of `lines`, Unicode (or Kruti Dev's codes, where `encoded`), set in a font of the name `font`."""
    data, widths = font_file()
    document = pikepdf.new()
    file = pikepdf.Stream(document, data)
    codes = range(32, 256)
    letters = [bytes([code]).decode("cp1252", "replace") for code in codes]
    about = pikepdf.Dictionary(
        Type=pikepdf.Name.FontDescriptor,
        FontName=pikepdf.Name(f"/ABCDEF+{font}"),
        Flags=32,
        ItalicAngle=0,
        Ascent=900,
        Descent=-300,
        CapHeight=700,
        StemV=80,
        FontBBox=[-500, -400, 2000, 1100],
        FontFile2=document.make_indirect(file),
    )
    made = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.TrueType,
        BaseFont=pikepdf.Name(f"/ABCDEF+{font}"),
        FirstChar=32,
        LastChar=255,
        Widths=[widths.get(letter, 0) for letter in letters],
        Encoding=pikepdf.Name.WinAnsiEncoding,
        FontDescriptor=document.make_indirect(about),
    )
    drawing = b"BT /F1 15 Tf 26 TL 60 780 Td\n"
    for line in lines:
        coded = (line if encoded else typed(line)).encode("cp1252")
        drawing += b"<" + coded.hex().encode() + b"> Tj T*\n"
    page = document.add_blank_page(page_size=(595, 842))
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=document.make_indirect(made)))
    page.Contents = document.make_stream(drawing + b"ET")
    document.save(path)
