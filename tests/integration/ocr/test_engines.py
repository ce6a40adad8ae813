"""Tesseract itself, on sample letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from pipeline.errors import MissingPartError, UnreadablePageError
from pipeline.model.page import Box, Geometry, PageImage, ReadPage
from pipeline.ocr import engines, program
from pipeline.ocr.engine import LINE, Pixels, Recognised, read_boxes
from pipeline.ocr.layout import from_alto, to_alto
from pipeline.ocr.options import OcrOptions
from pipeline.ocr.read import read_page
from pipeline.preprocess.clean import for_reading
from pipeline.preprocess.coloured_ink import Stamp
from samples import truth

CLEAN = truth.load()["letters"][0]
SCAN = truth.SCANS / CLEAN["file"]


@pytest.fixture(scope="module", autouse=True)
def one_thread_each() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_THREAD_LIMIT", "1")
        program.one_thread_each()
        yield


def pixels(path: Path) -> Pixels:
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8)


def page_image(page: Pixels, dpi: int = CLEAN["dpi"]) -> PageImage:
    return PageImage(3, "", page.shape[1], page.shape[0], dpi, Geometry(), False)


def options(engine: str = "auto", *, doubtful: str | None = "Devanagari+hin") -> OcrOptions:
    return OcrOptions(
        engine=engines.chosen(engine),
        languages=program.resolve_languages("Devanagari"),
        doubtful_languages=doubtful and program.resolve_languages(doubtful),
        page_mode=3,
        doubtful_below=0.86,
        low_confidence=0.6,
    )


def read(page: Pixels, how: OcrOptions | None = None, dpi: int = CLEAN["dpi"]) -> ReadPage:
    return read_page(page_image(page, dpi), for_reading(page, dpi), how or options())


@pytest.mark.parametrize("engine", ["tesserocr", "pytesseract"])
def test_the_words_of_a_clean_letter_are_read_in_their_places(engine: str) -> None:
    page = read(pixels(SCAN), options(engine))

    wanted = [word["text"] for word in CLEAN["words"]]
    found = {word.text.strip(".,:।") for word in page.words}
    hits = [word for word in wanted if word.strip(".,:।") in found]
    assert len(hits) >= 0.95 * len(wanted), sorted(set(wanted) - set(hits))
    assert (page.source_page, page.language, set(page.flags) - {"signed"}) == (3, "hi", set())
    assert page.confidence > 0.8
    village = next(word for word in CLEAN["words"] if CLEAN["village"] in word["text"])["box"]
    place = min((w.box for w in page.words if CLEAN["village"] in w.text), key=lambda box: abs(box.y - village[1]))
    assert abs(place.x - village[0]) < 25 and abs(place.y - village[1]) < 40
    assert all(page.text[word.start : word.end] == word.text for word in page.words)


@pytest.mark.parametrize("engine", ["tesserocr", "pytesseract"])
@pytest.mark.parametrize("languages", ["script/Devanagari", "hin", "Devanagari+hin"])
def test_the_digit_one_survives(languages: str, engine: str) -> None:
    x, y, w, h = next(word["box"] for word in CLEAN["words"] if word["text"] == "19-76/2019/1/4")
    strip = np.full((400, w + 400), 255, np.uint8)
    strip[150 : 150 + h, 200 : 200 + w] = pixels(SCAN)[y : y + h, x : x + w]

    found = engines.chosen(engine).read(
        strip, 3, languages=program.resolve_languages(languages), page_mode=3, dpi=CLEAN["dpi"]
    )

    assert "".join(word.text for word in found).count("1") == "19-76/2019/1/4".count("1")


@pytest.mark.parametrize("engine", ["tesserocr", "pytesseract"])
def test_several_pieces_are_read_in_one_go_each_by_itself(engine: str) -> None:
    boxes = [Box(*word["box"]) for word in CLEAN["words"][:3]]

    found = read_boxes(
        engines.chosen(engine),
        pixels(SCAN),
        boxes,
        1,
        languages=program.resolve_languages("Devanagari"),
        page_mode=LINE,
        dpi=CLEAN["dpi"],
    )

    assert ["".join(word.text for word in words) for words in found] == [w["text"] for w in CLEAN["words"][:3]]
    for words, box in zip(found, boxes, strict=True):
        assert abs(words[0].box.x - box.x) < 15 and abs(words[0].box.y - box.y) < 25


def test_a_ruled_table_is_read_row_by_row_with_tabs_between_its_cells() -> None:
    page = np.full((1400, 1600), 255, np.uint8)
    names = [word["box"] for word in CLEAN["words"] if len(word["text"]) > 4][:6]
    rows, columns = [300, 420, 540, 660], [200, 700, 1300]
    for y in rows:
        page[y : y + 3, columns[0] : columns[-1]] = 0
    for x in columns:
        page[rows[0] : rows[-1], x : x + 3] = 0
    for count, (x, y, w, h) in enumerate(names):
        top, left = rows[count // 2] + 25, columns[count % 2] + 40
        page[top : top + h, left : left + w] = pixels(SCAN)[y : y + h, x : x + w]

    found = read(page, dpi=300)

    lines = found.text.split("\n")
    texts = [next(word["text"] for word in CLEAN["words"] if word["box"] == box) for box in names]
    assert [line.split("\t") for line in lines] == [texts[0:2], texts[2:4], texts[4:6]]
    assert from_alto(to_alto(found)) == (found.text, found.words)


def test_strokes_of_a_pen_alone_are_not_read_as_words() -> None:
    page = np.full((1600, 1200), 250, np.uint8)
    chance = np.random.default_rng(5)
    for line in range(6):
        xs = np.arange(150, 1000, 6)
        ys = 250 + line * 190 + 45 * np.sin(xs / (14 + 3 * line)) + chance.normal(0, 3, len(xs))
        cv2.polylines(page, [np.stack([xs, ys], 1).round().astype(np.int32)], False, 30, 5, cv2.LINE_AA)

    found = read(page, dpi=200)

    assert found.text == "" and {"signed"} <= set(found.flags)


def test_language_data_is_found_with_or_without_its_folder() -> None:
    assert program.resolve_languages("Devanagari") == program.resolve_languages("script/Devanagari")
    assert set(program.resolve_languages("hin+eng").split("+")) <= program.languages_installed()
    assert program.version()[0].isdigit()


@pytest.mark.parametrize(
    ("installed", "wanted", "package"),
    [
        ({"eng"}, "script/Devanagari", "tesseract-ocr-script-deva"),
        ({"eng"}, "eng+hin", "tesseract-ocr-hin"),
        ({"eng"}, "mar", "tesseract-ocr-mar"),
    ],
)
def test_missing_language_data_names_the_package(
    installed: set[str], wanted: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "languages_installed", lambda: frozenset(installed))

    with pytest.raises(MissingPartError, match=f"apt-get install {package}$"):
        program.resolve_languages(wanted)


class CannotRead:
    """A real engine that fails at the page, or at the pieces it is asked for after it."""

    def __init__(self, *, page: bool) -> None:
        self.engine = engines.chosen("auto")
        self.page = page
        self.asked = 0

    def prepare(self, languages: Sequence[str]) -> None:
        self.engine.prepare(languages)

    def read(self, page: Pixels, number: int, **how: Any) -> list[Recognised]:
        if self.page:
            raise UnreadablePageError(page=number, cause="recognition failed")
        return self.engine.read(page, number, **how)

    def read_pieces(self, pieces: Sequence[Pixels], number: int, **how: Any) -> list[list[Recognised]]:
        self.asked += 1
        raise UnreadablePageError(page=number, cause="recognition failed")


def test_a_page_that_cannot_be_read_is_filed_without_text() -> None:
    page = read(pixels(SCAN), replace(options(), engine=CannotRead(page=True)))

    assert (page.text, page.words, page.confidence) == ("", (), 0.0) and "unread" in page.flags


def test_a_second_look_that_fails_does_not_cost_the_first() -> None:
    engine = CannotRead(page=False)

    page = read(pixels(SCAN), replace(options(), engine=engine, doubtful_below=1.0))

    assert engine.asked and len(page.words) > 100 and "unread" not in page.flags


def test_a_stamp_that_cannot_be_read_does_not_cost_the_writing_under_it() -> None:
    page, engine = pixels(SCAN), CannotRead(page=False)
    reading = for_reading(page, CLEAN["dpi"])
    stamped = replace(reading, stamps=(Stamp(Box(100, 100, 400, 120), page[:120, :400]),))

    found = read_page(page_image(page), stamped, replace(options(doubtful=None), engine=engine))

    assert engine.asked and len(found.words) > 100 and "unread" not in found.flags


def test_more_unsure_lines_than_are_read_again_are_flagged_and_none_is_lost() -> None:
    how = replace(options(), doubtful_below=1.0)

    few, all_of_them = read(pixels(SCAN), replace(how, most_again=3)), read(pixels(SCAN), how)

    assert "not_all_read_again" in few.flags
    assert "not_all_read_again" not in all_of_them.flags
    assert len(few.words) > 0.95 * len(all_of_them.words)


@pytest.mark.parametrize("engine", ["tesserocr", "pytesseract"])
def test_language_data_that_cannot_be_loaded_is_a_missing_part(engine: str) -> None:
    with pytest.raises(MissingPartError, match="language data"):
        engines.chosen(engine).read(pixels(SCAN), 3, languages="klingon", page_mode=3, dpi=300)


def test_an_empty_page_has_no_words() -> None:
    white = np.full((800, 600), 255, np.uint8)

    assert read(white).words == ()
