"""Separator sheets to be printed: the content of their codes, the codes, and the pages, put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.extract.sheets import SheetCode, Sign, encode
from pipeline.formats.coversheet import CoverSheet, print_sheets
from pipeline.formats.fonts import devanagari_font
from pipeline.preprocess.codes import modules


@dataclass(frozen=True, slots=True)
class PrintedSheet:
    """One sheet to be printed: the content of its code, and the file's subject, which is only printed."""

    code: SheetCode
    subject: str = ""


def printed(sheets: Iterable[PrintedSheet], sign: Sign | None = None) -> bytes:
    """The sheets as a PDF; `sign` signs their codes, and a sheet without a signature settles nothing when it is scanned.

    Raises `MissingPartError` without the font, `ValueError` for a code that cannot be.
    """
    return print_sheets((_shown(sheet, sign) for sheet in sheets), devanagari_font())


def _shown(sheet: PrintedSheet, sign: Sign | None) -> CoverSheet:
    code = sheet.code
    dark = modules(encode(code, sign))
    return CoverSheet(code.office, code.file_no, code.volume, code.part or "", sheet.subject, dark)
