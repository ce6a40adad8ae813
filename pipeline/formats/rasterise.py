"""One page of a scanned file as pixels. Only that page is ever in memory.

PDF pages come through poppler (pdf2image), unless a page is but one image (`pdf_scan`); what poppler cannot draw, or not in
its processor time, through PDFium (`pdfium_page`); frames of TIFF, JPEG and PNG through Pillow.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pdf2image import convert_from_path, pdf2image
from pdf2image.exceptions import PDFInfoNotInstalledError, PDFPageCountError, PDFSyntaxError
from PIL import Image, ImageOps

from pipeline.errors import MissingPartError, OversizedPageError, SlowPageError, UnreadablePageError
from pipeline.formats import bilevel, pdf, pdfium_page
from pipeline.formats.bounded_process import BoundPopen, programs_bound
from pipeline.formats.pdf_scan import Decode, is_cut_short, scanned_page
from pipeline.formats.probe import DAMAGE
from pipeline.model.scan import MediaType

Image.MAX_IMAGE_PIXELS = None  # sizes are checked against our own limit
# It has no place to say how the programs of poppler are started.
pdf2image.Popen = BoundPopen  # type: ignore[attr-defined, assignment]

_A4_INCHES = 11.69
_PLAUSIBLE_DPI = range(100, 1201)
_ORIENTATION = 0x0112  # Exif tag
_GLANCE = 64  # every so manieth row tells most coloured pages
_MOST_SIDE = 32_000  # pixels; Tesseract takes no more, and a JPEG not twice as many
DRAW_SECONDS = 30.0  # processor time of each renderer; scanned pages take half a second


@dataclass(frozen=True, slots=True)
class Raster:
    """A page as scanned: BGR or grey `uint8` pixels, and dots per inch.

    `is_bilevel`: the scan is of black and white only, so that pixels below 128 are ink and no others, whatever greys
    drawing has left at the edges.
    """

    pixels: npt.NDArray[np.uint8]
    dpi: int
    is_bilevel: bool = False


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
) -> Raster:
    """Page `number` (from 1) of the file. `decode` takes a plain JPEG, a file or a page of a PDF, in a fraction of the time;
    without it Pillow and poppler do all. `cpu_seconds` is the processor time that each renderer of a PDF may take.

    Raises `UnreadablePageError` with the cause when no renderer can draw it, `SlowPageError` when one might have but for
    its limit, `OversizedPageError` above `max_pixels`, `MissingPartError` when poppler is not installed.
    """
    if media_type is MediaType.PDF:
        scan = _scan_in_pdf(path, number, max_dpi, max_pixels, decode) if decode else None
        return scan or _from_pdf(path, number, default_dpi, max_dpi, max_pixels, cpu_seconds)
    return _from_image(path, media_type, number, default_dpi, max_pixels, decode)


def _scan_in_pdf(path: Path, number: int, max_dpi: int, max_pixels: int, decode: Decode) -> Raster | None:
    """The page as the scanner made it, where it is one image and nothing more."""
    sheet = pdf.sheet(path, number)
    if sheet.dpi is None or sheet.dpi not in _PLAUSIBLE_DPI or sheet.dpi > max_dpi or not sheet.is_sure:
        return None
    scan = scanned_page(path, number, sheet, decode, max_pixels=max_pixels)
    if scan is None:
        return None
    pixels = _one_channel(scan)
    return Raster(pixels, sheet.dpi, bilevel.is_bilevel(pixels))


def _from_pdf(path: Path, number: int, default_dpi: int, max_dpi: int, max_pixels: int, cpu_seconds: float) -> Raster:
    sheet = pdf.sheet(path, number)
    dpi = min(sheet.dpi, max_dpi) if sheet.dpi in _PLAUSIBLE_DPI and sheet.dpi else default_dpi
    wanted = max(sheet.width, sheet.height) * dpi
    longest = int(min(wanted, _longest(sheet, max_pixels)))
    options: dict[str, Any] = {"use_cropbox": sheet.is_cropped}
    if longest < int(wanted) or sheet.unit != 1 or not sheet.is_sure:  # else the resolution gives it to the pixel
        options["size"] = max(longest, 1)
    try:
        pixels = _by_poppler(path, number, dpi, options, cpu_seconds)
    except UnreadablePageError as failed:
        pixels = _by_pdfium(path, number, sheet, max(longest, 1), cpu_seconds, failed)
    drawn = round(longest / max(sheet.width, sheet.height))
    two_tone = bilevel.is_bilevel(pixels) or (pixels.ndim == 2 and pdf.is_one_bit(path, number))  # noqa: PLR2004
    return Raster(pixels, drawn if "size" in options and drawn in _PLAUSIBLE_DPI else dpi, two_tone)


def _by_poppler(
    path: Path, number: int, dpi: int, options: dict[str, Any], cpu_seconds: float
) -> npt.NDArray[np.uint8]:
    """Raises `SlowPageError` where the system has ended poppler for its limit, else `UnreadablePageError`."""
    pixels, cause = None, "poppler drew nothing"
    with programs_bound(cpu_seconds) as spent:
        try:
            images = convert_from_path(path, dpi=dpi, first_page=number, last_page=number, **options)
            pixels = _to_array(images[0]) if images else None
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
) -> npt.NDArray[np.uint8]:
    """The page by PDFium. Where neither can draw it the error is poppler's, unless PDFium had no time left."""
    try:
        return _one_channel(pdfium_page.draw(path, number, sheet, longest, cpu_seconds=cpu_seconds))
    except SlowPageError:
        raise
    except UnreadablePageError as error:
        raise failed from error


