"""Real files, good and bad: what is proven whole, and what comes out as pixels."""

from __future__ import annotations

import re
import struct
from io import BytesIO
from pathlib import Path

import img2pdf
import numpy as np
import pikepdf
import pytest
from PIL import Image

from pipeline import errors
from pipeline.formats.probe import prove
from pipeline.formats.raster import Raster
from pipeline.formats.rasterise import rasterise
from pipeline.model.scan import MediaType
from pipeline.preprocess import imaging
from samples import truth

DUPLEX = truth.SCANS / "files" / "file-01-office.pdf"
TIFF = truth.SCANS / "files" / "file-02-office.tif"
JPEG = truth.SCANS / "letters" / "letter-01-clean.jpg"
LIMIT = 120_000_000


def check(data: bytes, folder: Path, name: str = "scan.bin") -> tuple[MediaType, int]:
    path = folder / name
    path.write_bytes(data)
    source = prove(path, name, max_pixels=LIMIT)
    assert (source.name, source.bytes) == (name, len(data))
    return source.media_type, source.pages


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    target = BytesIO()
    image.save(target, kind, **options)  # type: ignore[arg-type]
    return target.getvalue()


def pdf_of(pages: int) -> bytes:
    target = BytesIO()
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page()
        document.save(target)
    return target.getvalue()


def grey_ramp(mode: str = "L") -> Image.Image:
    return Image.fromarray(np.tile(np.arange(256, dtype=np.uint8), (120, 1))).convert(mode)


# --- what is whole --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "kind", "pages"), [(DUPLEX, "PDF", 12), (TIFF, "TIFF", 6), (JPEG, "JPEG", 1)])
def test_samples_are_whole_whatever_they_are_called(path: Path, kind: str, pages: int, tmp_path: Path) -> None:
    assert check(path.read_bytes(), tmp_path, "नस्ती.txt") == (MediaType[kind], pages)


