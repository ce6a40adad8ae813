"""A page's words as bytes beside its row."""

from __future__ import annotations

import json
import zlib

from pipeline.db.packing import boxes_at, pack, unpack
from pipeline.model.page import Box, Word
from samples import truth
from tests.unit.paper import page_of

TEXT = truth.load()["letters"][0]["text"]


def test_words_come_back_as_they_were_packed() -> None:
    page = page_of(TEXT, confidence=0.875)

    assert unpack(pack(page.words), page.text) == page.words
    assert unpack(pack(()), "") == ()


def test_words_that_an_earlier_version_packed_are_read() -> None:
    page = page_of(TEXT, confidence=0.875)
    rows = [[w.start, w.end, w.line, 875, w.box.x, w.box.y, w.box.w, w.box.h] for w in page.words]
    before = zlib.compress(json.dumps(rows).encode())

    assert unpack(before, page.text) == page.words
    assert boxes_at(before, [(0, 3)]) == boxes_at(pack(page.words), [(0, 3)]) == [page.words[0].box]
    assert unpack(zlib.compress(b"[]"), "") == ()


def test_large_and_negative_numbers_come_back() -> None:
    words = (Word("a", Box(-3, 5, 70_000, 1), 1.0, 0, 0, 1), Word("b", Box(1, 2, 3, 4), 0.5, 1, 2, 3))

    assert unpack(pack(words), "a b") == words
    assert boxes_at(pack(words), [(2, 3)]) == [Box(1, 2, 3, 4)]


def test_a_page_of_words_takes_little_room() -> None:
    page = page_of(TEXT)

    assert len(pack(page.words)) < 20 * len(page.words)
