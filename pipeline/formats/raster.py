"""A page as pixels with one resolution: made square, told, and enlarged where its letters are too low to be read.

How files give up their pixels is in `rasterise` and `image_frames`; what resolution can be believed is in `resolution`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from pipeline.formats import bilevel
from pipeline.formats.resolution import Resolution, dots_per_inch, squared

Pixels = npt.NDArray[np.uint8]
Measure = Callable[[Pixels], float]  # how high the letters of a page are, in pixels; 0 where that cannot be told

_GLANCE = 64  # every so manieth row tells most coloured pages
# What is read worse as it is than enlarged, and to what; decision 40 has the figures.
_TOO_COARSE, _FINE_ENOUGH = 110, 150  # dots per inch
_LOW_LETTERS = 18  # pixels: a page with higher ones is read as it is, whatever its resolution


@dataclass(frozen=True, slots=True)
class Raster:
    """A page as scanned: BGR or grey `uint8` pixels, and dots per inch, across as along.

    `is_bilevel`: the scan is of black and white only, so that pixels below 128 are ink and no others, whatever greys
    drawing has left at the edges.
    """

    pixels: Pixels
    dpi: int
    is_bilevel: bool = False


def settled(
    pixels: Pixels, stated: Resolution, *, default_dpi: int, max_pixels: int, letters: Measure | None, has_sheet: bool
) -> Raster:
    """The page with the resolution that it has on paper, which may be another than `stated`; `has_sheet` as in
    `resolution.dots_per_inch`. With `letters` their height counts, and a coarse page is enlarged, to `max_pixels` at
    most."""
    is_bilevel = bilevel.is_bilevel(pixels)
    height, width = pixels.shape[:2]
    pixels = resampled(pixels, *within_limit(*squared(width, height, stated), max_pixels))
    height, width = pixels.shape[:2]
    high = letters(pixels) if letters else 0.0
    dpi = dots_per_inch(width, height, stated.larger, default=default_dpi, letters=high, has_sheet=has_sheet)
    if letters is None or dpi >= _TOO_COARSE or high >= _LOW_LETTERS:
        return Raster(pixels, dpi, is_bilevel)
    scale = _FINE_ENOUGH / dpi
    larger = resampled(pixels, *within_limit(round(width * scale), round(height * scale), max_pixels))
    return Raster(larger, round(dpi * larger.shape[0] / height), is_bilevel)


def within_limit(width: int, height: int, max_pixels: int) -> tuple[int, int]:
    """The size, made smaller in its own shape where it has more than `max_pixels`."""
    scale = min((max_pixels / (width * height)) ** 0.5, 1.0)
    return (width, height) if scale == 1 else (max(int(width * scale), 1), max(int(height * scale), 1))


def resampled(pixels: Pixels, width: int, height: int) -> Pixels:
    """The page in another size, by cubic interpolation."""
    if (height, width) == pixels.shape[:2]:
        return pixels
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC), np.uint8)


def one_channel(pixels: Pixels) -> Pixels:
    """BGR pixels without any colour as grey; all others as they are."""
    if pixels.ndim == 3 and all(_is_grey(some) for some in (pixels[::_GLANCE], pixels)):  # noqa: PLR2004
        return np.ascontiguousarray(pixels[..., 0])
    return pixels


def _is_grey(pixels: Pixels) -> bool:
    return bool((pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 1] == pixels[..., 2]).all())
