"""The text that a PDF page already carries: its words with their places and fonts, by PDFium.

The file is opened in a process of its own (`apart`), bound in memory and time. Whether the text is any good is decided in
`ocr/text_layer_assessment`; the invisible text that we write ourselves is made in `textlayer`.
"""

from __future__ import annotations

import ctypes
import logging
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from pipeline.errors import SlowPageError
from pipeline.formats import pdf
from pipeline.formats.isolation import Apart, Bounds, DiedError
from pipeline.model.page import Box, Geometry, Layer, LayerWord

log = logging.getLogger(__name__)  # to stderr, from a worker process

PDFIUM = Apart(__name__)  # the process apart in which PDFium works, here and in `pdfium_page`
_BOUNDS = Bounds(memory_mb=512, cpu_seconds=20, seconds=1200.0)  # honest pages take a hundredth of that
_MOST_CHARS = 60_000  # of one page; closely set pages have 8,000
_MOST_OBJECTS = 200_000
_SUBSET = re.compile(r"^[A-Z]{6}\+")  # what stands before the name of a font of which only some letters are embedded
_PRIVATE = range(0xF000, 0xF100)  # where symbol fonts of Windows have their 8-bit codes
_LOST = "\ufffd"  # stands for a letter of which the PDF does not tell what it is
_OWN_CODES = 0x0900  # from here a code without a map to Unicode is taken for Unicode itself, as Tesseract writes it
_HYPHEN = "\x02"  # PDFium's sign for a hyphen at a line's end
_UNITS = 100_000  # to one sheet
_MARGIN = 0.02  # share of the sheet by which a word's middle may lie beside it
_LEAST_GAP = 0.15  # times the letters' height: where PDFium guesses a blank and less is free, there is none
_LEAST_GAP_BEFORE_STOP, _STOPS = 0.5, "।॥),."  # which stand off by themselves
_NEW_LINE = 0.6  # times the letters' height by which the next word lies lower or higher
_FLAT = 0.5  # points: a letter no higher has no shape, as in fonts for invisible text; its line's height is taken
_UPRIGHT = 8.0  # degrees
_SCANNED = 0.5  # share of the sheet under one image from which the page is a scan

_Frame = tuple[float, float, float, float]  # left, bottom, right, top in the PDF's units


@dataclass(frozen=True, slots=True)
class _Char:
    """A letter; `base` is how high its line runs, across the writing. `font` is empty of what PDFium has put in. `holder` is
    the piece of text it comes from, `shared` what several such pieces have as their one text (ISO 32000-1, 14.9.4)."""

    text: str
    frame: _Frame = (0.0, 0.0, 0.0, 0.0)
    base: float = 0.0
    font: str = ""
    angle: float = 0.0
    hidden: bool = False
    holder: int = 0
    origin: tuple[float, float] = (0.0, 0.0)
    shared: int | None = None

    @property
    def height(self) -> float:
        return max(self.frame[3] - self.frame[1], 0.1)

    @property
    def is_mark(self) -> bool:
        return unicodedata.category(self.text) in ("Mn", "Mc")


def layer(path: Path, number: int, drawn: tuple[int, int], geometry: Geometry) -> Layer | None:
    """The text of page `number` (from 1), in pixels of the upright page image; None where it cannot be had.

    `drawn` is width and height of the page as it was drawn, `geometry` what was done to make it upright. Raises
    `SlowPageError` when it takes too much processor time, `TimeoutError` when the process that reads it hangs.
    """
    sheet = pdf.sheet(path, number)
    if sheet.frame is None:
        return None
    try:
        found = PDFIUM.call(_look, path, number, sheet.frame, bounds=_BOUNDS)
    except DiedError as error:
        if error.out_of_time:
            raise SlowPageError(page=number, seconds=_BOUNDS.cpu_seconds) from error
        cause: Exception = error
    except TimeoutError:  # an OSError, and no fault of the page's
        raise
    except (OSError, MemoryError, ValueError, RuntimeError) as error:
        cause = error
    else:
        return _upright(found, drawn, geometry)
    log.info("page %d: its text layer cannot be read: %s", number, cause)
    return None


