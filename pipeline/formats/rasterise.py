"""One page of a scanned file as pixels. Only that page is ever in memory.

PDF pages come through poppler (pdf2image), unless a page is but one image (`pdf_scan`); what poppler cannot draw, or not in
its processor time, through PDFium (`pdfium_page`); frames of TIFF, JPEG and PNG through Pillow (`image_frames`). A page
that is a scan comes out at the scan's own pixels, whatever size of sheet it was put on; one of letters and lines at the
resolution that is set.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pdf2image import convert_from_path, pdf2image
from pdf2image.exceptions import PDFInfoNotInstalledError, PDFPageCountError, PDFSyntaxError

from pipeline.errors import MissingPartError, SlowPageError, UnreadablePageError
from pipeline.formats import bilevel, pdf, pdfium_page
from pipeline.formats.bounded_process import BoundPopen, programs_bound
from pipeline.formats.image_frames import frame_pixels, to_array
from pipeline.formats.pdf_scan import Decode, scanned_page
from pipeline.formats.probe import DAMAGE
from pipeline.formats.raster import Measure, Pixels, Raster, one_channel, settled
from pipeline.formats.resolution import PLAUSIBLE_DPI, Resolution, dots_per_inch
from pipeline.model.scan import MediaType

# It has no place to say how the programs of poppler are started.
pdf2image.Popen = BoundPopen  # type: ignore[attr-defined, assignment]

_A4_SQUARE_INCHES = 8.27 * 11.69
_MOST_SIDE = 32_000  # pixels; Tesseract takes no more, and a JPEG not twice as many
DRAW_SECONDS = 30.0  # processor time of each renderer; scanned pages take half a second


@dataclass(frozen=True, slots=True)
class _Limits:
    default_dpi: int
    max_dpi: int
    max_pixels: int
    cpu_seconds: float


def rasterise(
    path: Path,
    media_type: MediaType,
    number: int,
    *,
    default_dpi: int,
    max_dpi: int,
    max_pixels: int,
    cpu_seconds: float = DRAW_SECONDS,
    decode: Decode | None = None,
    letters: Measure | None = None,
) -> Raster:
    """Page `number` (from 1) of the file. `decode` takes a plain JPEG, a file or a page of a PDF, in a fraction of the time;
    without it Pillow and poppler do all. `cpu_seconds` is the processor time that each renderer of a PDF may take.
    `letters` measures how high they are, for pages that are to be read: it helps to tell the resolution, and coarse pages
    are enlarged.

    Raises `UnreadablePageError` with the cause when no renderer can draw it, `SlowPageError` when one might have but for
    its limit, `OversizedPageError` above `max_pixels`, `MissingPartError` when poppler is not installed.
    """
    limits = _Limits(default_dpi, max_dpi, max_pixels, cpu_seconds)
    if media_type is not MediaType.PDF:
        return _from_image(path, media_type, number, limits, decode, letters)
    sheet = pdf.sheet(path, number)
    if sheet.scan is None:
        return _drawn_by_lines(path, number, sheet, limits)
    return _scan_in_pdf(path, number, sheet, sheet.scan, limits, decode, letters)


def _scan_in_pdf(
    path: Path,
    number: int,
    sheet: pdf.PdfSheet,
    scan: Resolution,
    limits: _Limits,
    decode: Decode | None,
    letters: Measure | None,
) -> Raster:
    """A page that is a scan at the scan's own pixels: as the scanner made them, where it is one image and nothing more."""
    wanted = sheet.longest * scan.larger
    longest = min(wanted * _reduction(sheet, scan, limits), _longest(sheet, limits.max_pixels))
    pixels, two_tone = None, False
    if decode and longest >= wanted:
        pixels = scanned_page(path, number, sheet, decode, max_pixels=limits.max_pixels)
        stated = scan.turned(sheet.turns)
    if pixels is None:
        whole = max(round(longest), 1)
        sides = tuple(max(round(side / sheet.longest * whole), 1) for side in (sheet.width, sheet.height))
        pixels = _drawn(path, number, sheet, limits.default_dpi, whole, {"size": sides}, limits.cpu_seconds)
        two_tone = pixels.ndim == 2 and pdf.is_one_bit(path, number)  # noqa: PLR2004
        stated = Resolution(whole / sheet.longest, whole / sheet.longest)
    raster = settled(
        one_channel(pixels),
        stated,
        default_dpi=limits.default_dpi,
        max_pixels=limits.max_pixels,
        letters=letters,
        has_sheet=True,
    )
    return replace(raster, is_bilevel=raster.is_bilevel or two_tone)


