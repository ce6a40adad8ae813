"""Parts of a page that are handwriting go, and type that was read badly stays. The lines are what Tesseract gave for drawn
ones."""

from __future__ import annotations

from pipeline.model.page import Box
from pipeline.ocr.engine import Recognised
from pipeline.ocr.handwriting import without_handwriting
from pipeline.ocr.text import Cells

TYPED = [(0.96, "राजस्व निरीक्षक,"), (0.94, "वृत्त क्रमांक 3, आष्टा")]
WRITTEN = [
    (0.38, "कोटि गतत शै शिजि निद्र छँ धरे"),
    (0.32, "संद काह Do Aion! WE"),
    (0.27, "नू AS [ARUN दकि 702% बाधि उ"),
    (0.28, "टिकरा सदरची कक 8 कि छाए स्र"),
    (0.47, "बलर छै खलल मीता 300 खन ठ"),
]
BADLY_READ = [(0.33, "दिषपन्नर्गत निर्देश लेख है कि ग्राम खडी"), (0.40, "मगर के खसरा सँछिया 50% रक्कबा ८")]


def lines(told: list[tuple[float, str]]) -> list[Cells]:
    return [
        [[Recognised(word, Box(0, 50 * at, 40, 40), sure, at) for word in text.split()]]
        for at, (sure, text) in enumerate(told)
    ]


def test_a_part_in_handwriting_goes_and_what_is_typed_about_it_stays() -> None:
    page = lines([*TYPED, *WRITTEN, *TYPED])

    assert without_handwriting(page) == [*page[:2], *page[-2:]]


def test_a_page_of_it_leaves_nothing() -> None:
    assert without_handwriting(lines(WRITTEN)) == []


def test_type_that_was_read_badly_and_a_lone_unsure_line_stay() -> None:
    page = lines([*TYPED, *BADLY_READ, *TYPED, WRITTEN[1], *TYPED])

    assert without_handwriting(page) == page
