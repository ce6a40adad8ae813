"""Pages whose resolution is told wrongly, twice over, or not at all: what comes out as pixels, and how many to an inch."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageFilter

from pipeline.formats.probe import prove
from pipeline.formats.raster import Raster
from pipeline.formats.rasterise import rasterise
from pipeline.model.scan import MediaType
from pipeline.preprocess import imaging
from pipeline.preprocess.letter_height import letter_height
from samples import truth

LIMIT = 50_000_000
A4 = (595.32, 841.68)  # points
Placed = tuple["Picture", tuple[float, float, float, float]]  # and left, bottom, width, height in shares of the sheet


@dataclass(frozen=True)
class Picture:
    """An image of a PDF: its size, its data, and what its dictionary says of them."""

    size: tuple[int, int]
    data: bytes
    says: dict[str, object]


def page_of_lines(width: int, height: int) -> Image.Image:
    """Dark lines on a page that is lighter to the right, so that no turn looks like another."""
    page = np.tile(np.linspace(180, 255, width).astype(np.uint8), (height, 1))
    for top in range(height // 10, height * 9 // 10, max(height // 40, 2)):
        page[top : top + max(height // 200, 1), width // 8 : width * 7 // 8] = 20
    return Image.fromarray(page)


def jpeg(image: Image.Image) -> Picture:
    return Picture(image.size, saved(image, "JPEG", quality=92), {"/Filter": pikepdf.Name.DCTDecode})


def flate(image: Image.Image) -> Picture:
    return Picture(image.size, zlib.compress(image.tobytes()), {"/Filter": pikepdf.Name.FlateDecode})


def jpeg_2000(image: Image.Image) -> Picture:
    return Picture(image.size, saved(image, "JPEG2000"), {"/Filter": pikepdf.Name.JPXDecode})


def indexed(image: Image.Image) -> Picture:
    grey = image.quantize(16)
    levels = bytes(grey.getpalette()[: 16 * 3])  # type: ignore[index]
    space = pikepdf.Array([pikepdf.Name.Indexed, pikepdf.Name.DeviceRGB, 15, pikepdf.String(levels.ljust(48, b"\0"))])
    return Picture(image.size, grey.tobytes(), {"/ColorSpace": space})


def stencil(image: Image.Image) -> Picture:
    """Bits that paint ink."""
    bits = image.point(lambda level: 255 * (level > 127), "1")
    return Picture(image.size, bits.tobytes(), {"/ImageMask": True, "/BitsPerComponent": 1})


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    target = BytesIO()
    image.save(target, kind, **options)  # type: ignore[arg-type]
    return target.getvalue()


def bound(
    path: Path,
    placed: Sequence[Placed],
    sheet: tuple[float, float] = A4,
    *,
    drawing: bytes = b"",
    rotate: int = 0,
    unit: float = 1.0,
) -> Path:
    """A PDF of one page that shows these pictures, and then draws what it is told."""
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=sheet)
        objects, steps = pikepdf.Dictionary(), []
        for number, (picture, (left, bottom, wide, high)) in enumerate(placed):
            stream = document.make_stream(picture.data)
            says: dict[str, object] = {"/ColorSpace": pikepdf.Name.DeviceGray, "/BitsPerComponent": 8, **picture.says}
            if "/ImageMask" in says:
                del says["/ColorSpace"]
            for key, value in says.items():
                stream[key] = value
            stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
            stream.Width, stream.Height = picture.size
            objects[f"/I{number}"] = stream
            matrix = (wide * sheet[0], 0, 0, high * sheet[1], left * sheet[0], bottom * sheet[1])
            steps.append("q " + " ".join(f"{value:.5f}" for value in matrix) + f" cm /I{number} Do Q")
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        page.Resources = pikepdf.Dictionary(XObject=objects, Font=pikepdf.Dictionary(F1=font))
        page.Contents = document.make_stream("\n".join(steps).encode() + b"\n" + drawing)
        page.Rotate, page.UserUnit = rotate, unit
        document.save(path)
    return path


WHOLE = (0.0, 0.0, 1.0, 1.0)
TYPE = b"BT /F1 11 Tf 14 TL 60 700 Td " + b"(survey number 142/2, area 1.315 hectare of land) Tj T* " * 8 + b"ET"


def drawn(path: Path, kind: MediaType = MediaType.PDF, *, measured: bool = False, max_dpi: int = 400) -> Raster:
    return rasterise(
        path,
        kind,
        1,
        default_dpi=300,
        max_dpi=max_dpi,
        max_pixels=LIMIT,
        decode=imaging.decode_jpeg,
        letters=letter_height if measured else None,
    )


def drawn_image(image: Image.Image, folder: Path, kind: str, **options: object) -> Raster:
    path = folder / f"page.{kind.lower()}"
    path.write_bytes(saved(image, kind, **options))
    return drawn(path, MediaType[kind], measured=True)


# --- a scan on a sheet of any size ------------------------------------------------------------------------------------


@pytest.mark.parametrize("points", [1860.75, 2481, 1786.32, 4962, 150])
@pytest.mark.parametrize("coded", [jpeg, flate])
def test_a_scan_comes_out_at_its_own_pixels_whatever_sheet_it_was_put_on(
    points: float, coded: object, tmp_path: Path
) -> None:
    """A4 at 300, as for 96, 72, 100 and 36 dots per inch, and on a slip of two inches."""
    scan = page_of_lines(2481, 3507)
    raster = drawn(bound(tmp_path / "a.pdf", [(coded(scan), WHOLE)], (points, points * 3507 / 2481)))  # type: ignore[operator]

    assert (raster.pixels.shape, raster.dpi) == ((3507, 2481), 300)
    assert np.abs(raster.pixels.astype(int) - np.asarray(scan)).mean() < 2


@pytest.mark.parametrize(("turn", "unit"), [(90, 1.0), (270, 3.0), (0, 4.1666)])
def test_a_turn_and_a_unit_of_its_own_change_nothing(turn: int, unit: float, tmp_path: Path) -> None:
    scan = page_of_lines(1654, 2339)
    for coded in (jpeg, flate):
        path = bound(tmp_path / "a.pdf", [(coded(scan), WHOLE)], (1240.5, 1754.25), rotate=turn, unit=unit)
        raster = drawn(path)

        assert raster.dpi == 200
        expected = np.rot90(np.asarray(scan), -turn // 90)
        assert raster.pixels.shape == expected.shape
        assert np.abs(raster.pixels.astype(int) - expected).mean() < 3


def test_a_crop_box_shows_its_part_at_the_scans_own_pixels(tmp_path: Path) -> None:
    path = bound(tmp_path / "a.pdf", [(jpeg(page_of_lines(2481, 3507)), WHOLE)], (1860.75, 2630.25))
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        document.pages[0].CropBox = pikepdf.Array([0, 1315.125, 1860.75, 2630.25])
        document.save(path)

    assert np.allclose(drawn(path).pixels.shape, (1754, 2481), atol=1)


def test_a_scan_is_drawn_at_no_more_than_is_allowed_on_paper(tmp_path: Path) -> None:
    path = bound(tmp_path / "a.pdf", [(jpeg(page_of_lines(4961, 7016)), WHOLE)], (4961 * 0.75, 7016 * 0.75))
    raster = drawn(path)

    assert raster.dpi == 400 and np.allclose(raster.pixels.shape, (4677, 3307), atol=2)


def test_a_page_is_never_drawn_larger_than_is_allowed(tmp_path: Path) -> None:
    path = bound(tmp_path / "a.pdf", [(flate(page_of_lines(1000, 9000)), WHOLE)], (2000, 200))
    raster = rasterise(path, MediaType.PDF, 1, default_dpi=300, max_dpi=400, max_pixels=2_000_000)

    assert raster.pixels.size <= 2_000_000


# --- images that state nothing, or what means nothing ------------------------------------------------------------------


@pytest.mark.parametrize("stated", [{}, {"dpi": (72, 72)}, {"dpi": (96, 96)}])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_an_image_with_a_screens_resolution_has_that_of_paper(
    kind: str, stated: dict[str, object], tmp_path: Path
) -> None:
    raster = drawn_image(page_of_lines(2481, 3507), tmp_path, kind, **stated)

    assert (raster.pixels.shape, raster.dpi) == ((3507, 2481), 300)


def letter(dpi: int) -> Image.Image:
    """A scanned letter, reduced."""
    with Image.open(truth.SCANS / "letters" / "letter-01-clean.jpg") as scan:
        return scan.convert("L").resize((round(8.27 * dpi), round(11.69 * dpi)), Image.Resampling.BOX)


@pytest.mark.parametrize(("dpi", "told"), [(75, 150), (100, 150), (150, 150)])
def test_a_coarse_page_is_enlarged_for_reading_only(dpi: int, told: int, tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    letter(dpi).save(path)
    as_scanned, for_reading = drawn(path, MediaType.PNG), drawn(path, MediaType.PNG, measured=True)

    assert as_scanned.dpi == dpi and as_scanned.pixels.shape == (round(11.69 * dpi), round(8.27 * dpi))
    assert for_reading.dpi == told
    assert np.allclose(for_reading.pixels.shape, (11.69 * told, 8.27 * told), atol=3)


def test_a_coarse_scan_in_a_pdf_is_enlarged_from_its_own_pixels(tmp_path: Path) -> None:
    raster = drawn(bound(tmp_path / "a.pdf", [(jpeg(letter(75)), WHOLE)]), measured=True)

    assert raster.dpi == 150 and np.allclose(raster.pixels.shape, (1754, 1240), atol=4)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("dpi", [300, 150])
def test_the_height_of_letters_is_measured_whichever_way_they_lie(dpi: int, *, turned: bool) -> None:
    page = np.asarray(letter(dpi))
    height = letter_height(np.ascontiguousarray(np.rot90(page)) if turned else page)

    assert 0.11 < height / dpi < 0.2
    assert letter_height(np.full((1000, 700), 255, np.uint8)) == 0


# --- unequal resolutions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "dpi", "made"),
    [
        ((1728, 1146), (204, 98), (2386, 1728)),
        ((1728, 2292), (204, 196), (2386, 1728)),
        ((1654, 1169), (200, 100), (2338, 1654)),
    ],
)
@pytest.mark.parametrize("compression", ["group3", "group4"])
def test_a_fax_is_made_square(
    size: tuple[int, int], dpi: tuple[int, int], made: tuple[int, int], compression: str, tmp_path: Path
) -> None:
    fax = page_of_lines(*size).point(lambda level: 255 * (level > 127), "1")
    raster = drawn_image(fax, tmp_path, "TIFF", dpi=dpi, compression=compression)

    assert raster.pixels.shape == made and raster.dpi == dpi[0]
    assert raster.is_bilevel


def test_a_fax_without_a_unit_keeps_its_shape(tmp_path: Path) -> None:
    raster = drawn_image(
        page_of_lines(1728, 1146), tmp_path, "TIFF", tiffinfo={282: 204.0, 283: 98.0, 296: 1}, compression="raw"
    )

    assert raster.pixels.shape == (2386, 1728)


@pytest.mark.parametrize("coded", [jpeg, flate, indexed])
@pytest.mark.parametrize("turn", [0, 90])
def test_a_scan_with_unequal_resolutions_in_a_pdf_is_made_square(coded: object, turn: int, tmp_path: Path) -> None:
    path = bound(tmp_path / "a.pdf", [(coded(page_of_lines(1654, 1169)), WHOLE)], rotate=turn)  # type: ignore[operator]
    raster = drawn(path)

    assert np.allclose(raster.pixels.shape, (2338, 1654) if turn == 0 else (1654, 2338), atol=1)
    assert raster.dpi == 200


def test_a_scan_stretched_a_little_to_fit_its_sheet_is_left_as_the_scanner_made_it(tmp_path: Path) -> None:
    raster = drawn(bound(tmp_path / "a.pdf", [(jpeg(page_of_lines(2481, 3507)), WHOLE)], (612, 792)))

    assert raster.pixels.shape == (3507, 2481)


# --- scans in pieces --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("coded", [jpeg, flate, jpeg_2000, indexed])
@pytest.mark.parametrize(("rows", "columns"), [(8, 1), (4, 3), (1, 1)])
@pytest.mark.parametrize("points", [595.32, 1860.75])
def test_a_scan_in_strips_or_tiles_comes_out_at_its_own_pixels(
    coded: object, rows: int, columns: int, points: float, tmp_path: Path
) -> None:
    scan = page_of_lines(1656, 2344)
    wide, high = 1656 // columns, 2344 // rows
    pieces = [
        (
            coded(scan.crop((x * wide, y * high, (x + 1) * wide, (y + 1) * high))),  # type: ignore[operator]
            (x / columns, 1 - (y + 1) / rows, 1 / columns, 1 / rows),
        )
        for y in range(rows)
        for x in range(columns)
    ]
    raster = drawn(bound(tmp_path / "a.pdf", pieces, (points, points * 2344 / 1656)))

    assert np.allclose(raster.pixels.shape, (2344, 1656), atol=1) and raster.dpi == 200


@pytest.mark.parametrize("logo", [(900, 450), (60, 30)])
def test_a_small_picture_on_a_scan_does_not_change_its_resolution(logo: tuple[int, int], tmp_path: Path) -> None:
    """A stamp laid on at 900 or 60 dots per inch."""
    pictures = [(flate(page_of_lines(1654, 2339)), WHOLE), (flate(page_of_lines(*logo)), (0.7, 0.05, 0.12, 0.043))]
    raster = drawn(bound(tmp_path / "a.pdf", pictures))

    assert raster.dpi == 200 and np.allclose(raster.pixels.shape, (2339, 1654), atol=1)


def test_letters_painted_by_stencils_over_a_coarse_ground_are_drawn_at_theirs(tmp_path: Path) -> None:
    """A page parted into paper and ink, as some scanners write it."""
    ground = (jpeg(page_of_lines(827, 1169).filter(ImageFilter.GaussianBlur(9))), WHOLE)
    lines = [(stencil(page_of_lines(1984, 70)), (0.1, 0.9 - 0.1 * row, 0.8, 0.02)) for row in range(6)]
    raster = drawn(bound(tmp_path / "a.pdf", [ground, *lines]))

    assert raster.dpi == 300 and np.allclose(raster.pixels.shape, (3508, 2481), atol=2)


def test_a_scan_with_a_page_number_drawn_on_it_stays_at_its_own_pixels(tmp_path: Path) -> None:
    path = bound(
        tmp_path / "a.pdf", [(jpeg(page_of_lines(1654, 2339)), WHOLE)], drawing=b"BT /F1 9 Tf 280 20 Td (page 7) Tj ET"
    )
    raster = drawn(path)

    assert raster.dpi == 200 and np.allclose(raster.pixels.shape, (2339, 1654), atol=1)


# --- letters that are drawn -------------------------------------------------------------------------------------------


LETTERHEAD = (0.0, 0.88, 1.0, 0.1)


@pytest.mark.parametrize(
    ("picture", "place"),
    [
        ((1240, 180), LETTERHEAD),
        ((60, 20), LETTERHEAD),
        ((4000, 2000), (0.4, 0.9, 0.1, 0.05)),
        ((640, 905), WHOLE),
    ],
)
def test_a_typed_page_is_drawn_sharp_whatever_pictures_are_on_it(
    picture: tuple[int, int], place: tuple[float, float, float, float], tmp_path: Path
) -> None:
    """A letterhead, coarse and fine, a tiny emblem of 4,000 pixels, and a picture behind the whole page."""
    raster = drawn(bound(tmp_path / "a.pdf", [(jpeg(page_of_lines(*picture)), place)], drawing=TYPE))

    assert raster.dpi == 300 and np.allclose(raster.pixels.shape, (3508, 2481), atol=2)


def test_letters_drawn_as_shapes_are_drawn_sharp_beside_a_picture(tmp_path: Path) -> None:
    shapes = b"".join(b"%d 500 m %d 512 l %d 500 l f\n" % (x, x + 3, x + 6) for x in range(60, 500, 7))
    raster = drawn(bound(tmp_path / "a.pdf", [(jpeg(page_of_lines(400, 60)), LETTERHEAD)], drawing=shapes))

    assert raster.dpi == 300


def test_a_scan_shown_by_a_form_in_a_form_is_a_scan(tmp_path: Path) -> None:
    path = bound(tmp_path / "a.pdf", [(jpeg(page_of_lines(2481, 3507)), WHOLE)], (1860.75, 2630.25))
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        page = document.pages[0]
        form = document.make_stream(page.Contents.read_bytes(), Resources=page.Resources)
        form.Type, form.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
        form.BBox, form.Matrix = page.MediaBox, pikepdf.Array([0.5, 0, 0, 0.5, 0, 0])
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Fm=form))
        page.Contents = document.make_stream(b"q 2 0 0 2 0 0 cm /Fm Do Q")
        document.save(path)
    raster = drawn(path)

    assert raster.dpi == 300 and np.allclose(raster.pixels.shape, (3507, 2481), atol=1)


# --- odd TIFFs --------------------------------------------------------------------------------------------------------


def tiff(tags: dict[int, tuple[int, int, int]], data: bytes, order: str = "<") -> bytes:
    """A TIFF of one strip or JPEG that starts at byte 8; tags by number: type, count, value."""
    start = 8 + len(data) + len(data) % 2
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", start)
    entries = b""
    for tag, (kind, count, value) in sorted(tags.items()):
        held = struct.pack(order + ("HH" if kind == 3 else "I"), *((value, 0) if kind == 3 else (value,)))
        entries += struct.pack(order + "HHI", tag, kind, count) + held
    return head + data + b"\0" * (len(data) % 2) + struct.pack(order + "H", len(tags)) + entries + bytes(4)


def sized(
    image: Image.Image, bits: int, compression: int, photometric: int, length: int
) -> dict[int, tuple[int, int, int]]:
    values = {256: image.width, 257: image.height, 258: bits, 259: compression, 262: photometric, 277: 1}
    return {tag: (3, 1, value) for tag, value in values.items()} | {
        273: (4, 1, 8),
        278: (4, 1, image.height),
        279: (4, 1, length),
    }


def proven(path: Path) -> Raster:
    assert prove(path, path.name, max_pixels=LIMIT).pages == 1
    return drawn(path, MediaType.TIFF)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("white_is_zero", [True, False])
def test_sixteen_bits_are_black_on_white_however_white_is_told(
    order: str, *, white_is_zero: bool, tmp_path: Path
) -> None:
    scan = page_of_lines(300, 400)
    values = np.asarray(scan).astype(np.uint16) * 257
    data = (65535 - values if white_is_zero else values).astype(f"{order}u2").tobytes()
    path = tmp_path / "a.tif"
    path.write_bytes(tiff(sized(scan, 16, 1, 0 if white_is_zero else 1, len(data)), data, order))

    assert np.array_equal(proven(path).pixels, np.asarray(scan))


@pytest.mark.parametrize("with_length", [True, False])
def test_a_grey_jpeg_of_the_old_kind_is_taken_out_of_its_tiff(tmp_path: Path, *, with_length: bool) -> None:
    scan = page_of_lines(300, 400)
    encoded = saved(scan, "JPEG", quality=95)
    tags = sized(scan, 8, 6, 1, len(encoded)) | {512: (3, 1, 1), 513: (4, 1, 8)}
    path = tmp_path / "a.tif"
    path.write_bytes(tiff(tags | ({514: (4, 1, len(encoded))} if with_length else {}), encoded))

    with Image.open(BytesIO(encoded)) as jpeg_itself:
        assert np.array_equal(proven(path).pixels, np.asarray(jpeg_itself))
