"""The number of a file is right on every document of it, or in doubt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from pipeline.extract import separate, shared_numbers
from pipeline.extract.file_number import load_grammar, parse
from pipeline.model.document import SURE_FROM, Document, DocumentKind, Field
from tests.unit.paper import page_of

GRAMMAR = load_grammar(Path(__file__).parents[3] / "config" / "file_numbers.toml").until(date(2026, 1, 15))
TRUE = "एफ 19-76/2019/1/4"
COVER, NOTING, LETTER, OTHER = DocumentKind.COVER, DocumentKind.NOTING, DocumentKind.LETTER, DocumentKind.OTHER


@dataclass(frozen=True)
class Sheet:
    kind: DocumentKind
    number: str | None
    confidence: float = 0.97
    is_letters: bool = False  # whether the label says that it is the letter's


def shared(*sheets: Sheet) -> list[Document]:
    documents = [document(place, sheet) for place, sheet in enumerate(sheets, start=1)]
    return shared_numbers.share(documents, GRAMMAR, separate._judged)


def document(place: int, sheet: Sheet) -> Document:
    page = replace(page_of("क"), source_page=place)
    if sheet.number is None:
        return Document(f"b-{place:04}", "b", sheet.kind, (page,))
    number, parsed = Field(sheet.number, sheet.confidence, place), parse(sheet.number)
    fields = {"file_no": number} | ({"letter_no": number} if sheet.is_letters else {})
    return Document(f"b-{place:04}", "b", sheet.kind, (page,), fields, parsed.key if parsed else None)


def numbers(documents: list[Document]) -> set[str | None]:
    return {one.value("file_no") for one in documents}


MISREAD = "एफ 19-16/2019/1/4"


@pytest.mark.parametrize("confidence", [0.65, 0.88, 0.97])
def test_a_cover_misread_by_a_digit_gets_what_notes_and_letters_have(confidence: float) -> None:
    read = Sheet(COVER, MISREAD, confidence), Sheet(NOTING, TRUE), Sheet(LETTER, TRUE), Sheet(LETTER, TRUE)

    assert numbers(shared(*read)) == {TRUE}


def test_two_note_sheets_outvote_a_cover_where_letters_have_numbers_of_their_own() -> None:
    own = [Sheet(LETTER, number, is_letters=True) for number in ("1482/स्था./2021", "77/राजस्व/2020")]
    found = shared(Sheet(COVER, MISREAD), Sheet(NOTING, TRUE), own[0], Sheet(NOTING, TRUE), own[1])

    assert numbers(found) == {TRUE}
    assert [one.value("letter_no") for one in found if one.kind is LETTER] == ["1482/स्था./2021", "77/राजस्व/2020"]


def test_where_cover_and_note_sheet_have_equal_votes_all_is_in_doubt() -> None:
    own = [Sheet(LETTER, number) for number in ("1482/स्था./2021", "77/राजस्व/2020")]
    found = shared(Sheet(COVER, MISREAD), Sheet(NOTING, TRUE), *own)

    assert len(numbers(found)) == 1
    assert all(one.fields["file_no"].confidence < SURE_FROM for one in found)


def test_digits_misread_here_and_there_are_outvoted_sign_by_sign() -> None:
    readings = ["एफ 19-76/2010/1/4", "एफ 19-16/2019/1/4", "एफ 79-76/2019/1/4", "एफ 19-76/2019/7/4", "एफ 19-76/2819/1/4"]
    found = shared(
        *(Sheet(kind, text, 0.8) for kind, text in zip((COVER, NOTING, *[LETTER] * 3), readings, strict=True))
    )

    assert numbers(found) == {TRUE}
    assert all(one.fields["file_no"].confidence <= 0.85 for one in found)


def test_most_letters_misread_in_different_ways_do_not_outvote_the_file() -> None:
    letters = ["एफ 19-76/2010/1/4", "एफ 19-16/2019/1/4", "एफ 79-76/2019/1/4"]
    found = shared(Sheet(COVER, TRUE), Sheet(NOTING, TRUE), *(Sheet(LETTER, text, 0.85) for text in letters))

    assert numbers(found) == {TRUE}


def test_volume_and_part_are_those_of_the_cover() -> None:
    found = shared(
        Sheet(COVER, f"{TRUE} भाग-2"), Sheet(NOTING, TRUE), *[Sheet(LETTER, TRUE)] * 3, Sheet(LETTER, "77/राजस्व/2020")
    )

    assert numbers(found) == {f"{TRUE} भाग-2"}


def test_what_stands_behind_the_files_number_on_a_letter_is_the_letters() -> None:
    letters = [Sheet(LETTER, f"{TRUE}/{serial}", is_letters=True) for serial in (101, 7, 33)]
    found = shared(Sheet(COVER, TRUE), Sheet(NOTING, TRUE, 0.88), *letters)

    assert numbers(found) == {TRUE}
    assert [one.value("letter_no") for one in found[2:]] == [f"{TRUE}/101", f"{TRUE}/7", f"{TRUE}/33"]


def test_a_letter_that_quotes_another_file_and_an_enclosure_keep_their_numbers_beside_the_files() -> None:
    found = shared(
        Sheet(COVER, TRUE),
        Sheet(NOTING, TRUE),
        Sheet(LETTER, "एफ 19-77/2019/1/4"),
        Sheet(LETTER, TRUE),
        Sheet(LETTER, TRUE),
        Sheet(OTHER, "912/लेखा/2018"),
    )

    assert numbers(found) == {TRUE}
    assert [found[at].value("number_on_page") for at in (2, 5)] == ["एफ 19-77/2019/1/4", "912/लेखा/2018"]


def test_under_a_cover_whose_number_was_not_read_the_note_sheets_is_the_files() -> None:
    own = [Sheet(LETTER, number, is_letters=True) for number in ("1482/स्था./2021", "77/राजस्व/2020")]

    assert numbers(shared(Sheet(COVER, None), Sheet(NOTING, TRUE), *own)) == {TRUE}


def test_without_cover_and_note_sheet_a_letters_number_is_not_surely_the_files() -> None:
    found = shared(Sheet(COVER, None), Sheet(LETTER, "1482/स्था./2021"), Sheet(LETTER, "77/राजस्व/2020"))

    assert [one.value("file_no") for one in found[1:]] == ["1482/स्था./2021", "77/राजस्व/2020"]
    assert all(one.fields["file_no"].confidence < SURE_FROM for one in found[1:])


def test_blanks_stand_where_they_were_written() -> None:
    hindi = "एफ १९-७६/२०१९/१/४"
    found = shared(*(Sheet(LETTER, text, 0.8) for text in (hindi.replace("७", "१"), hindi, "एफ 19-76/2010/1/4", hindi)))

    assert numbers(found) == {hindi}
