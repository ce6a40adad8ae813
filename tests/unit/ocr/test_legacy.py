"""Kruti Dev and Chanakya put into Unicode, and Unicode put into Kruti Dev and back."""

from __future__ import annotations

import unicodedata

import pytest

from pipeline.model.page import Box, LayerWord
from pipeline.ocr.legacy import Encoding, encoding_of, tells_kruti_dev, to_unicode
from pipeline.ocr.text_layer_assessment import converted
from tests.kruti_dev import typed

# What a typist's keys give, and the word that is seen.
KRUTI_DEV = [
    ("dk;kZy;", "कार्यालय"),
    ("ftyk", "जिला"),
    ("dysDVj", "कलेक्टर"),
    ("e/;izns'k", "मध्यप्रदेश"),
    ("'kklu", "शासन"),
    ("foHkkx", "विभाग"),
    ("Øekad", "क्रमांक"),
    ("fnukad", "दिनांक"),
    ('fo"k;', "विषय"),
    ("lanHkZ", "संदर्भ"),
    ("lsok", "सेवा"),
    ("esa", "में"),
    ("egksn;", "महोदय"),
    ("rglhynkj", "तहसीलदार"),
    ("iz'kklu", "प्रशासन"),
    ("vf/kdkjh", "अधिकारी"),
    ("vkosnu", "आवेदन"),
    ("i=", "पत्र"),
    ("Hkwfe", "भूमि"),
    ("xzke", "ग्राम"),
    ("[kljk", "खसरा"),
    ("jdck", "रकबा"),
    ("gsDVs;j", "हेक्टेयर"),
    ("lhekadu", "सीमांकन"),
    ("Hkqxrku", "भुगतान"),
    ("LohÑfr", "स्वीकृति"),
    ("vkns'k", "आदेश"),
    ("fu.kZ;", "निर्णय"),
    ("izfrosnu", "प्रतिवेदन"),
    ("izLrqr", "प्रस्तुत"),
    ("leLr", "समस्त"),
    ("fujh{kd", "निरीक्षक"),
    ("lfpo", "सचिव"),
    ("eq[;", "मुख्य"),
    ("ea=h", "मंत्री"),
    ("ea=ky;", "मंत्रालय"),
    ("f'k{kk", "शिक्षा"),
    ("fo|ky;", "विद्यालय"),
    ("Nk=o`fRr", "छात्रवृत्ति"),
    ("{ks=h;", "क्षेत्रीय"),
    ("Lora=", "स्वतंत्र"),
    ("Kkiu", "ज्ञापन"),
    ("Jh", "श्री"),
    ("Jherh", "श्रीमती"),
    ("vkSj", "और"),
    ('vkS"k/kky;', "औषधालय"),
    ("vksj", "ओर"),
    (",oa", "एवं"),
    (",slk", "ऐसा"),
    ("bZekunkj", "ईमानदार"),
    ("bdkbZ", "इकाई"),
    ("mi;qZDr", "उपर्युक्त"),
    ("mijksDr", "उपरोक्त"),
    ("mÙkj", "उत्तर"),
    ("fof/k", "विधि"),
    ("fLFkfr", "स्थिति"),
    ("iqfyl", "पुलिस"),
    ("Fkkuk", "थाना"),
    ("U;k;ky;", "न्यायालय"),
    ("fo#)", "विरुद्ध"),
    ("izfØ;k", "प्रक्रिया"),
    ("pfj=", "चरित्र"),
    ("lEcU/k", "सम्बन्ध"),
    ("laca/k", "संबंध"),
    ("i'pkr~", "पश्चात्"),
    ("vFkkZr~", "अर्थात्"),
    ("izkIr", "प्राप्त"),
    ("jkT;iky", "राज्यपाल"),
    ("fuekZ.k", "निर्माण"),
    ('o"kZ', "वर्ष"),
    ("dk;Zokgh", "कार्यवाही"),
    ("iapk;r", "पंचायत"),
    ("vuqHkkx", "अनुभाग"),
    ("Nk=kvksa", "छात्राओं"),
    ("fo|kfFkZ;ksa", "विद्यार्थियों"),
    ("deZpkfj;ksa", "कर्मचारियों"),
    ("isa'ku", "पेंशन"),
    ("osru", "वेतन"),
    ("x<+h", "गढ़ी"),
    ("lM+d", "सड़क"),
    ("cM+h", "बड़ी"),
    ("fgUnh", "हिन्दी"),
    ("fganh", "हिंदी"),
    ("laxzg", "संग्रह"),
    ("}kjk", "द्वारा"),
    ("mn~ns';", "उद्देश्य"),
    ('jk"Vªh;', "राष्ट्रीय"),
    ("VªsDVj", "ट्रेक्टर"),
    ("MkWDVj", "डॉक्टर"),
    ("vkWfQl", "ऑफिस"),
    ("ç/kkukpk;Z", "प्रधानाचार्य"),
    ("nzO;", "द्रव्य"),
    ("czkã.k", "ब्राह्मण"),
    ("fpfUgr", "चिन्हित"),
    ("y?kq", "लघु"),
    (">k¡lh", "झाँसी"),
    ('—f"k', "कृषि"),
    ('n`f"V', "दृष्टि"),
    (";kstuk", "योजना"),
    (":i;s", "रूपये"),
    ("#i;k", "रुपया"),
    ("vkjaHk", "आरंभ"),
    ("vuqKfIr", "अनुज्ञप्ति"),
    ("fLFkr", "स्थित"),
    ("dkaxzsl", "कांग्रेस"),
    ("eè;", "मध्य"),
    ("Äj", "घर"),
    ("fo”k;", "विषय"),
    ("’kklu", "शासन"),
    ("12-11-2018", "12.11.2018"),
]
CHANAKYA = [
    ("ÂýÎðàæ", "प्रदेश"),
    ("·¤æØæüÜØ", "कार्यालय"),
    ("çÎÙæ´·¤", "दिनांक"),
    ("çàæÿææ", "शिक्षा"),
    ("¥çÏ·¤æÚUè", "अधिकारी"),
    ("×ð´", "में"),
    ("ãñU", "है"),
    ("·ð¤", "के"),
    ("¥æñÚU", "और"),
    ("âç¿ß", "सचिव"),
    ("çßÖæ»", "विभाग"),
    ("Â˜æ", "पत्र"),
    ("ÂæçÚUÌ", "पारित"),
]


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def placed(texts: list[str], font: str) -> list[LayerWord]:
    return [LayerWord(text, Box(0, 0, 9, 9), font) for text in texts]


