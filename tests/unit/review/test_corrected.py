"""What people said of documents, laid over what the machine made: it holds, it may be laid over again, nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.separate import describe, separate
from pipeline.model.document import Document, DocumentKind, DocumentState, Field
from pipeline.model.page import MACHINE, PERSON, ReadPage
from pipeline.model.review import (
    BLANK_SEEN,
    NOT_BLANK,
    Correction,
    DocumentSnapshot,
    ReviewAction,
    doubt_of,
    version_of,
)
from pipeline.review.corrected import apply
from tests.unit.paper import page_of

TODAY, AT = date(2026, 1, 15), datetime(2026, 1, 15, 10, tzinfo=UTC)
LETTER = """मध्यप्रदेश शासन
कार्यालय तहसीलदार, तहसील आष्टा
क्रमांक एफ 19-76/2019/1/4
दिनांक: 14.08.2019
विषय: सीमांकन बाबत्।
महोदय,
लेख है कि आवेदन प्राप्त हुआ।"""
ONWARDS = "आगे यह कि कार्य पूर्ण हो चुका है।"
PAGES = [page_of(text, number) for number, text in enumerate([LETTER, ONWARDS, LETTER, ONWARDS, "", LETTER], start=1)]
ONE, THREE, SIX = "b-0001", "b-0003", "b-0006"
REVIEWED, WAITS = DocumentState.REVIEWED, DocumentState.NEEDS_REVIEW


def seen_anew(ident: str, pages: Sequence[ReadPage]) -> Document:
    return describe("b", ident, pages, office="O1", today=TODAY)


def machine() -> list[Document]:
    return separate("b", PAGES, office="O1", today=TODAY)


def correction(number: int, *said: DocumentSnapshot, pages: dict[int, dict[str, bool]] | None = None) -> Correction:
    return Correction(
        "b", number, AT, "sita", ReviewAction.CORRECTED, said[0].document if said else ONE, said, pages or {}
    )


def cut(documents: Sequence[Document]) -> dict[str, list[int]]:
    return {document.id: [page.source_page for page in document.pages] for document in documents}


def test_the_machine_cuts_the_pages_as_these_tests_expect() -> None:
    assert cut(machine()) == {ONE: [1, 2], THREE: [3, 4, 5], SIX: [6]}


def test_a_field_holds_what_the_person_said_and_keeps_what_was_read() -> None:
    said = DocumentSnapshot(ONE, (1, 2), REVIEWED, {"subject": "सीमा का विवाद", "file_no": "एफ 19-77/2019/1/4"})
    documents, conflicts = apply(machine(), [correction(1, said)], seen_anew)

    subject, number = documents[0].fields["subject"], documents[0].fields["file_no"]
    assert (subject.value, subject.confidence, subject.by) == ("सीमा का विवाद", 1.0, PERSON)
    assert subject.machine is not None and subject.machine.value == machine()[0].value("subject")
    assert (subject.box, subject.source_page) == (subject.machine.box, 1)
    assert number.machine is not None
    assert documents[0].file_key != machine()[0].file_key
    assert documents[0].state is REVIEWED
    assert conflicts == []


def test_a_field_that_is_not_there_is_empty_and_one_taken_back_is_as_it_was_read() -> None:
    none = correction(1, DocumentSnapshot(ONE, (1, 2), WAITS, {"subject": "", "recipient": "कलेक्टर", "kind": "order"}))
    back = correction(
        2, DocumentSnapshot(ONE, (1, 2), WAITS, {"subject": None, "recipient": None, "kind": None, "file_no": None})
    )

    cleared, _ = apply(machine(), [none], seen_anew)
    restored, _ = apply(cleared, [none, back], seen_anew)

    assert (cleared[0].value("subject"), cleared[0].kind) == (None, DocumentKind.ORDER)
    assert restored[0].fields == machine()[0].fields
    assert restored[0].kind is machine()[0].kind
    assert restored[0].file_key == machine()[0].file_key


def test_a_cut_holds_whatever_the_machine_cuts_the_next_time() -> None:
    split = correction(1, DocumentSnapshot(THREE, (3,), REVIEWED), DocumentSnapshot("b-0004", (4, 5), WAITS))
    merged = correction(2, DocumentSnapshot(ONE, (1, 2, 6), WAITS))
    again = [seen_anew(ONE, PAGES)]  # a later run takes everything for one letter

    documents, conflicts = apply(again, [split, merged], seen_anew)

    assert cut(documents) == {ONE: [1, 2, 6], THREE: [3], "b-0004": [4, 5]}
    assert [document.state for document in documents] == [WAITS, REVIEWED, WAITS]
    assert documents[1].value("file_no") == "एफ 19-76/2019/1/4"
    assert conflicts == []


def test_pages_that_nobody_claims_make_documents_of_their_own() -> None:
    documents, _ = apply([seen_anew(ONE, PAGES)], [correction(1, DocumentSnapshot(ONE, (1, 3), WAITS))], seen_anew)

    assert cut(documents) == {ONE: [1, 3], "b-0002": [2], "b-0004": [4, 5, 6]}


def test_a_page_that_is_gone_is_told_and_the_rest_holds() -> None:
    said = correction(4, DocumentSnapshot(THREE, (3, 4, 9), REVIEWED, {"subject": "x"}))

    documents, conflicts = apply(machine(), [said], seen_anew)

    assert [(c.number, c.document, c.missing) for c in conflicts] == [(4, THREE, (9,))]
    assert cut(documents) == {ONE: [1, 2], THREE: [3, 4], "b-0005": [5], SIX: [6]}
    assert documents[1].value("subject") == "x"


def test_pages_are_marked_and_never_dropped() -> None:
    blank = correction(1, pages={5: {BLANK_SEEN: True}})
    not_blank = correction(2, pages={5: {BLANK_SEEN: False, NOT_BLANK: True}})
    undone = correction(3, pages={5: {NOT_BLANK: False}})

    found = [apply(machine(), list(said), seen_anew)[0] for said in ([blank], [blank, not_blank])]
    back, _ = apply(found[1], [blank, not_blank, undone], seen_anew)

    assert [page.source_page for document in back for page in document.pages] == [1, 2, 3, 4, 5, 6]
    assert [(documents[1].pages[2].blank, documents[1].pages[2].flags) for documents in (*found, back)] == [
        (True, (BLANK_SEEN,)),
        (False, (NOT_BLANK,)),
        (True, ()),
    ]


def test_what_is_certain_of_the_whole_is_certain_of_what_is_left_of_it() -> None:
    first = machine()[0]
    sheet = Field("एफ 3/2001", 1.0, 1)
    told = Document("b-0001", "b", first.kind, tuple(PAGES[:2]), {**first.fields, "file_no": sheet}, "F3/2001")

    documents, _ = apply(
        [told], [correction(1, DocumentSnapshot(ONE, (2,), WAITS), DocumentSnapshot("b-0009", (1,), WAITS))], seen_anew
    )

    assert {d.id: d.value("file_no") for d in documents} == {ONE: "एफ 3/2001", "b-0009": "एफ 19-76/2019/1/4"}
    assert next(d for d in documents if d.id == ONE).fields["file_no"].by == MACHINE


def test_doubt_names_its_reasons_and_the_version_tells_every_change() -> None:
    first = machine()[0]
    bare = Document(ONE, "b", DocumentKind.OTHER, first.pages)

    assert doubt_of(bare).reasons == ("no_number", "kind_unknown")
    assert doubt_of(bare).score > 1 > doubt_of(first).score
    undated = {name: field for name, field in first.fields.items() if name != "date"}
    impossible = replace(first, fields={**undated, "date_impossible": Field("31.02.1995", 0.97, 1)})
    assert doubt_of(impossible).reasons == ("date_impossible",)
    given, _ = apply(
        [impossible], [correction(1, DocumentSnapshot(ONE, (1, 2), WAITS, {"date": "1995-02-28"}))], seen_anew
    )
    assert doubt_of(given[0]).reasons == ()
    changed, _ = apply(
        machine(), [correction(1, DocumentSnapshot(ONE, (1, 2), first.state, {"subject": "x"}))], seen_anew
    )
    assert version_of(changed[0]) != version_of(first) == version_of(machine()[0])


NAMES = st.sampled_from([ONE, "b-0002", THREE, "b-0004", SIX])
SAID = st.builds(
    DocumentSnapshot,
    NAMES,
    st.lists(st.integers(1, 7), min_size=1, max_size=6, unique=True).map(tuple),
    st.sampled_from(list(DocumentState)),
    st.dictionaries(
        st.sampled_from(["subject", "file_no", "recipient"]), st.sampled_from([None, "", "एफ 1/2001", "कुछ"]), max_size=2
    ),
)


@st.composite
def disjoint(draw: st.DrawFn) -> list[DocumentSnapshot]:
    """What one correction says: of each document once, of each page once."""
    found: list[DocumentSnapshot] = []
    for said in draw(st.lists(SAID, min_size=1, max_size=3, unique_by=lambda one: one.document)):
        pages = tuple(page for page in said.pages if not any(page in other.pages for other in found))
        found += [DocumentSnapshot(said.document, pages, said.state, said.fields)] if pages else []
    return found


FLAGS = st.dictionaries(st.integers(1, 7), st.dictionaries(st.sampled_from([BLANK_SEEN, NOT_BLANK]), st.booleans()))


@given(st.lists(st.tuples(disjoint(), FLAGS), max_size=6))
def test_corrections_laid_over_twice_are_as_laid_over_once(
    audit_log: list[tuple[list[DocumentSnapshot], dict[int, dict[str, bool]]]],
) -> None:
    corrections = [correction(number, *said, pages=flags) for number, (said, flags) in enumerate(audit_log, start=1)]

    once, conflicts = apply(machine(), corrections, seen_anew)
    twice, again = apply(once, corrections, seen_anew)

    assert twice == once
    assert sorted(page.source_page for document in once for page in document.pages) == [1, 2, 3, 4, 5, 6]
    assert len({document.id for document in once}) == len(once)
    assert conflicts == again
    for said in audit_log[-1][0] if audit_log else []:
        pages = [page for page in said.pages if page <= 6]
        assert not pages or cut(once)[said.document][: len(pages)] == pages
