"""PDFs that already carry text, through the real page worker: which text is used, and which page is read instead."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import sync_playwright

from pipeline.formats import pdf_text, searchable
from pipeline.formats.rasterise import rasterise
from pipeline.model.page import Box, Geometry, ReadPage, Word
from pipeline.model.scan import MediaType
from pipeline.settings import OcrSettings, PageSettings
from pipeline.workflow.page_worker import PageJob, work_page
from samples import truth
from samples.press import launch
from tests.kruti_dev import pdf_in_kruti_dev

LINES = (
    "मध्यप्रदेश शासन",
    "कार्यालय कलेक्टर, जिला सागर",
    "क्रमांक 2134/स्थापना/2018 दिनांक 12.11.2018",
    "विषय: ग्राम सोनपुरा की भूमि का सीमांकन",
    "उपरोक्त विषय में लेख है कि ग्राम सोनपुरा में स्थित भूमि का",
    "सीमांकन कराने हेतु आवेदन प्रस्तुत किया गया है। निर्धारित शुल्क",
    "जमा किया जा चुका है। क्षेत्रीय कार्यालय की स्थिति के संबंध में",
    "कृपया प्रतिवेदन शीघ्र प्रस्तुत करें।",
)
TEXT = "\n".join(LINES)
SCAN = truth.SCANS / "letters" / "letter-01-clean.jpg"
Work = Callable[..., ReadPage]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A letter as a browser prints it."""
    path = tmp_path_factory.mktemp("printed") / "letter.pdf"
    style = "font: 14pt 'Noto Sans Devanagari'; margin: 2cm"
    html = f'<body style="{style}">' + "".join(f"<p>{line}</p>" for line in LINES)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page()
        page.set_content(html)
        page.pdf(path=path, format="A4")
        browser.close()
    return path