def _longest(sheet: pdf.PdfSheet, max_pixels: int) -> float:
    """The longest side, in pixels, that a sheet of this shape may have (a plan, or a page of absurd size)."""
    shape = min(sheet.width, sheet.height) / max(sheet.width, sheet.height)
    return float(min((max_pixels / shape) ** 0.5, _MOST_SIDE)) if shape > 0 else float(_MOST_SIDE)


def _from_image(
    path: Path, media_type: MediaType, number: int, default_dpi: int, max_pixels: int, decode: Decode | None
) -> Raster:
    try:
        with Image.open(path, formats=[media_type.name]) as image:
            image.seek(number - 1)
            if image.width * image.height > max_pixels:
                raise OversizedPageError(
                    name=path.name, page=number, pixels=image.width * image.height, limit=max_pixels
                )
            dpi = _dpi_of(image, default_dpi)
            plain = _decoded(path, image, decode) if decode and media_type is MediaType.JPEG else None
            if plain is None:
                image.load()
                plain = _to_array(_upright(image))
            return Raster(plain, dpi, bilevel.is_bilevel(plain))
    except DAMAGE as error:
        raise UnreadablePageError(page=number, cause=_first_line(error)) from error


def _decoded(path: Path, image: Image.Image, decode: Decode) -> npt.NDArray[np.uint8] | None:
    """The JPEG's pixels by `decode`; None where Pillow must do it: a picture of other colours, to be turned, or cut short,
    which it tells and `decode` does not."""
    if image.mode not in ("L", "RGB") or image.getexif().get(_ORIENTATION, 1) != 1:
        return None
    encoded = path.read_bytes()
    if is_cut_short(encoded):
        return None
    pixels = decode(encoded)
    if pixels is None or pixels.shape[:2] != (image.height, image.width):
        return None
    return _one_channel(pixels)


def _upright(image: Image.Image) -> Image.Image:
    """The image as its Exif data say it is to be seen; without a copy where that is how it lies."""
    return image if image.getexif().get(_ORIENTATION, 1) == 1 else ImageOps.exif_transpose(image)


def _dpi_of(image: Image.Image, default_dpi: int) -> int:
    """The file's own figure where it is plausible, else what an A4 sheet of this size would need."""
    stated = image.info.get("dpi")
    if isinstance(stated, tuple) and round(float(stated[0])) in _PLAUSIBLE_DPI:
        return round(float(stated[0]))
    guessed = round(max(image.size) / _A4_INCHES)
    return guessed if guessed in _PLAUSIBLE_DPI else default_dpi


def _to_array(image: Image.Image) -> npt.NDArray[np.uint8]:
    """Grey stays grey; everything else becomes BGR on white paper."""
    if image.mode in ("1", "L"):
        return np.asarray(image if image.mode == "L" else image.convert("L"), np.uint8)
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image, dtype=np.float64)
        white = next((top for top in (255.0, 65535.0) if values.max() <= top), float(values.max()))
        white = 65535.0 if image.mode.startswith("I;16") else white
        return np.clip(values / white * 255, 0, 255).round().astype(np.uint8)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image.convert("RGBA"))
    colour = image if image.mode == "RGB" else image.convert("RGB")
    pixels = np.frombuffer(colour.tobytes("raw", "BGR"), np.uint8).reshape(colour.height, colour.width, 3)
    return _one_channel(pixels)


def _one_channel(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """BGR pixels without any colour as grey; all others as they are."""
    if pixels.ndim == 3 and all(_is_grey(some) for some in (pixels[::_GLANCE], pixels)):  # noqa: PLR2004
        return np.ascontiguousarray(pixels[..., 0])
    return pixels


def _is_grey(pixels: npt.NDArray[np.uint8]) -> bool:
    return bool((pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 1] == pixels[..., 2]).all())


def poppler_version() -> str:
    """The version line of pdftoppm. Raises `MissingPartError`."""
    try:
        printed = subprocess.run(["pdftoppm", "-v"], capture_output=True, text=True, check=True, timeout=30).stderr
    except (OSError, subprocess.SubprocessError) as error:
        raise MissingPartError(part="poppler", cause=error, fix="Run: apt-get install poppler-utils") from error
    return printed.splitlines()[0]


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
