"""Every token is one to every engine: states, kinds and offices with any signs in their codes, and indexes made before."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import select

from pipeline.db.database import Database
from pipeline.db.tables import DocumentRow, IndexedRow, PageRow
from pipeline.extract import file_number
from pipeline.index import consistency, hindi
from pipeline.index.engines import AnyOf, TermQuery, is_token
from pipeline.index.search import Search
from pipeline.index.textindex import IndexedDocument, TextIndex, pack, tokens, unpack
from pipeline.model.document import DocumentKind, DocumentState
from pipeline.model.search import Query
from tests.integration.index.test_search import PAGES, make, put_document

OFFICES = ("sagar-collectorate", "ward-07", "a_b", "राजस्व-विभाग", "dm.office (old)", "x", None)
WAITING = [2, 4, 6]  # pages whose documents wait for review


@pytest.fixture
def index(tmp_path: Path) -> Iterator[tuple[Database, TextIndex]]:
    made = make(tmp_path)
    yield made
    made[0].close()


def put(index: tuple[Database, TextIndex], page: int, **values: Any) -> None:
    database, full_text = index
    with database.write() as session:
        document = session.get_one(DocumentRow, f"d{page}")
        for name, value in values.items():
            setattr(document, name, value)
        session.add(document)
        session.flush()
        put_document(session, full_text, document)


def found(index: tuple[Database, TextIndex], asked: str, **more: Any) -> list[int]:
    search = Search(index[0], index[1].engine, file_number.parse, file_number.looks_like_one)
    return sorted(hit.source_page for hit in search.find(Query(asked, limit=50, **more)).hits)


def held(index: tuple[Database, TextIndex], token: str) -> list[int]:
    """The pages that the engine finds under exactly this token."""
    with index[0].read() as session:
        return sorted(hit.page_id for hit in index[1].engine.find(session, TermQuery((AnyOf(((token,),)),)), 50))


@pytest.mark.parametrize("state", DocumentState)
def test_a_page_in_any_state_stands_under_its_tokens(index: tuple[Database, TextIndex], state: DocumentState) -> None:
    for page in WAITING:
        put(index, page, state=state)

    assert consistency.check(*index).is_well
    assert 2 in found(index, "ग्राम", state=state)


def test_no_word_of_a_state_is_found_as_a_word_of_the_page(index: tuple[Database, TextIndex]) -> None:
    for page in WAITING:
        put(index, page, state=DocumentState.NEEDS_REVIEW)

    assert held(index, "review") == held(index, "needs") == []
    assert found(index, "ग्राम", state=DocumentState.NEEDS_REVIEW) == [2]


@pytest.mark.parametrize("kind", DocumentKind)
def test_codes_with_any_signs_are_one_token(index: tuple[Database, TextIndex], kind: DocumentKind) -> None:
    for office in OFFICES:
        put(index, 2, state=DocumentState.NEEDS_REVIEW, kind=kind, office=office)

        assert consistency.check(*index).is_well, office
        assert 2 in found(index, "ग्राम", kind=kind, offices=frozenset({office}) if office else None), office


@settings(max_examples=300, deadline=None)
@given(*[st.text(max_size=20)] * 6)
def test_whatever_stands_in_the_rows_gives_tokens_that_no_engine_splits(
    page: str, subject: str, number: str, kind: str, state: str, office: str
) -> None:
    made = tokens(IndexedDocument(page, 1, subject, number, number, kind, state, 2018, office, page), file_number.parse)

    assert [token for token in made if not is_token(token)] == []


def as_before(database: Database) -> None:
    """The rows and the full text as the version before left them: `t:needs_review`, which FTS5 took for two words."""
    with database.write() as session:
        for page in WAITING:
            row = session.get_one(IndexedRow, page)
            now = unpack(row.tokens)
            then = [token.replace("t:needs/review", "t:needs_review") for token in now]
            assert now != then
            values = {"id": page, "now": " ".join(now), "then": " ".join(then)}
            session.execute(
                text("INSERT INTO page_text(page_text, rowid, tokens) VALUES ('delete', :id, :now)"), values
            )
            session.execute(text("INSERT INTO page_text(rowid, tokens) VALUES (:id, :then)"), values)
            row.tokens = pack(then)
            session.add(row)


def test_an_index_made_before_is_mended_in_the_background_and_accuses_nobody(
    index: tuple[Database, TextIndex],
) -> None:
    database, full_text = index
    for page in WAITING:
        put(index, page, state=DocumentState.NEEDS_REVIEW)
    as_before(database)
    assert held(index, "review") == WAITING and not consistency.check(*index).is_well

    writer = database.engine.execution_options(writes=True)
    with writer.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        import_module("pipeline.db.migrations.versions.0015_one_token").upgrade()

    meanwhile = consistency.check(*index)
    assert meanwhile.is_well and meanwhile.waiting == len(WAITING), "and the other pages are left alone"
    assert found(index, "ग्राम", state=DocumentState.NEEDS_REVIEW) == [2]
    assert found(index, "ग्राम", offices=frozenset({"sehore"})) == [1, 2]

    assert sum(consistency.refresh_all(database, full_text)) == len(WAITING)

    after = consistency.check(*index)
    assert after.is_well and after.waiting == 0 and after.pages == len(PAGES)
    assert held(index, "review") == [] and held(index, "t:needs/review") == WAITING
    with database.read() as session:
        assert {row.version for row in session.exec(select(IndexedRow))} == {hindi.VERSION}
        assert session.get_one(PageRow, 2).text == PAGES[1][0]
