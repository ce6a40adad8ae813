"""Tesseract itself, on sample letters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.errors import MissingPartError, UnreadablePageError
from pipeline.model import Geometry, PageImage
from pipeline.ocr import tesseract
from pipeline.ocr.read import read_page
from pipeline.pages import imaging
from samples import truth

CLEAN = truth.load()["letters"][0]
SCAN = truth.SCANS / CLEAN["file"]


@pytest.fixture(scope="module", autouse=True)
def one_thread_each() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_THREAD_LIMIT", "1")
        tesseract.one_thread_each()
        yield


def image(path: Path, dpi: int = 300) -> PageImage:
    return PageImage(3, str(path), str(path), 2480, 3508, dpi, Geometry(), False)


def recognised(path: Path, *, languages: str = "script/Devanagari", timeout: float = 120) -> list[str]:
    found = tesseract.recognise(
        path, 3, languages=tesseract.resolve_languages(languages), page_mode=3, dpi=CLEAN["dpi"], timeout=timeout
    )
    return [word.text for word in found]


def test_the_words_of_a_clean_letter_are_read_in_their_places() -> None:
    page = read_page(
        image(SCAN), languages=tesseract.resolve_languages("script/Devanagari"), page_mode=3, low_confidence=0.6,
        timeout=120,
    )  # fmt: skip

    wanted = [word["text"] for word in CLEAN["words"]]
    read = {word.text.strip(".,:।") for word in page.words}
    hits = [word for word in wanted if word.strip(".,:।") in read]
    assert len(hits) >= 0.95 * len(wanted), sorted(set(wanted) - set(hits))
    assert (page.source_page, page.language, page.flags) == (3, "hi", ())
    assert page.confidence > 0.8
    village = next(word for word in CLEAN["words"] if CLEAN["village"] in word["text"])["box"]
    found = min((w.box for w in page.words if CLEAN["village"] in w.text), key=lambda box: abs(box.y - village[1]))
    assert abs(found.x - village[0]) < 25 and abs(found.y - village[1]) < 40


@pytest.mark.parametrize("languages", ["script/Devanagari", "hin", "Devanagari+hin"])
def test_the_digit_one_survives(languages: str, tmp_path: Path) -> None:
    line = next(word["box"] for word in CLEAN["words"] if word["text"] == "19-76/2019/1/4")
    scan = np.asarray(cv2.imread(str(SCAN), cv2.IMREAD_GRAYSCALE), np.uint8)
    x, y, w, h = line
    strip = np.full((400, w + 400), 255, np.uint8)
    strip[150 : 150 + h, 200 : 200 + w] = scan[y : y + h, x : x + w]
    path = tmp_path / "number.png"
    path.write_bytes(imaging.encode_png(strip))

    assert "".join(recognised(path, languages=languages)).count("1") == "19-76/2019/1/4".count("1")


def test_language_data_is_found_with_or_without_its_folder() -> None:
    assert tesseract.resolve_languages("Devanagari") == tesseract.resolve_languages("script/Devanagari")
    assert set(tesseract.resolve_languages("hin+eng").split("+")) <= tesseract.languages_installed()
    assert tesseract.version()[0].isdigit()


@pytest.mark.parametrize(
    ("installed", "wanted", "package"),
    [({"eng"}, "script/Devanagari", "tesseract-ocr-script-deva"), ({"eng"}, "eng+hin", "tesseract-ocr-hin"),
     ({"eng"}, "mar", "tesseract-ocr-mar")],
)  # fmt: skip
def test_missing_language_data_names_the_package(
    installed: set[str], wanted: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tesseract, "languages_installed", lambda: frozenset(installed))

    with pytest.raises(MissingPartError, match=f"apt-get install {package}$"):
        tesseract.resolve_languages(wanted)


def test_what_is_no_image_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    path.write_bytes(b"no image at all")

    with pytest.raises(UnreadablePageError, match="Page 3"):
        recognised(path)


def test_a_page_that_takes_too_long_is_unreadable_and_filed_without_text() -> None:
    with pytest.raises(UnreadablePageError, match="longer than"):
        recognised(SCAN, timeout=0.05)
    page = read_page(
        image(SCAN), languages=tesseract.resolve_languages("Devanagari"), page_mode=3, low_confidence=0.6, timeout=0.05
    )

    assert (page.text, page.words, page.flags, page.confidence) == ("", (), ("unread",), 0.0)


def test_an_empty_page_has_no_words_and_no_turn(tmp_path: Path) -> None:
    path = tmp_path / "white.png"
    path.write_bytes(imaging.encode_png(np.full((800, 600), 255, np.uint8)))

    assert recognised(path) == []
    assert tesseract.turn_of(path).confidence == 0.0


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_the_second_opinion_counts_counter_clockwise(turn: int, tmp_path: Path) -> None:
    scan = np.asarray(cv2.imread(str(SCAN), cv2.IMREAD_GRAYSCALE), np.uint8)
    path = tmp_path / "turned.png"
    path.write_bytes(imaging.encode_png(np.ascontiguousarray(np.rot90(imaging.shrink(scan, 1600), turn // 90))))

    found = tesseract.turn_of(path)

    assert found.value == turn and found.confidence > 0.5