def start() -> None:
    """Start the process apart now, so that processes forked from this one share it."""
    PDFIUM.start()


def _look(path: Path, number: int, frame: _Frame) -> Layer:
    """The page's text in hundred-thousandths of the sheet, so turned that the writing is upright; done apart."""
    document = pypdfium2.PdfDocument(path)
    page = document[number - 1]
    text = page.get_textpage()
    count = pdfium.FPDFText_CountChars(text.raw)
    if count > _MOST_CHARS:
        raise ValueError(f"{count} letters; the limit is {_MOST_CHARS}")
    turns = Counter(round(_angle(text, index) / 90) * 90 % 360 for index in range(count))
    sheet = _Sheet(frame, max(turns, key=lambda turn: turns[turn], default=0))
    placed, images = _objects(page, sheet)
    chars = list(_chars(text, count, sheet))
    telling = {char.holder for char in chars}
    free = [held for holder, held in placed if holder not in telling]
    words = [_word(group, _frame_of(group, free), line, sheet) for group, line in _in_words(chars, free)]
    whole = (0.0, 0.0, sheet.width, sheet.height)
    share = max((_area(_common(image, whole)) for image in images), default=0.0) / _area(whole)
    hidden = sum(len(word.text) for word in words if word.hidden)
    is_scan = share >= _SCANNED or 2 * hidden > sum(len(word.text) for word in words)
    return Layer(tuple(words), is_scan=is_scan, turn=(sheet.turn - page.get_rotation()) % 360)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The part of the page that is shown, and the turn, clockwise, that sets its writing upright."""

    frame: _Frame
    turn: int

    @property
    def width(self) -> float:
        return self.frame[3] - self.frame[1] if self.turn % 180 else self.frame[2] - self.frame[0]

    @property
    def height(self) -> float:
        return self.frame[2] - self.frame[0] if self.turn % 180 else self.frame[3] - self.frame[1]

    def shown(self, left: float, bottom: float, right: float, top: float) -> _Frame:
        """A frame of the PDF as it lies on the upright sheet: from its left bottom corner, upwards."""
        x1, y1, x2, y2 = (value - self.frame[index % 2] for index, value in enumerate((left, bottom, right, top)))
        wide, high = self.frame[2] - self.frame[0], self.frame[3] - self.frame[1]
        turned = {
            90: (y1, wide - x2, y2, wide - x1),
            180: (wide - x2, high - y2, wide - x1, high - y1),
            270: (high - y2, x1, high - y1, x2),
        }
        return turned.get(self.turn, (x1, y1, x2, y2))


def _objects(page: pypdfium2.PdfPage, sheet: _Sheet) -> tuple[list[tuple[int, _Frame]], list[_Frame]]:
    """The frames of the page's pieces of text, each with its address, and of its images."""
    texts, images = list[tuple[int, _Frame]](), list[_Frame]()
    values = [ctypes.c_float() for _ in range(4)]
    for index in range(min(pdfium.FPDFPage_CountObjects(page.raw), _MOST_OBJECTS)):
        held = pdfium.FPDFPage_GetObject(page.raw, index)
        kind = pdfium.FPDFPageObj_GetType(held)
        if not pdfium.FPDFPageObj_GetBounds(held, *values):
            continue
        placed = sheet.shown(*(value.value for value in values))
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            images.append(placed)
        elif kind == pdfium.FPDF_PAGEOBJ_TEXT:
            texts.append((ctypes.addressof(held.contents), placed))
    return texts, images


def _angle(text: pypdfium2.PdfTextPage, index: int) -> float:
    """How a letter's line rises, in degrees, counter-clockwise; PDFium counts clockwise."""
    return float(-math.degrees(pdfium.FPDFText_GetCharAngle(text.raw, index)))


