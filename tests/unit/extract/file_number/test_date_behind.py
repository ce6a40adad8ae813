"""A number and a date with a slash between them are two fields."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.extract import dates
from pipeline.extract.file_number import find, load_grammar

TODAY = date(2026, 1, 15)
GRAMMAR = load_grammar(Path(__file__).parents[4] / "config" / "file_numbers.toml").until(TODAY)


def number_of(line: str) -> str | None:
    found = find(line, GRAMMAR)
    return line[slice(*found.number)] if found else None


@pytest.mark.parametrize(
    ("line", "number", "day"),
    [
        ("क्र. 1234/स्था/2004/12.05.2004", "1234/स्था/2004", date(2004, 5, 12)),
        ("क्र. १२३४/स्था/२००४/१२.०५.२००४", "१२३४/स्था/२००४", date(2004, 5, 12)),
        ("No. 45-A/99/12-3-1999", "45-A/99", date(1999, 3, 12)),
        ("क्रमांक 77/लेखा/2004 / 12-05-2004", "77/लेखा/2004", date(2004, 5, 12)),
        ("क्रमांक 77/लेखा/2004/12/05/2004", "77/लेखा/2004", date(2004, 5, 12)),
        ("क्रमांक 77/लेखा/2003-04/12.1.2004", "77/लेखा/2003-04", date(2004, 1, 12)),
        ("क्रमांक 1234/स्था/04/12.05.04", "1234/स्था/04", date(2004, 5, 12)),
        ("क्रमांक 77/लेखा/2004/12 मई 2004", "77/लेखा/2004", date(2004, 5, 12)),
        ("क्रमांक 981/लेखा/2003/3-1-2004", "981/लेखा/2003", date(2004, 1, 3)),
    ],
)
def test_a_date_behind_a_slash_is_none_of_the_number(line: str, number: str, day: date) -> None:
    found = dates.find(line, today=TODAY)

    assert (number_of(line), found and found.when) == (number, day)


@pytest.mark.parametrize(
    "line",
    [
        "क्रमांक एफ 12-3-1999",
        "क्रमांक एफ 5/3-1-1999",  # no year before it: of one file as well as of one day
        "क्रमांक 77/लेखा/1987/12-05-2004",  # the years are far apart
        "क्रमांक एफ 19-76/2019/1/4",
        "क्रमांक 1482/8-3-20",
    ],
)
def test_what_may_be_of_the_number_stays_with_it(line: str) -> None:
    assert number_of(line) == line.removeprefix("क्रमांक ")
    assert dates.find(line, today=TODAY) is None
