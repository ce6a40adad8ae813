"""Decisions about a page: what is undone, what is left alone, when lines are read for a trial."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import pytest

from pipeline.model.page import PERSON, Geometry, PageImage
from pipeline.ocr import engines, program
from pipeline.ocr.engine import LINE
from pipeline.ocr.text import legible
from pipeline.preprocess import imaging
from pipeline.preprocess.imaging import Image, Measure
from pipeline.preprocess.ink import ink
from pipeline.preprocess.orientation import quarter_turn
from pipeline.preprocess.orientation_trial import Tried
from pipeline.preprocess.upright import KnownGeometry, Thresholds, fingerprint, preprocess_page
from pipeline.settings import OcrSettings, PageSettings
from samples import truth

OCR = OcrSettings()
LIMITS = Thresholds(min_rotation_confidence=0.25, min_skew_confidence=0.3, view_quality=72)
NEVER = Thresholds(min_rotation_confidence=1.1, min_skew_confidence=1.1, view_quality=72)


def letter(number: int) -> Image:
    found = next(row for row in truth.load()["letters"] if f"-{number:02d}-" in row["file"])
    return np.asarray(cv2.imread(str(truth.SCANS / found["file"]), cv2.IMREAD_GRAYSCALE), np.uint8)


def read(path: str) -> Image:
    return np.asarray(cv2.imread(path, cv2.IMREAD_UNCHANGED), np.uint8)


def measured(path: str) -> tuple[Measure, Measure]:
    return quarter_turn(ink(imaging.shrink(imaging.grey(read(path)), imaging.MEASURE_HEIGHT)))


class Trial:
    """Reads lines with the real Tesseract, and remembers how often it was asked; blindly, it makes nothing of them."""

    def __init__(self, *, blindly: bool = False) -> None:
        self.blindly = blindly
        self.asked = 0

    def __call__(self, lines: Sequence[Image], dpi: int) -> Tried:
        self.asked += 1
        if self.blindly:
            return Tried(0, 0.0)
        languages, engine = program.resolve_languages(OCR.languages), engines.chosen(OCR.engine)
        found = engine.read_pieces(lines, 7, languages=languages, page_mode=LINE, dpi=dpi)
        return Tried(*legible([word for words in found for word in words]))


def tidied(page: Image, folder: Path, limits: Thresholds = LIMITS, trial: Trial | None = None) -> PageImage:
    return preprocess_page(page, 7, 200, folder, limits=limits, try_lines=trial or Trial(blindly=True))[0]


def for_reading(page: Image, folder: Path) -> Image | None:
    reading = preprocess_page(page, 7, 200, folder, limits=LIMITS, try_lines=None)[1]
    return None if reading is None else reading.pixels


@pytest.mark.parametrize(("number", "rotated", "skew"), [(3, 90, 0.99), (8, 0, -2.61), (9, 270, 1.71)])
def test_a_turned_and_leaning_page_comes_out_upright(number: int, rotated: int, skew: float, tmp_path: Path) -> None:
    trial = Trial(blindly=True)

    page = tidied(letter(number), tmp_path, trial=trial)

    assert (page.geometry.rotated, page.geometry.applied, page.blank) == (rotated, True, False)
    assert page.geometry.skew_degrees == pytest.approx(skew, abs=0.15)
    turn, left = measured(page.viewing_path)
    assert turn.value == 0 and abs(left.value) < 0.1
    assert trial.asked == 0  # the headline settled it


@pytest.mark.parametrize(("number", "turned"), [(1, False), (3, True)])
def test_both_images_have_the_size_of_the_scan(number: int, turned: bool, tmp_path: Path) -> None:
    scan = letter(number)

    page = tidied(scan, tmp_path)

    expected = scan.shape[::-1] if turned else scan.shape
    assert read(page.viewing_path).shape[:2] == (page.height, page.width) == expected


def test_a_level_page_keeps_its_pixels(tmp_path: Path) -> None:
    scan = letter(1)

    page = tidied(scan, tmp_path)

    assert not page.geometry.applied
    assert np.abs(read(page.viewing_path).astype(int) - scan).mean() < 3  # JPEG alone


def test_doubt_leaves_the_page_alone_and_says_why(tmp_path: Path) -> None:
    scan = letter(9)

    page = tidied(scan, tmp_path, NEVER)

    assert (page.geometry.rotated, page.geometry.skew_degrees, page.geometry.applied) == (0, 0.0, False)
    assert page.geometry.rotation_confidence > 0 and page.geometry.skew_confidence > 0
    assert (page.height, page.width) == scan.shape


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_page_without_headlines_is_turned_by_reading_some_lines(turn: int, tmp_path: Path) -> None:
    trial = Trial()

    page = tidied(np.ascontiguousarray(np.rot90(letter(13), turn // 90)), tmp_path, trial=trial)

    assert 2 <= trial.asked <= 4
    assert page.geometry.rotated == turn and page.geometry.rotation_confidence > 0.9
    assert page.geometry.skew_degrees == pytest.approx(4.09, abs=0.15)
    _, left = measured(page.viewing_path)
    assert abs(left.value) < 0.1


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_two_words_on_a_sheet_are_enough_to_turn_it(turn: int, tmp_path: Path) -> None:
    scan = np.full((2339, 1654), 235, np.uint8)
    scan[400:470, 300:1100] = words("Copy to the Collector", 800, 70)

    page = tidied(np.ascontiguousarray(np.rot90(scan, turn // 90)), tmp_path, trial=Trial())

    assert (page.geometry.rotated, page.blank) == (turn, False)


def words(text: str, width: int, height: int) -> Image:
    """Latin letters in grey on paper, as large as on a letter of 200 dots per inch."""
    drawn = PIL.Image.new("L", (width, height), 235)
    PIL.ImageDraw.Draw(drawn).text((10, 10), text, fill=40, font=PIL.ImageFont.load_default(size=40))
    return np.asarray(drawn, np.uint8)


def test_where_nothing_can_be_read_an_english_page_is_not_turned(tmp_path: Path) -> None:
    page = tidied(letter(13), tmp_path)

    assert page.geometry.rotated == 0 and page.geometry.skew_degrees == pytest.approx(4.09, abs=0.15)


def test_a_blank_sheet_is_marked_shown_and_not_read(tmp_path: Path) -> None:
    trial = Trial(blindly=True)

    sheet = np.full((2339, 1654), 230, np.uint8)
    page = tidied(sheet, tmp_path, trial=trial)

    assert page.blank and not page.geometry.applied and trial.asked == 0
    assert Path(page.viewing_path).exists() and for_reading(sheet, tmp_path) is None


def test_colour_is_kept_for_looking_and_grey_stays_grey(tmp_path: Path) -> None:
    scan = cv2.cvtColor(letter(1), cv2.COLOR_GRAY2BGR)
    plain = tidied(np.asarray(scan, np.uint8), tmp_path)
    assert read(plain.viewing_path).ndim == 2

    cv2.circle(scan, (400, 1800), 120, (160, 40, 40), 8)
    coloured = tidied(np.asarray(scan, np.uint8), tmp_path)
    reading = for_reading(np.asarray(scan, np.uint8), tmp_path)
    assert read(coloured.viewing_path).ndim == 3 and reading is not None and reading.ndim == 2


def test_a_page_of_black_and_white_is_kept_as_one_bit_unless_a_jpeg_is_smaller(tmp_path: Path) -> None:
    def as_png(data: bytes) -> str:
        scan = np.where(letter(1) < 128, 0, 255).astype(np.uint8)
        return preprocess_page(scan, 7, 200, tmp_path, limits=LIMITS, try_lines=None, bilevel=lambda page: data)[
            0
        ].viewing_path

    assert as_png(b"small").endswith(".png") and Path(as_png(b"small")).read_bytes() == b"small"
    assert as_png(b"large" * 1_000_000).endswith(".jpg")


def known(geometry: Geometry, now: str, *, blank: bool = False) -> KnownGeometry:
    return KnownGeometry(now, geometry, blank)


def test_what_is_known_and_still_holds_is_applied_and_not_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = preprocess_page(letter(3), 7, 200, tmp_path, limits=LIMITS, try_lines=None, known=KnownGeometry("as now"))[
        0
    ]
    monkeypatch.setattr("pipeline.preprocess.upright.ink", None)  # whoever measures fails

    again = preprocess_page(
        letter(3), 7, 200, tmp_path, limits=LIMITS, try_lines=None, known=known(first.geometry, "as now")
    )[0]

    assert again.geometry == first.geometry and first.geometry.measured_from == "as now"
    assert (again.width, again.height) == (first.width, first.height)


def test_what_was_measured_otherwise_is_measured_anew(tmp_path: Path) -> None:
    wrong = Geometry(rotated=180, rotation_confidence=0.9, applied=True, measured_from="before")

    page = preprocess_page(letter(1), 7, 200, tmp_path, limits=LIMITS, try_lines=None, known=known(wrong, "now"))[0]

    assert (page.geometry.rotated, page.geometry.measured_from) == (0, "now")


@pytest.mark.parametrize(("skew", "confidence"), [(-1.25, 1.0), (0.0, 0.0)])
def test_what_a_person_said_wins_and_a_lean_not_said_is_measured(
    skew: float, confidence: float, tmp_path: Path
) -> None:
    said = Geometry(180, 1.0, skew, confidence, set_by=PERSON)

    page = preprocess_page(letter(8), 7, 200, tmp_path, limits=LIMITS, try_lines=None, known=known(said, "now"))[0]

    assert (page.geometry.rotated, page.geometry.set_by, page.geometry.applied) == (180, PERSON, True)
    assert page.geometry.skew_degrees == pytest.approx(skew if confidence else -2.61, abs=0.15)


def test_the_fingerprint_tells_pages_files_and_settings_apart() -> None:
    usual, strict = PageSettings(), PageSettings(min_skew_confidence=0.9)
    prints = {
        fingerprint(sha256, page, settings, asked=asked)
        for sha256 in ("a", "b")
        for page in (1, 2)
        for settings in (usual, strict)
        for asked in (True, False)
    }

    assert len(prints) == 16
    assert fingerprint("a", 1, usual, asked=True) == fingerprint("a", 1, PageSettings(view_quality=90), asked=True)
