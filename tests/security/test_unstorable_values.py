"""Values that no database can hold are refused as what was sent wrongly, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from pipeline.db.database import Database
from pipeline.db.tables import DocumentRow, PageRow
from pipeline.errors import Kind, UnstorableValueError

ENV = "ABHILEKH_TEST_DATABASE_URL"


@pytest.fixture(params=["sqlite", *(["postgresql"] if ENV in os.environ else [])])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'a.db'}" if request.param == "sqlite" else os.environ[ENV])
    made.migrate()
    yield made
    made.close()


@pytest.mark.parametrize("number", [2**63, 10**30, -(2**63) - 1])
def test_a_number_beyond_64_bits_is_refused(database: Database, number: int) -> None:
    with pytest.raises(UnstorableValueError) as refused, database.read() as session:
        session.exec(select(PageRow.id).where(col(PageRow.id) > number)).all()

    assert refused.value.kind is Kind.USAGE


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\0", "a\0b"])
def test_signs_that_are_none_are_refused_or_found_nowhere(database: Database, text: str) -> None:
    found: Any = None
    try:
        with database.read() as session:
            found = session.exec(select(DocumentRow.id).where(DocumentRow.id == text)).all()
    except UnstorableValueError:
        return
    assert database.is_sqlite and "\0" in text and found == []  # SQLite takes NUL for a sign like others


def test_the_database_goes_on_afterwards(database: Database) -> None:
    with pytest.raises(UnstorableValueError), database.write() as session:
        session.exec(select(PageRow.id).where(col(PageRow.id) == 2**64)).all()

    with database.write() as session:
        assert session.exec(select(PageRow.id)).all() == []
