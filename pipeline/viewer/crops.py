"""Pieces and smaller copies of page images, and pages of a scan as they came, for looking at.

Every answer is a JPEG. What may be asked for, and keeping what was made, is the caller's matter.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image

from pipeline.errors import UnreadablePageError
from pipeline.formats.isolation import Apart, Bounds, DiedError
from pipeline.formats.probe import DAMAGE
from pipeline.formats.rasterise import rasterise
from pipeline.model.page import Box
from pipeline.model.scan import MediaType
from pipeline.model.viewer import Cut

QUALITY = 75
_GAP = 2.0  # how much coarser than its aim an image may be reduced at first; Pillow's own advice is 2 to 3
_TURNS = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
_BOUNDS = Bounds(memory_mb=3072, cpu_seconds=60, seconds=90.0)
_DPI = 300  # of pages that do not say theirs
_apart = Apart(__name__)


def cut(data: bytes, wanted: Cut, number: int = 1) -> bytes:
    """The piece of an encoded image. Raises `UnreadablePageError`, naming page `number`, where it cannot be opened."""
    try:
        with Image.open(BytesIO(data)) as image:
            region = clipped(wanted.region, *image.size)
            size = sized(wanted, region)
            if wanted.region is None and size != image.size:
                image.draft(None, size)  # a JPEG is decoded at a half, a quarter or an eighth
                region = Box(0, 0, *image.size)
            grey = wanted.grey or image.mode in ("1", "L", "I", "F", "I;16")
            piece = image.convert("L" if grey else "RGB")
            box = (region.x, region.y, region.x + region.w, region.y + region.h)
            piece = piece.resize(size, Image.Resampling.BICUBIC, box=box, reducing_gap=_GAP)
            return _jpeg(piece if not wanted.turn else piece.transpose(_TURNS[wanted.turn]))
    except DAMAGE as error:
        raise UnreadablePageError(page=number, cause=str(error)) from error


def clipped(region: Box | None, width: int, height: int) -> Box:
    """The part of the region that lies on the image, of at least one pixel."""
    if region is None:
        return Box(0, 0, width, height)
    x, y = min(max(region.x, 0), width - 1), min(max(region.y, 0), height - 1)
    right, bottom = min(max(region.x + region.w, x + 1), width), min(max(region.y + region.h, y + 1), height)
    return Box(x, y, right - x, bottom - y)


def sized(wanted: Cut, region: Box) -> tuple[int, int]:
    """Width and height of the answer, in pixels, before it is turned."""
    width, height = wanted.width, wanted.height
    if wanted.fit or not (width and height):
        scales = [side / own for side, own in ((width, region.w), (height, region.h)) if side]
        scale = min(scales, default=1.0)
        width, height = round(region.w * scale), round(region.h * scale)
    return max(width, 1), max(height, 1)


def as_scanned(path: Path, media_type: MediaType, number: int, *, longest: int, max_pixels: int) -> bytes:
    """Page `number` of a scan as it came, no longer than `longest` pixels; drawn apart, for what a decoder may do.

    Raises `UnreadablePageError`, `OversizedPageError`.
    """
    try:
        return _apart.call(_draw, path, media_type, number, longest, max_pixels, bounds=_BOUNDS)
    except (DiedError, TimeoutError) as error:
        raise UnreadablePageError(page=number, cause=str(error)) from error


def _draw(path: Path, media_type: MediaType, number: int, longest: int, max_pixels: int) -> bytes:
    raster = rasterise(path, media_type, number, default_dpi=_DPI, max_dpi=150, max_pixels=max_pixels)
    pixels = raster.pixels if raster.pixels.ndim == 2 else raster.pixels[..., ::-1]  # noqa: PLR2004
    image = Image.fromarray(pixels)
    image.thumbnail((longest, longest), Image.Resampling.BICUBIC, reducing_gap=_GAP)
    return _jpeg(image)


def _jpeg(image: Image.Image) -> bytes:
    written = BytesIO()
    image.save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue()
