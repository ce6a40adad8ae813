"""The query language: every string means something."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.index.query import MOST_WORDS, Item, parse, to_days


def said(text: str) -> list[list[tuple[str, ...]]]:
    return [[item.marked for item in choice] for choice in parse(text).words]


def test_words_phrases_choices_beginnings_and_exclusions() -> None:
    assert said("सीमांकन सोनपुरा") == [[("सीमांकन",)], [("सोनपुरा",)]]
    assert said('"नगर निगम" कर') == said("“नगर निगम” कर") == [[("नगर", "निगम")], [("कर",)]]
    assert said("सड़क OR मार्ग निर्माण") == said("सड़क | मार्ग निर्माण") == [[("सडक",), ("मार्ग",)], [("निर्माण",)]]
    assert parse("सोनपु*").items == [Item(("सोनपु",), begun=True)]
    assert (said("कर -निरस्त"), parse("कर -निरस्त").never) == ([[("कर",)]], (Item(("निरस्त",)),))
    assert parse('कर -"नगर निगम"').never == (Item(("नगर", "निगम"), exact=True),)


def test_a_number_is_kept_together_and_may_be_a_part_of_one() -> None:
    assert said("19-76") == [[("19", "76")]] and parse("19-76").items[0].may_be_number
    assert said("एफ 19-76/2019/1/4") == [[("एफ",)], [("19", "76", "2019", "1", "4")]]
    assert said("भू-अभिलेख") == [[("भू",)], [("अभिलेख",)]]
    assert said("-12") == [[("12",)]]


@pytest.mark.parametrize("name", ["विषय", "subject", "Subject", "विषय "])
def test_a_subject_marks_its_words(name: str) -> None:
    assert said(f"{name}:सीमांकन भूमि") == said(f"{name}: सीमांकन भूमि") == [[("s:सीमांकन",)], [("भूमि",)]]
    assert said(f'{name}:"नगर निगम"') == [[("s:नगर", "s:निगम")]]


def test_file_office_and_date_narrow() -> None:
    for name in ("फाइल", "फ़ाइल", "file", "नस्ती", "पत्रावली"):
        assert parse(f"{name}:19-76/2019 कर").file == "19-76/2019"
    assert parse("office:sehore कर").office == parse("कार्यालय:sehore कर").office == "sehore"
    found = parse("सीमांकन date:2018..2020")
    assert (found.since, found.until) == (date(2018, 1, 1), date(2020, 12, 31))
    assert said("सीमांकन date:2018..2020") == [[("सीमांकन",)]]


@pytest.mark.parametrize(
    "typed", ["date:कल", "date:31.2.2019", "date:2020..2018", "date:", "विषय:", "http://कर", "12:30"]
)
def test_what_is_no_value_is_searched_as_words(typed: str) -> None:
    assert (parse(typed).since, parse(typed).until) == (None, None)


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("2018", (2018, 1, 1), (2018, 12, 31)),
        ("२०१८", (2018, 1, 1), (2018, 12, 31)),
        ("2018-19", (2018, 1, 1), (2019, 12, 31)),
        ("7.11.2004", (2004, 11, 7), (2004, 11, 7)),
        ("2004-11-07", (2004, 11, 7), (2004, 11, 7)),
        ("7.11.2004..2005", (2004, 11, 7), (2005, 12, 31)),
    ],
)
def test_days(typed: str, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    assert to_days(typed) == (date(*first), date(*last))


_ODD = st.text(st.sampled_from([*"\"*()|^:-+.,/\\'\u200d०1़्ािसोनविषयफाइल OR NOT\n\0“”"]), max_size=60)


@given(st.one_of(_ODD, st.text()))
def test_every_string_is_a_question(text: str) -> None:
    found = parse(text)

    assert len(found.words) <= MOST_WORDS and all(choice for choice in found.words)
    assert all(item.tokens and all(item.tokens) for item in [*found.items, *found.never])
