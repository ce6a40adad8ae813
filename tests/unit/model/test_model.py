"""The nouns: small derivations only."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.document import Document, DocumentKind, Field
from pipeline.model.page import Box
from pipeline.model.scan import MediaType

_SIDES = st.integers(-3000, 6000)


def test_a_box_as_shares_of_its_page() -> None:
    assert Box(100, 200, 300, 50).fractions(1000, 2000) == [0.1, 0.1, 0.3, 0.025]


def test_a_box_holds_what_has_its_middle_inside() -> None:
    assert Box(0, 0, 100, 100).holds(Box(90, 90, 20, 20))
    assert not Box(0, 0, 100, 100).holds(Box(91, 40, 20, 20))


@given(_SIDES, _SIDES, st.integers(0, 6000), st.integers(0, 6000), st.integers(1, 3000), st.integers(1, 3000))
def test_shares_are_clipped_to_the_page(x: int, y: int, w: int, h: int, width: int, height: int) -> None:
    left, top, wide, high = Box(x, y, w, h).fractions(width, height)

    assert all(0 <= share <= 1 for share in (left, top, wide, high))
    assert left + wide <= 1.00002 and top + high <= 1.00002


@given(st.lists(st.builds(Box, _SIDES, _SIDES, st.integers(0, 99), st.integers(0, 99)), min_size=2, max_size=2))
def test_a_union_is_the_least_box_around_both(boxes: list[Box]) -> None:
    one, other = boxes
    both = one.union(other)

    assert both == other.union(one)
    assert (both.x, both.y) == (min(one.x, other.x), min(one.y, other.y))
    assert (both.x + both.w, both.y + both.h) == (max(b.x + b.w for b in boxes), max(b.y + b.h for b in boxes))


def test_a_document_tells_its_values() -> None:
    document = Document("b-0001", "b", DocumentKind.LETTER, (), {"date": Field("2019-08-14", 0.9)})

    assert document.date == date(2019, 8, 14)
    assert document.value("subject") is None
    assert document.with_pdf("documents/b.pdf").pdf_key == "documents/b.pdf" and document.pdf_key == ""
    with pytest.raises(FrozenInstanceError):
        document.id = "other"  # type: ignore[misc]


def test_every_media_type_has_its_ending() -> None:
    assert {media.suffix for media in MediaType} == {".pdf", ".tif", ".jpg", ".png", ""}