def _reduction(sheet: pdf.PdfSheet, scan: Resolution, limits: _Limits) -> float:
    """The share of its pixels, in one direction, that a scan is drawn at: 1, unless it has more than `max_dpi` on paper, and
    more than an A4 sheet has at that."""
    width, height = (max(round(side * scan.larger), 1) for side in (sheet.width, sheet.height))
    dpi = dots_per_inch(width, height, scan.larger, default=limits.default_dpi, has_sheet=True)
    of_a4 = float((_A4_SQUARE_INCHES / (width * height)) ** 0.5) * limits.max_dpi
    return min(max(limits.max_dpi / dpi, of_a4), 1.0)


def _drawn_by_lines(path: Path, number: int, sheet: pdf.PdfSheet, limits: _Limits) -> Raster:
    """A page of letters and lines, which are sharp at any resolution."""
    wanted = sheet.longest * limits.default_dpi
    longest = max(int(min(wanted, _longest(sheet, limits.max_pixels))), 1)
    # Else the resolution gives it to the pixel.
    options = {"size": longest} if longest < int(wanted) or sheet.unit != 1 or not sheet.is_sure else {}
    pixels = _drawn(path, number, sheet, limits.default_dpi, longest, options, limits.cpu_seconds)
    dpi = round(longest / sheet.longest)
    two_tone = bilevel.is_bilevel(pixels) or (pixels.ndim == 2 and pdf.is_one_bit(path, number))  # noqa: PLR2004
    return Raster(pixels, dpi if options and dpi in PLAUSIBLE_DPI else limits.default_dpi, two_tone)


def _drawn(
    path: Path,
    number: int,
    sheet: pdf.PdfSheet,
    dpi: int,
    longest: int,
    size: Mapping[str, object],
    cpu_seconds: float,
) -> Pixels:
    """The page by poppler, at `dpi` unless a `size` is given; where that fails by PDFium, its longer side `longest`
    pixels."""
    try:
        return _by_poppler(path, number, dpi, {"use_cropbox": sheet.is_cropped, **size}, cpu_seconds)
    except UnreadablePageError as failed:
        return _by_pdfium(path, number, sheet, longest, cpu_seconds, failed)


def _by_poppler(path: Path, number: int, dpi: int, options: dict[str, Any], cpu_seconds: float) -> Pixels:
    """Raises `SlowPageError` where the system has ended poppler for its limit, else `UnreadablePageError`."""
    pixels, cause = None, "poppler drew nothing"
    with programs_bound(cpu_seconds) as spent:
        try:
            images = convert_from_path(path, dpi=dpi, first_page=number, last_page=number, **options)
            pixels = to_array(images[0]) if images else None
        except PDFInfoNotInstalledError as error:
            raise MissingPartError(
                part="poppler (pdftoppm)", cause="not found", fix="apt-get install poppler-utils"
            ) from error
        except (PDFPageCountError, PDFSyntaxError, OSError, ValueError) as error:
            cause = _first_line(error)
    if pixels is not None:
        return pixels
    if spent.out_of_time:
        raise SlowPageError(page=number, seconds=round(cpu_seconds), drawing=True)
    raise UnreadablePageError(page=number, cause=cause)


def _by_pdfium(
    path: Path, number: int, sheet: pdf.PdfSheet, longest: int, cpu_seconds: float, failed: UnreadablePageError
) -> Pixels:
    """The page by PDFium. Where neither can draw it the error is poppler's, unless PDFium had no time left."""
    try:
        return one_channel(pdfium_page.draw(path, number, sheet, longest, cpu_seconds=cpu_seconds))
    except SlowPageError:
        raise
    except UnreadablePageError as error:
        raise failed from error


def _longest(sheet: pdf.PdfSheet, max_pixels: int) -> float:
    """The longest side, in pixels, that a sheet of this shape may have (a plan, or a page of absurd size)."""
    shape = min(sheet.width, sheet.height) / max(sheet.width, sheet.height)
    return float(min((max_pixels / shape) ** 0.5, _MOST_SIDE)) if shape > 0 else float(_MOST_SIDE)


def _from_image(
    path: Path, media_type: MediaType, number: int, limits: _Limits, decode: Decode | None, letters: Measure | None
) -> Raster:
    try:
        pixels, stated = frame_pixels(path, media_type, number, limits.max_pixels, decode)
    except DAMAGE as error:
        raise UnreadablePageError(page=number, cause=_first_line(error)) from error
    return settled(
        pixels,
        stated,
        default_dpi=limits.default_dpi,
        max_pixels=limits.max_pixels,
        letters=letters,
        has_sheet=False,
    )


def poppler_version() -> str:
    """The version line of pdftoppm. Raises `MissingPartError`."""
    try:
        printed = subprocess.run(["pdftoppm", "-v"], capture_output=True, text=True, check=True, timeout=30).stderr
    except (OSError, subprocess.SubprocessError) as error:
        raise MissingPartError(part="poppler", cause=error, fix="Run: apt-get install poppler-utils") from error
    return printed.splitlines()[0]


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
