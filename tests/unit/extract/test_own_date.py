"""The date of a letter, how sure it is to be that, and a date that no paper can bear."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.extract.separate import separate
from pipeline.model.document import SURE_FROM, Document, DocumentState
from pipeline.model.review import doubt_of
from tests.unit.paper import page_of

TODAY = date(2026, 1, 15)
READ = 0.97
LETTER = """\
मध्यप्रदेश शासन
कार्यालय तहसीलदार, तहसील आष्टा, जिला सीहोर
क्रमांक 123/स्था/2004 आष्टा, {date}
प्रति,
राजस्व निरीक्षक,
विषय : शिविरों का आयोजन।
उपरोक्त विषय में लेख है कि शिविर होंगे।
{body}
तहसीलदार"""
TABLE = "1\tमानिकगंज\t12.3.2004\n2\tचन्दनपुर\t14.3.2004"


def read(text: str) -> Document:
    return separate("b", [page_of(text, confidence=READ)], office=None, today=TODAY)[0]


@pytest.mark.parametrize(
    "written",
    ["14.03.2086", "31.02.1995", "45.13.1998", "४५.१३.१९९८", "31 फरवरी 1995", "14 मार्च, 1086", "14-03-1649"],
)
def test_a_date_that_no_paper_can_bear_is_none_but_a_reason_to_review(written: str) -> None:
    document = read(LETTER.format(date=f"दिनांक {written}", body="12.3.2004"))

    assert document.date is None and document.value("date_impossible") == written
    assert document.state is DocumentState.NEEDS_REVIEW and doubt_of(document).reasons == ("date_impossible",)


def test_without_its_label_it_is_none_either() -> None:
    assert read(LETTER.format(date="14.03.2086", body="")).value("date_impossible") == "14.03.2086"


@pytest.mark.parametrize("written", ["21 फाल्गुन, 1924 (शक)", "12.3.2061 विक्रम संवत 2061", "___.___.2004", "12.3.2004"])
def test_years_of_other_eras_and_days_left_open_are_not_impossible(written: str) -> None:
    document = read(LETTER.format(date=f"दिनांक {written}", body=""))

    assert "date_impossible" not in document.fields and document.state is DocumentState.FILED


def test_a_year_of_another_era_makes_no_date_of_ours() -> None:
    assert read(LETTER.format(date="दिनांक 12.3.1925 शक", body="")).date is None


def test_where_the_own_date_was_not_read_none_is_taken_from_a_table() -> None:
    assert read(LETTER.format(date="दिनांक", body=TABLE)).date is None
    assert read(LETTER.format(date="", body=TABLE)).date is None


def test_one_of_two_days_under_the_text_is_in_doubt() -> None:
    field = read(LETTER.format(date="", body="मानिकगंज 12.3.2004\nशिविर\nचन्दनपुर\n14.3.2004")).fields["date"]

    assert field.confidence < SURE_FROM


def test_a_date_beside_its_label_is_sure_whatever_dates_the_text_has() -> None:
    field = read(LETTER.format(date="दिनांक 1.3.2004", body=TABLE)).fields["date"]

    assert (field.value, field.confidence) == ("2004-03-01", READ)


def test_a_date_alone_at_the_foot_is_less_sure_than_one_with_its_label() -> None:
    assert read(LETTER.format(date="", body="1.3.2004")).fields["date"].confidence == 0.85
    assert read(LETTER.format(date="", body="दिनांक 1.3.2004")).fields["date"].confidence == READ


@pytest.mark.parametrize("row", ["दिनांक 15.8.2004 को", "बैठक दिनांक 15.8.2004", "जन्म तिथि 15.8.2004"])
def test_the_day_of_something_else_is_not_surely_the_letters(row: str) -> None:
    field = read(LETTER.format(date="", body=row)).fields.get("date")

    assert field is None or field.confidence < SURE_FROM


def test_of_several_notes_no_date_is_the_sheets() -> None:
    notes = "प्रस्ताव स्वीकृति हेतु प्रस्तुत है।\nसहायक ग्रेड-2\n{}\nप्रस्ताव अनुसार स्वीकृति दी जाये।\nअधीक्षक\n{}"
    several = read("नोटशीट\nनस्ती क्रमांक एफ 1-2/2003\n" + notes.format("12.3.2003", "14.3.2003"))
    one = read("नोटशीट\nनस्ती क्रमांक एफ 1-2/2003\n" + notes.format("12.3.2003", ""))

    assert several.fields["date"].confidence < SURE_FROM < one.fields["date"].confidence


@pytest.mark.parametrize(
    "row",
    [
        "नस्ती प्रारंभ करने का दिनांक\n4.5.2003",
        "नस्ती प्रारम्भ करने का दिनांक : 4.5.2003",
        "प्रारंभ तिथि 4.5.2003",
        "शाखा : राजस्व शाखा",
        "पृष्ठ संख्या : 45",
        "Date of opening 4.5.2003",
    ],
)
def test_the_subject_of_a_cover_ends_before_what_is_printed_under_it(row: str) -> None:
    cover = read(f"नस्ती आवरण\nनस्ती क्रमांक एफ 1-2/2003\nविषय : तालाब की मरम्मत एवं\nगहरीकरण\n{row}\nवर्ष 2003")

    assert cover.value("subject") == "तालाब की मरम्मत एवं गहरीकरण" and cover.date is None


@pytest.mark.parametrize("row", ["के कार्य प्रारंभ करने की तिथि के संबंध में", "भाग लेने हेतु", "शाखा लिपिक की नियुक्ति"])
def test_a_subject_goes_on_over_lines_that_only_begin_so(row: str) -> None:
    assert read(f"नस्ती आवरण\nनस्ती क्रमांक एफ 1-2/2003\nविषय : तालाब\n{row}\nवर्ष 2003").value("subject") == f"तालाब {row}"
