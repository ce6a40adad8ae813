"""Digits of both scripts, and days as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.digits import TO_DEVANAGARI, western, western_of_any
from pipeline.model.typed_date import looks_like_day, to_day, to_days

_TEXTS = st.text(st.sampled_from("०१२३४५६७८९0123456789-/ कa"))


@given(_TEXTS)
def test_western_digits_stand_where_the_others_stood(text: str) -> None:
    assert len(western(text)) == len(text)
    assert western(text.translate(TO_DEVANAGARI)) == western(text) == western_of_any(text)


def test_digits_of_a_third_script_count_only_where_every_script_does() -> None:
    assert western("٢०") == "٢0"
    assert western_of_any("٢०") == "20"


@pytest.mark.parametrize("written", ["7.11.2004", "07/11/2004", "7-11-2004", "7. 11. 2004", "2004-11-07", "०७.११.२००४"])
def test_a_day_is_read_as_it_is_typed(written: str) -> None:
    assert looks_like_day(written) is not written.startswith("2004")
    assert to_day(written) == date(2004, 11, 7)
    assert to_days(written) == (date(2004, 11, 7), date(2004, 11, 7))


def test_a_year_is_all_its_days() -> None:
    assert to_days("२००४") == (date(2004, 1, 1), date(2004, 12, 31))


@pytest.mark.parametrize("written", ["31.2.2004", "7.11.04", "11.2004", "2004-11", "", "today", "0000"])
def test_what_is_no_day_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        to_days(written)
