"""Separator sheets cut a batch into ranges: which pages lie under which sheet. Documents are cut in `separate`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.extract.sheets import SheetCode, decode
from pipeline.model.page import ReadPage


@dataclass(frozen=True, slots=True)
class Range:
    """Pages under one sheet. `code` is what the sheet says, None for pages before the first sheet; `sheets` are the pages
    of the sheet itself, its blank back and other sheets that nothing lay under; `pages` are those of the file."""

    code: SheetCode | None = None
    sheets: tuple[ReadPage, ...] = ()
    pages: tuple[ReadPage, ...] = ()


def sheet_code(page: ReadPage) -> SheetCode | None:
    """What the page says when it is a separator sheet."""
    return next(filter(None, map(decode, page.codes)), None) if page.is_separator else None


def cut_by_sheets(pages: Sequence[ReadPage]) -> list[Range]:
    """Every page lands in exactly one range. Of sheets in a row the last one holds; a sheet for the file that is under
    way begins nothing, and stays among its pages. Only the last range, or the only one, may have no pages."""
    ranges: list[Range] = []
    here = Range()
    for page in pages:
        code = sheet_code(page)
        if code is not None and here.pages and not (here.code and code.is_same_file(here.code)):
            ranges.append(here)
            here = Range(code, (page,))
        elif not here.pages and (code is not None or (page.blank and here.sheets)):
            here = replace(here, code=code or here.code, sheets=(*here.sheets, page))
        else:
            here = replace(here, pages=(*here.pages, page))
    return [*ranges, here] if here != Range() else ranges
