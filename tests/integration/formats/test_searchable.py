"""The searchable PDF/A we write: what viewers get out of it, what archives ask of it, and what it costs to write."""

from __future__ import annotations

import multiprocessing
import re
import struct
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import cv2
import img2pdf
import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image

from pipeline.formats import bilevel, pdf, searchable
from pipeline.formats.draft import Put, drafted
from pipeline.formats.rasterise import rasterise
from pipeline.model.page import Box, Word
from pipeline.model.scan import MediaType
from samples import truth

LETTER = truth.SCANS / "letters" / "letter-01-clean.jpg"
ABOUT = searchable.About(
    title="भवन की मरम्मत <&>",
    created=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
    identifier="F/12/2018",
    subject="मरम्मत",
    date="2018-01-02",
    kind="letter",
    source="sha256:" + "0a" * 32,
    document="3f2a-0001",
)
WORDS = (
    Word("कार्यालय", Box(300, 200, 240, 40), 0.9, 0, 0, 8),
    Word("क्षेत्रीय", Box(560, 200, 200, 40), 0.9, 0, 9, 18),
    Word("F-12/2018", Box(300, 400, 260, 40), 0.9, 1, 19, 28),
)
CONJUNCTS = "क्षेत्र ज्ञान त्र श्री द्ध द्व्य ट्ठ ह्म र्क्स्थ क़ फ़ ड़ कि की कु कृ कँ कः ॐ १९६८ क्\u200dष क्\u200cष"


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    target = BytesIO()
    image.save(target, kind, **options)  # type: ignore[arg-type]
    return target.getvalue()


def pages_to_write() -> list[searchable.PdfPage]:
    """A grey page with words, a coloured one, and one of black and white."""
    grey = saved(Image.new("L", (1654, 2339), 240), "JPEG", quality=80)
    colour = saved(Image.new("RGB", (827, 1169), (200, 220, 240)), "JPEG", quality=80)
    return [
        searchable.PdfPage(grey, 1654, 2339, 200, WORDS),
        searchable.PdfPage(colour, 827, 1169, 100, ()),
        searchable.PdfPage(bilevel.encode_png(black_and_white()), 2480, 3508, 300, WORDS[:1]),
    ]


SPECKLES = bilevel.encode_png(np.random.default_rng(1).integers(0, 256, (99, 99), np.uint8))


def black_and_white() -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """A real letter as a scanner set to black and white would give it."""
    with Image.open(LETTER) as image:
        return np.where(np.asarray(image.convert("L")) < 150, 0, 255).astype(np.uint8)


def write_pages(path: Path) -> None:
    searchable.write(pages_to_write(), ABOUT, path)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pdf") / "document.pdf"
    write_pages(path)
    return path


def said(*command: object) -> str:
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, check=True).stdout


# --- what viewers get -----------------------------------------------------------------------------------------------


def by_poppler(path: Path, *options: str) -> str:
    return said("pdftotext", *options, path, "-")


def by_pdfium(path: Path) -> str:
    """What Chromium's own viewer copies, which is built on PDFium."""
    document = pypdfium2.PdfDocument(path)
    try:
        return "\n".join(str(page.get_textpage().get_text_bounded()) for page in document)
    finally:
        document.close()


READERS: list[Callable[[Path], str]] = [
    lambda path: by_poppler(path, "-layout"),
    lambda path: by_poppler(path, "-raw"),
    by_pdfium,
]
VIEWERS = pytest.mark.parametrize("read", READERS, ids=["layout", "raw", "pdfium"])


def lines_of(text: str) -> list[list[str]]:
    return [line.split() for line in text.replace("\f", "\n").splitlines() if line.strip()]


def letter_words() -> list[Word]:
    """The truth's words, in lines by their place on the page: a new one begins below or further left."""
    letter = next(item for item in truth.load()["letters"] if item["file"].endswith(LETTER.name))
    found: list[Word] = []
    for item in letter["words"]:
        box = Box(*item["box"])
        last = found[-1] if found else None
        below = last is not None and box.y + box.h / 2 > last.box.y + last.box.h
        line = 0 if last is None else last.line + (below or box.x < last.box.x)
        found.append(Word(item["text"], box, 0.9, line, 0, 0))
    return found


