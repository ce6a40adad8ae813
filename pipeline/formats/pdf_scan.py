"""The one image that a page of a scanned PDF is, as the scanner wrote it: a JPEG, or bits by CCITT Group 3 or 4.

Taken out it costs a tenth of the time of drawing the page, and no pixel is resampled. A page that shows anything else, or
shows its image in any other way than upright over all of the sheet, is left to poppler; so is what is not understood.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pikepdf

from pipeline.formats import pdf
from pipeline.formats.pdf_shown import DAMAGE, LONGEST_DRAWING, PLAIN, Matrix, drawing_length, within

_UNSEEN = 3  # text rendering mode: neither filled nor stroked
_BESIDE = 1.5  # pixels of the image by which it may miss the sheet's edges
_JPEG, _CCITT = "/DCTDecode", "/CCITTFaxDecode"
_END_OF_JPEG, _TAIL = b"\xff\xd9", 4096  # the marker that ends a whole JPEG, and how much may stand after it
_UNKNOWN_CODING = (OSError, pikepdf.UnsupportedImageTypeError)  # of bits; what else fails is damage
_HARMLESS = frozenset(  # operators that show nothing and change nothing for an image
    ("BT", "ET", "Tf", "Tz", "Tc", "Tw", "TL", "Ts", "Td", "TD", "Tm", "T*", "BMC", "EMC", "g", "G", "rg", "RG")
)
_TEXT = frozenset(("Tj", "TJ", "'", '"'))
_CHANNELS = (1, 3)  # grey, RGB
_SHOWN_AS_IT_IS = frozenset(("/DeviceGray", "/DeviceRGB", "/CalGray", "/CalRGB", "/ICCBased"))

Pixels = npt.NDArray[np.uint8]
Decode = Callable[[bytes], Pixels | None]


def scanned_page(path: Path, number: int, sheet: pdf.PdfSheet, decode: Decode, *, max_pixels: int) -> Pixels | None:
    """Page `number` (from 1) with this `sheet` as grey or BGR pixels, where it shows one image and nothing else; else None,
    and where there are more than `max_pixels`. `decode` takes a JPEG."""
    if sheet.frame is None:
        return None
    try:
        with pikepdf.open(path, suppress_warnings=True) as document:
            page = document.pages[number - 1]
            shown = _only_image(page)
            if shown is None:
                return None
            image, matrix = shown
            width, height = int(image.Width), int(image.Height)
            if width * height > max_pixels or not _covers(matrix, sheet.frame, width, height):
                return None
            pixels = _jpeg(image, decode) if _is_plain(image, _JPEG, 8) else _bits(image)
            if pixels is None or pixels.shape[:2] != (height, width):
                return None
            return np.ascontiguousarray(np.rot90(pixels, -sheet.turns))
    except (*DAMAGE, *_UNKNOWN_CODING):
        return None


def is_cut_short(jpeg: bytes) -> bool:
    """Whether the marker that ends a JPEG is missing: then what decodes it fills up the rest."""
    return jpeg.rfind(_END_OF_JPEG, -_TAIL) < 0


def _jpeg(image: pikepdf.Object, decode: Decode) -> Pixels | None:
    encoded = bytes(image.read_raw_bytes())
    return None if is_cut_short(encoded) else decode(encoded)


def _bits(image: pikepdf.Object) -> Pixels | None:
    """Bits of CCITT as grey, 0 and 255; None where it is anything else, or more than bits."""
    if not _is_plain(image, _CCITT, 1) or not isinstance(image, pikepdf.Stream):
        return None
    with pikepdf.PdfImage(image).as_pil_image() as bits:
        return np.asarray(bits.convert("L"), np.uint8) if bits.mode == "1" else None


def _only_image(page: pikepdf.Page) -> tuple[pikepdf.Object, Matrix] | None:
    """The one image that is shown, and where; None where more is, or the page holds what is shown above it."""
    if len(page.obj.get("/Annots", ())) or drawing_length(page) > LONGEST_DRAWING:
        return None
    images = page.resources.get("/XObject", pikepdf.Dictionary())
    found: tuple[pikepdf.Object, Matrix] | None = None
    matrix, unseen, held = PLAIN, False, list[tuple[Matrix, bool]]()
    for step in pikepdf.parse_content_stream(page):
        name, given = str(step.operator), step.operands
        if name == "q":
            held.append((matrix, unseen))
        elif name == "Q":
            matrix, unseen = held.pop()
        elif name == "cm":
            matrix = within(given, matrix)
        elif name == "Tr":
            unseen = int(given[0]) == _UNSEEN
        elif name == "Do":
            if found is not None:
                return None
            found = images[str(given[0])], matrix
        elif name not in _HARMLESS and not (name in _TEXT and unseen):
            return None
    return found


def _is_plain(image: pikepdf.Object, coding: str, bits: int) -> bool:
    """Whether it is coded so, with so many bits for each colour, and that is all there is to it: no mask, no other colours
    than its own."""
    if image.get("/Subtype") != "/Image" or any(key in image for key in ("/SMask", "/Mask", "/Decode", "/OC")):
        return False
    filters, space = image.get("/Filter"), image.get("/ColorSpace")
    name = filters[0] if isinstance(filters, pikepdf.Array) and len(filters) == 1 else filters
    kind = space[0] if isinstance(space, pikepdf.Array) else space
    if isinstance(space, pikepdf.Array) and str(kind) == "/ICCBased" and int(space[1].N) not in _CHANNELS:
        return False
    if str(name) != coding or str(kind) not in _SHOWN_AS_IT_IS or image.get("/ImageMask", False):
        return False
    return int(image.BitsPerComponent) == bits and (coding != _JPEG or "/DecodeParms" not in image)


def _covers(matrix: Matrix, frame: Sequence[float], width: int, height: int) -> bool:
    """Whether the image is shown upright and from edge to edge of the sheet, to within a pixel or so."""
    a, b, c, d, e, f = matrix
    left, bottom, right, top = frame
    if a <= 0 or d <= 0 or abs(b) * height > a or abs(c) * width > d:
        return False
    across, along = _BESIDE * a / width, _BESIDE * d / height
    wide = abs(e - left) <= across and abs(e + a - right) <= across
    return wide and abs(f - bottom) <= along and abs(f + d - top) <= along
