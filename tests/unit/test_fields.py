"""Fields of a letter, their confidence, and the spot on the page they were read from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from paper import ROW, page_of

from pipeline.model import Field
from pipeline.records.fields import find_fields
from pipeline.records.file_number import parse
from samples import truth

TODAY = date(2026, 1, 15)
LETTERS = truth.load()["letters"]


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
        "file_no": "F. 4-17/2011/TS", "date": "2011-02-18", "subject": "Removal of encroachment",
        "sender": "OFFICE OF THE COLLECTOR", "recipient": "The Range Officer", "signatory": "A. Nobody",
    }  # fmt: skip


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
