"""What is painted out of the page for reading, and what stays."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.model.page import Box
from pipeline.preprocess.clean import for_reading
from pipeline.preprocess.imaging import Image
from samples import truth

LETTER = truth.load()["letters"][0]
DPI = LETTER["dpi"]


BELOW = 1950  # there stand the letter's own signature and seal


def letter() -> Image:
    """A clean letter, down to where it is signed."""
    page = np.asarray(cv2.imread(str(truth.SCANS / LETTER["file"]), cv2.IMREAD_GRAYSCALE), np.uint8)
    page[BELOW:] = 253
    return page


def dark(page: Image) -> int:
    return int(np.count_nonzero(page < 128))


@pytest.mark.parametrize("level", [60, 110, 140])
def test_a_seal_is_lifted_and_the_text_under_it_stays(level: int) -> None:
    plain, stamped = letter(), letter()
    place = (1300, 1500)
    for radius in (190, 130):
        ring = np.full_like(stamped, 255)
        cv2.circle(ring, place, radius, level, 6, cv2.LINE_AA)
        stamped = np.minimum(stamped, ring)

    clean, with_seal = for_reading(plain, DPI), for_reading(stamped, DPI)

    assert (clean.seals, with_seal.seals) == (0, 1)
    y, x = np.ogrid[: plain.shape[0], : plain.shape[1]]
    disc = np.hypot(x - place[0], y - place[1]) < 210
    before, after = dark(clean.pixels[disc]), dark(with_seal.pixels[disc])
    ring_alone = dark(stamped[disc]) - dark(plain[disc])
    assert abs(after - before) < 0.25 * ring_alone + 0.05 * before


def stamped(box: tuple[int, int, int, int]) -> Image:
    """The letter with a blue frame, as an office stamps one, and strokes in it as close as those of small letters."""
    page = cv2.cvtColor(letter(), cv2.COLOR_GRAY2BGR)
    x, y, width, height = box
    cv2.rectangle(page, (x, y), (x + width, y + height), (200, 60, 60), 8)
    for place in range(y + 20, y + height - 10, 20):
        cv2.line(page, (x + 20, place), (x + width - 20, place), (200, 60, 60), 6)
    return page


def test_a_coloured_stamp_over_the_writing_is_lifted_and_told() -> None:
    words = [word["box"] for word in LETTER["words"] if word["box"][1] < BELOW - 60]
    x, y, _, height = max(words, key=lambda box: box[1])
    place = (x - 10, y - 30, 420, height + 60)

    found = for_reading(stamped(place), DPI)

    (stamp,) = found.stamps
    assert stamp.box.holds(Box(place[0], place[1], place[2], place[3])) and dark(stamp.pixels) > 4000
    assert found.pixels[y - 30, x + 20 : x + 380].min() > 200
    assert dark(found.pixels) < 1.05 * dark(for_reading(letter(), DPI).pixels)


def test_coloured_ink_beside_the_writing_stays() -> None:
    blue = cv2.cvtColor(letter(), cv2.COLOR_GRAY2BGR)
    blue[..., 0] = np.maximum(blue[..., 0], 190)
    beside = for_reading(stamped((600, BELOW + 60, 420, 120)), DPI)

    assert beside.stamps == () and beside.pixels[BELOW + 60, 640:980].max() < 200
    assert dark(for_reading(blue, DPI).pixels) > 0.5 * dark(for_reading(letter(), DPI).pixels)


def test_a_signature_over_the_text_is_painted_over() -> None:
    page = letter()
    xs = np.arange(500, 1300, 5)
    ys = 1450 + 70 * np.sin(xs / 38)
    cv2.polylines(page, [np.stack([xs, ys], 1).round().astype(np.int32)], False, 10, 5, cv2.LINE_AA)

    found, plain = for_reading(page, DPI), for_reading(letter(), DPI)

    assert (plain.strokes, found.strokes) == (0, 1)
    drawn = (page < 128) & (letter() > 200)
    assert np.count_nonzero(found.pixels[drawn] < 128) < 0.3 * np.count_nonzero(drawn)
    assert np.array_equal(found.pixels[:1350], plain.pixels[:1350])


def test_rules_go_and_the_table_they_made_is_told() -> None:
    page = np.full((1200, 1600), 240, np.uint8)
    for y in (200, 320, 440):
        cv2.line(page, (300, y), (1300, y), 20, 3)
    for x in (300, 800, 1300):
        cv2.line(page, (x, 200), (x, 440), 20, 3)
    page[240:290, 400:420] = 10  # a letter

    found = for_reading(page, 300)

    (table,) = found.tables
    assert abs(table.box.x - 300) < 8 and abs(table.box.y - 200) < 8
    assert [abs(found - true) < 6 for found, true in zip(table.columns, (300, 800, 1300), strict=True)] == [True] * 3
    assert [abs(found - true) < 6 for found, true in zip(table.rows, (200, 320, 440), strict=True)] == [True] * 3
    assert 900 < dark(found.pixels) < 1100


def test_a_table_ruled_across_only_is_told_and_a_letter_between_two_rules_is_not() -> None:
    page = np.full((1400, 1600), 240, np.uint8)
    for y in (200, 400, 800):
        cv2.line(page, (200, y), (1400, y), 20, 3)
    starts = (240, 500, 1000)
    for y in (230, 450, 550, 650):
        for x in starts:
            page[y : y + 30, x : x + 200] = 10
    page[300:330, 500:700] = 10  # the second line of a heading

    (table,) = for_reading(page, 200).tables

    assert len(table.columns) == 4 and 440 < table.columns[1] < 500 and 700 < table.columns[2] < 1000
    assert len(table.rows) == 5 and 330 < table.rows[1] < 450

    framed = letter()
    for y in (int(page.shape[0] * 0.1), BELOW):
        cv2.line(framed, (100, y), (framed.shape[1] - 100, y), 20, 3)
    assert for_reading(framed, DPI).tables == ()


def test_headlines_of_words_are_no_rules_and_lines_of_writing_are_told() -> None:
    found = for_reading(letter(), DPI)

    assert found.tables == ()
    assert dark(found.pixels) > 0.97 * dark(letter())
    boxes = [Box(*word["box"]) for word in LETTER["words"] if word["box"][1] < BELOW - 60]
    lines = found.unread_lines(())
    inside = [any(line.y - 15 <= b.y + b.h / 2 <= line.y + line.h + 15 for line in lines) for b in boxes]
    assert sum(inside) >= 0.95 * len(boxes)


def test_lines_under_words_are_read_and_all_others_are_not() -> None:
    found = for_reading(letter(), DPI)
    boxes = [Box(*word["box"]) for word in LETTER["words"] if word["box"][1] < BELOW - 60]
    lost = max(boxes, key=lambda box: box.w)

    unread = found.unread_lines(box for box in boxes if box != lost)

    assert any(line.holds(lost) for line in unread)
    assert len(unread) < len(found.unread_lines(())) / 2


def test_uneven_light_and_a_black_surround_become_white_paper() -> None:
    page = np.tile(np.linspace(120, 240, 1200).astype(np.uint8), (1600, 1))
    page[600:620, 400:520] = 10
    page[:, :40] = 5

    found = for_reading(page, 200).pixels

    assert np.percentile(found, 5) > 240 and found[:, :40].min() > 200 and found[605:615, 410:510].max() < 60


def test_punch_holes_are_filled_and_points_and_dandas_stay() -> None:
    page = letter()
    cv2.circle(page, (90, 1200), 34, 15, -1)
    cv2.circle(page, (600, 1850), 8, 15, -1)
    cv2.rectangle(page, (700, 1800), (706, 1860), 15, -1)

    found = for_reading(page, DPI).pixels

    assert found[1150:1250, 40:140].min() > 200
    assert found[1850, 600] < 100 and found[1830, 703] < 100


@pytest.mark.parametrize("rules", [(), (500,)], ids=["frame", "frame with a margin"])
def test_a_frame_about_the_page_is_no_table_and_stays(rules: tuple[int, ...]) -> None:
    page = np.full((3508, 2480), 245, np.uint8)
    cv2.rectangle(page, (150, 150), (2330, 3350), 20, 4)
    for x in rules:
        cv2.line(page, (x, 150), (x, 3350), 20, 4)

    found = for_reading(page, 300)

    assert found.tables == () and dark(found.pixels) == dark(page)  # columns are found by it