@pytest.mark.parametrize("share", [0.0005, 0.05, 0.3, 0.6, 0.9, 0.99, 0.999])
@pytest.mark.parametrize("path", [DUPLEX, TIFF, JPEG], ids=["pdf", "tiff", "jpeg"])
def test_a_file_cut_anywhere_is_incomplete(path: Path, share: float, tmp_path: Path) -> None:
    data = path.read_bytes()

    with pytest.raises(errors.IncompleteScanError, match=r"scan\.bin"):
        check(data[: int(len(data) * share)], tmp_path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_png_cut_anywhere_is_incomplete(share: float, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (300, 300), np.uint8)
    data = saved(Image.fromarray(noise), "PNG")

    assert check(data, tmp_path) == (MediaType.PNG, 1)
    with pytest.raises(errors.IncompleteScanError):
        check(data[: int(len(data) * share)], tmp_path)


@pytest.mark.parametrize("head", [b"%P", b"\xff", b"\x89PN", b"II*"])
def test_the_first_bytes_of_a_scan_may_still_be_growing(head: bytes, tmp_path: Path) -> None:
    with pytest.raises(errors.IncompleteScanError):
        check(head, tmp_path)


def test_an_empty_file_is_empty(tmp_path: Path) -> None:
    with pytest.raises(errors.EmptyScanError):
        check(b"", tmp_path)


@pytest.mark.parametrize("data", [b"Minutes of the meeting\n" * 90, b"PK\x03\x04" + bytes(99), b"GIF89a" + bytes(99)])
def test_what_is_no_scan_is_unknown_even_when_named_pdf(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(errors.UnknownMediaError):
        check(data, tmp_path, "letter.pdf")


def test_a_locked_pdf_is_named_as_such_and_one_without_a_password_to_open_is_taken(tmp_path: Path) -> None:
    for user, locked in (("secret", True), ("", False)):
        target = BytesIO()
        with pikepdf.open(BytesIO(pdf_of(2))) as document:
            document.save(target, encryption=pikepdf.Encryption(user=user, owner="owner"))
        if locked:
            with pytest.raises(errors.EncryptedScanError):
                check(target.getvalue(), tmp_path)
        else:
            assert check(target.getvalue(), tmp_path) == (MediaType.PDF, 2)


@pytest.mark.parametrize("data", [pdf_of(0), b"II*\x00\x00\x00\x00\x00", b"MM\x00*\x00\x00\x00\x00"])
def test_a_whole_file_without_pages_has_no_pages(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(errors.NoPagesError):
        check(data, tmp_path)


def test_a_tiff_that_lost_its_last_directory_is_not_taken_for_a_shorter_one(tmp_path: Path) -> None:
    frames = [Image.new("L", (60, 40), level) for level in (10, 110, 210)]
    data = saved(frames[0], "TIFF", save_all=True, append_images=frames[1:])

    assert check(data, tmp_path) == (MediaType.TIFF, 3)
    for cut in range(len(data) * 2 // 3, len(data) - 20, 97):
        with pytest.raises(errors.IncompleteScanError):
            check(data[:cut], tmp_path)


def test_a_tiff_whose_directories_run_in_a_circle_is_damaged(tmp_path: Path) -> None:
    data = saved(Image.new("L", (60, 40)), "TIFF")
    start = struct.unpack("<I", data[4:8])[0]
    entries = struct.unpack("<H", data[start : start + 2])[0]
    end = start + 2 + 12 * entries

    with pytest.raises(errors.IncompleteScanError, match="circle"):
        check(data[:end] + struct.pack("<I", start) + data[end + 4 :], tmp_path)


def test_an_image_larger_than_any_sheet_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "plan.png"
    Image.new("1", (3000, 2000)).save(path)

    with pytest.raises(errors.OversizedPageError, match="6000000"):
        prove(path, path.name, max_pixels=5_999_999)


def test_a_pdf_may_have_junk_before_its_header(tmp_path: Path) -> None:
    assert check(b"\x00junk from a mail gateway\r\n" * 9 + DUPLEX.read_bytes(), tmp_path) == (MediaType.PDF, 12)


def test_a_pdf_with_a_wrong_cross_reference_but_all_its_pages_is_taken(tmp_path: Path) -> None:
    data = pdf_of(3)
    broken = re.sub(rb"startxref\s+\d+", b"startxref\n7", data)

    assert broken != data and check(broken, tmp_path) == (MediaType.PDF, 3)


def test_a_pdf_that_announces_more_pages_than_it_holds_is_incomplete(tmp_path: Path) -> None:
    data = pdf_of(3)
    assert data.count(b"/Count 3") == 1

    with pytest.raises(errors.IncompleteScanError, match="3 of 4 pages"):
        check(data.replace(b"/Count 3", b"/Count 4"), tmp_path)


# --- pixels ---------------------------------------------------------------------------------------------------------


def drawn(path: Path, kind: MediaType, number: int = 1, *, max_dpi: int = 400, max_pixels: int = LIMIT) -> Raster:
    return rasterise(path, kind, number, default_dpi=300, max_dpi=max_dpi, max_pixels=max_pixels)


def drawn_image(image: Image.Image, folder: Path, kind: str = "PNG", **options: object) -> Raster:
    path = folder / "page"
    path.write_bytes(saved(image, kind, **options))
    return drawn(path, MediaType[kind])


def test_the_right_page_comes_out_at_the_resolution_it_was_scanned_at(tmp_path: Path) -> None:
    levels = [40, 120, 200]
    scans = [saved(Image.new("L", (1654, 2339), level), "PNG", dpi=(200, 200)) for level in levels]
    path = tmp_path / "scan.pdf"
    path.write_bytes(img2pdf.convert(scans))

    for number, level in enumerate(levels, start=1):
        raster = drawn(path, MediaType.PDF, number)
        assert (raster.dpi, raster.pixels.ndim) == (200, 2)
        assert np.median(raster.pixels) == level
        assert np.allclose(raster.pixels.shape, (2339, 1654), atol=2)
    assert drawn(path, MediaType.PDF, max_dpi=150).dpi == 150
    with pytest.raises(errors.UnreadablePageError):
        drawn(path, MediaType.PDF, 4)


def test_frames_of_a_tiff_come_out_in_order(tmp_path: Path) -> None:
    frames = [Image.new("L", (60, 40), level) for level in (10, 110, 210)]
    path = tmp_path / "scan.tif"
    frames[0].save(path, save_all=True, append_images=frames[1:], dpi=(300, 300))

    assert [int(drawn(path, MediaType.TIFF, n).pixels[0, 0]) for n in (1, 2, 3)] == [10, 110, 210]
    assert drawn(path, MediaType.TIFF, 1).dpi == 300
    with pytest.raises(errors.UnreadablePageError):
        drawn(path, MediaType.TIFF, 4)


def test_a_page_of_absurd_size_is_drawn_within_bounds(tmp_path: Path) -> None:
    path = tmp_path / "plan.pdf"
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(14_000, 10_000))
        document.save(path)

    assert drawn(path, MediaType.PDF, max_pixels=1_000_000).pixels.size <= 1_100_000


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGB", "LA", "RGBA"])
def test_grey_content_comes_out_as_one_channel(mode: str, tmp_path: Path) -> None:
    raster = drawn_image(grey_ramp(mode), tmp_path)

    assert raster.pixels.shape == (120, 256)
    assert raster.pixels.max() == 255 and raster.pixels.min() == 0


@pytest.mark.parametrize("mode", ["I;16", "I;16B"])
def test_sixteen_bits_become_eight(mode: str, tmp_path: Path) -> None:
    wide = Image.fromarray((np.tile(np.arange(256), (120, 1)) * 257).astype(np.uint16))
    assert wide.mode == "I;16"
    raster = drawn_image(wide, tmp_path, "TIFF" if mode == "I;16B" else "PNG")

    assert (raster.pixels == np.arange(256)).all()


def test_a_dark_sixteen_bit_page_stays_dark(tmp_path: Path) -> None:
    dark = Image.fromarray(np.full((50, 50), 257 * 60, np.uint16))

    assert np.abs(drawn_image(dark, tmp_path).pixels.astype(int) - 60).max() <= 1


def test_colours_come_out_blue_green_red_and_paper_shows_through_what_is_transparent(tmp_path: Path) -> None:
    red = drawn_image(Image.new("RGB", (50, 50), (200, 10, 20)), tmp_path).pixels
    cmyk = drawn_image(Image.new("CMYK", (50, 50), (0, 255, 255, 0)), tmp_path, "TIFF").pixels
    clear = drawn_image(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), tmp_path).pixels

    assert red[0, 0].tolist() == [20, 10, 200]
    assert cmyk[0, 0].tolist() == [0, 0, 255]
    assert (clear == 255).all()


def test_resolution_is_the_files_own_or_that_of_an_a4_sheet(tmp_path: Path) -> None:
    sheet = Image.new("L", (1240, 1754), 255)

    assert drawn_image(sheet, tmp_path, "JPEG", dpi=(300, 300)).dpi == 300
    assert drawn_image(sheet, tmp_path, "JPEG").dpi == 150
    assert drawn_image(sheet, tmp_path, "JPEG", dpi=(1, 1)).dpi == 150


def test_a_photo_turned_by_its_camera_note_is_turned(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    assert drawn_image(Image.new("L", (100, 50), 99), tmp_path, "JPEG", exif=exif).pixels.shape == (100, 50)


@pytest.mark.parametrize(
    "path", [JPEG, *sorted((truth.SCANS / "letters").glob("*office.jpg"))[:1]], ids=lambda p: p.name
)
def test_a_jpeg_decoded_the_quick_way_is_the_same_to_the_pixel(path: Path) -> None:
    quick = rasterise(
        path, MediaType.JPEG, 1, default_dpi=300, max_dpi=400, max_pixels=LIMIT, decode=imaging.decode_jpeg
    )

    assert np.array_equal(quick.pixels, drawn(path, MediaType.JPEG).pixels)
    assert quick.dpi == drawn(path, MediaType.JPEG).dpi


@pytest.mark.parametrize("cut", [0.5, 0.999])
def test_a_jpeg_cut_short_is_unreadable_however_it_is_decoded(cut: float, tmp_path: Path) -> None:
    path, whole = tmp_path / "page.jpg", JPEG.read_bytes()
    path.write_bytes(whole[: int(len(whole) * cut)])

    with pytest.raises(errors.UnreadablePageError):
        rasterise(
            path,
            MediaType.JPEG,
            1,
            default_dpi=300,
            max_dpi=400,
            max_pixels=LIMIT,
            decode=imaging.decode_jpeg,
        )


def test_a_damaged_image_is_unreadable_with_its_cause(tmp_path: Path) -> None:
    path = tmp_path / "torn.jpg"
    path.write_bytes(JPEG.read_bytes()[:3000])

    with pytest.raises(errors.UnreadablePageError, match="Page 1"):
        drawn(path, MediaType.JPEG)
