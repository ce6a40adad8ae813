"""Words as Tesseract gives them, laid out as the page's text."""

from __future__ import annotations

import unicodedata

import pytest

from pipeline.model.page import Box
from pipeline.ocr.engine import Recognised
from pipeline.ocr.text import in_lines, language_of, lay_out, weighted_confidence

BOX = Box(0, 0, 10, 10)


def word(text: str, line: int, confidence: float = 0.9, block: int = 1) -> Recognised:
    return Recognised(text, BOX, confidence, 10 * block + line)


def test_words_are_joined_by_blanks_and_lines_by_line_ends() -> None:
    text, words = lay_out(in_lines([word("मध्यप्रदेश", 1), word("शासन", 1), word("क्रमांक", 2), word("12", 1, block=2)]))

    assert text == "मध्यप्रदेश शासन\nक्रमांक\n12"
    assert [text[w.start : w.end] for w in words] == ["मध्यप्रदेश", "शासन", "क्रमांक", "12"]
    assert [w.line for w in words] == [0, 0, 1, 2]


def test_text_is_nfc_and_places_still_fit() -> None:
    text, words = lay_out(in_lines([word("\u095bमीन", 1), word("e\u0301tat", 1)]))

    assert text == unicodedata.normalize("NFC", text)
    assert [text[w.start : w.end] for w in words] == [w.text for w in words] == ["ज\u093cमीन", "état"]


def test_nothing_read_is_no_text() -> None:
    assert lay_out(in_lines([])) == ("", ())
    assert weighted_confidence(()) == 0.0


def test_long_words_weigh_more() -> None:
    _, words = lay_out(in_lines([word("अ", 1, 0.0), word("अआइ", 1, 1.0)]))

    assert weighted_confidence(words) == 0.75


@pytest.mark.parametrize(
    ("text", "language"),
    [("क्रमांक 12", "hi"), ("Range Officer", "en"), ("Range अधिकारी", "hi+en"), ("12/34", ""), ("", "")],
)
def test_language_is_told_by_the_letters(text: str, language: str) -> None:
    assert language_of(text) == language


def test_the_cells_of_a_tables_row_stand_between_tabs_and_empty_ones_keep_their_place() -> None:
    row = [[word("१", 1)], [word("राम", 1), word("लाल", 1)], [], [word("५००", 1)], []]

    text, words = lay_out([[[word("सूची", 0)]], row])

    assert text == "सूची\n१\tराम लाल\t\t५००"
    assert [text[w.start : w.end] for w in words] == ["सूची", "१", "राम", "लाल", "५००"]
