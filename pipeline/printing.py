"""Separator sheets to be printed: what their codes say, the codes, and the pages, put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.media.coversheet import CoverSheet, print_sheets
from pipeline.media.fonts import devanagari_font
from pipeline.pages.codes import modules
from pipeline.records.sheets import SheetCode, encode


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet to be printed: what its code says, and the file's subject, which is only shown."""

    code: SheetCode
    subject: str = ""


def printed(sheets: Iterable[Sheet]) -> bytes:
    """The sheets as a PDF. Raises `MissingPartError` without the font, `ValueError` for a code that cannot be."""
    return print_sheets((_shown(sheet) for sheet in sheets), devanagari_font())


def _shown(sheet: Sheet) -> CoverSheet:
    code = sheet.code
    return CoverSheet(code.office, code.file_no, code.volume, code.part or "", sheet.subject, modules(encode(code)))
