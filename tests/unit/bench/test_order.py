"""Whether a page was read the same in two runs is told by all that is known of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench import order
from pipeline.model.page import Box, Geometry, ReadPage, Word
from pipeline.workflow.page_worker import PageResult


@pytest.fixture
def result(tmp_path: Path) -> PageResult:
    image = tmp_path / "1.jpg"
    image.write_bytes(b"pixels")
    word = Word("पत्र", Box(1, 2, 30, 40), 0.9, 0, 0, 4)
    page = ReadPage(1, "पत्र", (word,), 0.9, "script/Devanagari", 100, 200, 300, Geometry(), blank=False)
    return PageResult(page, str(image))


def test_the_place_in_the_batch_makes_no_difference(result: PageResult) -> None:
    elsewhere = replace(result, page=replace(result.page, source_page=7))

    assert order.differing_parts(order.fingerprint(result), order.fingerprint(elsewhere)) == []


def test_a_box_a_confidence_and_the_image_count(result: PageResult) -> None:
    [word] = result.page.words
    before = order.fingerprint(result)

    moved = replace(result.page, words=(replace(word, box=Box(1, 2, 30, 41)),))
    assert order.differing_parts(before, order.fingerprint(replace(result, page=moved))) == ["words"]
    surer = replace(result.page, confidence=0.91)
    assert order.differing_parts(before, order.fingerprint(replace(result, page=surer))) == ["confidence"]
    Path(result.image).write_bytes(b"others")
    assert order.differing_parts(before, order.fingerprint(result)) == ["image"]


def test_a_page_that_hit_a_limit_says_so(result: PageResult) -> None:
    limited = replace(result.page, flags=("timed_out",))

    assert not order.fingerprint(result).flagged
    assert order.fingerprint(replace(result, page=limited)).flagged


def test_no_page_is_taken_twice() -> None:
    chosen = order.chosen_pages(60)

    assert len(set(chosen)) == len(chosen) >= 10
