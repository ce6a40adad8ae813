"""Separator sheets cut a batch: what lies under which sheet, and what a sheet settles for its documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from pipeline.extract.separate import separate
from pipeline.extract.sheets import SheetCode, SheetPart, encode
from pipeline.model.document import Document, DocumentKind, DocumentState
from pipeline.model.page import SEPARATOR, ReadPage
from tests.unit.extract.test_separate import CONTINUED, LETTER, shape
from tests.unit.paper import page_of

TODAY = date(2026, 1, 15)
A = SheetCode("एफ 19-76/2019/1/4", "tehsil-ashta", "2", SheetPart.CORRESPONDENCE)
B = SheetCode("भण्डार/27/1991", "tehsil-ashta")
OTHER_LETTER = LETTER.replace("19-76", "3-41")
NOTE = "1. प्रकरण अवलोकनार्थ प्रस्तुत है।\n2. आदेशित।"


def cut(
    *sheets: str | SheetCode, metadata: Mapping[str, str] | None = None, confidence: float = 0.95
) -> list[Document]:
    """Pages of text, and separator sheets, in order."""
    pages = [_page(sheet, number, confidence) for number, sheet in enumerate(sheets, start=1)]
    return separate("b", pages, office="ours", today=TODAY, metadata=metadata)


def _page(sheet: str | SheetCode, number: int, confidence: float) -> ReadPage:
    if isinstance(sheet, str):
        return page_of(sheet, number, confidence=confidence)
    return replace(page_of("", number), blank=False, flags=(SEPARATOR,), codes=(encode(sheet),))


def numbers(documents: list[Document]) -> list[str | None]:
    return [document.value("file_no") for document in documents]


def test_everything_after_a_sheet_is_of_its_file_until_the_next() -> None:
    documents = cut(A, "", LETTER, "", CONTINUED, B, "", CONTINUED, LETTER)

    assert shape(documents) == [("letter", [1, 2, 3, 4, 5]), ("other", [6, 7, 8]), ("letter", [9])]
    assert numbers(documents) == [A.file_no, B.file_no, B.file_no]
    assert all(document.fields["file_no"].confidence == 1.0 for document in documents)
    assert [documents[0].value(name) for name in ("office", "volume", "part")] == [
        "tehsil-ashta",
        "2",
        "correspondence",
    ]
    assert documents[1].value("volume") is None


def test_a_letter_that_agrees_with_its_sheet_is_filed_and_one_that_does_not_is_looked_at() -> None:
    right, wrong = cut(A, LETTER, OTHER_LETTER)

    assert (right.state, right.value("number_on_page")) == (DocumentState.FILED, None)
    assert (wrong.state, wrong.value("number_on_page")) == (DocumentState.NEEDS_REVIEW, "एफ 3-41/2019/1/4")
    assert wrong.value("file_no") == A.file_no and wrong.file_key == right.file_key


def test_another_number_read_unsurely_or_as_the_letters_own_troubles_nobody() -> None:
    unsure = cut(A, OTHER_LETTER, confidence=0.7)[0]
    own = cut(A, LETTER.replace("क्रमांक एफ 19-76/2019/1/4", "पत्र क्रमांक 3341/2019"))[0]
    marked = cut(A, LETTER.replace("2019/1/4", "2019/1/4 पृष्ठ 1"))[0]

    assert unsure.state is own.state is marked.state is DocumentState.FILED
    assert unsure.value("number_on_page") == "एफ 3-41/2019/1/4" and own.value("letter_no") == "3341/2019"


def test_under_a_sheet_of_noting_what_has_no_heading_is_noting() -> None:
    documents = cut(replace(A, part=SheetPart.NOTING), NOTE, "", NOTE, LETTER)

    assert shape(documents) == [("noting", [1, 2, 3, 4]), ("letter", [5])]
    assert documents[0].state is DocumentState.FILED and documents[0].value("part") == "noting"
    assert shape(cut(A, NOTE)) == [("other", [1, 2])]


def test_of_two_sheets_in_a_row_the_last_one_holds_and_nothing_is_empty() -> None:
    documents = cut(B, "", A, "", LETTER)

    assert shape(documents) == [("letter", [1, 2, 3, 4, 5])] and numbers(documents) == [A.file_no]


def test_a_sheet_repeated_for_the_same_file_begins_nothing() -> None:
    same = replace(A, file_no="F 19-76/2019/1/4")

    assert shape(cut(A, LETTER, same, "", CONTINUED, LETTER)) == [("letter", [1, 2, 3, 4, 5]), ("letter", [6])]
    assert shape(cut(A, same, LETTER)) == [("letter", [1, 2, 3])]


def test_a_sheet_at_the_end_stays_with_the_document_before_it() -> None:
    documents = cut(A, LETTER, B, "")

    assert shape(documents) == [("letter", [1, 2, 3, 4])] and numbers(documents) == [A.file_no]
    assert documents[0].pages[2].is_separator and documents[0].state is DocumentState.FILED


def test_sheets_alone_are_one_document_for_a_person() -> None:
    documents = cut(A, "", B)

    assert shape(documents) == [("other", [1, 2, 3])] and documents[0].state is DocumentState.NEEDS_REVIEW


def test_pages_before_the_first_sheet_are_as_without_sheets() -> None:
    before = cut("", CONTINUED, LETTER, metadata={"file_no": "77/1"})

    documents = cut("", CONTINUED, LETTER, B, LETTER, metadata={"file_no": "77/1"})

    assert documents[:2] == before and numbers(documents[2:]) == [B.file_no]
    assert before[0].value("file_no") == "77/1"


def test_numbers_are_shared_by_vote_within_one_range_only() -> None:
    documents = cut(LETTER, LETTER, LETTER, CONTINUED, OTHER_LETTER, B, CONTINUED)

    assert numbers(documents)[-2:] == [A.file_no, B.file_no]
    assert "number_on_page" in documents[-2].fields and "number_on_page" not in documents[-1].fields


def test_a_damaged_code_in_the_rows_is_no_sheet() -> None:
    page = replace(_page(A, 1, 0.9), codes=("ABH1:XYZ",))

    documents = separate("b", [page, page_of(LETTER, 2)], office=None, today=TODAY)

    assert [d.kind for d in documents] == [DocumentKind.OTHER, DocumentKind.LETTER]