@pytest.fixture
def work(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Work:
    caplog.set_level(logging.INFO, "pipeline")

    def one(path: Path, **ocr: object) -> ReadPage:
        folder = tmp_path / "out"
        folder.mkdir(exist_ok=True)
        settings = OcrSettings(doubtful_languages="", **ocr)  # type: ignore[arg-type]
        return work_page(PageJob(str(path), MediaType.PDF, 1, 1, str(folder), PageSettings(), settings)).page

    return one


def changed(path: Path, target: Path, change: Callable[[pikepdf.Page], object]) -> Path:
    with pikepdf.open(path) as document:
        change(document.pages[0])
        document.save(target)
    return target


def scanned(path: Path, *, text: str | None = None, languages: str = "") -> Path:
    """A picture of a letter with invisible text: what Tesseract reads with these data, or one line at the top."""
    if languages:
        command = ["tesseract", str(SCAN), str(path.with_suffix("")), "-l", languages, "--dpi", "300", "pdf"]
        subprocess.run(command, check=True, capture_output=True)
        return path
    made = FPDF(unit="pt", format="A4")
    made.add_page()
    made.image(SCAN, 0, 0, 595, 842)
    if text:
        made.set_font("Helvetica", size=10)
        made.text(250, 25, text)
    made.output(str(path))
    return path


def test_a_printed_letter_is_taken_as_it_is_coded(work: Work, printed: Path) -> None:
    page = work(printed)

    assert page.text == TEXT
    assert "text_layer" in page.flags and not {"orientation_doubtful", "skew_doubtful"} & set(page.flags)
    assert page.language == "hi" and page.confidence == 0.99


def test_its_words_lie_on_their_ink(work: Work, printed: Path, tmp_path: Path) -> None:
    page = work(printed)

    image = cv2.imread(str(tmp_path / "out" / "000001.jpg"), cv2.IMREAD_GRAYSCALE)
    assert image is not None and image.shape == (page.height, page.width)
    for word in page.words:
        box = word.box
        held = image[box.y : box.y + box.h, box.x : box.x + box.w]
        assert (held < 140).mean() > 0.05, word
        image[max(box.y - box.h // 3, 0) : box.y + box.h + box.h // 3, box.x - 6 : box.x + box.w + 6] = 255
    assert (image < 140).mean() < 1e-4


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_is_set_upright_with_its_words(work: Work, printed: Path, tmp_path: Path, turn: int) -> None:
    """The content lies on its side, and the PDF's own turn sets it upright."""

    def lie_down(page: pikepdf.Page) -> None:
        shown = pikepdf.Page(page)
        left, bottom, right, top = (float(value) for value in shown.mediabox)
        wide, high = right - left, top - bottom
        matrix = {90: f"0 1 -1 0 {high} 0", 180: f"-1 0 0 -1 {wide} {high}", 270: f"0 -1 1 0 0 {wide}"}[turn]
        page.contents_add(f"q {matrix} cm".encode(), prepend=True)
        page.contents_add(b"Q")
        page.MediaBox = [0, 0, high, wide] if turn % 180 else [0, 0, wide, high]
        page.Rotate = turn

    upright, turned = work(printed), work(changed(printed, tmp_path / "turned.pdf", lie_down))

    assert turned.text == TEXT and "text_layer" in turned.flags
    for one, other in zip(upright.words, turned.words, strict=True):
        assert abs(one.box.x - other.box.x) <= 4 and abs(one.box.y - other.box.y) <= 4


def test_a_page_that_lies_on_its_side_is_turned_with_its_words(work: Work, printed: Path, tmp_path: Path) -> None:
    page = work(changed(printed, tmp_path / "side.pdf", lambda page: page.rotate(90, relative=False)))

    assert page.geometry.rotated == 270
    assert page.text == TEXT and "text_layer" in page.flags


def test_a_cropped_page_has_its_words_where_they_are_shown(work: Work, printed: Path, tmp_path: Path) -> None:
    def crop(page: pikepdf.Page) -> None:
        left, bottom, right, top = (float(value) for value in page.mediabox)
        page.CropBox = [left + 30, bottom + 100, right - 20, top - 30]

    whole, cropped = work(printed), work(changed(printed, tmp_path / "cropped.pdf", crop))

    assert cropped.text == TEXT and cropped.height < whole.height
    shift = 30 * whole.dpi / 72
    for one, other in zip(whole.words, cropped.words, strict=True):
        assert abs(one.box.x - other.box.x - shift) <= 4 and abs(one.box.y - other.box.y - shift) <= 4


@pytest.mark.parametrize("font", ["KrutiDev010", "DevLys010", "CIDFont+F2"])
def test_a_legacy_font_is_converted(work: Work, tmp_path: Path, font: str) -> None:
    pdf_in_kruti_dev(tmp_path / "old.pdf", LINES, font=font)

    page = work(tmp_path / "old.pdf")

    assert page.text == TEXT
    assert "text_layer_converted" in page.flags and page.language == "hi"


def test_latin_letters_in_a_legacy_font_that_are_no_hindi_are_read(
    work: Work, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pdf_in_kruti_dev(tmp_path / "odd.pdf", ["ydHrQ xqzPvZ RtYmNb wKpLsD"] * 6, encoded=True)

    page = work(tmp_path / "odd.pdf")

    assert not {"text_layer", "text_layer_converted"} & set(page.flags)
    assert "page 1: its text layer is not used: legacy" in caplog.text


def test_a_font_whose_shapes_are_others_than_its_codes_is_read(
    work: Work, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Well-formed Kruti Dev codes, drawn as plain Latin letters."""
    pdf_in_kruti_dev(tmp_path / "old.pdf", LINES)
    with pikepdf.open(tmp_path / "old.pdf") as document:
        font = document.pages[0].Resources.Font.F1
        font.BaseFont, font.Subtype = pikepdf.Name("/KrutiDev010"), pikepdf.Name.Type1
        font.FontDescriptor.FontName = pikepdf.Name("/KrutiDev010")
        del font.FontDescriptor.FontFile2
        font.Widths = [500] * 224
        document.save(tmp_path / "shapes.pdf")

    page = work(tmp_path / "shapes.pdf")

    assert "text_layer_converted" not in page.flags
    assert "does not say what is seen" in caplog.text


def test_broken_codes_are_read(work: Work, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Shaped text of which some glyphs have no right code, as some programs write it."""
    made = FPDF(format="A4")
    made.add_page()
    asked = ["fc-match", "-f", "%{file}", "Noto Sans Devanagari:style=Regular"]
    made.add_font("N", "", subprocess.run(asked, capture_output=True, text=True, check=True).stdout)
    made.set_font("N", size=14)
    made.set_text_shaping(True)
    for line in LINES:
        made.cell(0, 12, line, new_x="LMARGIN", new_y="NEXT")
    made.output(str(tmp_path / "shaped.pdf"))

    page = work(tmp_path / "shaped.pdf")

    assert "text_layer" not in page.flags and "सीमांकन" in page.text
    assert "garbage" in caplog.text


@pytest.mark.parametrize("languages", ["eng", "hin"])
def test_what_another_program_misread_is_read_again(
    work: Work, tmp_path: Path, caplog: pytest.LogCaptureFixture, languages: str
) -> None:
    """Hindi read as English; and Hindi read well but for the digit 1, which the data `hin` cannot read."""
    known = truth.load()["letters"][0]

    page = work(scanned(tmp_path / "scan.pdf", languages=languages))

    assert "text_layer" not in page.flags
    assert known["file_no"].split()[-1] in page.text
    assert "its text layer is not used" in caplog.text or "does not say what is seen" in caplog.text


@pytest.mark.parametrize("misread", [lambda text: text, lambda text: text.replace("1", "4")])
def test_every_figure_of_what_another_program_read_must_be_right(
    work: Work, tmp_path: Path, caplog: pytest.LogCaptureFixture, misread: Callable[[str], str]
) -> None:
    """The true words laid invisibly over a scan are used; with another digit for each 1, which no dictionary tells, not."""
    known = truth.load()["letters"][0]
    words = [Word(misread(word["text"]), Box(*map(round, word["box"])), 1.0, 0, 0, 0) for word in known["words"]]
    tops = sorted({word.box.y // 40 for word in words})
    words = [replace(word, line=tops.index(word.box.y // 40)) for word in words]
    image = cv2.imread(str(SCAN), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    about = searchable.About(
        title="",
        created=datetime(2026, 1, 1, tzinfo=UTC),
        identifier=None,
        subject=None,
        date=None,
        kind="letter",
        source="",
        document="",
    )
    made = searchable.PdfPage(SCAN.read_bytes(), image.shape[1], image.shape[0], known["dpi"], tuple(words))
    searchable.write(iter([made]), about, tmp_path / "over.pdf")

    page = work(tmp_path / "over.pdf")

    is_right = misread("1") == "1"
    assert ("text_layer" in page.flags) is is_right, caplog.text
    assert ("does not say what is seen" in caplog.text) is not is_right
    assert known["file_no"].split()[-1] in page.text


def test_a_stamp_on_a_scan_is_no_text_layer(work: Work, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    page = work(scanned(tmp_path / "stamped.pdf", text="Received 2019 at the District Registry"))

    assert "text_layer" not in page.flags and "सोनपुरा" in page.text
    assert "its text layer is not used" in caplog.text


def test_a_scan_without_text_is_read(work: Work, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    page = work(scanned(tmp_path / "bare.pdf"))

    assert "text_layer" not in page.flags and "सोनपुरा" in page.text
    assert "empty" in caplog.text


def test_a_letter_with_much_else_on_it_is_read(work: Work, printed: Path, tmp_path: Path) -> None:
    """Half of the letter is a picture of writing: the layer is right, but some of the page only."""
    made = FPDF(unit="pt", format="A4")
    made.add_page()
    made.image(SCAN, 60, 420, 280, 396)
    made.output(str(tmp_path / "picture.pdf"))

    def lay_over(page: pikepdf.Page) -> None:
        with pikepdf.open(tmp_path / "picture.pdf") as other:
            page.add_overlay(other.pages[0], pikepdf.Rectangle(0, 0, 595, 842))

    page = work(changed(printed, tmp_path / "mixed.pdf", lay_over))

    assert "text_layer" not in page.flags


def test_never_reads_every_page(work: Work, printed: Path) -> None:
    page = work(printed, text_layer="never")

    assert "text_layer" not in page.flags and "सोनपुरा" in page.text


def test_a_page_of_endless_text_is_refused_and_drawn(work: Work, printed: Path, tmp_path: Path) -> None:
    def repeat(page: pikepdf.Page) -> None:
        page.contents_add(b"BT /F0 0.01 Tf " + b"(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) Tj " * 4000 + b"ET")
        page.Resources.Font["/F0"] = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )

    path = changed(printed, tmp_path / "endless.pdf", repeat)
    raster = rasterise(path, MediaType.PDF, 1, default_dpi=100, max_dpi=100, max_pixels=10**8)

    assert pdf_text.text_layer(path, 1, raster.pixels.shape[1::-1], Geometry()) is None
    assert "सोनपुरा" in work(path).text


def test_a_decoder_that_is_stopped_takes_nobody_with_it(printed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.formats.isolation import Bounds

    monkeypatch.setattr(pdf_text, "_BOUNDS", Bounds(memory_mb=512, cpu_seconds=20, seconds=0.001))

    with pytest.raises(TimeoutError):  # the clock is no reason to read the page in another way: it is tried again
        pdf_text.text_layer(printed, 1, (1000, 1400), Geometry())
    monkeypatch.undo()
    assert pdf_text.text_layer(printed, 1, (1000, 1400), Geometry()) is not None


def test_a_file_that_is_no_pdf_has_no_layer(tmp_path: Path) -> None:
    (tmp_path / "none.pdf").write_bytes(b"%PDF-1.4 nothing")

    assert pdf_text.text_layer(tmp_path / "none.pdf", 1, (1000, 1400), Geometry()) is None


def test_a_lean_that_is_undone_moves_the_words_with_the_page(printed: Path) -> None:
    drawn = (1654, 2339)
    straight = pdf_text.text_layer(printed, 1, drawn, Geometry())
    leant = pdf_text.text_layer(printed, 1, drawn, Geometry(skew_degrees=2.0, applied=True))

    assert straight is not None and leant is not None
    matrix = cv2.getRotationMatrix2D(((drawn[0] - 1) / 2, (drawn[1] - 1) / 2), -2.0, 1.0)
    for one, other in zip(straight.words, leant.words, strict=True):
        middle = matrix @ np.array([one.box.x + one.box.w / 2, one.box.y + one.box.h / 2, 1.0])
        assert abs(other.box.x + other.box.w / 2 - middle[0]) <= 2
        assert abs(other.box.y + other.box.h / 2 - middle[1]) <= 2


def with_picture(
    path: Path, target: Path, picture: Image.Image, place: tuple[float, float, float, float], *, above: bool
) -> Path:
    """The page with a picture, above or beneath what it shows already; its place in shares of the sheet."""

    def add(page: pikepdf.Page) -> None:
        wide, high = (float(value) for value in page.mediabox[2:])
        held = FPDF(unit="pt", format=(wide, high))
        held.set_margin(0)
        held.add_page()
        left, bottom, width, height = place
        held.image(picture, left * wide, (1 - bottom - height) * high, width * wide, height * high)
        with pikepdf.open(BytesIO(bytes(held.output()))) as other:
            (page.add_overlay if above else page.add_underlay)(other.pages[0])

    return changed(path, target, add)


def band(words: str) -> Image.Image:
    """A letterhead: words on a light ground."""
    asked = ["fc-match", "-f", "%{file}", "DejaVu Serif"]
    font = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    made = Image.new("RGB", (1240, 110), (228, 234, 247))
    ImageDraw.Draw(made).text((620, 55), words, fill=(20, 40, 120), font=ImageFont.truetype(font, 40), anchor="mm")
    return made


def scribble() -> Image.Image:
    """A signature on a clear ground."""
    made = Image.new("RGBA", (300, 120), (0, 0, 0, 0))
    points = [(20 + 8 * at, 60 + round(40 * np.sin(at * 0.9))) for at in range(33)]
    ImageDraw.Draw(made).line(points, fill=(10, 20, 120, 255), width=4)
    return made


def test_a_letterhead_picture_leaves_the_letters_own_text(work: Work, printed: Path, tmp_path: Path) -> None:
    head = band("GOVERNMENT OF MADHYA PRADESH")

    page = work(with_picture(printed, tmp_path / "head.pdf", head, (0, 0.94, 1, 0.055), above=True))

    assert "text_layer" in page.flags and page.dpi == 300
    assert page.text.endswith(TEXT)
    assert page.text.splitlines()[0] == "GOVERNMENT OF MADHYA PRADESH"


@pytest.mark.parametrize("above", [True, False])
def test_a_signature_pasted_on_a_letter_leaves_its_text(
    work: Work, printed: Path, tmp_path: Path, *, above: bool
) -> None:
    page = work(with_picture(printed, tmp_path / "signed.pdf", scribble(), (0.5, 0.5, 0.2, 0.06), above=above))

    assert "text_layer" in page.flags
    assert [line for line in page.text.splitlines() if line in LINES] == list(LINES)


def test_a_picture_behind_a_whole_letter_leaves_its_text(work: Work, printed: Path, tmp_path: Path) -> None:
    ground = Image.fromarray(np.tile(np.linspace(225, 252, 640).astype(np.uint8), (905, 1)))

    page = work(with_picture(printed, tmp_path / "ground.pdf", ground, (0, 0, 1, 1), above=False))

    assert "text_layer" in page.flags and page.text == TEXT and page.dpi == 300


def test_a_picture_that_holds_a_page_of_writing_has_the_whole_page_read(
    work: Work, printed: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A letter too small to be read surely, pasted under the typed one."""
    with Image.open(SCAN) as scan:
        small = scan.convert("L").resize((330, 467))

    page = work(with_picture(printed, tmp_path / "pasted.pdf", small, (0.3, 0.02, 0.4, 0.4), above=True))

    assert "text_layer" not in page.flags
    assert "a picture seems to hold more writing" in caplog.text


@pytest.mark.parametrize("above", [True, False])
@pytest.mark.parametrize("strips", [1, 8])
def test_text_beneath_a_scan_was_read_from_it_and_text_on_a_picture_was_not(
    printed: Path, tmp_path: Path, strips: int, *, above: bool
) -> None:
    path = printed
    for strip in range(strips):
        picture = Image.new("L", (827, 1169 // strips), 240)
        path = with_picture(path, tmp_path / f"{strip}.pdf", picture, (0, strip / strips, 1, 1 / strips), above=above)

    layer = pdf_text.text_layer(path, 1, (2481, 3508), Geometry())

    assert layer is not None and layer.words
    assert layer.is_scan is above
