"""Searching misread text: tiers, readings, file numbers, corrections, facets; rows and full text that agree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlmodel import Session, select

from pipeline.db import database as database_module
from pipeline.db.database import Database, now
from pipeline.db.packing import pack
from pipeline.db.page_text import aligned
from pipeline.db.tables import BatchRow, DocumentRow, IndexedRow, PageRow, WordRow
from pipeline.extract import file_number
from pipeline.index import consistency, expansion, hindi, refill, vocabulary
from pipeline.index.engines import AnyOf, TermQuery
from pipeline.index.rerank import PageTokens, can_rerank, rerank
from pipeline.index.search import Search
from pipeline.index.textindex import TextIndex, index_for
from pipeline.model.document import DocumentState
from pipeline.model.page import Box, Word
from pipeline.model.search import Answer, Order, Query
from tests.databases import new_database

PAGES = [
    # text, file number, subject, year, office
    ("ग्राम सोनपुरा का सीमांकन नगर निगम रामपुर", "एफ 19-76/2019/1/4", "सोनपुरा का सीमांकन", 2019, "sehore"),
    ("ग्राम सोनपुग का सिमांकन किया गया", "12/2018", "भूमि", 2018, "sehore"),
    ("नामांतरण के प्रकरण; पंचायतों की सूची", "13/2018", "नामांतरण", 2018, "ratlam"),
    ("ई-ऑफिस प्रशिक्षण दिनांक 4.5.2020", "18/2O20", "प्रशिक्षण", 2020, "ratlam"),
    ("ग्राम पंचायत भवन", None, None, None, None),
    ("निगम का नगर कार्यालय रामपुर", "15/2021", "कर", 2021, "gaya"),
]


def make(place: Path) -> tuple[Database, TextIndex]:
    database = new_database(place / "test.db")
    index = index_for(database, file_number.parse)
    with database.write() as session:
        session.add(
            BatchRow(id="b", name="b", sha256="0", bytes=1, media_type="", pages=9, state="filed", received_at=now())
        )
        session.flush()
        for number, (text, file_no, subject, year, office) in enumerate(PAGES, start=1):
            parsed = file_number.parse(file_no) if file_no else None
            document = DocumentRow(
                id=f"d{number}",
                batch_id="b",
                first_page=number,
                kind="letter",
                state="filed",
                office=office,
                file_no=file_no,
                file_key=parsed.key if parsed else None,
                dated=date(year, 6, 1) if year else None,
                subject=subject,
                fields=number_at(number),
                pdf_key="",
                filed_at=now(),
            )
            session.add(document)
            session.flush()
            page = PageRow(
                id=number,
                batch_id="b",
                source_page=number,
                document_id=document.id,
                number=1,
                text=text,
                words=pack(boxed(text)),
                confidence=1,
                language="hi",
                width=1000,
                height=1000,
                dpi=200,
                rotated=0,
                rotation_confidence=0,
                skew_degrees=0,
                skew_confidence=0,
                applied=False,
                blank=False,
                image_key="",
                layout_key="",
                read_at=now(),
            )
            session.add(page)
            session.flush()
            index.put(session, [(page, document)])
    return database, index


def put_document(session: Session, index: TextIndex, document: DocumentRow) -> None:
    """Make all pages of a document findable as it now stands."""
    pages = session.exec(select(PageRow).where(PageRow.document_id == document.id)).all()
    index.put(session, [(page, document) for page in pages])


def put_text(database: Database, index: TextIndex, page_id: int, text: str | None) -> None:
    """Have `text` stand for what was read on the page, as a corrected text does; None puts back what was read."""
    with database.write() as session:
        page = session.get_one(PageRow, page_id)
        page.corrected, page.corrected_at = text, None if text is None else now()
        session.flush()
        index.put(session, [(page, session.get_one(DocumentRow, page.document_id))])


def number_at(page: int) -> dict[str, object]:
    """The field of a file number as it is kept, on a page of a thousand by a thousand pixels."""
    box = {"x": 100, "y": 200, "w": 300, "h": 50}
    return {
        "file_no": {"value": "", "confidence": 1.0, "source_page": page, "box": box, "by": "machine", "machine": None}
    }


def boxed(text: str) -> tuple[Word, ...]:
    words, end = [], 0
    for i, piece in enumerate(text.split()):
        start = text.index(piece, end)
        end = start + len(piece)
        words.append(Word(piece, Box(100 * i, 10, 90, 20), 0.9, 0, start, end))
    return tuple(words)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, TextIndex]]:
    database, index = make(tmp_path_factory.mktemp("search"))
    yield database, index
    database.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[tuple[Database, TextIndex]]:
    database, index = make(tmp_path)
    yield database, index
    database.close()


def answer(shelf: tuple[Database, TextIndex], text: str, **more: object) -> Answer:
    database, index = shelf
    search = Search(database, index.engine, file_number.parse, file_number.looks_like_one)
    found = search.find(Query(text, **more))  # type: ignore[arg-type]
    for hit in found.hits:
        assert all(0 <= start < end <= len(hit.snippet) for start, end in hit.marks)
        assert all(0 <= x <= 1 and 0 <= y <= 1 and 0 <= x + w <= 1.0001 and y + h <= 1.0001 for x, y, w, h in hit.boxes)
    return found


def pages(shelf: tuple[Database, TextIndex], text: str, **more: object) -> list[int]:
    return [hit.source_page for hit in answer(shelf, text, **more).hits]


def test_misread_words_are_found_below_right_ones_and_told(shelf: tuple[Database, TextIndex]) -> None:
    found = answer(shelf, "सोनपुरा सीमांकन")

    assert [(hit.source_page, hit.tier) for hit in found.hits] == [(1, "exact"), (2, "far")]
    assert [len(hit.boxes) for hit in found.hits] == [2, 2]
    assert found.understood["also"] == {"सोनपुरा": ["सोनपुग"], "सीमांकन": ["सिमांकन"]}
    assert found.total == 2


def test_another_form_of_a_word_is_found(shelf: tuple[Database, TextIndex]) -> None:
    assert [(h.source_page, h.tier) for h in answer(shelf, "पंचायत").hits] == [(5, "exact"), (3, "forms")]


def test_a_misspelt_word_is_put_right(shelf: tuple[Database, TextIndex]) -> None:
    found = answer(shelf, "नामान्तरन")

    assert ([hit.source_page for hit in found.hits], found.understood["did_you_mean"]) == ([3], "नामांतरण")


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        ("nagar nigam rampur", 1),
        ("namantaran", 3),
        ("e-office prashikshan", 4),
        ("gram panchayat bhavan", 5),
        ("Seemankan", 1),
    ],
)
def test_roman_letters_are_read_as_hindi(shelf: tuple[Database, TextIndex], typed: str, page: int) -> None:
    found = answer(shelf, typed)

    assert page in [hit.source_page for hit in found.hits]
    assert found.understood["readings"] and found.hits[0].boxes


def test_a_phrase_a_choice_a_beginning_and_an_exclusion(shelf: tuple[Database, TextIndex]) -> None:
    assert pages(shelf, '"नगर निगम"') == [1]
    assert sorted(pages(shelf, "नगर निगम")) == [1, 6]
    assert sorted(pages(shelf, "नामांतरण OR प्रशिक्षण")) == [3, 4]
    assert pages(shelf, "प्रशि*") == [4]
    assert pages(shelf, "नगर -कार्यालय") == [1]


def test_fields_narrow(shelf: tuple[Database, TextIndex]) -> None:
    assert pages(shelf, "विषय:सीमांकन") == [1]
    assert sorted(pages(shelf, "ग्राम office:sehore")) == [1, 2]
    assert pages(shelf, "ग्राम date:2018") == pages(shelf, "ग्राम date:1.6.2018") == [2]
    assert pages(shelf, "फाइल:12/2018") == [2]
    assert pages(shelf, "फाइल:स्था-19-76/2019/1/4 सीमांकन") == [1]  # no file is written so: those with its numbers
    assert (pages(shelf, "file:18/2020"), pages(shelf, "file:19-76/2019/1/4")) == ([4], [1])
    assert sorted(pages(shelf, "", office="ratlam")) == [3, 4]


def test_a_file_number_is_found_whole_by_its_numbers_misread_and_in_parts(shelf: tuple[Database, TextIndex]) -> None:
    assert answer(shelf, "F.19-76/2019/1/4").hits[0].tier == "file"
    assert answer(shelf, "स्था-19-76/2019/1/4").hits[0].tier == "file-core"
    assert (pages(shelf, "18/2020"), answer(shelf, "18/2020").hits[0].tier) == ([4], "file-ocr")
    assert pages(shelf, "19-76") == [1]
    assert answer(shelf, "18/2020").hits[0].boxes == ((0.1, 0.2, 0.3, 0.05),)  # of the field


def test_most_words_are_enough_where_no_page_has_all(shelf: tuple[Database, TextIndex]) -> None:
    found = answer(shelf, "नगर निगम सीमांकन चिड़ियाघर")

    assert (found.hits[0].source_page, found.hits[0].tier) == (1, "most")


def test_a_word_too_badly_misread_is_glimpsed_beside_the_others(fresh: tuple[Database, TextIndex]) -> None:
    database, index = fresh
    put_text(database, index, 5, "ग्राम परचापत नासातरग")

    found = answer(fresh, "परचापत नामांतरण")
    assert [(hit.source_page, hit.tier) for hit in found.hits] == [(5, "glimpsed")] and found.total == 1
    assert len(found.hits[0].boxes) == 2 and len(found.hits[0].marks) == 2
    assert 5 not in pages(fresh, "नामांतरण")


def test_a_common_word_is_asked_for_and_does_not_rank(shelf: tuple[Database, TextIndex]) -> None:
    database, index = shelf
    common, rare = AnyOf((("ग्राम",),), common=True), AnyOf((("सोनपुरा",),))
    with database.read() as session:
        both = index.engine.find(session, TermQuery((common, rare)), 9)
        alone = index.engine.find(session, TermQuery((common,)), 9)
        either = index.engine.find(session, TermQuery((common, rare), least=1), 9)

    assert [hit.page_id for hit in both] == [1] and both[0].score > 0
    assert [hit.page_id for hit in alone] == [5, 2, 1]  # the newest first
    assert [hit.page_id for hit in either] == [1]  # a common word alone is not enough


def test_pages_are_weighed_by_their_tokens_as_the_engine_ranks_them(fresh: tuple[Database, TextIndex]) -> None:
    database, index = fresh
    for page, text in enumerate(("भवन भवन पंचायत", "पंचायत भवन और बहुत से और शब्द यहाँ", "पंचायत", "भवन ग्राम"), start=1):
        put_text(database, index, page, text)
    rare, other = AnyOf((("पंचायत",), ("पंचायतों",))), AnyOf((("भवन",),))
    common = AnyOf((("ग्राम",),), common=True)
    asks = TermQuery((rare, other)), TermQuery((rare, other), least=1), TermQuery((other, common)), TermQuery((common,))
    with database.read() as session:
        for ask in asks:
            ranked = index.engine.find(session, ask, 9)
            (weighed,) = rerank(PageTokens(session), [ask], [6, 5, 4, 3, 2, 1])
            assert [hit.page_id for hit in weighed] == [hit.page_id for hit in ranked] != []
        first, second = rerank(PageTokens(session), asks[:2], [1, 2, 3, 4, 5, 6])
    assert {1, 2} <= {hit.page_id for hit in first} and not {hit.page_id for hit in first} & {h.page_id for h in second}


def test_only_single_words_are_weighed() -> None:
    assert can_rerank(TermQuery((AnyOf((("ग्राम",), ("गाँव",))),)))
    for word in (AnyOf((("नगर", "निगम"),)), AnyOf((("सोनपु",),), begun=True), AnyOf((("s:भूमि",),)), AnyOf((("19",),))):
        assert not can_rerank(TermQuery((word,)))


def test_a_common_last_word_is_not_taken_as_a_beginning(
    fresh: tuple[Database, TextIndex], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answer(fresh, "नामांतरण सू").understood["match"] == "prefix"
    monkeypatch.setattr(expansion, "COMMON", -1)
    assert answer(fresh, "नामांतरण सू").understood["match"] != "prefix"


def test_many_words_that_one_begins_are_told_one_by_one(
    fresh: tuple[Database, TextIndex], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = sorted(pages(fresh, "सोन*"))
    monkeypatch.setattr(expansion, "COMMON", 0)
    database, _ = fresh
    with database.write() as session:
        for word in session.exec(select(WordRow).where(WordRow.token == "सोनपुरा")):
            word.sure = True

    assert (whole, pages(fresh, "सोन*")) == ([1, 2], [1])  # rare and doubtful words are left out then


def test_facets_count_documents(shelf: tuple[Database, TextIndex]) -> None:
    facets = answer(shelf, "ग्राम", facets=True).facets

    assert facets["office"] == {"sehore": 2} and facets["year"] == {"2019": 1, "2018": 1}
    assert facets["kind"] == {"letter": 3} and facets["status"] == {"filed": 3}


def test_beginnings_become_words_and_subjects(shelf: tuple[Database, TextIndex]) -> None:
    database, index = shelf
    search = Search(database, index.engine)

    assert "नामांतरण" in search.suggest("नामां") and "सोनपुरा का सीमांकन" in search.suggest("सोनपु")
    assert search.suggest("19", register=lambda text: [f"{text}-76/2019"])[0] == "19-76/2019"
    assert search.suggest("") == []


def test_a_rare_misreading_that_sounds_nearer_does_not_hide_the_word_that_was_meant(
    fresh: tuple[Database, TextIndex],
) -> None:
    database, _ = fresh
    with database.write() as session:
        vocabulary.learn(session, {"ऑफिसए": 1, "योजना": 60, "योजन": 1})

    assert answer(fresh, "office").understood["readings"]["office"][0] == "ऑफिसए"  # ऑफिस stands on one page, too
    with database.write() as session:
        vocabulary.learn(session, {"ऑफिस": 50})
    assert answer(fresh, "office").understood["readings"]["office"] == ["ऑफिस", "ऑफिसए"]
    assert answer(fresh, "yojana").understood["readings"]["yojana"][0] == "योजना"


def test_beginnings_in_roman_letters_become_hindi_words(shelf: tuple[Database, TextIndex]) -> None:
    search = Search(shelf[0], shelf[1].engine)

    assert "कार्यालय" in search.suggest("karya") and "कार्यालय" in search.suggest("kaarya")
    assert "gram पंचायत" in search.suggest("gram panch") and "रामपुर" in search.suggest("ramp")
    assert "कार्यालय" not in search.suggest("kar", offices=frozenset())


def test_numbers_that_begin_so_are_suggested_within_ones_offices(shelf: tuple[Database, TextIndex]) -> None:
    search = Search(shelf[0], shelf[1].engine, file_number.parse)

    assert any("19-76/2019" in one for one in search.suggest("19-7"))
    assert search.suggest("१९-७६") == search.suggest("19-76") != []
    assert not any("19-76" in one for one in search.suggest("19-7", offices=frozenset({"ratlam"})))


def test_of_too_long_a_question_it_is_told_that_not_all_was_looked_at(shelf: tuple[Database, TextIndex]) -> None:
    assert answer(shelf, "ग्राम " * 30).understood["cut"] is True
    assert answer(shelf, "ग्राम " * 5).understood["cut"] is False


def test_hits_follow_their_dates_where_somebody_wants_it(shelf: tuple[Database, TextIndex]) -> None:
    def days(order: Order, **more: Any) -> list[date | None]:
        return [hit.date for hit in answer(shelf, "ग्राम", order=order, **more).hits]

    newest = days(Order.NEWEST)
    dated = [day for day in newest if day]
    assert len(dated) > 1 and dated == sorted(dated, reverse=True) and newest[: len(dated)] == dated
    oldest = days(Order.OLDEST)
    assert [day for day in oldest if day] == sorted(dated) and oldest[: len(dated)] == sorted(dated)
    assert [*days(Order.NEWEST, limit=1), *days(Order.NEWEST, limit=9, offset=1)] == newest
    browsed = [hit.date for hit in answer(shelf, "", office="ratlam", order=Order.OLDEST).hits]
    assert [day for day in browsed if day] == sorted(day for day in browsed if day)


def test_text_that_a_person_set_right_counts_at_once(fresh: tuple[Database, TextIndex]) -> None:
    database, index = fresh
    put_text(database, index, 2, "ग्राम रतनगढ़ का सीमांकन किया गया")

    assert pages(fresh, "सोनपुग") == [1]  # one letter off; the misreading itself is gone
    found = answer(fresh, "रतनगढ़")
    assert [hit.source_page for hit in found.hits] == [2] and "रतनगढ़" in found.hits[0].snippet
    assert [list(box) for box in found.hits[0].boxes] == [[0.1, 0.01, 0.09, 0.02]]
    assert consistency.check(database, index).is_well
    put_text(database, index, 2, None)
    assert 2 in pages(fresh, "सोनपुग")


def test_a_corrected_text_keeps_the_boxes_of_what_was_read() -> None:
    words = aligned(boxed("क ख ग"), "क नया शब्द ग")

    assert [(word.text, word.box.x) for word in words] == [("क", 0), ("नया", 100), ("शब्द", 100), ("ग", 200)]
    assert aligned((), "नया") == ()


def test_a_review_is_found_by_its_state(fresh: tuple[Database, TextIndex]) -> None:
    database, index = fresh
    with database.write() as session:
        document = session.get_one(DocumentRow, "d2")
        document.state = DocumentState.REVIEWED
        session.add(document)
        session.flush()
        put_document(session, index, document)

    assert pages(fresh, "ग्राम", state=DocumentState.REVIEWED) == [2]
    assert consistency.check(database, index).is_well


def test_differences_between_rows_and_full_text_are_told(fresh: tuple[Database, TextIndex]) -> None:
    database, index = fresh
    assert consistency.check(database, index).is_well
    with database.write() as session:
        index.engine.replace(
            session, 1, index.tokens(session.get_one(PageRow, 1), session.get_one(DocumentRow, "d1")), []
        )
        session.delete(session.get_one(IndexedRow, 3))
        page = session.get_one(PageRow, 5)
        page.text = "बदला हुआ"
        session.add(page)

    found = consistency.check(database, index)
    assert (found.unlike, found.missing, found.changed) == ([1, 3], [3], [5])
    assert "नामांतरण" in found.miscounted and not found.is_well


@pytest.mark.parametrize("processes", [1, 2])
def test_the_full_text_made_anew_is_the_same(
    fresh: tuple[Database, TextIndex], processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, index = fresh
    put_text(database, index, 2, "ग्राम रतनगढ़ का सीमांकन")
    before = _all_rows(database)
    with database.write() as session:
        index.take(session, [1, 5])
        session.execute(delete(WordRow).where(WordRow.token == "नगर"))  # type: ignore[arg-type]
    monkeypatch.setattr(refill, "_SLICE", 2)
    monkeypatch.setattr(refill, "_FEW", 0)
    told: list[tuple[int, int]] = []

    assert refill.fill(database, index, processes=processes, tell=lambda *of: told.append(of)) == len(PAGES)
    assert _all_rows(database) == before and consistency.check(database, index).is_well
    assert told == [(2, 6), (4, 6), (6, 6)] and pages(fresh, "रतनगढ़") == [2]


def test_where_filling_fails_the_old_full_text_stays(fresh: tuple[Database, TextIndex]) -> None:
    def fail(done: int, of: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        refill.fill(*fresh, tell=fail)

    assert consistency.check(*fresh).is_well and pages(fresh, "नामांतरण") == [3]


def _all_rows(database: Database) -> list[list[str]]:
    with database.read() as session:
        return [sorted(map(str, session.exec(select(table)).all())) for table in (IndexedRow, WordRow)]


def test_pages_under_older_rules_are_put_in_anew_and_found_meanwhile(fresh: tuple[Database, TextIndex]) -> None:
    database, index = fresh
    with database.write() as session:
        for row in [session.get_one(IndexedRow, number) for number in range(1, 7)]:
            row.version = hindi.VERSION - 1
            session.add(row)

    assert pages(fresh, "ग्राम date:2018") == [2]
    assert sorted(pages(fresh, "ग्राम", offices=frozenset({"sehore"}))) == [1, 2]
    assert consistency.check(database, index).waiting == 6
    assert sum(consistency.refresh_all(database, index)) == 6
    assert consistency.check(database, index).waiting == 0


def test_what_lies_in_other_offices_is_neither_found_nor_counted_nor_told(shelf: tuple[Database, TextIndex]) -> None:
    sehore, nowhere = frozenset({"sehore"}), frozenset[str]()
    search = Search(shelf[0], shelf[1].engine, file_number.parse, file_number.looks_like_one)

    assert sorted(pages(shelf, "ग्राम", offices=sehore)) == [1, 2]  # and not the one that is in no office
    assert answer(shelf, "ग्राम", offices=sehore).total == 2
    assert answer(shelf, "ग्राम", facets=True, offices=sehore).facets["office"] == {"sehore": 2}
    assert pages(shelf, "ग्राम", offices=nowhere) == pages(shelf, "12/2018", offices=nowhere) == []
    assert pages(shelf, "12/2018", offices=sehore) == [2] and pages(shelf, "13/2018", offices=sehore) == []
    assert pages(shelf, "", office="ratlam", offices=sehore) == []
    assert sorted(pages(shelf, "", kind="letter", offices=frozenset({"sehore", "gaya"}))) == [1, 2, 6]
    assert answer(shelf, "नामान्तरन", offices=sehore).understood["did_you_mean"] is None
    assert answer(shelf, "namantaran", offices=sehore).understood["readings"] == {}
    assert search.suggest("नामां") == search.suggest("नामां", offices=frozenset({"ratlam"})) != []
    assert search.suggest("नामां", offices=sehore) == search.suggest("नामां", offices=nowhere) == []


def test_offices_whose_codes_are_one_token_are_kept_apart(fresh: tuple[Database, TextIndex]) -> None:
    database, index = fresh
    with database.write() as session:
        document = session.get_one(DocumentRow, "d2")
        document.office = "Sehore"
        session.add(document)
        session.flush()
        put_document(session, index, document)

    assert pages(fresh, "ग्राम", offices=frozenset({"sehore"})) == [1]
    assert answer(fresh, "ग्राम", facets=True, offices=frozenset({"Sehore"})).facets["office"] == {"Sehore": 1}


def test_pages_of_an_answer_can_be_turned_without_loss(shelf: tuple[Database, TextIndex]) -> None:
    whole = pages(shelf, "ग्राम")

    assert [pages(shelf, "ग्राम", limit=1, offset=n)[0] for n in range(len(whole))] == whole


_ODD = st.text(st.sampled_from([*"\"*()|^:-+%#/\\'\u200d०1़्ािसोनपुरा NEAROT\n\0abc"]), max_size=20)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(_ODD, st.text(max_size=30)))
def test_no_question_is_too_odd(shelf: tuple[Database, TextIndex], text: str) -> None:
    answer(shelf, text, facets=True)
    Search(shelf[0], shelf[1].engine).suggest(text)


def test_a_full_text_of_the_version_before_is_taken_over(tmp_path: Path) -> None:
    from sqlalchemy import text

    made, _ = make(tmp_path)
    database = _as_before(made, tmp_path)
    made.close()
    index = index_for(database, file_number.parse)
    database.migrate()

    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM page_text WHERE page_text MATCH 'सोनपुरा'")).scalar() == 1
    assert pages((database, index), "सोनपुरा") == [1]
    assert consistency.check(database, index).waiting == len(PAGES)
    assert sum(consistency.refresh_all(database, index)) == len(PAGES)
    assert consistency.check(database, index).is_well and pages((database, index), "nagar nigam")[0] in (1, 6)
    database.close()


def _upgrade(database: Database, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    with database.engine.execution_options(writes=True).begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(database_module.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _as_before(database: Database, folder: Path) -> Database:
    """A database as the version before left it, with the same rows: FTS5 with its own copy of the tokens, no vocabulary."""
    from sqlalchemy import column, insert, inspect, select, table, text

    old = Database(f"sqlite:///{folder}/old.db")
    _upgrade(old, "0004")
    then = inspect(old.engine)
    with database.read() as here, old.write() as session:
        for name in ("batch", "document", "page"):  # those that are referred to first
            as_then = table(name, *(column(one["name"]) for one in then.get_columns(name)))
            session.execute(insert(as_then), [dict(row) for row in here.execute(select(as_then)).mappings()])
        for number, (words, *_) in enumerate(PAGES, start=1):
            values = {"page": number, "tokens": " ".join(hindi.terms(words))}
            session.execute(text("INSERT INTO page_text(rowid, tokens) VALUES (:page, :tokens)"), values)
    return old
