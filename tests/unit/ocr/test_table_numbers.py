"""Which reading of a cell is a number as the others of its column."""

from __future__ import annotations

import pytest

from pipeline.ocr.table_numbers import NumberColumn, is_devanagari, number_column

WEIGHTS = (1.0, 1.0, 1.0, 0.5, 0.5)


def column(*cells: str) -> NumberColumn:
    found = number_column(cells, devanagari=is_devanagari(cells))
    assert found is not None
    return found


def test_a_count_takes_the_next_number_where_a_reading_gives_it() -> None:
    counted = column("१", "२", "9", "४", "५", "&")

    assert counted.begins == 1
    assert [counted.fits(text, place) for place, text in enumerate(("१", "२", "9", "४"))] == [True, True, False, True]
    found = counted.settle(["&", "", "छ", "8", ""], WEIGHTS, 5)
    assert found is not None and found[0] == "६" and found[1] < 0.9
    assert counted.settle(["९", "", "", "", ""], WEIGHTS, 5) is None


@pytest.mark.parametrize(
    ("readings", "settled"),
    [
        (("EG,CEE", "FG,CEE", "FG,CEE", "8७,८७8", "8७,८७8"), "६७,८६६"),
        (("८१७९२", "८१७९२", "", "८१,७९२", "८१,७९२"), "८१,७९२"),
        (("", "", "", "८१,७९२", ""), None),  # one reading that is worst at digits
        (("7.12 4", "7 + 4", "", "", ""), None),
    ],
)
def test_a_sum_is_what_the_readings_of_its_form_agree_on(readings: tuple[str, ...], settled: str | None) -> None:
    sums = column("१५,४५९", "३२,५८६", "९,८१६", readings[0])

    found = sums.settle(readings, WEIGHTS, 3)

    assert (found and found[0]) == settled


def test_marks_around_a_number_are_no_part_of_it() -> None:
    sums = column("११,४००", "५६,११५/", "७८,८९१")

    assert sums.bare("५६,११५/", 1) == "५६,११५"
    assert sums.bare("५६,१1", 1) is None


def test_dates_and_western_digits_have_forms_of_their_own() -> None:
    dates = column("2-8-74", "13-6-68", "4-6-6", "1-6-68")

    assert dates.fits("24-1-76", 3) and not dates.fits("9685", 3) and not dates.fits("२-८-७४", 0)


@pytest.mark.parametrize("cells", [("राम", "श्याम", "१२"), ("", "", ""), ()])
def test_a_column_of_names_or_of_nothing_holds_no_numbers(cells: tuple[str, ...]) -> None:
    assert number_column(cells, devanagari=True) is None
