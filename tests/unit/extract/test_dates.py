"""Dates as office letters write them."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract import dates, eras
from samples import truth

TODAY = date(2026, 1, 15)
DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")

WRITTEN = [
    ("दिनांक 14.08.2019", "2019-08-14"),
    ("दिनांक: 14/08/2019", "2019-08-14"),
    ("दिनांक:-14/8/2019", "2019-08-14"),
    ("12.06.1984", "1984-06-12"),
    ("दिनांक 5/3/98", "1998-03-05"),
    ("12-6-84", "1984-06-12"),
    ("दिनांक-12-6-84", "1984-06-12"),
    ("28-9-76", "1976-09-28"),
    ("दि. 3-4-77", "1977-04-03"),
    ("दि0 3.4.77", "1977-04-03"),
    ("दिनांक 1.1.26", "2026-01-01"),
    ("दिनांक 12.03.27", "1927-03-12"),
    ("दिनांक 16.01.26", "1926-01-16"),
    ("दिनांक 12.6.'84", "1984-06-12"),
    ("14 . 08 . 2019", "2019-08-14"),
    ("12 / 6 / 84", "1984-06-12"),
    ("2018-12-31", "2018-12-31"),
    ("दिनांक 12.06.1984 से 15.06.1984 तक", "1984-06-12"),
    ("भोपाल, दिनांक 12.06.1984", "1984-06-12"),
    ("(12-6-84)", "1984-06-12"),
    ("12.06.1984/22 ज्येष्ठ 1906 (शक)", "1984-06-12"),
    ("1. 12.06.1984 को बैठक", "1984-06-12"),
    ("सं. 99/99/2018 दिनांक 29.02.2020", "2020-02-29"),
    ("पत्र सं० 1482/8-3-20 दिनांक 4.4.84", "1984-04-04"),
    ("क्रमांक 1783/आ०लि०/2018-19 दिनांक 23 अप्रैल, 2007", "2007-04-23"),
    # separators as worn type is read
    ("12,06,1984", "1984-06-12"),
    ("12:06.1984", "1984-06-12"),
    ("12.06, 1984", "1984-06-12"),
    ("12ः06ः1984", "1984-06-12"),
    ("12।06।1984", "1984-06-12"),
    ("12.06।84", "1984-06-12"),
    ("दिनांक 12 06 1984", "1984-06-12"),
    # names of months
    ("21 मार्च, 2016", "2016-03-21"),
    ("17 दिसम्बर 2018", "2018-12-17"),
    ("7 नवम्बर 2024", "2024-11-07"),
    ("7 नवंबर, 2024", "2024-11-07"),
    ("नवम्बर 7, 2024", "2024-11-07"),
    ("दिनांक 07 जून 1992", "1992-06-07"),
    ("दिनांक 12 मई 84", "1984-05-12"),
    ("02 फ़रवरी 2023", "2023-02-02"),
    ("9 अक्तूबर 1999", "1999-10-09"),
    ("9 अक्टूबर 1999", "1999-10-09"),
    ("5 जुलाई सन् 1977", "1977-07-05"),
    ("दिनांक 5 माह अगस्त 1977", "1977-08-05"),
    ("18-सित.-2003", "2003-09-18"),
    # names as they are misread
    ("7 जनबरी 1990", "1990-01-07"),
    ("7 अप्रेल 1990", "1990-04-07"),
    ("12 सितबर 1990", "1990-09-12"),
    ("12 सितम्वर 1990", "1990-09-12"),
    ("5 माच 1990", "1990-03-05"),
    ("5 जुन 1990", "1990-06-05"),
    ("5 अगसत 1990", "1990-08-05"),
    ("5 दिसंवर 1990", "1990-12-05"),
    # English
    ("Dated: 18th February, 2011", "2011-02-18"),
    ("3rd March 1991", "1991-03-03"),
    ("March 3, 1991", "1991-03-03"),
    ("1st MAY 1999", "1999-05-01"),
    ("the 3rd day of March, 1991", "1991-03-03"),
    ("7-Jun-1984", "1984-06-07"),
    ("Sept. 7, 1984", "1984-09-07"),
    ("दिनांक 6 सितम्बर, 20061", "2006-09-06"),
    ("4 जूत 1989", "1989-06-04"),
    ("dt. 7 Febuary 1984", "1984-02-07"),
]
NO_DATES = [
    "",
    "31.02.2019",
    "14.13.2019",
    "दिनांक 16.01.2026",
    "12.12.1600",
    "142/2",
    "1234.08.2019",
    "14.08.20191",
    "दिनांक   .06.1984",
    "दिनांक ____.06.1984",
    "दिनांक     जून, 1984",
    "जून 1984",
    "4th May",
    "1482/8-3-20",
    "10/12/2018-19",
    "5459/विकास/1984-85",
    "अ-12/06/1984",
    "एफ 12-6-84",
    "एफ 19-76/2019/1/4",
    "1234/सात-वि-2-1984",
    "प. 12(3)राज/6/2018",
    "वर्ष 2022-23",
    "रुपये 57,30,349/-",
    "1,2,98",
    "12,06,84",
    "10:15:30",
    "12.06.19 84",
    "12 मई 20 व्यक्ति",
    "3 jule 1990",
    "12 ग्राम 1990",
    "5 मद 1990",
    "1.2.3.1984",
    "31 सितम्बर 2018",
    "20 ज्येष्ठ 1906",
]


@pytest.mark.parametrize("devanagari", [False, True], ids=["latin", "devanagari"])
@pytest.mark.parametrize(("text", "iso"), WRITTEN)
def test_a_written_date_is_understood(text: str, iso: str, devanagari: bool) -> None:
    found = dates.find(text.translate(DEVANAGARI) if devanagari else text, today=TODAY)

    assert found is not None and found.when.isoformat() == iso


@pytest.mark.parametrize("devanagari", [False, True], ids=["latin", "devanagari"])
@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_possible_date_of_the_past_is_passed_over(text: str, devanagari: bool) -> None:
    assert dates.find(text.translate(DEVANAGARI) if devanagari else text, today=TODAY) is None


def test_the_first_date_wins_and_its_place_is_told() -> None:
    text = "पत्र दिनांक 21 मार्च 2016 एवं 14.08.2019"
    found = dates.find(text, today=TODAY)

    assert found is not None
    when, start, end = found
    assert (when, text[start:end]) == (date(2016, 3, 21), "21 मार्च 2016")


def test_all_dates_come_in_order() -> None:
    text = "14.08.2019, दिनांक ३१.०२.२०१९, 3rd March 1991 तथा २१ मार्च २०१६"
    found = dates.find_all(text, today=TODAY)

    assert [when.isoformat() for when, _, _ in found] == ["2019-08-14", "1991-03-03", "2016-03-21"]
    assert [text[start:end] for _, start, end in found] == ["14.08.2019", "3rd March 1991", "२१ मार्च २०१६"]


def test_places_are_those_of_the_text_however_it_is_composed() -> None:
    text = unicodedata.normalize("NFD", "बड़ागाँव, दिनांक 02 फ़रवरी 2023 को")
    found = dates.find(text, today=TODAY)

    assert found is not None and found.when == date(2023, 2, 2)
    assert text[found.start : found.end].startswith("02") and text[found.start : found.end].endswith("2023")


@pytest.mark.parametrize(
    ("text", "written", "iso"),
    [
        ("दिनांक 20 ज्येष्ठ, 1906 (शक)", "20 ज्येष्ठ, 1906 (शक)", "1984-06-10"),
        ("ज्येष्ठ 20, 1906 (शक)", "ज्येष्ठ 20, 1906 (शक)", "1984-06-10"),
        ("२० ज्येष्ठ शक १९०६", "२० ज्येष्ठ शक १९०६", "1984-06-10"),
        ("20 ज्यैष्ठ 1906 शक संवत्", "20 ज्यैष्ठ 1906 शक संवत्", "1984-06-10"),
        ("Jyaistha 20, 1906 (Saka)", "Jyaistha 20, 1906 (Saka)", "1984-06-10"),
        ("16 कार्तिक, 1941 (शक)", "16 कार्तिक, 1941 (शक)", "2019-11-07"),
        ("32 चैत्र 1941 शक", "32 चैत्र 1941 शक", None),
        ("शक 1906", "शक 1906", None),
        ("शक संवत् १९०६", "शक संवत् १९०६", None),
        ("1906 शक", "1906 शक", None),
    ],
)
def test_a_date_of_the_national_calendar_is_noted_and_put_into_the_common_one(
    text: str, written: str, iso: str | None
) -> None:
    found = eras.find_saka(text)

    assert found is not None and text[found.start : found.end] == written
    assert (found.when.isoformat() if found.when else None) == iso


@pytest.mark.parametrize("text", ["", "20 ज्येष्ठ 1906", "शकुन्तला 1906", "दिनांक 12.06.1984", "अशक 1906", "विक्रम संवत् 2041"])
def test_no_year_is_of_the_national_calendar_unless_it_says_so(text: str) -> None:
    assert eras.find_saka(text) is None


@pytest.mark.parametrize(
    ("year", "month", "day", "common"),
    [
        (1879, 1, 1, date(1957, 3, 22)),
        (1906, 1, 1, date(1984, 3, 21)),
        (1906, 1, 31, date(1984, 4, 20)),
        (1905, 12, 30, date(1984, 3, 20)),
        (1941, 2, 1, date(2019, 4, 21)),
        (1941, 7, 1, date(2019, 9, 23)),
        (1941, 10, 11, date(2020, 1, 1)),
        (1922, 1, 1, date(2000, 3, 21)),
        (1822, 1, 1, date(1900, 3, 22)),
    ],
)
def test_days_of_the_national_calendar_fall_where_its_rules_put_them(
    year: int, month: int, day: int, common: date
) -> None:
    assert eras.saka_to_common(year, month, day) == common


@pytest.mark.parametrize(
    ("year", "month", "day"), [(1905, 1, 31), (1906, 2, 32), (1906, 7, 31), (1906, 13, 1), (1906, 1, 0)]
)
def test_there_are_no_other_days_in_it(year: int, month: int, day: int) -> None:
    assert eras.saka_to_common(year, month, day) is None


@given(st.integers(1800, 1947))
def test_years_of_the_national_calendar_follow_each_other_without_a_gap(year: int) -> None:
    last, first = eras.saka_to_common(year, 12, 30), eras.saka_to_common(year + 1, 1, 1)

    assert last is not None and first is not None and (first - last).days == 1


@pytest.mark.parametrize(
    ("text", "written"),
    [("विक्रम संवत 2041", "विक्रम संवत 2041"), ("संवत् २०४१ में", "संवत् २०४१"), ("(वि.सं. 2041)", "वि.सं. 2041")],
)
def test_a_year_of_vikram_is_noted(text: str, written: str) -> None:
    found = eras.find_vikram(text)

    assert found is not None and text[slice(*found)] == written


@pytest.mark.parametrize("text", ["", "विक्रम सिंह", "शक संवत् 1906", "संवत्"])
def test_vikram_without_a_year_is_a_name(text: str) -> None:
    assert eras.find_vikram(text) is None


@pytest.mark.parametrize("letter", truth.load()["letters"], ids=lambda letter: letter["date_text"])
def test_dates_of_the_samples_are_understood(letter: truth.LetterTruth) -> None:
    found = dates.find(letter["date_text"], today=TODAY)

    assert found is not None and found.when.isoformat() == letter["date"]


@settings(deadline=None)  # a busy machine
@given(st.dates(date(1900, 1, 1), TODAY), st.sampled_from("./-"), st.booleans())
def test_every_day_of_a_century_comes_back(day: date, sign: str, devanagari: bool) -> None:
    written = f"{day.day:02d}{sign}{day.month:02d}{sign}{day.year}"
    if devanagari:
        written = written.translate(DEVANAGARI)
    found = dates.find(f"दिनांक {written}", today=TODAY)

    assert found is not None and found.when == day


_PIECES = st.sampled_from(
    [
        "दिनांक",
        "12",
        "०६",
        "1984",
        "84",
        ".",
        "/",
        "-",
        ":",
        "।",
        " ",
        "(",
        ")",
        "जून",
        "मार्च",
        "March",
        "th",
        "शक",
        "ज्येष्ठ",
        "1906",
        "संवत्",
        "क्रमांक",
        "फ़",
        ",",
        "of",
        "\u200d",
        "\u0e51",
        "'",
    ]
)


@given(st.one_of(st.text(), st.lists(_PIECES, max_size=14).map("".join)))
def test_whatever_is_found_lies_in_the_text_and_in_the_past(text: str) -> None:
    end = 0
    for when, start, stop in dates.find_all(text, today=TODAY):
        assert end <= start < stop <= len(text) and when <= TODAY
        end = stop
    saka, vikram = eras.find_saka(text), eras.find_vikram(text)
    assert saka is None or 0 <= saka.start < saka.end <= len(text)
    assert vikram is None or 0 <= vikram[0] < vikram[1] <= len(text)
