"""Fields of a letter, their confidence, and the spot on the page they were read from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract.fields import find_fields
from pipeline.extract.file_number import NO_FORMS, load_grammar, parse
from pipeline.model.document import Field
from samples import truth
from tests.unit import letters
from tests.unit.paper import ROW, page_of

TODAY = date(2026, 1, 15)
LETTERS = truth.load()["letters"]
GRAMMAR = load_grammar(Path(__file__).parents[3] / "config" / "file_numbers.toml")
EXPECTED = {
    "CENTRAL": {
        "file_no": "12-3/2019-स्था.(क)",
        "date": "2019-11-07",
        "date_saka": "16 कार्तिक, 1941 (शक)",
        "subject": "अवकाश यात्रा रियायत के विषय में स्पष्टीकरण",
        "sender": "भारत सरकार, कार्मिक मंत्रालय, नई दिल्ली",
        "recipient": "सभी मंत्रालय/विभाग",
        "signatory": "क. ख. गोपालन",
        "designation": "अवर सचिव",
        "signatory_office": "भारत सरकार",
    },
    "CIRCULAR": {
        "file_no": "77/वित्त/नियम/2005",
        "date": "2005-07-01",
        "subject": "मितव्ययिता के उपाय",
        "sender": "छत्तीसगढ़ शासन, वित्त विभाग",
        "recipient": "समस्त विभागाध्यक्ष",
    },
    "COVER": {
        "file_no": "123/2015",
        "subject": "बाँध की मरम्मत",
        "sender": "जल संसाधन विभाग",
    },
    "ENGLISH": {
        "file_no": "A-12011/3/2019-Estt.II",
        "letter_no": "455/2019",
        "date": "2019-03-03",
        "subject": "Release of grant for the year 2018-19",
        "sender": "GOVERNMENT OF INDIA, MINISTRY OF FINANCE",
        "recipient": "The Chief Secretary, Government of Bihar, Patna",
        "reference": "Your letter No. 12/34/2018 dated 5th February 2019",
        "reference_no": "12/34/2018",
        "reference_date": "2019-02-05",
        "signatory": "R. K. Nobody",
        "designation": "Under Secretary to the Government of India",
        "endorsement_no": "456/2019",
        "endorsement_date": "2019-03-04",
    },
    "HALF_OFFICIAL": {
        "file_no": "412/स्टेनो/1998",
        "letter_no": "412/स्टेनो/1998",
        "date": "1998-03-03",
        "subject": "सूखा राहत कार्य",
        "sender": "डॉ. सुधा जोशी, आयुक्त, सागर संभाग, सागर",
        "recipient": "श्री मोहन वर्मा, कलेक्टर, दमोह",
        "signatory": "सुधा जोशी",
    },
    "MADHYA_PRADESH": {
        "file_no": "एफ 19-76/2019/1/4",
        "date": "2019-08-14",
        "subject": "शासकीय सेवकों के स्थानांतरण एवं कार्यभार ग्रहण करने के संबंध में",
        "sender": "मध्यप्रदेश शासन, सामान्य प्रशासन विभाग, मंत्रालय, वल्लभ भवन, भोपाल",
        "recipient": "1. समस्त संभागायुक्त, 2. समस्त कलेक्टर, मध्यप्रदेश",
        "reference": "इस विभाग का समसंख्यक परिपत्र क्रमांक एफ 19-12/2018/1/4 दिनांक 3.4.2018",
        "reference_no": "एफ 19-12/2018/1/4",
        "reference_date": "2018-04-03",
        "signatory": "रमेश कुमार नामदेव",
        "designation": "उप सचिव",
        "signatory_office": "मध्यप्रदेश शासन, सामान्य प्रशासन विभाग",
        "endorsement_no": "एफ 19-76/2019/1/4",
        "endorsement_date": "2019-08-16",
    },
    "NOTING": {
        "file_no": "142/भू-अभिलेख/1991",
        "date": "1991-03-11",
    },
    "ORDER": {
        "file_no": "508/स्थापना/1998",
        "date": "1998-09-09",
        "sender": "कार्यालय कलेक्टर, जिला विदिशा (म.प्र.)",
        "signatory": "अ. ब. नागर",
        "designation": "कलेक्टर",
        "signatory_office": "जिला विदिशा",
        "endorsement_no": "509/स्थापना/1998",
        "endorsement_date": "1998-09-10",
    },
    "RAJASTHAN": {
        "file_no": "प. 12(3)राज/6/1994",
        "date": "1994-03-05",
        "subject": "चारागाह भूमि के आवंटन बाबत्",
        "sender": "राजस्थान सरकार, राजस्व (ग्रुप-6) विभाग",
        "recipient": "जिला कलेक्टर, उदयपुर",
        "reference": "आपका पत्रांक 318 दिनांक 2.2.94",
        "reference_no": "318",
        "reference_date": "1994-02-02",
        "signatory": "भंवर लाल मीणा",
        "designation": "शासन उप सचिव",
    },
    "UTTAR_PRADESH": {
        "file_no": "1234/सात-वि-2-1984",
        "date": "1984-06-12",
        "subject": "नहर की पटरी की मरम्मत के संबंध में",
        "sender": "श्री दिनेश चन्द्र, अनु सचिव, उत्तर प्रदेश शासन",
        "recipient": "जिलाधिकारी, हरदोई",
        "reference_no": "77/आ०लि०/1983-84",
        "reference_date": "1984-05-05",
        "signatory": "दिनेश चन्द्र",
        "designation": "अनु सचिव",
        "endorsement_no": "1234(1)/सात-वि-2-1984",
        "endorsement_date": "1984-06-12",
    },
}


def fields_of(text: str) -> dict[str, Field]:
    return find_fields([page_of(text)], today=TODAY)


def value(text: str, name: str) -> str | None:
    found = fields_of(text).get(name)
    return found.value if found else None


@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: letter["file"])
def test_number_date_subject_and_people_of_every_sample_are_found(letter: truth.LetterTruth) -> None:
    fields = fields_of(letter["text"])
    key = parse(letter["file_no"])
    found = parse(fields["file_no"].value)

    assert key is not None and found is not None and found.key == key.key
    assert fields["date"].value == letter["date"]
    assert fields["subject"].value == letter["subject"]
    assert fields["signatory"].value == letter["signed_by"]
    assert letter["office"] in fields["sender"].value
    if letter["to"]:
        assert fields["recipient"].value.startswith(letter["to"][0].rstrip(","))


def test_a_field_tells_where_it_was_read_and_how_surely() -> None:
    page = page_of("कार्यालय तहसीलदार\nक्रमांक एफ 19-76/2019 दिनांक 14.08.2019\nप्रति,\nपटवारी", 7, confidence=0.9)
    fields = find_fields([page], today=TODAY)

    number, when = fields["file_no"], fields["date"]
    words = {word.text: word.box for word in page.words}
    assert (number.value, number.source_page, number.confidence) == ("एफ 19-76/2019", 7, 0.9)
    assert number.box == words["एफ"].union(words["19-76/2019"])
    assert when.box == words["14.08.2019"]


def test_confidence_is_that_of_the_weakest_word() -> None:
    page = page_of("क्रमांक एफ 19-76/2019")
    weak = tuple(replace(word, confidence=0.3) if word.text == "एफ" else word for word in page.words)

    assert find_fields([replace(page, words=weak)], today=TODAY)["file_no"].confidence == 0.3


def test_a_subject_runs_over_lines_to_its_full_stop() -> None:
    text = "विषय: ग्राम सोनपुरा की कृषि भूमि के\nसीमांकन तथा नक्शा तरमीम\nबाबत्।\nमहोदय,\nलेख है।"

    assert value(text, "subject") == "ग्राम सोनपुरा की कृषि भूमि के सीमांकन तथा नक्शा तरमीम बाबत्"


@pytest.mark.parametrize("end", ["महोदय,", "संदर्भ: पत्र क्रमांक 12", "-----", "दिनांक 14.08.2019", "प्रति,"])
def test_a_subject_without_full_stop_ends_where_the_next_part_begins(end: str) -> None:
    assert value(f"विषय - सीमांकन बाबत\n{end}\nआगे", "subject") == "सीमांकन बाबत"


def test_the_box_of_a_subject_spans_its_lines() -> None:
    found = fields_of("विषय: सीमांकन\nबाबत्।")["subject"]

    assert found.box is not None and found.box.h == ROW + 30


def test_the_number_of_the_letter_is_not_one_quoted_in_subject_or_reference() -> None:
    text = "कार्यालय\nक्रमांक 55/2019\nविषय: देयक क्रमांक 46 का भुगतान।\nसंदर्भ: पत्र क्रमांक 318 दिनांक 4.4.1991"

    assert value(text, "file_no") == "55/2019"
    assert value("विषय: देयक क्रमांक 46 का भुगतान।", "file_no") is None
    assert value(text, "reference") == "पत्र क्रमांक 318 दिनांक 4.4.1991"


def test_the_date_of_the_letter_is_not_one_quoted_in_subject_or_reference() -> None:
    text = "कार्यालय\nविषय: दिनांक 01.01.2001 की बैठक।\nसंदर्भ: पत्र दिनांक 4.4.1991\nदिनांक: 14.08.2019"

    assert value(text, "date") == "2019-08-14"


def test_a_letter_number_is_named_as_such() -> None:
    assert value("पत्र संख्या 1482/8-3-20", "letter_no") == "1482/8-3-20"
    assert value("नस्ती क्रमांक 1482/8-3-20", "letter_no") is None


def test_an_english_letter_gives_its_fields() -> None:
    text = "OFFICE OF THE COLLECTOR\nNo. F. 4-17/2011/TS\nDated: 18th February, 2011\nTo,\nThe Range Officer,\n"
    text += "Subject: Removal of encroachment.\nSir,\nIt is reported.\n(A. Nobody)"

    found = {name: field.value for name, field in fields_of(text).items()}
    assert found == {
        "file_no": "F. 4-17/2011/TS",
        "date": "2011-02-18",
        "subject": "Removal of encroachment",
        "sender": "OFFICE OF THE COLLECTOR",
        "recipient": "The Range Officer",
        "signatory": "A. Nobody",
    }


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("क्रमांक 123/स्था/2019 रायपुर, दिनांक 12.3.2019", "123/स्था/2019"),
        ("क्रमांक एफ 12-4/2018/एक    भोपाल दिनांक 12.3.2019", "एफ 12-4/2018/एक"),
        ("No. 12/2018 Bhopal, dated 12.3.2019", "12/2018"),
        ("क्रमांक 12/2018 भाग 2 दिनांक 12.3.2019", "12/2018 भाग 2"),
        ("क्रमांक / 123 / स्था / 2019 दिनांक 12.3.2019", "123/स्था/2019"),
    ],
)
def test_neither_the_place_nor_the_date_beside_it_gets_into_the_number(line: str, number: str) -> None:
    assert value(line, "file_no") == number
    assert value(line, "date") == "2019-03-12"


def test_a_subject_may_speak_of_a_year_and_a_year_of_its_own_line_ends_it() -> None:
    assert value("विषय: छात्रवृत्ति का वितरण\nवर्ष 2022-23 के लिए।", "subject") == "छात्रवृत्ति का वितरण वर्ष 2022-23 के लिए"
    assert value("विषय: फर्नीचर का क्रय\nवर्ष 1991-92", "subject") == "फर्नीचर का क्रय"


def test_an_empty_or_blank_page_has_no_fields() -> None:
    assert find_fields([], today=TODAY) == {} == fields_of("")


@pytest.mark.parametrize("kind", EXPECTED)
def test_every_field_of_a_letter_of_each_kind_is_found_and_no_other(kind: str) -> None:
    page = page_of(getattr(letters, kind))
    found = {name: field.value for name, field in find_fields([page], today=TODAY, grammar=GRAMMAR).items()}

    assert found == EXPECTED[kind]


@pytest.mark.parametrize("kind", EXPECTED)
def test_without_forms_labelled_numbers_and_dates_are_found_all_the_same(kind: str) -> None:
    found = fields_of(getattr(letters, kind))

    if kind == "RAJASTHAN":
        assert "file_no" not in found  # only its form tells a number without a label
    else:
        assert found["file_no"].value == EXPECTED[kind]["file_no"]
    assert (found["date"].value if "date" in found else None) == EXPECTED[kind].get("date")


@pytest.mark.parametrize(
    ("line", "value", "confidence"),
    [
        ("क्रमांक 1482/स्था./2021", "1482/स्था./2021", 0.95),
        ("पत्र संख्या 8363/बारहः4-1978", "8363/बारह-4-1978", 0.85),
        ("प्रकरण क्रमांक बः70/275/2022-23", "ब-70/275/2022-23", 0.85),
        ("क्रमांक 1234/स्था/2O18", "1234/स्था/2018", 0.5),
        ("पत्र सं० ।58/आ०लि०/2010-11", "158/आ०लि०/2010-11", 0.5),
        ("पत्र संख्या 2056/छ:-13-1982", "2056/छः-13-1982", 0.95),
        ("क्रमांक प: 5(32)शिक्षा/1994", "प. 5(32)शिक्षा/1994", 0.85),
        ("प: 5(32)शिक्षा/1994 जयपुर, दिनांक 5.3.94", "प. 5(32)शिक्षा/1994", 0.85),
        ("एफ 21ः32/1990/9/32", "एफ 21-32/1990/9/32", 0.85),
    ],
)
def test_a_mended_number_is_never_sure(line: str, value: str | None, confidence: float) -> None:
    found = find_fields([page_of(f"कार्यालय\n{line}")], today=TODAY, grammar=GRAMMAR).get("file_no")

    assert (found.value if found else None, found.confidence if found else 0.0) == (value, confidence)


@pytest.mark.parametrize(
    ("text", "file_no", "letter_no"),
    [
        ("फाइल संख्या 11013/3/2018\nपत्र क्रमांक 456/2018", "11013/3/2018", "456/2018"),
        ("पत्र क्रमांक 456/2018\nफाइल संख्या 11013/3/2018", "11013/3/2018", "456/2018"),
        ("नस्ती क्रमांक 11013/3/2018\nक्रमांक 456", "11013/3/2018", "456"),
        ("ज्ञापांक 409/बाढ़/1976", "409/बाढ़/1976", "409/बाढ़/1976"),
        ("आवक क्रमांक 77/2018\nक्रमांक 55/स्था/2018", "55/स्था/2018", None),
        ("Ref. No. 12/2018\nTo\nThe Collector", "12/2018", None),
        ("Your ref. No. 12/2018\nTo\nThe Collector", None, None),
        ("क्रमांक /स्था./2024", None, None),
        ("कार्यालय कार्यपालन यंत्री, संभाग क्रमांक 1, भोपाल\nक्रमांक 88/लेखा/2001", "88/लेखा/2001", None),
        ("1. प्रकरण में पत्र क्रमांक 55/2 दिनांक 1.1.1991 प्राप्त हुआ है, अवलोकनार्थ प्रस्तुत।", None, None),
    ],
)
def test_the_label_tells_the_files_number_from_the_letters(
    text: str, file_no: str | None, letter_no: str | None
) -> None:
    assert (value(text, "file_no"), value(text, "letter_no")) == (file_no, letter_no)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("क्रमांक 55/2019\nदिनांक   .06.1984", None),
        ("क्रमांक 55/2019\nभोपाल, दिनांक 4/5/98", "1998-05-04"),
        ("प्राप्ति दिनांक 9.9.1999\nक्रमांक 5/98 दिनांक 4.5.98", "1998-05-04"),
        ("कार्यालय\nक्रमांक 12/2018\n12.06.1984", "1984-06-12"),
        ("दिनांक 20 ज्येष्ठ, 1906 (शक)\nक्रमांक 12/84", "1984-06-10"),
        ("दिनांक 12.6.84 / 22 ज्येष्ठ, 1906 (शक)", "1984-06-12"),
        ("विषय: सीमांकन।\nमहोदय,\nलेख है।\nस्थान: भोपाल\nदिनांक: 3.2.2001", "2001-02-03"),
        ("विषय: सीमांकन।\nसंदर्भ: आपका पत्र क्रमांक 5\nदिनांक 4.4.1991\nमहोदय,", None),
        ("विषय: सीमांकन।\nमहोदय,\nलेख है।\nपृ. क्रमांक 5/2001 दिनांक 3.2.2001\nप्रतिलिपि:", None),
        ("नोटशीट\n1. मार्ग की लंबाई अधिक है तथा कार्य दिनांक 1.1.1990 को पूर्ण किया गया।\nअवर सचिव\n11/03/1991", "1991-03-11"),
        ("क्रमांक 10/12/2018-19", None),
        ("क्रमांक 55/2019\nदिनांक   .06.1984\nविषय: सीमांकन।\nमहोदय,\n12.3.1999", None),
        ("कार्यालय\nविषय: सीमांकन।\nमहोदय,\nप्रतिवेदन दिनांक\n12.3.1999 तक भेजें।", None),
    ],
)
def test_the_date_of_the_document_is_its_own(text: str, iso: str | None) -> None:
    assert value(text, "date") == iso


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("शक 1906\nक्रमांक 5/84", "date_saka", "शक 1906"),
        ("दिनांक 7 जून 1984, विक्रम संवत् 2041", "date_vikram", "विक्रम संवत् 2041"),
        ("विषय  सीमांकन का कार्य", "subject", "सीमांकन का कार्य"),
        ("विषय में लेख है कि कार्य पूर्ण", "subject", None),
        ("विषय:-\nसीमांकन का कार्य", "subject", "सीमांकन का कार्य"),
        ("विषय: सीमांकन के संबंध में\nउपरोक्त विषय में लेख है", "subject", "सीमांकन के संबंध में"),
        (
            "संदर्भ:\n1. आपका पत्र क्रमांक 5/91 दिनांक 4.4.1991\n2. इस कार्यालय का पत्र क्रमांक 6/91\nमहोदय,",
            "reference_no",
            "5/91",
        ),
        ("विषय: मरम्मत।\nकृपया आपके पत्र क्रमांक 77/लेखा/83 दिनांक 5.5.83 का अवलोकन करें", "reference_date", "1983-05-05"),
        ("आवक क्रमांक 2644\nकार्यालय तहसीलदार\nक्रमांक 5/84", "sender", "कार्यालय तहसीलदार"),
        (
            "विषय: शासकीय वाहन की नीलामी\nवाहन वर्ष 1998 में लिया गया था तथा पुराना हो चुका है",
            "subject",
            "शासकीय वाहन की नीलामी",
        ),
        ("सेवा मे,\nसंचालक,\nभोपाल\nमहोदय,", "recipient", "संचालक, भोपाल"),
        ("प्रति, तहसीलदार, सोनपुरा\nमहोदय,", "recipient", "तहसीलदार, सोनपुरा"),
        ("प्रति हेक्टेयर उपज", "recipient", None),
        ("गोपनीय\nकार्यालय तहसीलदार\nदूरभाष 123\nसोनपुरा\nक्रमांक 5/84", "sender", "कार्यालय तहसीलदार, सोनपुरा"),
        ("From\nThe Collector,\nVidisha\nTo\nThe Director", "sender", "The Collector, Vidisha"),
        ("लेख है।\n(राम नागर)\nअनुविभागीय अधिकारी\n(राजस्व)\nप्रतिलिपि:\n(कोई और)", "signatory", "राम नागर"),
        ("लेख है।\n_ (राम नागर) _\nतहसीलदार", "signatory", "राम नागर"),
        ("लेख है।\n(राम नागर\nतहसीलदार", "signatory", "राम नागर"),
        ("लेख है।\nx De (राम नागर)\nतहसीलदार", "signatory", "राम नागर"),
        ("लेख है।\n(आर, पी, नागर)\nतहसीलदार", "signatory", "आर. पी. नागर"),
        ("अंचल कार्यालय\n(स्थापना प्रशाखा)\nविषय: जाँच।\nलेख है।\nनागर\nसमाहर्ता", "signatory", None),
        ("हस्ता/-\nराम नागर\nतहसीलदार", "signatory", "राम नागर"),
        ("Sd/-\nR. Nobody\nCollector", "designation", "Collector"),
        ("(राम नागर)\nसचिव, वित्त विभाग\nभोपाल", "signatory_office", "वित्त विभाग, भोपाल"),
    ],
)
def test_parts_are_told_by_the_words_that_open_them(text: str, name: str, said: str | None) -> None:
    assert value(text, name) == said


def test_an_endorsement_of_the_same_day_is_as_sure_as_the_letters_date() -> None:
    fields = fields_of(letters.UTTAR_PRADESH)

    assert fields["endorsement_date"].value == fields["date"].value == "1984-06-12"
    assert fields["endorsement_date"].confidence <= fields["date"].confidence


def test_a_number_without_a_label_is_no_part_of_the_letterhead() -> None:
    page = page_of("राजस्थान सरकार\nप. 5(32)शिक्षा/1994\nप्रति,")

    assert find_fields([page], today=TODAY, grammar=GRAMMAR)["sender"].value == "राजस्थान सरकार"


def test_digits_of_a_page_whose_number_has_an_impossible_year_are_doubted() -> None:
    page = page_of("कार्यालय\nक्रमांक 2234/स्था./2984\nविषय: जाँच।\nसंदर्भ: आपका पत्र क्रमांक 55/2001 दिनांक 3.4.2001")
    fields = find_fields([page], today=TODAY, grammar=GRAMMAR)

    assert {fields[name].confidence for name in ("file_no", "reference_no", "reference_date")} == {0.7}


def test_what_a_pen_beside_the_words_was_read_as_is_no_part_of_them() -> None:
    text = "कार्यालय तहसीलदार\nक्रमांक 5/84\nप्रति,\nसंचालक\nविषय: जाँच।\n(राम नागर)\nL Xx तहसीलदार"
    page = page_of(text)
    words = tuple(replace(w, confidence=0.3) if w.text in {"L", "Xx"} else w for w in page.words)
    fields = find_fields([replace(page, words=words)], today=TODAY, grammar=GRAMMAR)

    assert fields["designation"].value == "तहसीलदार" and fields["designation"].confidence > 0.9


_PIECES = st.sampled_from(
    [
        "क्रमांक",
        "पत्र सं०",
        "नस्ती क्रमांक",
        "पृ. क्रमांक",
        "दिनांक",
        "12/3/2018",
        "एफ 19-76/2019/1/4",
        "प.",
        "5(32)शिक्षा/1994",
        "12.06.1984",
        "7 जून 1984",
        "20 ज्येष्ठ 1906 (शक)",
        "तद्दिनांक",
        "विषय:",
        "संदर्भ:",
        "प्रति,",
        "सेवा में",
        "प्रेषक,",
        "महोदय,",
        "प्रतिलिपि:",
        "(राम नागर)",
        "(राम",
        "तहसीलदार",
        "हस्ता/-",
        "आपके पत्र",
        "नोटशीट",
        "वर्ष 1984",
        "।",
        "|",
        ":",
        "-",
        "1.",
        "है",
        "\t",
        "\n",
        "\n",
    ]
)


@settings(deadline=None)  # mending is slow on a busy machine
@given(st.one_of(st.text(max_size=200), st.lists(_PIECES, max_size=30).map(" ".join)), st.booleans())
def test_any_page_is_read_and_every_box_lies_on_it(text: str, with_forms: bool) -> None:
    pages = [page_of(text), page_of(text, 2)]
    fields = find_fields(pages, today=TODAY, grammar=GRAMMAR if with_forms else NO_FORMS)

    for field in fields.values():
        assert field.value and 0 <= field.confidence <= 0.95 and field.source_page in {1, 2}
        page = pages[field.source_page - 1]
        boxes = [word.box for word in page.words]
        assert field.box is not None
        assert min(box.x for box in boxes) <= field.box.x and min(box.y for box in boxes) <= field.box.y
        assert field.box.x + field.box.w <= max(box.x + box.w for box in boxes)
        assert field.box.y + field.box.h <= max(box.y + box.h for box in boxes)
