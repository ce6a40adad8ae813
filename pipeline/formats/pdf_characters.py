"""The characters of a PDF page, one by one as PDFium gives them: place, font, direction, and the piece of text they are of.

How they make words is in `pdf_words`. Everything here runs in the process apart of `pdf_text`.
"""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from pipeline.formats.frames import Frame

_MOST_OBJECTS = 200_000  # of one page; set by hand
_DEEPEST = 8  # forms in forms
_LONGEST_NAME = 256  # bytes of a font's name
_SUBSET = re.compile(r"^[A-Z]{6}\+")  # what stands before the name of a font of which only some letters are embedded
_PRIVATE = range(0xF000, 0xF100)  # where symbol fonts of Windows have their 8-bit codes
_SURROGATES = range(0xD800, 0xE000)  # halves of a code in UTF-16, no letters by themselves
_LOST = "\ufffd"  # stands for a letter of which the PDF does not tell what it is
_OWN_CODES = 0x0900  # from here a code without a map to Unicode is taken for Unicode itself, as Tesseract writes it
_HYPHEN = "\x02"  # PDFium's sign for a hyphen at a line's end
_FLAT = 0.5  # points: a letter no higher has no shape, as in fonts for invisible text; its line's height is taken
_LEAST_HEIGHT = 0.1  # points that a letter counts as high, so that gaps can be told in heights


@dataclass(frozen=True, slots=True)
class Char:
    """A letter; `base` is how high its line runs, across the writing. `font` is empty of what PDFium has put in. `holder` is
    the piece of text it comes from, `shared` what several such pieces have as their one text (ISO 32000-1, 14.9.4)."""

    text: str
    frame: Frame = (0.0, 0.0, 0.0, 0.0)
    base: float = 0.0
    font: str = ""
    angle: float = 0.0
    hidden: bool = False
    holder: int = 0
    origin: tuple[float, float] = (0.0, 0.0)
    shared: int | None = None

    @property
    def height(self) -> float:
        return max(self.frame[3] - self.frame[1], _LEAST_HEIGHT)

    @property
    def is_mark(self) -> bool:
        return unicodedata.category(self.text) in ("Mn", "Mc")


@dataclass(frozen=True, slots=True)
class ShownSheet:
    """The part of the page that is shown, and the turn, clockwise, that sets its writing upright."""

    frame: Frame
    turn: int

    @property
    def width(self) -> float:
        return self.frame[3] - self.frame[1] if self.turn % 180 else self.frame[2] - self.frame[0]

    @property
    def height(self) -> float:
        return self.frame[2] - self.frame[0] if self.turn % 180 else self.frame[3] - self.frame[1]

    def shown(self, left: float, bottom: float, right: float, top: float) -> Frame:
        """A frame of the PDF as it lies on the upright sheet: from its left bottom corner, upwards."""
        x1, y1, x2, y2 = (value - self.frame[index % 2] for index, value in enumerate((left, bottom, right, top)))
        wide, high = self.frame[2] - self.frame[0], self.frame[3] - self.frame[1]
        turned = {
            90: (y1, wide - x2, y2, wide - x1),
            180: (wide - x2, high - y2, wide - x1, high - y1),
            270: (high - y2, x1, high - y1, x2),
        }
        return turned.get(self.turn, (x1, y1, x2, y2))


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text, with its address, or an image (0): its frame, and how many pieces are drawn before it."""

    holder: int
    frame: Frame
    place: int


def pieces(page: pypdfium2.PdfPage, sheet: ShownSheet) -> tuple[list[Piece], list[Piece]]:
    """The page's pieces of text, and its images."""
    texts, images = list[Piece](), list[Piece]()
    values = [ctypes.c_float() for _ in range(4)]
    for place, (held, matrix) in enumerate(islice(_objects(page), _MOST_OBJECTS)):
        kind = pdfium.FPDFPageObj_GetType(held)
        if not pdfium.FPDFPageObj_GetBounds(held, *values):
            continue
        placed = sheet.shown(*matrix.on_rect(*(value.value for value in values)))
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            images.append(Piece(0, placed, place))
        elif kind == pdfium.FPDF_PAGEOBJ_TEXT:
            texts.append(Piece(ctypes.addressof(held.contents), placed, place))
    return texts, images