@VIEWERS
def test_a_letter_is_copied_line_by_line_as_it_was_read(read: Callable[[Path], str], tmp_path: Path) -> None:
    words = letter_words()
    with Image.open(LETTER) as image:
        page = searchable.PdfPage(LETTER.read_bytes(), *image.size, 300, words)
    searchable.write([page], ABOUT, tmp_path / "letter.pdf")

    lines = [[word.text for word in words if word.line == line] for line in range(words[-1].line + 1)]
    assert len(lines) > 15
    assert lines_of(read(tmp_path / "letter.pdf")) == lines


@VIEWERS
def test_conjuncts_matras_and_joiners_come_out_sign_by_sign(read: Callable[[Path], str], tmp_path: Path) -> None:
    words = [
        Word(text, Box(100 + 130 * (at % 8), 200 + 90 * (at // 8), 100, 40), 0.9, at // 8, 0, 0)
        for at, text in enumerate(CONJUNCTS.split())
    ]
    searchable.write([replace(pages_to_write()[0], words=words)], ABOUT, tmp_path / "signs.pdf")

    assert read(tmp_path / "signs.pdf").split() == CONJUNCTS.split()


@VIEWERS
def test_matras_above_and_below_do_not_break_a_line(read: Callable[[Path], str], tmp_path: Path) -> None:
    boxes = [(100, 200, 40), (210, 185, 55), (330, 200, 56), (440, 226, 10), (480, 184, 72)]
    words = [
        Word(text, Box(x, y, 90 if text != "।" else 8, h), 0.9, 0, 0, 0)
        for text, (x, y, h) in zip(["राम", "कीर्ति", "कुछ", "।", "कूँजी"], boxes, strict=True)
    ]
    searchable.write([replace(pages_to_write()[0], words=words)], ABOUT, tmp_path / "line.pdf")

    assert lines_of(read(tmp_path / "line.pdf")) == [[word.text for word in words]]


@VIEWERS
def test_words_whose_boxes_touch_or_overlap_stay_two(read: Callable[[Path], str], tmp_path: Path) -> None:
    boxes = [(100, 90), (190, 14), (205, 80), (280, 90)]
    words = [
        Word(text, Box(x, 200, w, 40), 0.9, 0, 0, 0)
        for text, (x, w) in zip(["कमला", "|", "मिंज", "9,900"], boxes, strict=True)
    ]
    searchable.write([replace(pages_to_write()[0], words=words)], ABOUT, tmp_path / "line.pdf")

    assert lines_of(read(tmp_path / "line.pdf")) == [[word.text for word in words]]


def test_every_word_lies_within_two_points_of_its_box(written: Path) -> None:
    found = re.findall(
        r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>',
        said("pdftotext", "-l", "1", "-bbox", written, "-"),
    )

    assert len(found) == len(WORDS)
    for word, (*corners, text) in zip(WORDS, found, strict=True):
        box, scale = word.box, 72 / 200
        assert text == word.text
        left, top, right, bottom = (float(value) for value in corners)
        assert (left, right) == pytest.approx((box.x * scale, (box.x + box.w) * scale), abs=2)
        assert (top, bottom) == pytest.approx((box.y * scale, (box.y + box.h) * scale), abs=2)


def test_what_no_code_can_say_becomes_a_replacement_sign(tmp_path: Path) -> None:
    words = [
        Word("𑂍ख", Box(300, 600, 60, 40), 0.9, 0, 0, 2),
        Word("क\x00\ufeff\udc80", Box(400, 600, 60, 40), 0.9, 0, 3, 7),
    ]
    words.append(Word("", Box(500, 600, 60, 40), 0.9, 0, 8, 8))
    searchable.write([replace(pages_to_write()[0], words=words)], ABOUT, tmp_path / "odd.pdf")

    assert by_poppler(tmp_path / "odd.pdf").split() == ["\ufffdख", "क\ufffd\ufffd\ufffd"]


# --- images ---------------------------------------------------------------------------------------------------------


def test_the_page_images_are_the_jpegs_themselves(written: Path) -> None:
    with pikepdf.open(written) as document:
        images = [next(iter(page.get_images().values())) for page in document.pages]
        kept = [image.read_raw_bytes() for image in images[:2]]
        spaces = [str(image.ColorSpace) for image in images]

    assert kept == [page.image for page in pages_to_write()[:2]]
    assert spaces == ["/DeviceGray", "/DeviceRGB", "/DeviceGray"]


def test_a_page_of_black_and_white_keeps_every_pixel_in_a_tenth_of_the_bytes(written: Path) -> None:
    scan = black_and_white()
    with pikepdf.open(written) as document:
        image = document.pages[2].Resources.XObject.Page
        size, filters = len(image.read_raw_bytes()), image.Filter
        kept = np.asarray(pikepdf.PdfImage(image).as_pil_image().convert("L"))
    drawn = rasterise(written, MediaType.PDF, 3, default_dpi=300, max_dpi=300, max_pixels=20_000_000)

    assert filters == "/CCITTFaxDecode"
    assert (kept == scan).all()
    assert np.mean((drawn.pixels < 128) != (scan < 128)) < 0.01  # poppler resamples a little, but black is black
    assert size * 10 < len(saved(Image.fromarray(scan), "JPEG", quality=80))


def test_black_and_white_is_told_from_everything_that_would_lose_by_it() -> None:
    scan = black_and_white()
    with Image.open(BytesIO(saved(Image.fromarray(scan), "JPEG", quality=90))) as image:
        through_a_jpeg = np.asarray(image)
    pencil = scan.copy()
    pencil[1000:1003, 500:520] = 200
    with Image.open(LETTER) as letter:
        grey = np.asarray(letter.convert("L"))
    paper = np.full((400, 300), 247, np.uint8)

    assert bilevel.is_bilevel(scan) and bilevel.is_bilevel(through_a_jpeg)
    for other in (pencil, grey, paper, np.dstack([scan] * 3), np.empty((0, 0), np.uint8)):
        assert not bilevel.is_bilevel(other)


@pytest.mark.parametrize("kind", [MediaType.TIFF, MediaType.PNG, MediaType.PDF])
def test_a_scan_of_one_bit_is_still_black_and_white_as_pixels(kind: MediaType, tmp_path: Path) -> None:
    image = Image.fromarray(black_and_white()).convert("1")
    data = saved(image, "PNG" if kind is MediaType.PDF else kind.name, dpi=(300, 300))
    path = tmp_path / "scan"
    path.write_bytes(img2pdf.convert(data) if kind is MediaType.PDF else data)
    raster = rasterise(path, kind, 1, default_dpi=300, max_dpi=400, max_pixels=20_000_000)

    assert raster.is_bilevel
    assert np.mean((raster.pixels < 128) != (black_and_white() < 128)) < 0.01


@pytest.mark.parametrize("drawing", ["0.5 g", "0 0 9 9 re f", "q 9 0 0 9 0 0 cm /Image Do Q", "q /Form Do Q"])
def test_a_pdf_page_that_shows_anything_else_beside_one_bit_is_not(drawing: str, tmp_path: Path) -> None:
    path, image = tmp_path / "scan.pdf", Image.fromarray(black_and_white()).convert("1")
    path.write_bytes(img2pdf.convert(saved(image, "PNG", dpi=(300, 300))))
    assert pdf.is_one_bit(path, 1)

    with pikepdf.open(path, allow_overwriting_input=True) as document:
        page = document.pages[0]
        if kind := re.search(r"/(Image|Form) Do", drawing):
            more = document.make_stream(b"\x80 g", Subtype=pikepdf.Name(f"/{kind[1]}"), BitsPerComponent=8)
            page.Resources.XObject[f"/{kind[1]}"] = more
        page.contents_add(drawing.encode())
        document.save(path)
    assert not pdf.is_one_bit(path, 1)


def test_both_forms_of_a_bilevel_page_hold_the_same_pixels() -> None:
    scan = np.random.default_rng(1).choice([0, 127, 128, 255], (37, 101)).astype(np.uint8)
    png = bilevel.encode_png(scan)

    assert bilevel.png_to_g4(png) == bilevel.encode_g4(scan)
    with Image.open(BytesIO(png)) as image:
        assert image.mode == "1" and (np.asarray(image) == (scan >= 128)).all()


@pytest.mark.parametrize("image", [saved(Image.new("L", (9, 9)), "PNG"), SPECKLES[:400]])
def test_a_png_that_is_not_of_one_bit_or_not_whole_is_refused(image: bytes, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="PNG"):
        searchable.write([searchable.PdfPage(image, 9, 9, 300, ())], ABOUT, tmp_path / "no.pdf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("progressive", [False, True])
def test_a_grey_jpeg_is_told_from_a_coloured_one(progressive: bool) -> None:
    for mode, grey in (("L", True), ("RGB", False)):
        jpeg = saved(Image.new(mode, (64, 64)), "JPEG", progressive=progressive)
        assert searchable.is_grey_jpeg(jpeg) is grey
    ok, made = cv2.imencode(".jpg", np.zeros((64, 64), np.uint8))
    assert ok and searchable.is_grey_jpeg(made.tobytes())
    assert not searchable.is_grey_jpeg(b"") and not searchable.is_grey_jpeg(struct.pack(">HHH", 0xFFD8, 0xFFE0, 0))


# --- what an archive asks -------------------------------------------------------------------------------------------


def findings(path: Path) -> list[str]:
    """What pikepdf's validator, built on veraPDF's rules for PDF/A-2b, holds against the file."""
    pdfa = pytest.importorskip(
        "pikepdf.pdfa", reason="the validator needs the development packages: script/setup --dev"
    )
    return [str(finding) for finding in pdfa.validate_written(path, "2b").findings]


def test_the_validator_holds_nothing_against_it(written: Path) -> None:
    assert findings(written) == []
    said("qpdf", "--check", written)


@pytest.mark.parametrize(
    "about",
    [
        searchable.About(title="", created=datetime(2026, 1, 2, tzinfo=UTC)),
        replace(
            ABOUT, title="पत्र\x00\x0b\ud800\ufffe", identifier='<&">\n', subject="\u202e", created=datetime(2026, 1, 2)
        ),
    ],
    ids=["bare", "hostile"],
)
def test_whatever_the_fields_hold_it_stays_pdfa(about: searchable.About, tmp_path: Path) -> None:
    searchable.write(pages_to_write(), about, tmp_path / "document.pdf")

    assert findings(tmp_path / "document.pdf") == []


@pytest.mark.parametrize("size", [(2, 3), (20_000, 900)])
def test_a_page_of_absurd_size_is_still_one_that_a_pdf_may_have(size: tuple[int, int], tmp_path: Path) -> None:
    page = searchable.PdfPage(saved(Image.new("L", size), "JPEG"), *size, 100 if size[0] > 99 else 300, ())
    searchable.write([page, replace(page, dpi=72)], ABOUT, tmp_path / "odd.pdf")

    assert findings(tmp_path / "odd.pdf") == []
    with pikepdf.open(tmp_path / "odd.pdf") as document:
        sides = [float(side) for page in document.pages for side in page.mediabox[2:]]
    assert min(sides) >= 3 and max(sides) <= 14_400


def spoil_intent(document: pikepdf.Pdf) -> None:
    del document.Root.OutputIntents


def spoil_font(document: pikepdf.Pdf) -> None:
    del document.pages[0].Resources.Font.Text.DescendantFonts[0].FontDescriptor.FontFile2


def spoil_actions(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


@pytest.mark.parametrize("spoil", [spoil_intent, spoil_font, spoil_actions])
def test_the_validator_sees_what_is_spoiled(
    spoil: Callable[[pikepdf.Pdf], None], written: Path, tmp_path: Path
) -> None:
    with pikepdf.open(written) as document:
        spoil(document)
        document.save(tmp_path / "spoiled.pdf")

    assert findings(tmp_path / "spoiled.pdf")


def test_file_number_date_title_and_language_stand_in_the_metadata(written: Path) -> None:
    with pikepdf.open(written) as document, document.open_metadata() as metadata:
        says = {name: metadata[name] for name in metadata if name.split("}")[0].endswith("dc/elements/1.1/")}
        packet = document.Root.Metadata.read_bytes().decode()
        assert metadata.pdfa_status == "2B"
        assert {name.split("}")[1]: value for name, value in says.items()} == {
            "format": "application/pdf",
            "title": ABOUT.title,
            "language": {"hi-IN"},
            "identifier": "F/12/2018",
            "description": "मरम्मत",
            "date": ["2018-01-02"],
            "type": {"letter"},
            "source": "sha256:" + "0a" * 32,
        }
        assert metadata["xmp:CreateDate"] == metadata["xmp:ModifyDate"] == "2026-01-02T03:04:00+00:00"
        assert metadata["xmpMM:DocumentID"].startswith("uuid:")
        assert document.Root.Lang == "hi-IN"
        assert {str(name): str(value) for name, value in document.docinfo.items()} == {
            "/Title": ABOUT.title,
            "/Subject": "मरम्मत",
            "/Creator": "Abhilekh",
            "/Producer": "Abhilekh",
            "/CreationDate": "D:20260102030400+00'00",
            "/ModDate": "D:20260102030400+00'00",
        }
    assert re.search(r'<dc:title[^>]*><rdf:Alt><rdf:li xml:lang="x-default">भवन', packet)


def test_all_pages_share_one_font_whose_every_code_has_a_meaning(written: Path) -> None:
    with pikepdf.open(written) as document:
        fonts = {page.Resources.Font.Text.objgen for page in document.pages}
        font = document.pages[0].Resources.Font.Text
        program = font.DescendantFonts[0].FontDescriptor.FontFile2.read_bytes()
        mapped = set(codes_mapped(font.ToUnicode.read_bytes().decode("ascii")))
        used = {code for page in document.pages for code in codes_shown(page)}

    assert len(fonts) == 1 and program[:4] == b"\x00\x01\x00\x00" and len(program) < 1000
    assert used and used <= mapped
    assert not mapped & {0, 0xFEFF, 0xFFFE, *range(0xD800, 0xE000)}


def codes_mapped(cmap: str) -> Iterator[int]:
    for first, last, meaning in re.findall(r"<(\w{4})> <(\w{4})> <(\w{4})>", cmap):
        assert first == meaning and first[:2] == last[:2]
        yield from range(int(first, 16), int(last, 16) + 1)


def codes_shown(page: pikepdf.Page) -> Iterator[int]:
    for instruction in pikepdf.parse_content_stream(page):
        if str(instruction.operator) == "Tj":
            yield from (code for (code,) in struct.iter_unpack(">H", bytes(instruction.operands[0])))


def test_its_pages_have_the_size_of_the_paper(written: Path) -> None:
    with pikepdf.open(written) as document:
        sizes = [[round(float(v)) for v in page.mediabox[2:]] for page in document.pages]

    assert sizes == [[595, 842]] * 3


# --- what it costs --------------------------------------------------------------------------------------------------


def test_the_same_input_gives_the_same_bytes_in_every_process(written: Path, tmp_path: Path) -> None:
    other = multiprocessing.get_context("spawn").Process(target=write_pages, args=(tmp_path / "again.pdf",))
    other.start()
    other.join(60)

    assert (tmp_path / "again.pdf").read_bytes() == written.read_bytes()


def write_heavy(path: Path) -> None:
    """100 MB of pages; fails when the process grows by a third of that."""
    jpeg = pages_to_write()[0].image + bytes(2**20)
    write_pages(path.with_suffix(".warm"))
    before = highest_memory()
    searchable.write((searchable.PdfPage(jpeg + b"%d" % n, 1654, 2339, 200, WORDS) for n in range(100)), ABOUT, path)
    assert highest_memory() - before < 33 * 2**20


def highest_memory() -> int:
    """The most memory this process has held, in bytes."""
    return 1024 * int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[0])


def test_memory_does_not_grow_with_the_pages(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=write_heavy, args=(tmp_path / "heavy.pdf",))
    process.start()
    process.join(60)

    assert process.exitcode == 0
    assert (tmp_path / "heavy.pdf").stat().st_size > 100 * 2**20
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".pdf", ".warm"]


def test_a_draft_gives_back_the_streams_that_were_put(tmp_path: Path) -> None:
    numbers = []

    def fill(put: Put) -> None:
        numbers.extend(put(pikepdf.Dictionary(Mark=n), b"endstream" * n) for n in range(12))

    with drafted(tmp_path, fill) as document:
        assert list(tmp_path.iterdir()) == []
        streams = [document.get_object(number, 0) for number in numbers]
        assert [(int(s.Mark), s.read_raw_bytes()) for s in streams] == [(n, b"endstream" * n) for n in range(12)]
