"""How words look: what recognition makes of a word shares a key with it and is near it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.index.ocr_similarity import distances, near, seeming, shape, shapes_near, skeleton


@pytest.mark.parametrize(
    ("word", "misread"),
    [
        ("सीमांकन", "सिमाकन"),
        ("सोनपुरा", "सोनपुग"),
        ("नामांतरण", "नामांतरग"),
        ("कार्यालय", "कायालय"),
        ("भुगतान", "मुगतान"),
        ("विद्यालय", "विद्यालप"),
        ("पंचायत", "पचायत"),
        ("धनराशि", "घनराशी"),
        ("छात्रवृत्ति", "छात्रवत्ति"),
    ],
)
def test_a_misread_word_is_found_from_the_right_one(word: str, misread: str) -> None:
    assert shape(misread) in shapes_near(word) and shape(word) in shapes_near(misread)
    assert [found for found, _ in near(word, [misread])] == [misread]


@pytest.mark.parametrize(("one", "other"), [("कलेक्टर", "तहसीलदार"), ("राम", "श्याम"), ("ग्राम", "काम"), ("2018", "2019")])
def test_other_words_are_not(one: str, other: str) -> None:
    assert shape(other) not in shapes_near(one) or near(one, [other]) == []


def test_short_words_and_numbers_are_never_widened() -> None:
    assert shapes_near("की") == shapes_near("12") == shapes_near("5a1") == []
    assert shape("की") == shape("12") == 0
    assert [distances(n) for n in (2, 3, 4, 5, 10, 11)] == [0, 1, 1, 2, 2, 3]


@given(st.text(st.characters(min_codepoint=0x900, max_codepoint=0x97F), max_size=45))
def test_a_word_is_its_own_likeness(word: str) -> None:
    found = shapes_near(word)
    assert shape(word) in found or not found
    assert 0 not in found and len(found) <= 41 + 81 * 25
    assert skeleton(skeleton(word)) == skeleton(word)


def test_a_word_that_was_misread_badly_still_seems_to_be_it() -> None:
    assert [other for other, _ in seeming("नामांतरण", ["नासातरग", "तहसीलदार", "पंचायत", "2018"])] == ["नासातरग"]
    assert seeming("सीमांकन", ["सीमांकन"]) == [("सीमांकन", 1.0)]
