"""Several readings of one line: which number and date are believed, and how far."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract.file_number import load_grammar, parse
from pipeline.extract.file_number.words import misread_word
from pipeline.extract.reading_vote import NumberJudge

GRAMMAR = load_grammar(Path(__file__).parents[3] / "config" / "file_numbers.toml", Path("nowhere"))
JUDGE = NumberJudge(GRAMMAR, date(2026, 11, 23))
WEIGHTS = (1.0, 0.5, 1.0, 1.0, 1.0)


def settled(*readings: str) -> list[tuple[str, float]]:
    found = JUDGE.settle(readings, WEIGHTS[: len(readings)])
    for one in found:
        assert 0 <= one.start < one.end <= len(readings[0])
    return [(one.text, one.confidence) for one in found]


@pytest.mark.parametrize(
    "line",
    [
        "क्रमांक 1783/आ०लि०/2018-19",
        "दिनांक 12.06.1984",
        "एफ 19-76/2019/1/4 भोपाल, दिनांक 7 नवम्बर 2024",
        "F.No. 11013/4/2018",
    ],
)
def test_lines_with_a_number_or_a_date_are_wanted(line: str) -> None:
    assert JUDGE.wants(line)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("संदर्भ: आपका पत्र क्रमांक 12/2018 दिनांक 4.5.2018", True),
        ("पृ. क्रमांक 1235/स्था./2024 दिनांक 5.6.2024", True),
        ("11/03/2007", True),
        ("सामुदायिक केन्द्र में दिनांक 11.3.2007 को शिविर लगाया गया", False),
        ("खसरा क्रमांक 102/1 रकबा 3.373 हेक्टेयर", False),
    ],
)
def test_below_the_head_numbers_of_papers_and_dates_that_stand_alone_are_wanted(line: str, wanted: bool) -> None:
    assert JUDGE.wants_below(line) is wanted


def test_a_number_that_the_first_reading_lost_is_taken_from_the_others_in_doubt() -> None:
    lost, right = "क्रमांक ज7 दिनांक", "क्रमांक 1234/स्था./2024 दिनांक"
    ((number, confidence),) = settled(lost, right, right, right, right)

    assert number == "1234/स्था./2024" and confidence < 0.9
    assert settled(lost, lost, right, lost, lost)[0][1] < 0.6


def test_a_nine_of_the_pages_data_is_a_one_where_the_others_have_it() -> None:
    page, other = "क्रमांक ६९९/ब-१२/२००८-०९ दिनांक ९७/४/९९७३", "क्रमांक ६१९/ब-१२/२००८-०९ दिनांक १७/४/१९७३"
    found = settled(page, other, page, page, page)

    assert [text for text, _ in found] == ["६१९/ब-१२/२००८-०९", "१७/४/१९७३"]
    assert all(confidence < 0.9 for _, confidence in found)
    assert settled(other, page, other, other, other)[0] == ("६१९/ब-१२/२००८-०९", 0.88)


@pytest.mark.parametrize("line", ["राजस्व विभाग", "प्रति,", "कुल 45 हितग्राही", ""])
def test_other_lines_are_not(line: str) -> None:
    assert not JUDGE.wants(line)


def test_readings_that_agree_are_believed_and_kept_as_written() -> None:
    line = "क्रमांक प. 12(3) राज/6/2018 दिनांक 12.06.2018"

    assert settled(line, line, line) == [("प. 12(3) राज/6/2018", 0.97), ("12.06.2018", 0.97)]


def test_a_digit_that_most_readings_have_stands_and_is_not_believed_far() -> None:
    right, wrong = "संख्या ९४५९/बारह-११-२०१०", "संख्या ९४४९/बारह-११-२०१०"
    ((number, confidence),) = settled(wrong, right, wrong.replace("११", "?१"), right, right)

    assert number == "९४५९/बारह-११-२०१०"
    assert confidence < 0.9


@pytest.mark.parametrize(
    ("damaged", "number"),
    [
        ("पत्र संख्या 8363/बारहः4-1978", "8363/बारह-4-1978"),
        ("संख्या ४९४३/इङ्कीस-६-१९७८", "४९४३/इक्कीस-६-१९७८"),
        ("मिसिल संख्या 37809/46/2020-सतकता", "37809/46/2020-सतर्कता"),
        ("पत्र संख्या 2056/छ:-13-1982", "2056/छः-13-1982"),
    ],
)
def test_damage_that_every_reading_shares_is_mended_by_the_grammar(damaged: str, number: str) -> None:
    ((found, confidence),) = settled(damaged, damaged, damaged, damaged, damaged)

    assert found == number
    assert confidence < 1


def test_a_date_of_the_numbers_own_year_outvotes_two_of_another() -> None:
    number = "पत्र सं० 8966/शि०/1976-77 दिनांक"
    found = settled(f"{number} 7.9.1976", f"{number} 7.9.1979", f"{number} 7.9.1974", f"{number} 7.9.1979")

    assert found[1][0] == "7.9.1976"


def test_a_number_with_digits_that_differ_everywhere_is_left_to_a_person() -> None:
    readings = [f"क्रमांक {n}/स्था./2024" for n in (1234, 1284, 1734, 1239, 7234)]

    assert settled(*readings)[0][1] < 0.6


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("इङ्कीस", "इक्कीस"),
        ("इङ्हीस", "इक्कीस"),
        ("सतकता", "सतर्कता"),
        ("इक्कीस", None),
        ("शिक्षक", None),
        ("सात", None),
        ("राज", None),
        ("उन्नाव", None),
        ("चन्द्र", None),
    ],
)
def test_only_a_word_that_can_be_one_other_is_misread(word: str, meant: str | None) -> None:
    assert misread_word(word) == meant


@given(
    number=st.integers(100, 99999),
    year=st.integers(1950, 2024),
    place=st.integers(0, 4),
    digit=st.integers(0, 9),
    which=st.integers(0, 4),
)
@settings(max_examples=60, deadline=None)
def test_damage_to_a_digit_in_any_reading_never_gives_full_belief(
    number: int, year: int, place: int, digit: int, which: int
) -> None:
    text = str(number)
    place = min(place, len(text) - 1)
    if text[place] == str(digit):
        return
    right = f"क्रमांक {text}/स्था./{year}"
    wrong = f"क्रमांक {text[:place]}{digit}{text[place + 1 :]}/स्था./{year}"
    readings = [wrong if index == which else right for index in range(5)]
    for found, confidence in settled(*readings):
        assert confidence < 0.97
        assert parse(found) is not None


@given(st.lists(st.text(max_size=60), min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_any_readings_are_settled_without_falling_over(readings: list[str]) -> None:
    settled(*readings)
