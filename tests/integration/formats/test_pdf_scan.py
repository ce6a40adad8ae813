"""The image taken out of a scanned PDF: when it is what the page shows, and when poppler must draw it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import cv2
import img2pdf
import numpy as np
import pikepdf
import pytest
from PIL import Image

from pipeline.formats import pdf
from pipeline.formats.pdf_scan import scanned_page
from pipeline.formats.raster import Raster
from pipeline.formats.rasterise import rasterise
from pipeline.model.scan import MediaType
from pipeline.preprocess import imaging

LIMIT = 50_000_000


def scan(mode: str = "L", width: int = 826) -> bytes:
    """A page of 100 dots per inch, lighter to the right and with a dark corner, so that no turn looks like another."""
    page = np.tile(np.linspace(90, 250, width).astype(np.uint8), (1169, 1))
    page[:150, :150] = 20
    target = BytesIO()
    coloured = np.dstack([page, page, page // 2]) if mode == "RGB" else page
    Image.fromarray(coloured).save(target, "JPEG", quality=90, dpi=(100, 100))
    return target.getvalue()


def bound(folder: Path, change: Callable[[pikepdf.Pdf], None] = lambda document: None, jpeg: bytes = b"") -> Path:
    """The scan as a PDF of one page, changed as told."""
    path = folder / "scan.pdf"
    path.write_bytes(img2pdf.convert(jpeg or scan()))
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        change(document)
        document.save(path)
    return path


def drawn(path: Path, *, direct: bool) -> Raster:
    decode = imaging.decode_jpeg if direct else None
    return rasterise(path, MediaType.PDF, 1, default_dpi=300, max_dpi=400, max_pixels=LIMIT, decode=decode)


def taken(path: Path) -> bool:
    return scanned_page(path, 1, pdf.sheet(path, 1), imaging.decode_jpeg, max_pixels=LIMIT) is not None


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_page_that_is_one_jpeg_comes_out_as_the_scanner_made_it(mode: str, tmp_path: Path) -> None:
    path = bound(tmp_path, jpeg=scan(mode))
    raster = drawn(path, direct=True)

    assert taken(path)
    assert raster.dpi == drawn(path, direct=False).dpi == 100
    made = cv2.imdecode(np.frombuffer(scan(mode), np.uint8), cv2.IMREAD_UNCHANGED)
    assert made is not None and np.array_equal(raster.pixels, made)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turn_told_by_the_page_or_by_what_it_hangs_under_is_made(turn: int, tmp_path: Path) -> None:
    def turned(document: pikepdf.Pdf) -> None:
        document.Root.Pages.Rotate = turn

    path = bound(tmp_path, turned)
    direct, by_poppler = (drawn(path, direct=way).pixels.astype(int) for way in (True, False))

    assert taken(path)
    assert direct.shape == by_poppler.shape
    assert np.abs(direct - by_poppler).mean() < 3


def test_invisible_text_over_the_scan_does_not_matter(tmp_path: Path) -> None:
    path = bound(tmp_path, lambda document: add(document, b" BT 3 Tr /F1 12 Tf 50 50 Td (found) Tj ET"))

    assert taken(path)


def add(document: pikepdf.Pdf, drawing: bytes) -> None:
    page = document.pages[0]
    page.resources["/Font"] = pikepdf.Dictionary(
        F1=pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    )
    page.Contents = document.make_stream(page.Contents.read_bytes() + drawing)


def stamp(document: pikepdf.Pdf) -> None:
    square = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Square, Rect=[50, 50, 200, 200])
    document.pages[0].Annots = document.make_indirect(pikepdf.Array([square]))


def picture(document: pikepdf.Pdf) -> pikepdf.Object:
    images = document.pages[0].resources.XObject
    return next(held for _, held in images.items())


def cropped(document: pikepdf.Pdf) -> None:
    document.pages[0].CropBox = pikepdf.Array([100, 100, 500, 700])


def shown_smaller(document: pikepdf.Pdf) -> None:
    page = document.pages[0]
    page.Contents = document.make_stream(b"q .5 0 0 .5 0 0 cm " + page.Contents.read_bytes() + b" Q")


def shown_upside_down(document: pikepdf.Pdf) -> None:
    page = document.pages[0]
    _, _, width, height = page.mediabox.as_list()
    page.Contents = document.make_stream(
        f"q -1 0 0 -1 {float(width)} {float(height)} cm ".encode() + page.Contents.read_bytes() + b" Q"
    )


def shown_as_negative(document: pikepdf.Pdf) -> None:
    picture(document).Decode = pikepdf.Array([1, 0])


def behind_a_mask(document: pikepdf.Pdf) -> None:
    mask = document.make_stream(
        bytes(16),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=4,
        Height=4,
        ColorSpace=pikepdf.Name.DeviceGray,
        BitsPerComponent=8,
    )
    picture(document).SMask = mask


def of_four_inks(document: pikepdf.Pdf) -> None:
    target = BytesIO()
    Image.new("CMYK", (826, 1169), (0, 200, 200, 0)).save(target, "JPEG", quality=90)
    held = picture(document)
    held.write(target.getvalue(), filter=pikepdf.Name.DCTDecode)
    profile = document.make_stream(b"", N=4, Alternate=pikepdf.Name.DeviceCMYK)
    held.ColorSpace = pikepdf.Array([pikepdf.Name.ICCBased, profile])


OTHERWISE: dict[str, Callable[[pikepdf.Pdf], None]] = {
    "visible text": lambda document: add(document, b" BT /F1 12 Tf 50 50 Td (approved) Tj ET"),
    "a line drawn": lambda document: add(document, b" 10 10 m 200 200 l S"),
    "shown twice": lambda document: add(document, b" " + document.pages[0].Contents.read_bytes()),
    "an annotation": stamp,
    "cropped": cropped,
    "smaller": shown_smaller,
    "upside down": shown_upside_down,
    "negative": shown_as_negative,
    "mask": behind_a_mask,
    "four inks": of_four_inks,
    "damaged drawing": lambda document: add(document, b" Q Q Q 1 0 cm"),
}


@pytest.mark.parametrize("change", OTHERWISE.values(), ids=OTHERWISE.keys())
def test_a_page_that_shows_anything_else_is_drawn_by_poppler(
    change: Callable[[pikepdf.Pdf], None], tmp_path: Path
) -> None:
    path = bound(tmp_path, change)

    assert not taken(path)
    assert np.array_equal(drawn(path, direct=True).pixels, drawn(path, direct=False).pixels)


def bits() -> np.ndarray:
    """Ink, True, on a page of 100 dots per inch."""
    page = np.zeros((1169, 832), np.bool_)
    page[100:130, 90:700] = page[400:402, 50:780] = page[700:900:3, 300:500] = True
    page[20:150, 20:40] = True
    return page


@pytest.mark.parametrize("compression", ["group4", "group3"])
@pytest.mark.parametrize("black_is_one", [False, True])
def test_a_page_of_bits_comes_out_as_the_scanner_made_it(
    compression: str, *, black_is_one: bool, tmp_path: Path
) -> None:
    tiff = BytesIO()
    Image.fromarray(bits() if black_is_one else ~bits()).save(
        tiff, "TIFF", compression=compression, dpi=(100, 100), tiffinfo={262: 0, 278: 1169}
    )
    with Image.open(tiff) as image:
        offset, length = image.tag_v2[273][0], sum(image.tag_v2[279])  # type: ignore[index]
        assert len(image.tag_v2[273]) == 1  # one strip
    coded = tiff.getvalue()[offset : offset + length]

    def as_bits(document: pikepdf.Pdf) -> None:
        parameters = pikepdf.Dictionary(
            K=-1 if compression == "group4" else 0, Columns=832, Rows=1169, BlackIs1=black_is_one
        )
        held = picture(document)
        held.write(coded, filter=pikepdf.Name.CCITTFaxDecode, decode_parms=parameters)
        held.Width, held.Height, held.BitsPerComponent = 832, 1169, 1
        held.ColorSpace = pikepdf.Name.DeviceGray

    path = bound(tmp_path, as_bits, scan(width=832))
    direct, by_poppler = drawn(path, direct=True), drawn(path, direct=False)

    assert taken(path) and direct.is_bilevel
    assert np.array_equal(direct.pixels, np.where(bits(), 0, 255))
    assert np.mean((by_poppler.pixels < 128) != bits()) < 0.04


def test_a_mask_painted_with_ink_is_left_to_poppler(tmp_path: Path) -> None:
    def as_mask(document: pikepdf.Pdf) -> None:
        held = picture(document)
        held.write(bytes(104 * 1169), filter=None)
        held.Width, held.Height, held.BitsPerComponent, held.ImageMask = 832, 1169, 1, True
        del held["/ColorSpace"]

    path = bound(tmp_path, as_mask, scan(width=832))

    assert not taken(path)


def test_a_jpeg_cut_short_is_left_to_poppler(tmp_path: Path) -> None:
    def cut(document: pikepdf.Pdf) -> None:
        image = picture(document)
        image.write(image.read_raw_bytes()[:-4000], filter=pikepdf.Name.DCTDecode)

    path = bound(tmp_path, cut)

    assert np.array_equal(drawn(path, direct=True).pixels, drawn(path, direct=False).pixels)
