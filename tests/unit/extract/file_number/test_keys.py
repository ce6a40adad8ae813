"""Written file numbers and the keys they must give. The forms are those of seven governments; the numbers are invented."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.extract.file_number import LABEL, looks_like_one, parse

UNDERSTOOD = {
    # The Centre
    "F.No.11013/4/2018": "11013/4/2018",
    "फा.नं. ११०१३/४/२०१८": "11013/4/2018",
    "फा. सं. 11-8/2016-स्था.(क)": "11/8/2016/ESTT/क",
    "फा०सं० 11-8/2016-स्था०(क)": "11/8/2016/ESTT/क",
    "फा0सं0 11-8/2016-स्था0(क)": "11/8/2016/ESTT/क",
    "फाइल सं. 11-8/2016-स्था.(क)": "11/8/2016/ESTT/क",
    "फ़ाइल संख्या 11-8/2016-स्था.(क)": "11/8/2016/ESTT/क",
    "\u095eाइल संख्या 11-8/2016-स्था.(क)": "11/8/2016/ESTT/क",
    "File No. A-12011/3/2019-Estt.II": "A/12011/3/2019/ESTT/II",
    "F. No. A-12011/3/2019-ESTT.II": "A/12011/3/2019/ESTT/II",
    "सं. ए-१२०११/३/२०१९-स्था.II": "A/12011/3/2019/ESTT/II",
    "संख्या 12/34/2018-रा.भा.": "12/34/2018/RA/भा",
    "No. F. 4-17/2011/TS": "F/4/17/2011/TS",
    "एफ.नं.12/4": "12/4",
    "D.O. No. 12/2014": "12/2014",
    "अ.शा. पत्र क्रमांक 12/2014": "12/2014",
    "अर्ध शासकीय पत्र संख्या 12/2014": "12/2014",
    "यू.ओ. संख्या 12/2014": "12/2014",
    # Madhya Pradesh and Chhattisgarh
    "क्रमांक एफ 19-76/2019/1/4": "F/19/76/2019/1/4",
    "क्रमांक:-एफ 19-76/2019/1/4": "F/19/76/2019/1/4",
    "क्र. F 19-76/2019/1/4": "F/19/76/2019/1/4",
    "क्रमांक/एफ-१९-७६/२०१९/१/४": "F/19/76/2019/1/4",
    "क्र. 508/न.नि./रा.शा./98": "508/न/नि/RA/शा/98",
    "क्र./508/न.नि./रा.शा./98": "508/न/नि/RA/शा/98",
    "क्र० ५०८/न०नि०/रा०शा०/९८": "508/न/नि/RA/शा/98",
    "क्रमांक ३१/अ-६/१९८३-८४": "31/A/6/1983/84",
    "रा.प्र.क्र. 31/अ-6/1983-84": "31/A/6/1983/84",
    "रा०प्र०क्र० ३१/अ-६/१९८३-८४": "31/A/6/1983/84",
    "प्रकरण क्रमांक 31/A-6/1983-84": "31/A/6/1983/84",
    "प्र.क्र. 12/अ-70/2017-18": "12/A/70/2017/18",
    "क्रमांक 1482/स्था./2021": "1482/ESTT/2021",
    "क्रमांक 1482 / स्थापना / 2021": "1482/ESTT/2021",
    "क्रमाँक 1482/ESTT/2021": "1482/ESTT/2021",
    "नस्ती क्रमांक पं.भ./41/2012-13": "पं/भ/41/2012/13",
    "क्रमांक/पं.भ./41/2012-13": "पं/भ/41/2012/13",
    "नस्ती क्र. भण्डार/27/1991": "भण्डार/27/1991",
    "क्रमांक आ.वि./छात्र./2023/615": "आ/वि/छात्र/2023/615",
    "पृष्ठांकन क्रमांक 77/2018": "77/2018",
    "पृ. क्रमांक 77/2018": "77/2018",
    "Endst. No. 77/2018": "77/2018",
    # Uttar Pradesh
    "संख्या-1782/पाँच-6-2016": "1782/पाँच/6/2016",
    "संख्या- १७८२/पाँच-६-२०१६": "1782/पाँच/6/2016",
    "पत्र सं० 1482/8-3-20": "1482/8/3/20",
    "पत्र सं0 1482/8-3-20": "1482/8/3/20",
    "पत्र सं०1482/8-3-20": "1482/8/3/20",
    "पत्र संख्या:१४८२/८-३-२०": "1482/8/3/20",
    "पत्रांक 692/पेंशन/स्टेनो/2004-05": "692/पेंशन/स्टेनो/2004/5",
    "संख्या: 4/2018/उ0प्र0/12": "4/2018/उ/प्र/12",
    # Bihar
    "पत्रांक- 77/आ०लि०/2019-20": "77/आ/लि/2019/20",
    "पत्रांक 77/आ0लि0/2019-20": "77/आ/लि/2019/20",
    "पत्रांक ७७/आ॰लि॰/२०१९-२०": "77/आ/लि/2019/20",
    "ज्ञापांक ४०९/बाढ़/१९७६": "409/बाढ़/1976",
    "ज्ञापांक-409/बा\u095d/1976": "409/बाढ़/1976",
    "Memo No. 409": "409",
    # Rajasthan
    "प. 12(3)राज/6/2018": "प/12/3/RAJ/6/2018",
    "क्रमांक: प.१२(३)राज/६/२०१८": "प/12/3/RAJ/6/2018",
    "एफ. 12 (3) राज / 6 / 2018": "F/12/3/RAJ/6/2018",
    "क्रमांक अअ/बूं/निर्माण/2007/339": "अअ/बूं/निर्माण/2007/339",
    "मिसिल संख्या 123/2015": "123/2015",
    "मिसिल सं० १२३/२०१५": "123/2015",
    # Haryana
    "यादि क्रमांक अ-6/123/2018-19": "A/6/123/2018/19",
    "यादी क्रमांक: अ-६/१२३/२०१८-१९": "A/6/123/2018/19",
    # Anywhere
    "क्रमांक – 0012 / 034": "12/34",
    "क्र.सं. 12": "12",
    "नं. 55/2001": "55/2001",
    "Letter No. 55/2001": "55/2001",
    "no 55-2001": "55/2001",
    "संख्या 123/4 दिनांक 12.3.2018": "123/4",
}


def test_the_table_is_worth_its_name() -> None:
    assert len(UNDERSTOOD) >= 60


@pytest.mark.parametrize("written", UNDERSTOOD)
def test_a_written_number_gives_its_key(written: str) -> None:
    number = parse(written)

    assert number is not None and number.key == UNDERSTOOD[written]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12/34", "1/234"),
        ("12/34", "123/4"),
        ("F 12-4/2018", "12-4/2018"),
        ("अ-6/123/2018-19", "अ-61/23/2018-19"),
        ("1482/स्था./2021", "1482/लेखा/2021"),
        ("31/अ-6/1983-84", "31/अ-6/1984-85"),
        ("12/4/2018 भाग 1", "12/4/2018 भाग 2"),
        ("11-8/2016-स्था.(क)", "11-8/2016-स्था.(ख)"),
        ("कि/12", "की/12"),
        ("10/2018", "1/2018"),
    ],
)
def test_different_numbers_never_meet(one: str, other: str) -> None:
    first, second = parse(one), parse(other)

    assert first is not None and second is not None and first.key != second.key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "क्रमांक",
        "क्रमांक :-",
        "दिनांक 14.08.2019",
        "14/08/2019",
        "१४-८-१९",
        "क्रमांक 14/08/2019",
        "२० मार्च, २०१९",
        "18th February, 2011",
        "5 फ़रवरी 2020",
        "क्रमांक ____/2019",
        "संख्या ......./2019",
        "महोदय,",
        "क्र²",
    ],
)
def test_dates_and_forms_not_filled_in_are_no_numbers(text: str) -> None:
    assert parse(text) is None


def test_look_alikes_meet_in_the_forgiving_key_only() -> None:
    clean, misread = parse("B-15/2018"), parse("8-I5/2O18")

    assert clean is not None and misread is not None
    assert clean.key != misread.key
    assert clean.ocr.replace("/", "") == misread.ocr.replace("/", "")
    assert clean.core == "15/2018"


@pytest.mark.parametrize("text", ["12/4", "एफ 19-76/2019", "अ-6", "५०८/न.नि./98"])
def test_what_looks_like_a_number_is_looked_up_as_one(text: str) -> None:
    assert looks_like_one(text)


@pytest.mark.parametrize("text", ["सीमांकन", "2019", "ग्राम सोनपुरा 12", "14/08/2019"])
def test_plain_words_years_and_dates_are_not(text: str) -> None:
    assert not looks_like_one(text)


@pytest.mark.parametrize("text", ["विषयक्रम 12", "दृश्यक्र 4", "nothing 12", "संबंध 12", "Nos 12"])
def test_a_label_is_a_word_of_its_own(text: str) -> None:
    assert LABEL.search(text) is None


_OFFICE_LIKE = st.lists(
    st.sampled_from([*"०१२३४५६७८९0123456789/-().:_० 0॰़ंि", *UNDERSTOOD, "सं०", "क्र.", "No.", "स्था", "एफ", "राज", "दि०"]),
    max_size=12,
).map("".join)


@settings(deadline=None)  # a busy machine
@given(st.one_of(st.text(), _OFFICE_LIKE))
@example("सं०12")
@example("(No. 1")
def test_any_text_is_parsed_and_a_key_read_again_is_the_same_key(text: str) -> None:
    number = parse(text)

    if number is not None:
        again = parse(number.key)
        # A key such as 1/2/2018 can be read as a date; nothing else may change or vanish.
        assert (again is None and number.key.count("/") == 2) or (again is not None and again.key == number.key)
    looks_like_one(text)
