"""From read pages to documents: whole files made of plain text, and what comes of them."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.extract.headings import Heading, classify
from pipeline.extract.separate import separate
from pipeline.model.document import Document, DocumentKind, DocumentState, KnownNumber
from pipeline.model.page import ReadPage
from samples import truth
from tests.unit.paper import page_of

TODAY = date(2026, 1, 15)
FILES = truth.load()["files"]
LETTERS = truth.load()["letters"]
KINDS = {"cover": DocumentKind.COVER, "noting": DocumentKind.NOTING, "letter": DocumentKind.LETTER}

LETTER = """मध्यप्रदेश शासन
कार्यालय तहसीलदार, तहसील आष्टा
क्रमांक एफ 19-76/2019/1/4
दिनांक: 14.08.2019
प्रति,
राजस्व निरीक्षक,
विषय: सीमांकन बाबत्।
महोदय,
लेख है कि आवेदन प्राप्त हुआ।"""
ORDER = """छत्तीसगढ़ शासन
कार्यालय आदेश
क्रमांक 1482/स्था./2021
दिनांक 03/09/2021
श्री लोकेश को आदेशित किया जाता है।"""
CONTINUED = "आगे यह कि कार्य पूर्ण हो चुका है।\nप्रतिवेदन पत्र क्रमांक 12 के साथ भेजें।"


def cut(*texts: str, office: str | None = None) -> list[Document]:
    pages = [page_of(text, number) for number, text in enumerate(texts, start=1)]
    return separate("b", pages, office=office, today=TODAY)


def shape(documents: list[Document]) -> list[tuple[str, list[int]]]:
    return [(str(document.kind), [page.source_page for page in document.pages]) for document in documents]


def pages_of(file: truth.FileTruth) -> list[ReadPage]:
    texts = iter(file["texts"])
    return [page_of("" if kind == "blank" else next(texts), n) for n, kind in enumerate(file["kinds"], start=1)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file["file"])
def test_a_whole_file_falls_into_cover_noting_and_letters(file: truth.FileTruth) -> None:
    documents = separate("b", pages_of(file), office=None, today=TODAY)

    written = [kind for kind in file["kinds"] if kind != "blank"]
    notings = written.count("noting")
    assert [d.kind for d in documents] == [KINDS[k] for k in written if k != "noting" or (notings := notings - 1) == 0]
    assert [page.source_page for d in documents for page in d.pages] == list(range(1, file["pages"] + 1))
    letters = [d for d in documents if d.kind is DocumentKind.LETTER]
    assert [(d.pages[0].source_page, d.value("date")) for d in letters] == [
        (letter["page"], letter["date"]) for letter in file["letters"]
    ]
    assert len({d.file_key for d in documents}) == 1 and documents[0].file_key is not None


@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: letter["file"])
def test_every_sample_letter_is_one_letter(letter: truth.LetterTruth) -> None:
    documents = cut(letter["text"])

    assert [d.kind for d in documents] == [DocumentKind.LETTER]
    assert documents[0].state is DocumentState.FILED


def test_blank_backs_and_pages_without_a_heading_stay_with_the_letter_before_them() -> None:
    assert shape(cut(LETTER, "", CONTINUED, "", LETTER, "")) == [("letter", [1, 2, 3, 4]), ("letter", [5, 6])]


def test_sheets_of_noting_are_one_document_and_a_letter_ends_them() -> None:
    noting = "नोटशीट\nनस्ती क्रमांक भण्डार/27/1991\n1. प्रस्तुत है।"

    assert shape(cut(noting, "", noting, LETTER, noting)) == [("noting", [1, 2, 3]), ("letter", [4]), ("noting", [5])]


def test_an_order_is_an_order() -> None:
    assert shape(cut(LETTER, ORDER)) == [("letter", [1]), ("order", [2])]


def test_what_comes_before_any_heading_is_kept_as_other() -> None:
    assert shape(cut("", CONTINUED, LETTER)) == [("other", [1, 2]), ("letter", [3])]


def test_no_pages_no_documents() -> None:
    assert cut() == []


def test_documents_are_named_by_batch_and_first_page() -> None:
    assert [d.id for d in cut(LETTER, "", LETTER)] == ["b-0001", "b-0003"]


def test_the_office_of_the_settings_is_a_field() -> None:
    assert cut(LETTER, office="sagar")[0].value("office") == "sagar"


def test_a_doubtful_number_or_a_flagged_page_goes_to_review() -> None:
    def state(page: ReadPage) -> DocumentState:
        return separate("b", [page], office=None, today=TODAY)[0].state

    assert state(page_of(LETTER)) is DocumentState.FILED
    assert state(page_of(LETTER, confidence=0.4)) is DocumentState.NEEDS_REVIEW
    assert state(page_of(LETTER, flags=("low_confidence",))) is DocumentState.NEEDS_REVIEW
    assert state(page_of(CONTINUED)) is DocumentState.NEEDS_REVIEW


def test_the_number_most_sheets_agree_on_is_taken_over_in_doubt_and_the_read_one_kept() -> None:
    misread = LETTER.replace("19-76", "19-78")
    documents = cut(LETTER, LETTER, LETTER, misread)

    assert {d.file_key for d in documents} == {"F/19/76/2019/1/4"}
    assert documents[3].value("number_on_page") == "एफ 19-78/2019/1/4"
    assert documents[3].fields["file_no"].confidence <= 0.6


def test_letters_with_numbers_of_their_own_keep_them() -> None:
    others = [LETTER.replace("19-76", f"19-{n}") for n in (80, 81, 82)]

    assert len({d.file_key for d in cut(LETTER, *others)}) == 4


COVER = "नस्ती आवरण\nराजस्व विभाग\nनस्ती क्रमांक एफ 19-76/2019/1/4\nविषय: सीमांकन\nवर्ष 2019"


def test_letters_with_numbers_of_their_own_hang_under_the_cover_above_them() -> None:
    letters = [LETTER.replace("एफ 19-76/2019/1/4", number) for number in ("1482/स्था./2021", "77/राजस्व/2020")]
    other = COVER.replace("19-76", "23-5")
    documents = cut(COVER, *letters, other, letters[1].replace("77", "983"))

    assert [d.file_key for d in documents] == ["F/19/76/2019/1/4"] * 3 + ["F/23/5/2019/1/4"] * 2
    assert [d.value("letter_no") for d in documents if d.kind is DocumentKind.LETTER] == [
        "1482/स्था./2021",
        "77/राजस्व/2020",
        "983/राजस्व/2020",
    ]
    assert all(d.fields["file_no"].confidence <= 0.8 for d in documents if d.kind is DocumentKind.LETTER)


@pytest.mark.parametrize(
    "text",
    [
        "राजस्थान सरकार\nसंख्पा 5/2018\nदितांक 4.3.2018\nसेबा में,\nसंचालक\nविषथः छात्रवृत्ति।\nमहोदय,",
        "राजस्व विभाग\nप. 9(246)शिक्षा/1983\nदिनांक: 24.12.83\nसेवा में,\nतहसीलदार\nविषय– जानकारी\nलेख है।",
        "न्यायालय तहसीलदार\nदिनांक 2.3.1998\nप्रनि,\nपटवारी\nविषय: सीमांकन",
    ],
)
def test_a_letter_is_known_by_most_of_its_head_though_every_word_of_it_may_be_misread(text: str) -> None:
    assert classify(page_of(text)) == Heading(DocumentKind.LETTER, opens=True)


@pytest.mark.parametrize(
    "text",
    [
        "-2-\nआगे यह कि प्रतिवेदन दिनांक 3.4.2018 को प्राप्त हुआ है तथा उस पर कार्यवाही की जा रही है।\n(रमा वर्मा)\nतहसीलदार",
        "- 2 -\nकार्यालय का पत्र क्रमांक 12/2018\nविषय: आगे यह भी लेख है\nदिनांक 3.4.2018",
        "हितग्राहियों की सूची\nक्र. नाम ग्राम राशि\n1 रमा वर्मा सोनपुरा 4500",
    ],
)
def test_a_second_page_and_an_enclosure_begin_no_letter(text: str) -> None:
    assert not classify(page_of(text)).opens


def test_the_first_of_several_pages_with_a_number_and_no_address_is_a_cover_though_its_title_is_lost() -> None:
    assert shape(cut("# न ~\nराजस्व विभाग\nनस्ती क्रमांक एफ 19-76/2019/1/4\nविपय सीमांकन", LETTER)) == [
        ("cover", [1]),
        ("letter", [2]),
    ]


def test_a_number_the_office_knows_is_surer_and_one_it_knows_only_alike_is_shown_with_it() -> None:
    def told(known: KnownNumber, confidence: float) -> Document:
        page = page_of(LETTER, confidence=confidence)
        return separate("b", [page], office=None, today=TODAY, known=lambda written: known)[0]

    assert told(KnownNumber(True), 0.7).fields["file_no"].confidence == 0.88
    assert told(KnownNumber(False), 0.7).fields["file_no"].confidence == 0.7
    doubted = told(KnownNumber(False, "एफ 19-16/2019/1/4"), 0.7)
    assert doubted.value("file_no_registered") == "एफ 19-16/2019/1/4" and doubted.state is DocumentState.NEEDS_REVIEW
    assert doubted.file_key == "F/19/76/2019/1/4"


@pytest.mark.parametrize("title", ["नरी आवरण", "न आवरण", "नस्ती आवरण", "FILE COVER"])
def test_a_cover_is_told_by_its_title_though_misread(title: str) -> None:
    assert classify(page_of(f"{title}\nराजस्व विभाग\nनस्ती क्रमांक एफ 19-76/2019/1/4")).kind is DocumentKind.COVER


def test_a_page_with_number_subject_and_year_addressed_to_nobody_is_a_cover() -> None:
    page = page_of("राजस्व विभाग\nनस्ती क्रमांक एफ 19-76/2019/1/4\nविषयः नामांतरण\nवर्ष 2019")

    assert classify(page).kind is DocumentKind.COVER


def test_a_noting_sheet_is_told_by_its_title_though_misread() -> None:
    assert classify(page_of("नोटश्ीट\nनस्ती क्रमांक भण्डार/27/1991")).kind is DocumentKind.NOTING
