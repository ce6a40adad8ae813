"""Signs that Tesseract loses come back; names, what stands in the word list, and other languages stay as they were read."""

from __future__ import annotations

import pytest

from pipeline.model.page import Box
from pipeline.ocr.engine import Recognised
from pipeline.ocr.postcorrect import mended
from pipeline.ocr.text import Cells

HINDI = "यह कार्य शाला के लिए है और छात्रों को लाभ है"
MARATHI = "हा आदेश मे महिन्यात लागू आहे आणि मे अखेर संपेल"


def lines(text: str) -> list[Cells]:
    words = [Recognised(word, Box(40 * n, 0, 30, 20), 0.9, 0) for n, word in enumerate(text.split())]
    return [[words]]


def read(text: str) -> str:
    return " ".join(word.text for line in mended(lines(text)) for cell in line for word in cell)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("दवारा", "द्वारा"),
        ("विदयार्थियों", "विद्यार्थियों"),
        ("मे,", "में,"),
        ("मे।", "में।"),
        ("दिनाक:", "दिनांक:"),
        ("क्रमाक", "क्रमांक"),
        ("(बैक)", "(बैंक)"),
    ],
)
def test_a_lost_sign_comes_back(was: str, becomes: str) -> None:
    assert read(f"{HINDI} {was}") == f"{HINDI} {becomes}"


@pytest.mark.parametrize("word", ["मेला", "दवा", "वेदवती", "नदवई", "सोनपुरा", "1792", "मेमो"])
def test_other_words_stay_as_they_were_read(word: str) -> None:
    assert read(f"{HINDI} {word}") == f"{HINDI} {word}"


def test_a_page_of_another_language_stays_as_it_was_read() -> None:
    assert read(MARATHI) == MARATHI


def test_places_and_confidences_stay() -> None:
    before, after = lines(f"{HINDI} दवारा"), mended(lines(f"{HINDI} दवारा"))

    assert [(w.box, w.confidence, w.line) for w in after[0][0]] == [(w.box, w.confidence, w.line) for w in before[0][0]]
