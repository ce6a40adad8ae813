"""What the judge says of a PDF's text, on words and pixels made up for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.model.page import Box, Layer, LayerWord
from pipeline.ocr.engine import Pixels
from pipeline.ocr.text_layer_assessment import TextLayerVerdict, covered_share, judge, sound_share
from pipeline.ocr.vocabulary import known_share
from tests.kruti_dev import typed

HINDI = (
    "उपरोक्त विषय में लेख है कि ग्राम में स्थित भूमि का सीमांकन कराने हेतु आवेदन प्रस्तुत किया गया है निर्धारित शुल्क जमा किया जा "
    "चुका है कृपया प्रतिवेदन शीघ्र प्रस्तुत करें"
)
ENGLISH = "The undersigned is directed to say that the proposal for repair of the school building has been approved"


def laid(text: str, *, font: str = "Mangal", hidden: bool = False, shift: int = 0) -> tuple[LayerWord, ...]:
    """The words in lines of five, each in a box of its own."""
    return tuple(
        LayerWord(word, Box(100 + 180 * (at % 5) + shift, 100 + 60 * (at // 5), 150, 40), font, at // 5, hidden)
        for at, word in enumerate(text.split())
    )


def drawn(words: tuple[LayerWord, ...]) -> Pixels:
    """A white page with ink in every box."""
    page = np.full((1400, 1100), 255, np.uint8)
    for word in words:
        page[word.box.y : word.box.y + word.box.h, word.box.x : word.box.x + word.box.w : 3] = 0
    return page


@pytest.mark.parametrize("text", [HINDI, ENGLISH, HINDI + " " + ENGLISH])
def test_what_is_written_as_it_is_written_is_right(text: str) -> None:
    words = laid(text)

    found = judge(Layer(words), drawn(words))

    assert found.verdict is TextLayerVerdict.RIGHT
    assert found.words == words and found.known > 0.85 and found.covered > 0.99


def test_kruti_dev_is_converted() -> None:
    words = laid(typed(HINDI), font="KrutiDev010")

    found = judge(Layer(words), drawn(words))

    assert found.verdict is TextLayerVerdict.CONVERTED
    assert " ".join(word.text for word in found.words) == HINDI


def test_a_legacy_font_that_does_not_come_out_as_hindi_is_refused() -> None:
    words = laid(
        HINDI.translate({ord(letter): "xqz;"[ord(letter) % 4] for letter in set(HINDI) - {" "}}), font="KrutiDev010"
    )

    assert judge(Layer(words), drawn(words)).verdict is TextLayerVerdict.LEGACY


def test_a_page_without_text_or_with_a_page_number_has_none_to_use() -> None:
    page = drawn(laid(HINDI))

    assert judge(Layer(), page).verdict is TextLayerVerdict.EMPTY
    assert judge(Layer(laid("पृष्ठ 3")), page).verdict is TextLayerVerdict.SCRAP


def test_a_stamp_on_a_page_of_writing_is_scrap() -> None:
    words = laid(HINDI)

    assert judge(Layer(words[:10]), drawn(words)).verdict is TextLayerVerdict.SCRAP


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.encode("utf-8").decode("cp1252", "replace"),  # read in the wrong encoding
        lambda text: text.replace("ा", "\ufffd"),  # no code for a letter
        lambda text: " ".join(word[::-1] for word in text.split()),  # in the wrong order
        lambda text: text.replace("कि", "िक").replace("वि", "िव").replace("र्", "र").replace("स्थि", "िस्थ"),
        lambda text: "".join(chr(0xE000 + ord(letter) % 99) if letter != " " else " " for letter in text),
    ],
)
def test_garbage_is_refused(spoil) -> None:  # type: ignore[no-untyped-def]
    words = laid(spoil(HINDI))

    assert judge(Layer(words), drawn(words)).verdict is TextLayerVerdict.GARBAGE


def test_what_a_program_read_must_be_better() -> None:
    text = HINDI.replace("भूमि", "मृमि").replace("लेख", "तेख").replace("आवेदन", "आवेढन").replace("शुल्क", "शल्छ")
    words = laid(text.replace("प्रतिवेदन", "प्रतिवेढ्न").replace("निर्धारित", "निधारिट"), hidden=True)

    assert judge(Layer(words, is_scan=True), drawn(words)).verdict is TextLayerVerdict.DOUBTFUL
    typed_words = tuple(replace(word, hidden=False) for word in words)
    assert judge(Layer(typed_words), drawn(words)).verdict is TextLayerVerdict.RIGHT


def test_hidden_words_on_a_typed_page_are_left_out() -> None:
    words = laid(HINDI)
    hidden = laid("छिपा हुआ शब्द", hidden=True)

    assert judge(Layer((*words, *hidden)), drawn(words)).words == words


def test_text_that_lies_beside_the_ink_is_refused() -> None:
    words = laid(HINDI)
    elsewhere = tuple(replace(word, box=replace(word.box, y=word.box.y + 800)) for word in words)

    assert judge(Layer(elsewhere), drawn(words)).verdict is TextLayerVerdict.GARBAGE
    assert judge(Layer(words, strays=0.5), drawn(words)).verdict is TextLayerVerdict.GARBAGE


def test_a_typed_page_of_figures_needs_no_dictionary_and_a_read_one_is_refused() -> None:
    words = laid("2018-19 1,250.00 375.50 1,625.50 2019-20 980.00 412.00 1,392.00")

    assert judge(Layer(words), drawn(words)).verdict is TextLayerVerdict.RIGHT
    assert judge(Layer(words, is_scan=True), drawn(words)).verdict is TextLayerVerdict.DOUBTFUL


@pytest.mark.parametrize(
    ("text", "share"),
    [("कार्यालय क्षेत्रीय अर्थात् ॐ पढ़ाई कृष्ण प्रायः", 1.0), ("िक", 0.0), ("कार्ालय", 0.0), ("काीम", 0.0), ("Office 12", 1.0)],
)
def test_every_sign_needs_a_letter_to_stand_on(text: str, share: float) -> None:
    assert sound_share([LayerWord(word, Box(0, 0, 1, 1)) for word in text.split()]) == share


def test_the_ink_under_the_words_is_counted() -> None:
    words = laid("एक दो तीन चार")

    assert covered_share(drawn(words), words[:2]) == pytest.approx(0.5, abs=0.02)
    assert covered_share(np.full((50, 50), 255, np.uint8), words) == 1.0


def test_known_words_are_weighted_by_their_length() -> None:
    assert known_share(["कार्यालय"]) == (1.0, 1)
    assert known_share(["कार्यालय", "झषठथ"])[0] == pytest.approx(8 / 12)
    assert known_share(["2018", "क", "—"]) == (0.0, 0)
