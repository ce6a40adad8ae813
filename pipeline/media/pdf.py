"""Reading PDFs with pikepdf: is one whole, how many pages, at what resolution were they scanned.

Writing our own PDF/A lives in `searchable`.
"""

from __future__ import annotations

from pathlib import Path

import pikepdf

from pipeline.errors import EncryptedScanError, IncompleteScanError

_TAIL = 2048  # bytes at the end in which %%EOF is looked for


def count_whole_pages(path: Path, name: str) -> int:
    """The number of pages, every page object resolved and its contents read.

    Raises `EncryptedScanError` when a password is needed, `IncompleteScanError` when the file is cut short or damaged.
    A file whose cross-reference table is merely wrong, as some scanners write it, is accepted when it ends as a PDF
    ends and repairs to all the pages its page tree announces.
    """
    try:
        return _count(path, repair=False)
    except pikepdf.PasswordError as error:  # not a PdfError
        raise EncryptedScanError(name=name) from error
    except pikepdf.PdfError as error:
        if not _ends_like_a_pdf(path):
            raise IncompleteScanError(name=name, cause="the end of the PDF is missing") from error
    try:
        return _count(path, repair=True)
    except pikepdf.PasswordError as error:
        raise EncryptedScanError(name=name) from error
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise IncompleteScanError(name=name, cause=str(error).removeprefix(f"{path}: ")) from error


def _count(path: Path, *, repair: bool) -> int:
    with pikepdf.open(path, attempt_recovery=repair, suppress_warnings=True) as document:
        announced = int(document.Root.Pages.get("/Count", 0))
        found = 0
        for page in document.pages:
            found += 1
            if "/Contents" in page:
                page.contents_coalesce()
                page.Contents.read_bytes()
            for image in page.images.values():
                image.read_raw_bytes()
        if found < announced:
            raise pikepdf.PdfError(f"{found} of {announced} pages are there")
        return found


def _ends_like_a_pdf(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(max(path.stat().st_size - _TAIL, 0))
        return b"%%EOF" in stream.read()


def scan_dpi(path: Path, number: int) -> int | None:
    """The resolution page `number` (from 1) was scanned at: its largest image against the page's size in inches.

    None where the page has no image. Width and height are compared, so that a turned page gives the same answer.
    """
    try:
        with pikepdf.open(path, suppress_warnings=True) as document:
            page = document.pages[number - 1]
            left, bottom, right, top = (float(value) for value in page.mediabox)
            inches = max(abs(right - left), abs(top - bottom)) / 72 * float(page.get("/UserUnit", 1))
            sides = [max(int(image.Width), int(image.Height)) for image in page.images.values()]
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError):
        return None
    return round(max(sides) / inches) if sides and inches else None


def page_inches(path: Path, number: int) -> tuple[float, float]:
    """Width and height of page `number` (from 1) in inches; A4 where it cannot be told."""
    try:
        with pikepdf.open(path, suppress_warnings=True) as document:
            page = document.pages[number - 1]
            left, bottom, right, top = (float(value) for value in page.mediabox)
            unit = float(page.get("/UserUnit", 1)) / 72
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError):
        return 8.27, 11.69
    return abs(right - left) * unit, abs(top - bottom) * unit
