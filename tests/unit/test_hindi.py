"""The analyser: each of its rules by example, and what must hold for any text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.index.hindi import normalise, terms, tokens

_HINDI = st.text(st.characters(min_codepoint=0x900, max_codepoint=0x97F) | st.sampled_from(" \u200c\u200d1०aA-/"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ज़मीन", "जमीन"),  # nukta folded
        ("\u095bमीन", "ज\u093cमीन"),  # composed and decomposed
        ("पढ़ाई", "पढाई"),
        ("चाँद", "चांद"),  # chandrabindu
        ("हिन्दी", "हिंदी"),  # homorganic nasals
        ("पञ्चायत", "पंचायत"),
        ("दण्ड", "दंड"),
        ("सम्पत्ति", "संपत्ति"),
        ("अङ्क", "अंक"),
        ("क्\u200dष", "क्ष"),  # joiners out
        ("राम\u200c", "राम"),
        ("२०१९", "2019"),  # digits of both scripts
        ("Tahsildar", "TAHSILDAR"),  # case
        ("ﬁle", "file"),  # compatibility forms
        ("１２", "12"),
    ],
)
def test_spellings_of_one_word_meet(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"), [("कि", "की"), ("कल", "काल"), ("बल", "बाल्"), ("दिन", "दीन"), ("सन", "संन"), ("जन्म", "जंम")]
)
def test_matras_and_halants_keep_words_apart(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def test_words_are_cut_at_blanks_and_signs_and_digits_stand_alone() -> None:
    assert terms("क्र. 19-76/2019, विषय:सीमांकन (भाग-2) Sec.5A") == [
        "क्र", "19", "76", "2019", "विषय", "सीमांकन", "भाग", "2", "sec", "5", "a",
    ]  # fmt: skip
    assert terms("") == [] == terms(" ।—_\n")


def test_a_word_keeps_all_its_signs() -> None:
    for word in ("कार्यालय", "अनुविभागीय", "शुद्धि", "हृदय", "दुःख", "वाङ्मय", "ऑफिस"):
        assert [text[1] for text in [(t.start, word[t.start : t.end]) for t in tokens(word)]] == [word]


@given(st.one_of(st.text(), _HINDI))
def test_normalising_again_changes_nothing(text: str) -> None:
    for token in tokens(text):
        assert normalise(token.text) == token.text
        assert token.text == unicodedata.normalize("NFC", token.text)


@given(st.one_of(st.text(), _HINDI))
def test_places_lie_in_the_text_in_order_and_give_the_token_back(text: str) -> None:
    end = 0
    for token in tokens(text):
        assert end <= token.start < token.end <= len(text)
        assert normalise(text[token.start : token.end]) == token.text
        end = token.end


@given(st.one_of(st.text(), _HINDI))
def test_a_token_is_one_token_for_every_engine(text: str) -> None:
    for token in terms(text):
        assert token.split() == [token]