@pytest.mark.parametrize(("keys", "word"), KRUTI_DEV)
def test_kruti_dev_becomes_unicode(keys: str, word: str) -> None:
    assert to_unicode(keys, Encoding.KRUTI_DEV) == nfc(word)


@pytest.mark.parametrize("word", [word for _, word in KRUTI_DEV])
def test_a_word_put_into_kruti_dev_comes_back(word: str) -> None:
    assert to_unicode(typed(word), Encoding.KRUTI_DEV) == nfc(word)


@pytest.mark.parametrize(("keys", "word"), CHANAKYA)
def test_chanakya_becomes_unicode(keys: str, word: str) -> None:
    assert to_unicode(keys, Encoding.CHANAKYA) == nfc(word)


def test_the_lists_are_long_enough_to_mean_something() -> None:
    assert len({word for _, word in KRUTI_DEV}) >= 100


@pytest.mark.parametrize(
    ("font", "encoding"),
    [
        ("KrutiDev010", Encoding.KRUTI_DEV),
        ("Kruti Dev 010 Bold", Encoding.KRUTI_DEV),
        ("DevLys010", Encoding.KRUTI_DEV),
        ("DevLys 010 Thin", Encoding.KRUTI_DEV),
        ("Chanakya", Encoding.CHANAKYA),
        ("TimesNewRoman", None),
        ("Mangal", None),
        ("NotoSansDevanagari-Regular", None),
        ("", None),
    ],
)
def test_a_font_is_known_by_its_name(font: str, encoding: Encoding | None) -> None:
    assert encoding_of(font) is encoding


def test_kruti_dev_is_known_by_its_small_words_where_the_font_has_no_name() -> None:
    text = typed("तहसील के ग्राम की भूमि का सीमांकन करने से पूर्व सूचना दी गई है").split()

    assert tells_kruti_dev(text)
    assert not tells_kruti_dev(["The", "office", "of", "the", "District", "Collector", "sanctioned", "it"])
    words, is_converted = converted(placed(text, "CIDFont+F2"))
    assert is_converted and [word.text for word in words][:3] == ["तहसील", "के", "ग्राम"]


def test_only_the_words_of_the_legacy_font_are_converted() -> None:
    words, is_converted = converted([*placed(["dk;kZy;"], "KrutiDev010"), *placed(["Collector", "2018"], "Arial")])

    assert is_converted
    assert [word.text for word in words] == ["कार्यालय", "Collector", "2018"]


def test_a_visarga_typed_for_a_colon_becomes_one() -> None:
    words, _ = converted(placed(typed("विषयः अतः प्रायः").split(), "KrutiDev010"))

    assert [word.text for word in words] == ["विषय:", "अतः", "प्रायः"]