def _chars(text: pypdfium2.PdfTextPage, count: int, sheet: _Sheet) -> Iterator[_Char]:
    """Letter by letter as the PDF draws them, with the blanks and line ends that PDFium puts between them."""
    letters = (_char(text, index, sheet) for index in range(count))
    told = dict[int, int]()
    for (holder, _), group in groupby(letters, key=lambda letter: (letter.holder, letter.origin)):
        found = list(group)
        # Where pieces that share one text are drawn across others, PDFium tells that text for each of them.
        if found[0].shared is None or told.setdefault(found[0].shared, holder) == holder:
            yield from _as_one(found)


def _shared(held: Any) -> int | None:
    for index in range(pdfium.FPDFPageObj_CountMarks(held)):
        mark = pdfium.FPDFPageObj_GetMark(held, index)
        if pdfium.FPDFPageObjMark_GetParamValueType(mark, b"ActualText") != pdfium.FPDF_OBJECT_UNKNOWN:
            return ctypes.addressof(mark.contents)
    return None


def _as_one(letters: Sequence[_Char]) -> Iterator[_Char]:
    """Letters that one shape stands for, each with the whole frame, of which PDFium gives each a part."""
    if len(letters) == 1 or not letters[0].holder:
        yield from letters
        return
    left, bottom = min(letter.frame[0] for letter in letters), min(letter.frame[1] for letter in letters)
    right, top = max(letter.frame[2] for letter in letters), max(letter.frame[3] for letter in letters)
    yield from (replace(letter, frame=(left, bottom, right, top)) for letter in letters)


