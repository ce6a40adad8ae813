"""Separator sheets as a PDF to be printed: one A4 page each, in Hindi and English, with its code three times.

The home of fpdf2. The codes come as modules; what they say is none of our business here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
from fpdf import FPDF
from fpdf.enums import MethodReturnValue, WrapMode
from PIL import Image

from pipeline.locale import Message

Modules = npt.NDArray[np.bool_]

_WIDTH, _HEIGHT, _MARGIN = 210.0, 297.0, 12.0  # millimetres, as are all lengths here
_INSIDE = _WIDTH - 2 * _MARGIN
_QUIET = 4  # modules kept white around a code
_CORNER_MODULE = 1.0  # of the codes in the corners; no code is smaller
_LARGEST_MODULE = 2.4
_GAP = 4.0
_POINT = 25.4 / 72
_LEADING = 1.45  # line height over type size: matras reach far up and down
# Type sizes, in points; of what may be shortened to fit, the largest and the smallest. Set by hand.
_NOTICE_TITLE, _NOTICE_TEXT = 24, 14
_TITLE_SIZES, _LABEL, _HOW_SIZE, _SUBJECT_SIZE = (26, 16), 11, 12, 15
_OFFICE, _FILE_NO, _PART = (26, 13), (44, 20), (24, 12)
_MOST_SUBJECT_LINES = 3
_MOST_NOTICE_LINES = 14  # of a paragraph: two of them fit under the title
_SHARP = 8  # pixels a module, so that no viewer draws soft edges

_LANGUAGES = ("hi", "en")  # of a sheet, in this order
_TITLE = Message("Separator sheet")
_VOLUME, _SUBJECT = Message("Volume"), Message("Subject")
_PARTS = {"noting": Message("Noting"), "correspondence": Message("Correspondence")}
_HOW = Message(
    "Lay this sheet on top of the file and scan them together. All pages after it, up to the next separator sheet, are "
    "filed under this number. Write nothing on it and put no stamp over the codes."
)


@dataclass(frozen=True, slots=True)
class CoverSheet:
    """What one sheet shows. `part` is `noting`, `correspondence` or empty; `modules` are those of its code."""

    office: str
    file_no: str
    volume: str
    part: str
    subject: str
    modules: Modules


def print_sheets(sheets: Iterable[CoverSheet], font: Path) -> bytes:
    """The sheets as one PDF, set in the font."""
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_margin(_MARGIN)
    pdf.c_margin = 0
    pdf.add_font("deva", fname=font)
    pdf.set_text_shaping(True)
    pdf.set_title(_TITLE.in_both(*_LANGUAGES))
    for sheet in sheets:
        pdf.add_page()
        _draw(pdf, sheet)
    return bytes(pdf.output())


def print_notice(title: Sequence[str], paragraphs: Sequence[str], font: Path) -> bytes:
    """One A4 page with a title in each language and what is to be said under it."""
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_margin(_MARGIN)
    pdf.add_font("deva", fname=font)
    pdf.set_text_shaping(True)
    pdf.add_page()
    for line in title:
        _lines(pdf, line, _NOTICE_TITLE, _INSIDE)
    for text in paragraphs:
        pdf.set_y(pdf.get_y() + _GAP)
        _lines(pdf, text, _NOTICE_TEXT, _INSIDE, most=_MOST_NOTICE_LINES)
    return bytes(pdf.output())


def _draw(pdf: FPDF, sheet: CoverSheet) -> None:
    """Corner code and heading above; number, volume, part and subject; the large code; instruction and code below."""
    count = len(sheet.modules)
    corner = count * _CORNER_MODULE
    beside = _INSIDE - corner - _QUIET * _CORNER_MODULE
    below = _HEIGHT - _MARGIN - corner
    _code(pdf, sheet.modules, _MARGIN, _MARGIN, corner)
    _heading(pdf, sheet, _WIDTH - _MARGIN - beside, beside)
    least = (count + 2 * _QUIET) * _CORNER_MODULE
    top = _body(pdf, sheet, _MARGIN + corner + _GAP, below - least)
    module = min((below - top) / (count + 2 * _QUIET), _LARGEST_MODULE)
    side = count * module
    _code(pdf, sheet.modules, (_WIDTH - side) / 2, (top + below - side) / 2, side)
    _code(pdf, sheet.modules, _WIDTH - _MARGIN - corner, below, corner)
    pdf.set_xy(_MARGIN, below)
    for language in _LANGUAGES:
        _lines(pdf, _HOW.text(language), _HOW_SIZE, beside)


def _heading(pdf: FPDF, sheet: CoverSheet, left: float, width: float) -> None:
    pdf.set_xy(left, _MARGIN)
    for language, size in zip(_LANGUAGES, _TITLE_SIZES, strict=True):
        _lines(pdf, _TITLE.text(language), size, width)
    if sheet.office:
        _lines(pdf, Message("Office").in_both(*_LANGUAGES), _LABEL, width)
        _lines(pdf, sheet.office, _fitting(pdf, sheet.office, width, *_OFFICE), width, most=2)


def _body(pdf: FPDF, sheet: CoverSheet, top: float, bottom: float) -> float:
    """The lines in large type, down to `bottom` at most; returns where they end."""
    pdf.set_xy(_MARGIN, top)
    _lines(pdf, Message("File No.").in_both(*_LANGUAGES), _LABEL, _INSIDE)
    _lines(pdf, sheet.file_no, _fitting(pdf, sheet.file_no, _INSIDE, *_FILE_NO), _INSIDE, most=2)
    parts = [f"{_VOLUME.in_both(*_LANGUAGES)}  {sheet.volume}"] if sheet.volume else []
    parts += [_PARTS[sheet.part].in_both(*_LANGUAGES)] if sheet.part else []
    if parts:
        line = "     ".join(parts)
        _lines(pdf, line, _fitting(pdf, line, _INSIDE, *_PART), _INSIDE, most=1)
    room = int((bottom - pdf.get_y()) / (_SUBJECT_SIZE * _POINT * _LEADING))
    if sheet.subject and room > 0:
        line = f"{_SUBJECT.in_both(*_LANGUAGES)}: {sheet.subject}"
        _lines(pdf, line, _SUBJECT_SIZE, _INSIDE, most=min(room, _MOST_SUBJECT_LINES))
    return float(pdf.get_y())


def _fitting(pdf: FPDF, text: str, width: float, largest: int, smallest: int) -> int:
    """The type size in points at which the text fits into one line, or the smallest."""
    for size in range(largest, smallest, -1):
        pdf.set_font("deva", size=size)
        if pdf.get_string_width(text) <= width:
            return size
    return smallest


def _lines(pdf: FPDF, text: str, size: int, width: float, *, most: int | None = None) -> None:
    """Set the text from where the pen is; of more than `most` lines the rest is cut off and marked so."""
    pdf.set_font("deva", size=size)
    height = size * _POINT * _LEADING
    mode = WrapMode.WORD if " " in text else WrapMode.CHAR
    left, top = pdf.get_x(), pdf.get_y()
    only = MethodReturnValue.LINES
    rows = cast(list[str], pdf.multi_cell(width, height, text, wrapmode=mode, dry_run=True, output=only))
    if most is not None and len(rows) > most:
        rows = [*rows[: most - 1], f"{rows[most - 1].rstrip()[:-2]} …"]
    for row in rows:
        pdf.set_xy(left, top)
        pdf.cell(width, height, row)
        top += height
    pdf.set_xy(left, top)


def _code(pdf: FPDF, modules: Modules, left: float, top: float, side: float) -> None:
    pixels = np.where(np.kron(modules, np.ones((_SHARP, _SHARP), np.bool_)), 0, 255).astype(np.uint8)
    pdf.image(Image.fromarray(pixels).convert("1"), left, top, side, side)
