"""Dates as office letters write them."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import dates
from samples import truth

TODAY = date(2026, 1, 15)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("दिनांक 14.08.2019", "2019-08-14"),
        ("दिनांक: १४/०८/२०१९", "2019-08-14"),
        ("दिनांक 5/3/98", "1998-03-05"),
        ("२८-९-७६", "1976-09-28"),
        ("दिनांक 1.1.26", "2026-01-01"),
        ("दिनांक 12.03.27", "1927-03-12"),
        ("21 मार्च, 2016", "2016-03-21"),
        ("१७ दिसम्बर २०१८", "2018-12-17"),
        ("7 नवंबर 2004", "2004-11-07"),
        ("02 फ़रवरी 2023", "2023-02-02"),
        (unicodedata.normalize("NFD", "02 फ़रवरी 2023"), "2023-02-02"),
        ("Dated: 18th February, 2011", "2011-02-18"),
        ("1st MAY 1999", "1999-05-01"),
        ("14 . 08 . 2019", "2019-08-14"),
        ("सं. 99/99/2018 दिनांक 29.02.2020", "2020-02-29"),
    ],
)
def test_a_written_date_is_understood(text: str, iso: str) -> None:
    found = dates.find(text, today=TODAY)

    assert found is not None and found[0].isoformat() == iso


@pytest.mark.parametrize(
    "text", ["", "31.02.2019", "14.13.2019", "दिनांक 16.01.2026", "12.12.1600", "142/2", "1234.08.2019", "14.08.20191"]
)
def test_impossible_and_future_dates_are_passed_over(text: str) -> None:
    assert dates.find(text, today=TODAY) is None


def test_the_first_date_wins_and_its_place_is_told() -> None:
    text = "पत्र दिनांक 21 मार्च 2016 एवं 14.08.2019"
    found = dates.find(text, today=TODAY)

    assert found is not None
    when, start, end = found
    assert (when, text[start:end]) == (date(2016, 3, 21), "21 मार्च 2016")


@pytest.mark.parametrize("letter", truth.load()["letters"], ids=lambda letter: letter["date_text"])
def test_dates_of_the_samples_are_understood(letter: truth.LetterTruth) -> None:
    found = dates.find(letter["date_text"], today=TODAY)

    assert found is not None and found[0].isoformat() == letter["date"]


@given(st.dates(date(1900, 1, 1), TODAY), st.sampled_from("./-"), st.booleans())
def test_every_day_of_a_century_comes_back(day: date, sign: str, devanagari: bool) -> None:
    written = f"{day.day:02d}{sign}{day.month:02d}{sign}{day.year}"
    if devanagari:
        written = written.translate(str.maketrans("0123456789", "०१२३४५६७८९"))
    found = dates.find(f"दिनांक {written}", today=TODAY)

    assert found is not None and found[0] == day


@given(st.text())
def test_any_text_is_searched_without_a_word(text: str) -> None:
    dates.find(text, today=TODAY)
