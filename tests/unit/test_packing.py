"""A page's words as bytes beside its row."""

from __future__ import annotations

from paper import page_of

from pipeline.index.packing import pack, unpack
from samples import truth

TEXT = truth.load()["letters"][0]["text"]


def test_words_come_back_as_they_were_packed() -> None:
    page = page_of(TEXT, confidence=0.875)

    assert unpack(pack(page.words), page.text) == page.words
    assert unpack(pack(()), "") == ()


def test_a_page_of_words_takes_little_room() -> None:
    page = page_of(TEXT)

    assert len(pack(page.words)) < 20 * len(page.words)
