"""What every full-text engine must do. One suite; an engine that is added here passes it or is no engine.

FTS5 and the postings on SQLite always; the postings on PostgreSQL when `ABHILEKH_TEST_DATABASE_URL` names one, OpenSearch
when `ABHILEKH_TEST_OPENSEARCH_URL` does.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator

import pytest
import sqlalchemy

from pipeline.db.database import Database, now
from pipeline.db.tables import BatchRow, IndexedRow, PageRow
from pipeline.index.engines import AnyOf, TermQuery, TextEngine, words
from pipeline.index.engines.fts5 import Fts5
from pipeline.index.engines.postings import Postings
from pipeline.index.hindi import terms
from pipeline.index.textindex import pack, unpack
from tests.databases import new_database

ENV = "ABHILEKH_TEST_DATABASE_URL"
OPENSEARCH = "ABHILEKH_TEST_OPENSEARCH_URL"
PAGES = range(1, 41)

ENGINES = [
    "fts5",
    "postings",
    *(["postings-postgresql"] if ENV in os.environ else []),
    *(["opensearch"] if OPENSEARCH in os.environ else []),
]


@pytest.fixture(scope="module", params=ENGINES)
def built(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, TextEngine]]:
    """A migrated database with empty pages 1 to 40, and the engine over it."""
    schema = f"test_{secrets.token_hex(4)}"
    if request.param == "postings-postgresql":
        plain = Database(os.environ[ENV])
        with plain.engine.begin() as connection:
            connection.execute(sqlalchemy.text(f"CREATE SCHEMA {schema}"))
        database = Database(f"{os.environ[ENV]}?options=-csearch_path%3D{schema}")
        database.migrate()
    else:
        database = new_database(tmp_path_factory.mktemp("index") / "test.db")
    with database.write() as session:
        session.add(
            BatchRow(
                id="b",
                name="b.pdf",
                sha256="0",
                bytes=1,
                media_type="application/pdf",
                pages=40,
                state="filed",
                received_at=now(),
            )
        )
        session.flush()
        for number in PAGES:
            session.add(
                PageRow(
                    id=number,
                    batch_id="b",
                    source_page=number,
                    text="",
                    words=b"",
                    confidence=1,
                    language="hi",
                    width=1,
                    height=1,
                    dpi=1,
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
            )
    engine: TextEngine = Fts5() if request.param == "fts5" else Postings()
    if request.param == "opensearch":
        from pipeline.index.engines.opensearch import OpenSearch

        engine = OpenSearch(database, os.environ[OPENSEARCH], schema, None, None)
    yield database, engine
    database.close()
    if request.param == "postings-postgresql":
        with plain.engine.begin() as connection:
            connection.execute(sqlalchemy.text(f"DROP SCHEMA {schema} CASCADE"))
        plain.close()


class Shelf:
    """The engine with a transaction around every call."""

    def __init__(self, database: Database, engine: TextEngine) -> None:
        self.database = database
        self.engine = engine

    def add(self, page: int, text: str | list[str]) -> None:
        self._write(page, terms(text) if isinstance(text, str) else text)

    def remove(self, page: int) -> None:
        self._write(page, [])

    def find(self, text: str | list[str] | TermQuery, how: str = "all", limit: int = 100) -> list[int]:
        tokens = terms(text) if isinstance(text, str) else text
        ask = tokens if isinstance(tokens, TermQuery) else asked(tokens, how)
        self.settle()
        with self.database.read() as session:
            found = self.engine.find(session, ask, limit)
            assert self.engine.count(session, ask) >= len(found)
        assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
        return [hit.page_id for hit in found]

    def settle(self) -> None:
        client = getattr(self.engine, "client", None)
        if client is not None:
            client.indices.refresh(index="_all")

    def _write(self, page: int, tokens: list[str]) -> None:
        with self.database.write() as session:
            row = session.get(IndexedRow, page)
            old = unpack(row.tokens) if row else []
            session.merge(IndexedRow(page_id=page, tokens=pack(tokens), version=0))
            self.engine.replace(session, page, old, tokens)


def asked(tokens: list[str], how: str) -> TermQuery:
    ask = words(*tokens, begun=how == "prefix")
    return TermQuery(ask.words, least=1) if how == "any" else ask


@pytest.fixture
def shelf(built: tuple[Database, TextEngine]) -> Iterator[Shelf]:
    shelf = Shelf(*built)
    yield shelf
    for page in PAGES:
        shelf.remove(page)


def test_a_page_is_found_by_each_of_its_words_and_no_other(shelf: Shelf) -> None:
    shelf.add(1, "ग्राम सोनपुरा की कृषि भूमि")
    shelf.add(2, "ग्राम खेड़ी मगरा")

    assert shelf.find("सोनपुरा") == [1]
    assert sorted(shelf.find("ग्राम")) == [1, 2]
    assert shelf.find("सोन") == shelf.find("नदी") == []


def test_all_means_all_and_any_means_any(shelf: Shelf) -> None:
    shelf.add(1, "सीमांकन नक्शा")
    shelf.add(2, "सीमांकन पंचनामा")
    shelf.add(3, "पंचनामा")

    assert shelf.find("सीमांकन पंचनामा") == [2]
    assert sorted(shelf.find("नक्शा पंचनामा", "any")) == [1, 2, 3]
    assert shelf.find("सीमांकन नदी") == []
    assert sorted(shelf.find("सीमांकन नदी", "any")) == [1, 2]


def test_prefix_takes_the_last_word_as_begun_and_the_others_whole(shelf: Shelf) -> None:
    shelf.add(1, "ग्राम सोनपुरा")
    shelf.add(2, "ग्रामीण सोनपुरा")

    assert shelf.find("ग्राम सोनपु", "prefix") == [1]
    assert sorted(shelf.find("सोनपुरा ग्राम", "prefix")) == [1, 2]
    assert shelf.find("सोनपु ग्राम", "prefix") == []


def test_adding_again_replaces_and_removing_removes(shelf: Shelf) -> None:
    shelf.add(1, "पुराना")
    shelf.add(1, "नया नया")

    assert (shelf.find("पुराना"), shelf.find("नया")) == ([], [1])
    shelf.remove(1)
    shelf.remove(1)
    assert shelf.find("नया") == []


def test_filling_leaves_what_was_given_and_nothing_else(shelf: Shelf) -> None:
    if type(shelf.engine).__name__ == "OpenSearch":
        pytest.skip("it is filled behind its alias: see test_opensearch")
    shelf.add(1, "पुराना")
    given = {2: ["ग्राम", "सोनपुरा"], 3: ["ग्राम"], 5: ["नगर", "निगम"]}
    with shelf.database.write() as session:
        session.delete(session.get_one(IndexedRow, 1))
        for page, tokens in given.items():
            session.merge(IndexedRow(page_id=page, tokens=pack(tokens), version=0))
        lines = [(page, " ".join(tokens)) for page, tokens in given.items()]
        shelf.engine.fill(session, iter([lines[:2], lines[2:]]))

    assert (shelf.find("पुराना"), sorted(shelf.find("ग्राम"))) == ([], [2, 3])
    assert shelf.find(TermQuery((AnyOf((("नगर", "निगम"),)),))) == [5]
    shelf.add(2, "नया")
    assert (shelf.find("सोनपुरा"), shelf.find("नया")) == ([], [2])


def test_what_is_rolled_back_was_never_there(shelf: Shelf) -> None:
    with pytest.raises(ZeroDivisionError), shelf.database.write() as session:
        shelf.engine.replace(session, 1, [], ["कभी"])
        raise ZeroDivisionError

    assert shelf.find(["कभी"]) == []


def test_the_page_that_speaks_of_it_more_comes_first(shelf: Shelf) -> None:
    shelf.add(1, "छात्रवृत्ति विद्यालय भवन सड़क मार्ग")
    shelf.add(2, "छात्रवृत्ति छात्रवृत्ति छात्रवृत्ति मार्ग सड़क")
    for page in range(3, 20):
        shelf.add(page, "विद्यालय भवन")

    assert shelf.find("छात्रवृत्ति") == [2, 1]


def test_a_rare_word_weighs_more_than_a_common_one(shelf: Shelf) -> None:
    for page in range(1, 30):
        shelf.add(page, "कार्यालय शासन")
    shelf.add(30, "रतनीबिगहा शासन")

    assert shelf.find("कार्यालय रतनीबिगहा", "any")[0] == 30


def test_matras_and_halants_keep_words_apart(shelf: Shelf) -> None:
    for page, word in enumerate(("कि", "की", "कल", "काल", "बल", "बल्", "दिन", "दीन"), start=1):
        shelf.add(page, [word])

    for page, word in enumerate(("कि", "की", "कल", "काल", "बल", "बल्", "दिन", "दीन"), start=1):
        assert shelf.find([word]) == [page]


@pytest.mark.parametrize(
    "token",
    ["#f/19/76/2019", "#पं/भ/41", "12", "a", "état", "क्षेत्र", "ज्ञ", "दुःख", "꣢", "and", "or", "not", "near", "null"],
)
def test_odd_tokens_are_found_as_they_are(shelf: Shelf, token: str) -> None:
    shelf.add(1, [token, "ग्राम"])
    shelf.add(2, ["ग्राम"])

    assert shelf.find([token]) == [1]
    assert shelf.find(["ग्राम", token], "prefix") == [1]


@pytest.mark.parametrize("token", ['"', "'", "*", "%", "_", "\\", '" OR "', "a*", "(x)", "-x", "x:y", "^x", ";"])
@pytest.mark.parametrize("match", ["all", "prefix", "any"])
def test_signs_in_a_question_neither_break_it_nor_find_everything(shelf: Shelf, token: str, match: str) -> None:
    shelf.add(1, "ग्राम सोनपुरा")

    assert shelf.find([token], match) == []


def test_a_phrase_stands_side_by_side_and_its_last_word_may_be_begun(shelf: Shelf) -> None:
    shelf.add(1, "नगर निगम रामपुर")
    shelf.add(2, "निगम नगर रामपुर")
    shelf.add(3, "नगर पालिका निगम")

    assert shelf.find(TermQuery((AnyOf((("नगर", "निगम"),)),))) == [1]
    assert shelf.find(TermQuery((AnyOf((("निगम", "राम"),), begun=True),))) == [1]
    assert sorted(shelf.find(TermQuery((AnyOf((("नगर", "निगम"), ("पालिका",))),)))) == [1, 3]


def test_what_must_not_be_there_and_what_must_always_be(shelf: Shelf) -> None:
    shelf.add(1, ["कर", "y:2019"])
    shelf.add(2, ["कर", "निरस्त", "y:2019"])
    shelf.add(3, ["कर", "y:2018"])
    tax, year = AnyOf((("कर",),)), AnyOf((("y:2019",),))

    assert sorted(shelf.find(TermQuery((tax,), never=(AnyOf((("निरस्त",),)),)))) == [1, 3]
    assert sorted(shelf.find(TermQuery((tax,), always=(year,)))) == [1, 2]
    assert sorted(shelf.find(TermQuery((tax,), always=(AnyOf((("y:2018",), ("y:2017",), ("नहीं",))),)))) == [3]
    assert shelf.find(TermQuery((tax, AnyOf((("नहीं",),))), least=1, always=(year,), never=(AnyOf((("निरस्त",),)),))) == [
        1
    ]


def test_most_of_the_words_may_be_enough(shelf: Shelf) -> None:
    shelf.add(1, "ग्राम सोनपुरा सीमांकन")
    shelf.add(2, "ग्राम सोनपुरा")
    shelf.add(3, "ग्राम")
    three = tuple(AnyOf(((word,),)) for word in ("ग्राम", "सोनपुरा", "सीमांकन"))

    assert sorted(shelf.find(TermQuery(three, least=2))) == [1, 2]
    assert shelf.find(TermQuery(three, least=2))[0] == 1


def test_the_engine_tells_which_pages_it_holds_otherwise(shelf: Shelf) -> None:
    shelf.add(1, "ग्राम सोनपुरा ग्राम")
    shelf.add(2, "नक्शा")
    shelf.settle()
    right = {1: terms("ग्राम सोनपुरा ग्राम"), 2: ["नक्शा"]}

    with shelf.database.read() as session:
        assert shelf.engine.wrong(session, right, 1, 40) == []
        assert shelf.engine.wrong(session, {1: right[1]}, 1, 40) == [2]
        assert shelf.engine.wrong(session, {**right, 2: ["नक्शे"], 3: ["खोया"]}, 1, 40) == [2, 3]


def test_no_words_find_nothing(shelf: Shelf) -> None:
    shelf.add(1, [])
    shelf.add(2, "ग्राम")

    assert [shelf.find([], match) for match in ("all", "prefix", "any")] == [[], [], []]


def test_a_word_asked_twice_is_asked_once(shelf: Shelf) -> None:
    shelf.add(1, "ग्राम")

    assert shelf.find("ग्राम ग्राम") == [1]


def test_the_limit_holds_and_ties_keep_their_order(shelf: Shelf) -> None:
    for page in reversed(PAGES):
        shelf.add(page, "समान पृष्ठ")

    assert shelf.find("समान", limit=10) == list(PAGES)[:10]
    assert shelf.find("समान") == shelf.find("समान", "any") == list(PAGES)