def _char(text: pypdfium2.PdfTextPage, index: int, sheet: _Sheet) -> _Char:
    if pdfium.FPDFText_IsGenerated(text.raw, index) == 1:
        return _Char(" " if pdfium.FPDFText_GetUnicode(text.raw, index) == ord(" ") else "\n")
    name, flags = ctypes.create_string_buffer(256), ctypes.c_int()
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    pdfium.FPDFText_GetCharBox(text.raw, index, left, right, bottom, top)
    frame = sheet.shown(left.value, bottom.value, right.value, top.value)
    loose = pdfium.FS_RECTF()
    if frame[3] - frame[1] < _FLAT and pdfium.FPDFText_GetLooseCharBox(text.raw, index, loose):
        frame = sheet.shown(loose.left, loose.bottom, loose.right, loose.top)
    pdfium.FPDFText_GetCharOrigin(text.raw, index, left, bottom)
    x, y, *_ = sheet.shown(left.value, bottom.value, left.value, bottom.value)
    angle = _angle(text, index) - sheet.turn
    has_font = pdfium.FPDFText_GetFontInfo(text.raw, index, name, len(name), flags)
    held = pdfium.FPDFText_GetTextObject(text.raw, index)
    code = pdfium.FPDFText_GetUnicode(text.raw, index)
    is_lost = pdfium.FPDFText_HasUnicodeMapError(text.raw, index) == 1 and code < _OWN_CODES
    return _Char(
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
    return chr(code) if code >= ord(" ") and not 0xD800 <= code < 0xE000 else _LOST  # noqa: PLR2004


def _in_words(chars: Iterable[_Char], free: Sequence[_Frame]) -> Iterator[tuple[list[_Char], int]]:
    """The letters of each word, and the line it stands in, from 0. `free` are pieces of text that gave no letter, since
    another one tells theirs: the gap that they fill is no blank."""
    word, line = list[_Char](), 0
    guessed = is_blank = is_end = False
    for char in chars:
        if char.text.isspace():
            is_end |= char.text == "\n"
            guessed |= not char.font
            is_blank |= bool(char.font)
            continue
        if word:
            last = word[-1]
            lower = not char.is_mark and abs(char.base - last.base) > _NEW_LINE * max(char.height, last.height)
            is_end |= lower
            apart = guessed and not char.is_mark
            least = _LEAST_GAP_BEFORE_STOP if char.text in _STOPS else _LEAST_GAP
            apart = apart and (
                _has_blank(last, char, free) or char.frame[0] - _frame_of(word, free)[2] >= least * last.height
            )
            if is_end or is_blank or apart:
                yield word, line
                word = []
                line += is_end
        word.append(char)
        guessed = is_blank = is_end = False
    if word:
        yield word, line


def _has_blank(last: _Char, char: _Char, free: Sequence[_Frame]) -> bool:
    """Whether a piece of text without extent, a blank that is drawn, lies between two letters of one line."""
    return any(
        left == right
        and last.frame[0] < left < (char.frame[0] + char.frame[2]) / 2
        and abs(bottom - char.base) < char.height / 2
        for left, bottom, right, _ in free
    )


def _frame_of(chars: Sequence[_Char], free: Sequence[_Frame]) -> _Frame:
    """The frame of a word, with the free pieces of it: those that touch it as they are drawn, one after the other."""
    left, bottom = min(char.frame[0] for char in chars), min(char.frame[1] for char in chars)
    right, top = max(char.frame[2] for char in chars), max(char.frame[3] for char in chars)
    near = _LEAST_GAP * chars[-1].height
    for x1, y1, x2, y2 in free:
        if left - near <= x1 <= right + near and y1 < top + near and y2 > bottom - near:
            bottom, right, top = min(bottom, y1), max(right, x2), max(top, y2)
    return left, bottom, right, top


def _word(chars: Sequence[_Char], frame: _Frame, line: int, sheet: _Sheet) -> LayerWord:
    """The word with its box in hundred-thousandths of the upright sheet."""
    left, bottom, right, top = frame
    x, w = (round(value / sheet.width * _UNITS) for value in (left, right - left))
    y, h = (round(value / sheet.height * _UNITS) for value in (sheet.height - top, top - bottom))
    fonts = [char.font for char in chars]
    text = "".join(char.text for char in chars)
    font = max(fonts, key=fonts.count)
    return LayerWord(text, Box(x, y, w, h), font, line, chars[0].hidden, chars[0].angle)


def _upright(found: Layer, drawn: tuple[int, int], geometry: Geometry) -> Layer:
    """The layer in pixels of the page image, made upright as the image was; words that lie beside the sheet or run in
    another direction are left out, and counted."""
    turn, degrees = (geometry.rotated, geometry.skew_degrees) if geometry.applied else (0, 0.0)
    width, height = drawn if turn % 180 == 0 else drawn[::-1]
    placed = [_placed(word, width, height, degrees) for word in found.words] if turn == found.turn else []
    kept = tuple(word for word in placed if word is not None)
    letters = sum(len(word.text) for word in found.words)
    share = 1 - sum(len(word.text) for word in kept) / letters if letters else 0.0
    return replace(found, words=kept or found.words, strays=share)  # without any kept, they tell that there were some


def _placed(word: LayerWord, width: int, height: int, degrees: float) -> LayerWord | None:
    w, h = word.box.w * width / _UNITS, word.box.h * height / _UNITS
    x, y = word.box.x * width / _UNITS + w / 2, word.box.y * height / _UNITS + h / 2
    x, y = _levelled(x, y, width, height, degrees)
    beside = _MARGIN * max(width, height)
    is_on = -beside < x < width + beside and -beside < y < height + beside
    if not is_on or min(_off(word.angle), _off(word.angle - degrees)) > _UPRIGHT:
        return None
    box = Box(round(x - w / 2), round(y - h / 2), max(round(w), 1), max(round(h), 1))
    return replace(word, box=box, angle=0.0)


def _off(angle: float) -> float:
    return abs((angle + 180) % 360 - 180)


def _levelled(x: float, y: float, width: int, height: int, degrees: float) -> tuple[float, float]:
    """Where a point comes to lie when a lean of `degrees` is undone about the middle of the page."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    dx, dy = x - (width - 1) / 2, y - (height - 1) / 2
    return cos * dx - sin * dy + (width - 1) / 2, sin * dx + cos * dy + (height - 1) / 2


def _common(one: _Frame, other: _Frame) -> _Frame:
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def _area(frame: _Frame) -> float:
    return max(frame[2] - frame[0], 0.0) * max(frame[3] - frame[1], 0.0)
