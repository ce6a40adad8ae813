"""Tables whose rules are worn, lean, or are missing: every row is found, and what is no table stays a page."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from pipeline.model.page import Table
from pipeline.preprocess.clean import for_reading
from pipeline.preprocess.imaging import Image

DPI = 300
COLUMNS = (300, 500, 1200, 1700, 2100)
ROWS = (400, 520, 640, 760, 880, 1000)


def sheet() -> Image:
    return np.full((1600, 2480), 240, np.uint8)


def write(page: Image, x: int, y: int, width: int) -> None:
    """A word as far as layout goes: a headline with stems, 34 pixels high."""
    page[y : y + 6, x : x + width] = 20
    for stem in range(x + 10, x + width, 30):
        page[y : y + 34, stem : stem + 6] = 20


def filled(page: Image, rows: tuple[int, ...] = ROWS) -> Image:
    """One line in every cell; the first column holds short numbers."""
    for top, bottom in pairwise(rows):
        for place, left in enumerate(COLUMNS[:-1]):
            write(page, left + 40, (top + bottom) // 2 - 17, 40 if place == 0 else 180)
    return page


def ruled(
    page: Image, rows: tuple[int, ...] = ROWS, columns: tuple[int, ...] = COLUMNS, *, lean: float = 0, ink: int = 20
) -> Image:
    """The rules of a table from the first of `ROWS`, `COLUMNS` to the last; `lean` is how far they fall over a thousand."""
    left, right, top, bottom = COLUMNS[0], COLUMNS[-1], ROWS[0], ROWS[-1]
    for y in rows:
        cv2.line(page, (left, y), (right, round(y + lean * (right - left) / 1000)), ink, 3)
    for x in columns:
        cv2.line(page, (x, top), (round(x - lean * (bottom - top) / 1000), bottom), ink, 3)
    return page


def worn(page: Image, plain: Image) -> Image:
    """The page with gaps in its rules, which `plain` lacks: a quarter of their way, at places that look like chance."""
    chance = np.random.default_rng(5)
    gaps = chance.random((page.shape[0] // 30 + 1, page.shape[1] // 30 + 1)) < 0.25
    there = np.kron(gaps, np.ones((30, 30), bool))[: page.shape[0], : page.shape[1]]
    return np.where(there & (page < plain), plain, page)


def assert_lies(table: Table, rows: tuple[int, ...] = ROWS, columns: tuple[int, ...] = COLUMNS) -> None:
    assert len(table.rows) == len(rows) and len(table.columns) == len(columns)
    assert np.abs(np.subtract(table.rows, rows)).max() <= 12
    assert np.abs(np.subtract(table.columns, columns)).max() <= 12


@pytest.mark.parametrize("ink", [20, 130])
def test_worn_rules_make_the_table_they_made_when_new(ink: int) -> None:
    plain = filled(sheet())
    page = worn(ruled(plain.copy(), ink=ink), plain)

    found = for_reading(page, DPI)

    (table,) = found.tables
    assert_lies(table)
    left = np.count_nonzero((found.pixels < 128) & (plain > 200))
    assert left < 0.05 * np.count_nonzero((page < 200) & (plain > 200))
    written = plain < 100
    assert np.count_nonzero((found.pixels < 128) & written) > 0.99 * np.count_nonzero(written)


@pytest.mark.parametrize("lean", [-3, 3])
def test_rules_that_lean_a_little_are_rules(lean: float) -> None:
    (table,) = for_reading(ruled(filled(sheet()), lean=lean), DPI).tables

    assert_lies(table)


@pytest.mark.parametrize(
    ("rows", "columns"), [(ROWS[:-1], COLUMNS), (ROWS, COLUMNS[1:-1]), (ROWS[1:-1], COLUMNS[1:-1])]
)
def test_outer_rows_and_columns_need_no_outer_rule(rows: tuple[int, ...], columns: tuple[int, ...]) -> None:
    (table,) = for_reading(ruled(filled(sheet()), rows, columns), DPI).tables

    assert_lies(table)


def test_rows_that_no_rule_parts_are_rows_and_the_lines_of_one_cell_are_not() -> None:
    page = ruled(filled(sheet()), (ROWS[0], ROWS[1], ROWS[-1]))
    write(page, COLUMNS[1] + 40, ROWS[2] - 30, 180)  # goes on below the second row's name, nearer to it

    (table,) = for_reading(page, DPI).tables

    assert len(table.rows) == len(ROWS)
    assert all(above < y < below for y, above, below in zip(table.rows[1:], ROWS[:-1], ROWS[2:], strict=False))

    heading = ruled(filled(sheet(), ROWS[1:]))
    for y in (ROWS[0] + 14, ROWS[0] + 70):
        write(heading, COLUMNS[0] + 40, y, 60)  # two lines; the other cells have one
    for left in COLUMNS[1:-1]:
        write(heading, left + 40, ROWS[0] + 42, 120)
    assert_lies(for_reading(heading, DPI).tables[0])


def test_broken_rules_across_alone_make_an_open_table() -> None:
    page = filled(sheet(), tuple(range(560, 1400, 70)))
    for place, left in enumerate(COLUMNS[:-1]):
        write(page, left + 40, 450, 40 if place == 0 else 90)
    for y in (400, 540, 1380):
        for x in range(COLUMNS[0], COLUMNS[-1], 60):
            cv2.line(page, (x, y), (x + 38, y), 20, 3)

    (table,) = for_reading(page, DPI).tables

    assert len(table.rows) - 1 == 1 + len(range(560, 1400, 70)) - 1
    assert len(table.columns) == len(COLUMNS)


def test_dashes_between_paragraphs_and_a_frame_make_no_table() -> None:
    page = sheet()
    for y in range(300, 1300, 80):
        for x in range(300, 1900, 220):
            write(page, x + y * 7 % 100, y, 190)
    for x in range(300, 2000, 90):
        cv2.line(page, (x, 800), (x + 30, 800), 20, 3)
    cv2.rectangle(page, (200, 200), (2200, 1450), 20, 4)

    assert for_reading(page, DPI).tables == ()


def test_writing_below_a_rule_that_runs_on_stays_with_the_page() -> None:
    page = ruled(filled(sheet()))
    cv2.line(page, (COLUMNS[1], ROWS[-1]), (COLUMNS[1], ROWS[-1] + 200), 20, 3)
    for x in range(320, 2000, 200):
        write(page, x, ROWS[-1] + 100, 150)

    (table,) = for_reading(page, DPI).tables

    assert_lies(table)
    assert table.box.y + table.box.h < ROWS[-1] + 20
