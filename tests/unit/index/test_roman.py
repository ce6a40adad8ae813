"""How words sound: Hindi typed in Roman letters meets Hindi words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.index.hindi import terms
from pipeline.index.roman import apart, sound, sounds_of, spelling


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("nagar", "नगर"),
        ("nigam", "निगम"),
        ("rampur", "रामपुर"),
        ("namantaran", "नामांतरण"),
        ("office", "ऑफिस"),
        ("prashikshan", "प्रशिक्षण"),
        ("karyalaya", "कार्यालय"),
        ("seemankan", "सीमांकन"),
        ("simankan", "सीमांकन"),
        ("sampatti", "सम्पत्ति"),
        ("gyapan", "ज्ञापन"),
        ("sadak", "सड़क"),
        ("krishi", "कृषि"),
        ("gaon", "गाँव"),
        ("chhatravritti", "छात्रवृत्ति"),
        ("wetan", "वेतन"),
        ("vetan", "वेतन"),
        ("bhoomi", "भूमि"),
        ("suchna", "सूचना"),
        ("kshetra", "क्षेत्र"),
        ("tehsildar", "तहसीलदार"),
        ("pension", "पेंशन"),
        ("mein", "में"),
        ("swasthya", "स्वास्थ्य"),
    ],
)
def test_a_typed_word_sounds_like_the_hindi_one(typed: str, word: str) -> None:
    token = terms(word)[0]

    assert sound(token) in sounds_of(typed)
    assert apart(typed, token) <= 2


@pytest.mark.parametrize(
    ("word", "typed"), [("नगर", "nagar"), ("सरकार", "sarkar"), ("लगभग", "lagbhag"), ("कार्य", "kary")]
)
def test_the_unspoken_a_is_not_written(word: str, typed: str) -> None:
    assert spelling(word) == typed


def test_the_nearest_of_one_sound_is_meant() -> None:
    assert apart("nagar", "नगर") < apart("nagar", "नागौर") and apart("nigam", "निगम") < apart("nigam", "नगमा")


def test_numbers_and_endless_words_have_no_sound() -> None:
    assert sound("12") == sound("क" * 41) == sound("état") == ""


@given(st.text(st.characters(min_codepoint=0x900, max_codepoint=0x97F) | st.sampled_from("abcsh"), max_size=50))
def test_any_word_has_a_sound_or_none(text: str) -> None:
    for token in terms(text):
        assert sound(token) == sound(token) and len(sound(token)) <= 120
        assert apart(token, token) == 0
