"""The analyser: each of its rules by example, and what must hold for any text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.index.hindi import analysed, normalise, standing, stem, terms, tokens

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
        ("\u0931ाज", "राज"),  # ऱ, a letter with nukta
        ("गये", "गए"),  # glides
        ("जायेगा", "जाएगा"),
        ("जायें", "जाएँ"),
        ("चाहिये", "चाहिए"),
        ("रुपये", "रुपए"),
        ("स्थायी", "स्थाई"),
        ("अर्द्धशासकीय", "अर्धशासकीय"),  # doubling
        ("कर्त्तव्य", "कर्तव्य"),
        ("वर्द्धन", "वर्धन"),
        ("महत्त्व", "महत्व"),
        ("उज्ज्वल", "उज्वल"),
        ("दुःख", "दुख"),  # visarga
        ("अतः", "अत"),
        ("007", "7"),  # numbers
        ("०७", "7"),
    ],
)
def test_spellings_of_one_word_meet(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("कि", "की"),
        ("कल", "काल"),
        ("बल", "बाल्"),
        ("दिन", "दीन"),
        ("सन", "संन"),
        ("जन्म", "जंम"),
        ("ध्येय", "ध्येए"),
        ("येन", "एन"),
        ("हॉल", "हाल"),
        ("प्रयोग", "प्रओग"),
    ],
)
def test_matras_and_halants_keep_words_apart(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def test_words_are_cut_at_blanks_and_signs_and_digits_stand_alone() -> None:
    assert terms("क्र. 19-76/2019, विषय:सीमांकन (भाग-2) Sec.5A") == [
        "क्र",
        "19",
        "76",
        "2019",
        "विषय",
        "सीमांकन",
        "भाग",
        "2",
        "sec",
        "5",
        "a",
    ]
    assert terms("") == [] == terms(" ।—_\n")


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("नि:शुल्क", ["निशुल्क"]),  # a colon typed for visarga
        ("दु:ख अन्त:करण", ["दुख", "अंतकरण"]),
        ("विषय:सीमांकन", ["विषय", "सीमांकन"]),
        ("उ०प्र०", ["उ", "प्र"]),  # the sign of abbreviation, in its four dresses
        ("उ0प्र0", ["उ", "प्र"]),
        ("उ॰प्र॰", ["उ", "प्र"]),
        ("उ.प्र.", ["उ", "प्र"]),
        ("सं05", ["सं", "5"]),
        ("१,२५,००० रुपये", ["125000", "रुपए"]),  # grouped numbers are one
        ("12,34", ["12", "34"]),
        ("11013/04/2018", ["11013", "4", "2018"]),  # a file number's parts, side by side
        ("½", ["1", "2"]),
    ],
)
def test_signs_inside_words_and_numbers(written: str, found: list[str]) -> None:
    assert terms(written) == found


@pytest.mark.parametrize(
    "forms",
    [
        "लड़का लड़के लड़कों",
        "नदी नदियों नदियाँ",
        "सूचना सूचनाओं सूचनाएँ",
        "विद्यालय विद्यालयों",
        "भूमि भूमियों",
        "वस्तु वस्तुओं वस्तुएँ",
        "ऑफिस आफिस",
        "application applications",
        "order orders ordered",
    ],
)
def test_forms_of_a_word_share_a_stem(forms: str) -> None:
    assert len({stem(token) for token in terms(forms)}) == 1


@pytest.mark.parametrize("words", ["की के का", "ग्राम ग्रामीण", "भूमि भूमिका", "राजा राज्य", "12 121"])
def test_other_words_have_other_stems(words: str) -> None:
    found = terms(words)

    assert len({stem(token) for token in found}) == len(found)


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
    begun = end = 0
    for token in tokens(text):
        assert begun <= token.start < token.end <= len(text) and (token.start >= end or token.start == begun)
        begun = token.start
        assert token.text in terms(text[token.start : token.end])
        end = max(end, token.end)


@given(st.one_of(st.text(), _HINDI))
def test_analysing_twice_changes_nothing(text: str) -> None:
    assert terms(" ".join(terms(text))) == terms(text)


@given(st.one_of(st.text(), _HINDI))
def test_a_token_is_one_token_for_every_engine(text: str) -> None:
    for token in terms(text):
        assert token.split() == [token]


@given(st.one_of(st.text(), _HINDI), st.data())
def test_what_is_looked_for_stands_where_the_whole_text_says(text: str, data: st.DataObject) -> None:
    found, places = analysed(text)
    wanted = set(data.draw(st.lists(st.sampled_from(found)))) if found else set()

    assert standing(text, wanted) == [place for token, place in zip(found, places, strict=True) if token in wanted]
