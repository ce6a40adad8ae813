"""Measures and corrections on page images: real Devanagari is turned by known angles, measured, undone, measured again."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from pipeline.preprocess import imaging
from pipeline.preprocess.blank import is_blank
from pipeline.preprocess.clean import flatten, for_reading
from pipeline.preprocess.imaging import Image
from pipeline.preprocess.ink import Ink, ink
from pipeline.preprocess.orientation import quarter_turn
from pipeline.preprocess.outline import paper_mask
from pipeline.preprocess.skew import skew
from pipeline.preprocess.upright import _SURE_OF_TURN as SURE_OF_TURN
from samples import age, truth

LETTERS = {int(letter["file"].split("-")[1]): letter for letter in truth.load()["letters"]}
ENGLISH = 13
LATIN_LINES = LETTERS[ENGLISH]["text"].split("\n")
HEIGHT, WIDTH = 2339, 1654


@cache
def letter(number: int) -> Image:
    """A sample letter in grey, its quarter turn undone, at 200 dpi."""
    scan = imaging.grey(np.asarray(cv2.imread(str(truth.SCANS / LETTERS[number]["file"])), np.uint8))
    return imaging.shrink(np.ascontiguousarray(np.rot90(scan, -LETTERS[number]["rotated_ccw"] // 90)), HEIGHT)


def leaning(page: Image, degrees: float, surround: int = 250) -> Image:
    """The page turned counter-clockwise about its middle."""
    height, width = page.shape[:2]
    place = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    turned = cv2.warpAffine(page, place, (width, height), flags=cv2.INTER_CUBIC, borderValue=(surround,) * 3)
    return np.asarray(turned, np.uint8)


def stamped(page: Image) -> Image:
    """The page with a round seal, tilted lines of letters in it, over the lower half."""
    seal = np.full((500, 500), 255, np.uint8)
    for radius in (240, 230, 150):
        cv2.circle(seal, (250, 250), radius, 90, 4, cv2.LINE_AA)
    for line, words in enumerate(("COLLECTOR", "OFFICE", "SEAL")):
        cv2.putText(seal, words, (110, 210 + 50 * line), cv2.FONT_HERSHEY_SIMPLEX, 1.3, 90, 4, cv2.LINE_AA)
    marked = page.copy()
    marked[1500:2000, 300:800] = np.minimum(marked[1500:2000, 300:800], leaning(seal, 25, 255))
    return marked


def sheet(level: int = 235) -> Image:
    return np.full((HEIGHT, WIDTH), level, np.uint8)


def depth_of(page: Image) -> Ink:
    return ink(imaging.shrink(imaging.grey(page), imaging.MEASURE_HEIGHT))


def blank(page: Image) -> bool:
    small = imaging.shrink(imaging.grey(page), imaging.MEASURE_HEIGHT)
    return is_blank(small, ink(small))


def skew_of(page: Image) -> imaging.Measure:
    return skew(depth_of(page))


@pytest.mark.parametrize("degrees", [-8.0, -5.3, -2.0, -0.7, -0.2, 0.35, 1.5, 4.0, 8.0])
@pytest.mark.parametrize("number", [6])
def test_skew_is_found_within_a_seventh_of_a_degree(number: int, degrees: float) -> None:
    found = skew_of(leaning(letter(number), degrees))

    assert found.value == pytest.approx(degrees + LETTERS[number]["skew_ccw"], abs=0.15)
    assert found.confidence > 0.8


@pytest.mark.parametrize("degrees", [-3.0, 2.0])
def test_neither_a_black_surround_nor_a_seal_bends_the_skew(degrees: float) -> None:
    bordered = leaning(letter(5), degrees, surround=8)
    bordered[:, -60:] = 15

    assert skew_of(bordered).value == pytest.approx(degrees, abs=0.15)
    assert skew_of(leaning(stamped(letter(5)), degrees)).value == pytest.approx(degrees, abs=0.15)


def test_a_page_without_lines_has_no_skew_to_believe() -> None:
    assert skew_of(sheet()) == imaging.Measure(0.0, 0.0)


@pytest.mark.parametrize("number", sorted(LETTERS))
def test_samples_lean_as_they_were_drawn(number: int) -> None:
    assert skew_of(letter(number)).value == pytest.approx(LETTERS[number]["skew_ccw"], abs=0.15)


@pytest.mark.parametrize("degrees", [-4.0, 0.6, 3.0])
def test_levelled_undoes_a_lean_counted_counter_clockwise(degrees: float) -> None:
    page = imaging.deskewed(leaning(letter(1), degrees), degrees)

    assert page.shape == letter(1).shape
    assert abs(skew_of(page).value) < 0.1
    inside = np.s_[300:-300, 300:-300]
    assert np.abs(page[inside].astype(int) - letter(1)[inside]).mean() < 4  # the same picture, not merely level


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("number", [1, 4, 8])
def test_every_quarter_turn_of_devanagari_is_found_for_sure(number: int, turn: int) -> None:
    found, lean = quarter_turn(depth_of(np.ascontiguousarray(np.rot90(letter(number), turn // 90))))

    assert (found.value, found.confidence >= SURE_OF_TURN) == (turn, True)
    assert lean.value == pytest.approx(LETTERS[number]["skew_ccw"], abs=0.15)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_latin_has_no_headline_and_its_turn_stays_in_doubt(turn: int) -> None:
    for page in (letter(ENGLISH), latin(cv2.FONT_HERSHEY_COMPLEX), latin(cv2.FONT_HERSHEY_DUPLEX)):
        found, _ = quarter_turn(depth_of(np.ascontiguousarray(np.rot90(page, turn // 90))))

        assert found.confidence < SURE_OF_TURN
        assert (found.value - turn) % 180 == 0  # which way the lines run is still told


def latin(face: int) -> Image:
    page = sheet()
    for line, words in enumerate(LATIN_LINES):
        cv2.putText(page, words[:70], (150, 250 + 70 * line), face, 1.0, 40, 2, cv2.LINE_AA)
    return page


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_turned_undoes_quarter_turns_to_the_pixel(turn: int) -> None:
    page = np.random.default_rng(1).integers(0, 256, (40, 30, 3), np.uint8)

    assert (imaging.turned(np.ascontiguousarray(np.rot90(page, turn // 90)), turn) == page).all()


@pytest.mark.parametrize(("level", "seed"), [("clean", 1), ("office", 2), ("aged", 3), ("poor", 4), ("poor", 5)])
def test_a_blank_back_with_show_through_folds_holes_and_dark_edges_is_blank(level: str, seed: int) -> None:
    other_side = imaging.shrink(letter(1), 1400)
    paper = np.full_like(other_side, 255)
    back = age.age(paper, age.WEAR[level], np.random.default_rng(seed), dpi=120, back=other_side)

    assert blank(back.pixels)


def scribble(page: Image) -> None:
    curve = np.array([[900 + 8 * t, 1800 + 30 * np.sin(t * 0.9)] for t in range(30)], np.int32)
    cv2.polylines(page, [curve], False, 90, 3, cv2.LINE_AA)


def faint_stamp(page: Image) -> None:
    cv2.circle(page, (900, 1500), 130, 170, 5, cv2.LINE_AA)
    cv2.putText(page, "OFFICE", (800, 1515), cv2.FONT_HERSHEY_SIMPLEX, 1.5, 170, 4, cv2.LINE_AA)


WRITTEN = {
    "a faint stamp": faint_stamp,
    "one line": lambda page: cv2.putText(page, "put up for orders", (200, 1200), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 60, 3),
    "a lone signature": scribble,
    "a page number": lambda page: cv2.putText(page, "17", (820, 2200), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 60, 2),
    "a single digit": lambda page: cv2.putText(page, "7", (820, 2200), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 60, 2),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_sheet_with_little_on_it_is_written(name: str) -> None:
    page = sheet()
    WRITTEN[name](page)

    assert not blank(page)


def test_paper_mask_leaves_out_the_black_surround_and_nothing_else() -> None:
    page = np.full((800, 600), 12, np.uint8)
    page[60:760, 50:560] = 220
    cv2.putText(page, "writing", (100, 400), cv2.FONT_HERSHEY_SIMPLEX, 2.0, 30, 6)

    mask = paper_mask(page)

    assert not mask[:60].any() and not mask[760:].any() and not mask[:, :50].any() and not mask[:, 560:].any()
    assert mask[80:740, 70:540].all()


def test_flatten_gives_even_white_paper_and_keeps_the_ink() -> None:
    light = np.linspace(0.55, 1.0, WIDTH)[None, :] * np.linspace(1.0, 0.8, HEIGHT)[:, None]
    shaded = (letter(1) * light).astype(np.uint8)

    flat = flatten(shaded)

    paper = letter(1) > 230
    assert np.percentile(flat[paper], 1) >= 235 and flat[paper].std() < shaded[paper].std() / 5
    assert np.median(flat[letter(1) < 60]) < 80


def test_reading_copy_is_white_where_the_scanner_lid_was() -> None:
    page = leaning(letter(1), 4.0, surround=10)

    copy = for_reading(page, 200).pixels

    assert copy.shape == page.shape and copy.dtype == np.uint8
    assert min(copy[0, 0], copy[0, -1], copy[-1, 0], copy[-1, -1]) == 255


def test_colour_is_seen_in_a_stamp_and_not_in_yellowed_paper() -> None:
    yellow = np.dstack([np.full((600, 400), level, np.uint8) for level in (170, 210, 220)])
    with_stamp = yellow.copy()
    cv2.circle(with_stamp, (200, 400), 60, (160, 60, 60), 6)

    assert not imaging.has_colour(letter(1)) and not imaging.has_colour(yellow)
    assert imaging.has_colour(with_stamp)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.95])
def test_boxes_and_single_shapes_are_those_of_all_shapes_labelled(share: float) -> None:
    mask = (np.random.default_rng(int(share * 100)).random((90, 120)) < share).astype(np.uint8)
    labels, stats = imaging.shapes(mask)
    found, edges = imaging.boxes(mask)

    assert sorted(map(tuple, found.tolist())) == sorted(map(tuple, stats[1:, :4].tolist()))
    for box, (across, down) in zip(found.tolist(), edges.tolist(), strict=True):
        x, y, width, height = box
        inside = labels[y : y + height, x : x + width]
        assert np.array_equal(imaging.shape_in(mask, box, (across, down)), inside == labels[down, across])


def test_an_empty_mask_has_no_boxes() -> None:
    found, edges = imaging.boxes(np.zeros((5, 7), np.uint8))

    assert found.shape == (0, 4) and edges.shape == (0, 2)


def test_images_survive_encoding() -> None:
    page = letter(1)[200:500, 200:700]

    png = cv2.imdecode(np.frombuffer(imaging.encode_png(page), np.uint8), cv2.IMREAD_UNCHANGED)
    jpeg = cv2.imdecode(np.frombuffer(imaging.encode_jpeg(page, 72), np.uint8), cv2.IMREAD_UNCHANGED)

    assert png is not None and (png == page).all()
    assert jpeg is not None and jpeg.shape == page.shape
    assert np.abs(jpeg.astype(int) - page).mean() < 5


def test_a_staple_in_the_corner_is_no_writing_and_the_same_stroke_in_the_middle_is() -> None:
    stapled, struck = (np.full((2339, 1654), 245, np.uint8) for _ in range(2))
    cv2.line(stapled, (80, 90), (160, 110), 90, 4, cv2.LINE_AA)
    cv2.line(struck, (800, 1190), (880, 1210), 90, 4, cv2.LINE_AA)

    assert blank(stapled)
    assert not blank(struck)


@pytest.mark.parametrize("shape", [((800, 1200), (835, 1218)), ((800, 1200), (814, 1222))], ids=["word", "digit"])
def test_a_bold_word_or_digit_is_writing_though_it_fills_its_box(
    shape: tuple[tuple[int, int], tuple[int, int]],
) -> None:
    page = np.full((1400, 990), 245, np.uint8)
    (left, top), (right, bottom) = shape
    page[top - 500 : bottom - 500, left - 400 : right - 400] = 30
    page[top - 500 + 8 : bottom - 500 - 4, left - 400 + 4 : right - 400 : 9] = 245

    assert not blank(page)


def test_a_dark_corner_beside_a_strip_of_surround_is_no_ink() -> None:
    rows, columns = np.mgrid[0:1400, 0:990]
    page = (245 - 90 * np.exp(-(rows + columns) / 160)).astype(np.uint8)
    page[:, -14:] = 5

    assert blank(page)


def test_a_blank_sheet_is_a_white_a4() -> None:
    width, height, jpeg = imaging.blank_sheet(100)
    drawn = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_UNCHANGED)

    assert drawn is not None and drawn.shape == (height, width) == (1169, 827)
    assert drawn.min() == 255


@pytest.mark.parametrize("size", [(3, 3), (8, 2000), (30_000, 8), (40, 40)])
def test_tiny_and_narrow_images_are_measured_without_falling_over(size: tuple[int, int]) -> None:
    page = np.random.default_rng(0).integers(0, 256, size, np.uint8)

    quarter_turn(depth_of(page))

    assert for_reading(page, 300).pixels.shape == size