def _objects(page: pypdfium2.PdfPage) -> Iterator[tuple[Any, pypdfium2.PdfMatrix]]:
    """What the page draws, in its order, that in forms with it, and the matrix that lays it on the page."""
    count, get = pdfium.FPDFPage_CountObjects(page.raw), pdfium.FPDFPage_GetObject
    waiting = [(iter([get(page.raw, index) for index in range(count)]), pypdfium2.PdfMatrix())]
    while waiting:
        objects, matrix = waiting[-1]
        held = next(objects, None)
        if held is None:
            waiting.pop()
            continue
        yield held, matrix
        if pdfium.FPDFPageObj_GetType(held) == pdfium.FPDF_PAGEOBJ_FORM and len(waiting) < _DEEPEST:
            count, raw = pdfium.FPDFFormObj_CountObjects(held), pdfium.FS_MATRIX()
            pdfium.FPDFPageObj_GetMatrix(held, raw)
            inner = pypdfium2.PdfMatrix.from_raw(raw).multiply(matrix)
            waiting.append((iter([pdfium.FPDFFormObj_GetObject(held, index) for index in range(count)]), inner))


def angle_of(text: pypdfium2.PdfTextPage, index: int) -> float:
    """How a letter's line rises, in degrees, counter-clockwise; PDFium counts clockwise."""
    return float(-math.degrees(pdfium.FPDFText_GetCharAngle(text.raw, index)))


def characters(text: pypdfium2.PdfTextPage, count: int, sheet: ShownSheet) -> Iterator[Char]:
    """Letter by letter as the PDF draws them, with the blanks and line ends that PDFium puts between them."""
    letters = (_char(text, index, sheet) for index in range(count))
    owners = dict[int, int]()  # of each text that several pieces share, the piece it is taken from
    for (holder, _), group in groupby(letters, key=lambda letter: (letter.holder, letter.origin)):
        found = list(group)
        # Where pieces that share one text are drawn across others, PDFium tells that text for each of them.
        if found[0].shared is None or owners.setdefault(found[0].shared, holder) == holder:
            yield from _as_one(found)


def _shared(held: Any) -> int | None:
    for index in range(pdfium.FPDFPageObj_CountMarks(held)):
        mark = pdfium.FPDFPageObj_GetMark(held, index)
        if pdfium.FPDFPageObjMark_GetParamValueType(mark, b"ActualText") != pdfium.FPDF_OBJECT_UNKNOWN:
            return ctypes.addressof(mark.contents)
    return None


def _as_one(letters: Sequence[Char]) -> Iterator[Char]:
    """Letters that one shape stands for, each with the whole frame, of which PDFium gives each a part."""
    if len(letters) == 1 or not letters[0].holder:
        yield from letters
        return
    left, bottom = min(letter.frame[0] for letter in letters), min(letter.frame[1] for letter in letters)
    right, top = max(letter.frame[2] for letter in letters), max(letter.frame[3] for letter in letters)
    yield from (replace(letter, frame=(left, bottom, right, top)) for letter in letters)


def _char(text: pypdfium2.PdfTextPage, index: int, sheet: ShownSheet) -> Char:
    if pdfium.FPDFText_IsGenerated(text.raw, index) == 1:
        return Char(" " if pdfium.FPDFText_GetUnicode(text.raw, index) == ord(" ") else "\n")
    name, flags = ctypes.create_string_buffer(_LONGEST_NAME), ctypes.c_int()
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    pdfium.FPDFText_GetCharBox(text.raw, index, left, right, bottom, top)
    frame = sheet.shown(left.value, bottom.value, right.value, top.value)
    loose = pdfium.FS_RECTF()
    if frame[3] - frame[1] < _FLAT and pdfium.FPDFText_GetLooseCharBox(text.raw, index, loose):
        frame = sheet.shown(loose.left, loose.bottom, loose.right, loose.top)
    pdfium.FPDFText_GetCharOrigin(text.raw, index, left, bottom)
    x, y, *_ = sheet.shown(left.value, bottom.value, left.value, bottom.value)
    angle = angle_of(text, index) - sheet.turn
    has_font = pdfium.FPDFText_GetFontInfo(text.raw, index, name, len(name), flags)
    held = pdfium.FPDFText_GetTextObject(text.raw, index)
    code = pdfium.FPDFText_GetUnicode(text.raw, index)
    is_lost = pdfium.FPDFText_HasUnicodeMapError(text.raw, index) == 1 and code < _OWN_CODES
    return Char(
        text=_LOST if is_lost else _plain(code),
        frame=frame,
        base=y * math.cos(math.radians(angle)) - x * math.sin(math.radians(angle)),
        font=_SUBSET.sub("", name.value.decode("utf-8", "replace")) if has_font and name.value else "?",
        angle=angle,
        hidden=bool(held) and pdfium.FPDFTextObj_GetTextRenderMode(held) == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE,
        holder=ctypes.addressof(held.contents) if held else 0,
        origin=(x, y),
        shared=_shared(held) if held else None,
    )


def _plain(code: int) -> str:
    """The letter; a symbol font's codes as those they stand for, and nothing for what is no letter at all."""
    if code in _PRIVATE:
        code -= _PRIVATE.start
    if code == ord(_HYPHEN):
        return "-"
    return chr(code) if code >= ord(" ") and code not in _SURROGATES else _LOST
