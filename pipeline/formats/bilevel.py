"""Pages of black and white only: telling them, and writing them without loss in a tenth of a JPEG's bytes.

Two forms of the same pixels: a PNG of one bit a pixel, which every browser shows, and CCITT Group 4 for the PDF. What a
PDF says of its images is asked in `pdf`; turning and levelling live elsewhere.
"""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops

Pixels = npt.NDArray[np.uint8]

_NEAR = 32  # levels from black or white that a scanner's own JPEG of a black and white page strays
_LEAST_PURE = 0.5  # share of pixels that are exactly black or white; paper in a grey scan has a grain
_GLANCE = 16  # every so manieth row is looked at first
_MIDDLE = 128
_ROWS_PER_STRIP = 278  # TIFF tag
_STRIP_OFFSETS, _STRIP_BYTES = 273, 279
_PNG = b"\x89PNG\r\n\x1a\n"


def is_bilevel(pixels: Pixels) -> bool:
    """Whether the scan, `uint8` grey (2 axes) or BGR (3), holds black and white only.

    Not one pixel may lie further than 32 levels from both, for a faint pencil mark is a pixel like that. So ask before
    anything resamples the page: levelling leaves grey edges.
    """
    if pixels.ndim != 2 or not pixels.size:  # noqa: PLR2004
        return False
    for rows in (pixels[::_GLANCE], pixels):
        between = rows - np.uint8(_NEAR + 1) < 255 - 2 * _NEAR - 1  # one comparison: what lies below wraps round
        pure = np.count_nonzero(rows == 0) + np.count_nonzero(rows == 255)  # noqa: PLR2004
        if between.any() or pure < _LEAST_PURE * rows.size:
            return False
    return True


def encode_png(pixels: Pixels) -> bytes:
    """Grey pixels as a PNG of one bit a pixel: below 128 becomes black, the rest white."""
    target = io.BytesIO()
    Image.fromarray(pixels >= _MIDDLE).save(target, "PNG", optimize=True)
    return target.getvalue()


def encode_g4(pixels: Pixels) -> bytes:
    """Grey pixels as bare CCITT Group 4 data (ITU-T T.6), one strip, a black run for ink; below 128 is ink."""
    return _group4(Image.fromarray(pixels < _MIDDLE))


def is_png(image: bytes) -> bool:
    return image.startswith(_PNG)


def png_to_g4(png: bytes) -> bytes:
    """A PNG of one bit a pixel as bare CCITT Group 4 data. Raises `ValueError` when it has more bits or is damaged."""
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
            if image.mode != "1":
                raise ValueError(f"a page image that is a PNG has one bit a pixel, not mode {image.mode}")
            return _group4(ImageChops.invert(image))
    except (OSError, SyntaxError) as error:
        raise ValueError(f"damaged PNG: {error}") from error


def _group4(ink: Image.Image) -> bytes:
    """Let libtiff encode the image, and take its one strip out of the TIFF."""
    target = io.BytesIO()
    ink.save(target, "TIFF", compression="group4", tiffinfo={_ROWS_PER_STRIP: ink.height})
    with Image.open(target) as tiff:
        (start,), (length,) = tiff.tag_v2[_STRIP_OFFSETS], tiff.tag_v2[_STRIP_BYTES]  # type: ignore[attr-defined]
    return target.getvalue()[start : start + length]
