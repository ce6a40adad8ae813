"""QR codes on a page: found on the scan as it came, and drawn for printing. The home of zxing-cpp.

What a code's text means is none of our business here; `extract.sheets` knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from pipeline.preprocess import imaging
from pipeline.preprocess.imaging import Image

Modules = npt.NDArray[np.bool_]

# Set by hand; what is read of damaged sheets is in docs/benchmarks.md ("Separator sheets").
_LEAST_HEIGHT = 1100  # longer side of the reduced copy: 3.7 pixels a module of one millimetre on A4
_SOFT = 1.2  # pixels of the reduced copy over which noise and the grain of JPEG are evened out
_QUARTER = 90
_QR = zxingcpp.barcode_formats_from_str("QRCode")


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was read: its text, and the quarter turn of the scan that it shows (0, 90, 180 or 270 degrees,
    counter-clockwise)."""

    text: str
    turn: int


def find_codes(scan: Image) -> tuple[Code, ...]:
    """The QR codes on a scan lying however it likes, each text once; grey or BGR.

    Two looks at a reduced copy cost a few milliseconds. More looks, one of them at all pixels, are spent only where those
    two saw the marks of a code and could not read it.
    """
    page = imaging.grey(scan)
    seen = False
    for look in (_plainly(page), _harder(page)):
        for found in look:
            read = [code for code in found if code.valid]
            if read:
                return tuple({code.text: _code(code) for code in read}.values())
            seen = seen or bool(found)
        if not seen:
            break
    return ()


def modules(text: str) -> Modules:
    """The code's modules, True where it is dark, without the quiet zone; error correction level H."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="H")
    dark: Modules = np.asarray(zxingcpp.write_barcode_to_image(made, scale=1, add_quiet_zones=False)) == 0
    return dark


def _plainly(page: Image) -> Iterator[Sequence[zxingcpp.Barcode]]:
    small = _reduced(page)
    yield _decoded(small)
    yield _decoded(_softened(small))


def _harder(page: Image) -> Iterator[Sequence[zxingcpp.Barcode]]:
    """Against one threshold for all of the page, which a seal over the code or a weak print may need; and at full size."""
    small = _softened(_reduced(page))
    yield _decoded(small, binarizer=zxingcpp.Binarizer.GlobalHistogram)
    yield _decoded(page, try_downscale=True)


def _decoded(
    page: Image,
    *,
    binarizer: zxingcpp.Binarizer = zxingcpp.Binarizer.LocalAverage,
    try_downscale: bool = False,
) -> Sequence[zxingcpp.Barcode]:
    """Codes that can be read and, not valid, those that cannot."""
    return zxingcpp.read_barcodes(
        page,
        _QR,
        binarizer=binarizer,
        try_downscale=try_downscale,
        try_invert=False,
        return_errors=True,
        text_mode=zxingcpp.TextMode.Plain,
    )


def _reduced(page: Image) -> Image:
    """The page at a whole part of its size, no shorter than need be."""
    factor = max(page.shape) // _LEAST_HEIGHT
    return imaging.shrink(page, max(page.shape) // factor) if factor > 1 else page


def _softened(page: Image) -> Image:
    return np.asarray(cv2.GaussianBlur(page, (0, 0), _SOFT), np.uint8)


def _code(code: zxingcpp.Barcode) -> Code:
    turn = round(-code.orientation / _QUARTER) * _QUARTER % 360
    return Code(code.text, turn)
