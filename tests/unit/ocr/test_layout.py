"""The layout object: ALTO that other software can read, and that gives the words back."""

from __future__ import annotations

import gzip
from dataclasses import replace
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from pipeline.ocr.layout import from_alto, to_alto
from tests.unit.paper import page_of

NAMESPACE = "{http://www.loc.gov/standards/alto/ns-v4#}"
PAGE = page_of('विषय: <सीमांकन> & "नक्शा"\nक्रमांक 12/2019', 3, confidence=0.875)


def test_text_and_words_come_back() -> None:
    assert from_alto(to_alto(PAGE)) == (PAGE.text, PAGE.words)


def test_a_blank_page_comes_back_blank() -> None:
    assert from_alto(to_alto(page_of(""))) == ("", ())


def test_it_is_gzipped_alto_with_boxes_in_pixels() -> None:
    root = ElementTree.fromstring(gzip.decompress(to_alto(PAGE)))  # noqa: S314 - our own bytes

    sheet = root.find(f".//{NAMESPACE}Page")
    strings = root.findall(f".//{NAMESPACE}String")
    assert root.tag == f"{NAMESPACE}alto" and root.findtext(f".//{NAMESPACE}MeasurementUnit") == "pixel"
    assert sheet is not None and (sheet.get("WIDTH"), sheet.get("HEIGHT")) == ("1654", "2339")
    assert [(s.get("CONTENT"), s.get("HPOS"), s.get("WC")) for s in strings[:2]] == [
        ("विषय:", "100", "0.875"),
        ("<सीमांकन>", str(PAGE.words[1].box.x), "0.875"),
    ]
    assert len(root.findall(f".//{NAMESPACE}TextLine")) == 2


def test_the_same_page_gives_the_same_bytes() -> None:
    assert to_alto(PAGE) == to_alto(replace(PAGE))


@given(st.lists(st.text(min_size=1).filter(lambda word: word.split() == [word]), max_size=5))
def test_any_recognised_word_can_be_written(words: list[str]) -> None:
    page = page_of(" ".join(words))

    assert from_alto(to_alto(page)) == (page.text, page.words)
