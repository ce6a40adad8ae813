"""Latin codes in Hindi lines: told by shape, believed where a second reading agrees."""

from __future__ import annotations

import pytest

from pipeline.ocr.latin_codes import latin_code, may_be_latin


@pytest.mark.parametrize("word", ["8-1", "॥-2", "६619-1609", "०-2", "8/2005", "८12"])
def test_digits_behind_a_sign_that_a_letter_is_taken_for_may_be_a_code(word: str) -> None:
    assert may_be_latin(word)


@pytest.mark.parametrize("word", ["३२६", "८१/२", "1,25,000/-", "19-612/2016", "8", "8,40,000", "६", "भू-8", ""])
def test_plain_numbers_and_words_may_not(word: str) -> None:
    assert not may_be_latin(word)


@pytest.mark.parametrize(
    ("word", "english", "confidence", "code"),
    [
        ("8-1", "B-1", 0.84, "B-1"),
        ("॥-2", "W-2", 0.6, "W-2"),
        ("६619-1609", "E619-—1609", 0.19, "E619-1609"),
        ("8-1", "B-1", 0.5, None),  # both are of one script, and the second is unsure
        ("8/2005", "8/2005", 0.95, None),
        ("8-1", "B-7", 0.95, None),
        ("8-1", "D-1", 0.95, None),
        ("8-1", "", 0.0, None),
    ],
)
def test_the_letter_stands_where_the_readings_agree_in_all_else(
    word: str, english: str, confidence: float, code: str | None
) -> None:
    assert latin_code(word, english, confidence) == code
