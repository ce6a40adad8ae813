"""What the review page shows of a document whose date cannot be."""

from __future__ import annotations

from datetime import date

from pipeline.extract.separate import separate
from pipeline.locale.catalogues import catalogue
from pipeline.model.document import Document
from pipeline.model.review import DoubtReason
from pipeline.web.review.view_models import REASONS, entries, impossible_date
from tests.unit.letters import MADHYA_PRADESH
from tests.unit.paper import page_of


def read(written: str) -> Document:
    page = page_of(MADHYA_PRADESH.replace("14 अगस्त, 2019", written, 1))
    return separate("b", [page], office=None, today=date(2026, 1, 15))[0]


def test_a_date_that_cannot_be_is_shown_as_it_was_read_and_where_it_stands() -> None:
    document = read("31.02.2019")
    shown = next(entry for entry in entries(document) if entry.name == "date")

    assert impossible_date(document) == "31.02.2019"
    assert (shown.value, shown.look, shown.page) == ("", "none", 1)
    assert shown.box == document.fields["date_impossible"].box is not None


def test_of_a_date_that_can_be_nothing_is_said() -> None:
    assert impossible_date(read("14 अगस्त, 2019")) == ""


def test_every_reason_has_words_in_both_languages() -> None:
    for reason in DoubtReason:
        message = catalogue("hi").get(REASONS[reason])
        assert message is not None and message.string
