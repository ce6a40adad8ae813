"""The board counts what was done, by office, day, hour and operator, in this machine's zone; and shows it to whom it may."""

from __future__ import annotations

import asyncio
import csv
import os
import secrets
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import sqlalchemy

from pipeline.db.database import Database
from pipeline.db.statistics import StatisticsRepository
from pipeline.db.tables import BatchRow, DocumentRow, FileRow, OfficeRow, PageRow
from pipeline.model.accounts import Grant
from pipeline.model.roles import Role
from tests.signing import EVERYTHING, open_app

ENV = "ABHILEKH_TEST_DATABASE_URL"
DAY = date(2026, 3, 10)
INDIA = timedelta(hours=5, minutes=30)


@pytest.fixture(scope="module", params=["sqlite", *(["postgresql"] if ENV in os.environ else [])])
def boards(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StatisticsRepository]:
    """Two offices in India. Sagar: three pages in two hours of one day and one just after midnight, by two operators."""
    before, os.environ["TZ"] = os.environ.get("TZ"), "Asia/Kolkata"
    time.tzset()
    schema = f"test_{secrets.token_hex(4)}"
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path_factory.mktemp('board')}/b.db")
    else:
        plain = Database(os.environ[ENV])
        with plain.engine.begin() as connection:
            connection.execute(sqlalchemy.text(f"CREATE SCHEMA {schema}"))
        database = Database(f"{os.environ[ENV]}?options=-csearch_path%3D{schema}")
    database.migrate()
    _fill(database)
    yield StatisticsRepository(database)
    database.close()
    if request.param != "sqlite":
        with plain.engine.begin() as connection:
            connection.execute(sqlalchemy.text(f"DROP SCHEMA {schema} CASCADE"))
        plain.close()
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


def at(hour: int, minute: int, day: date = DAY) -> datetime:
    """A moment by the clocks of India."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - INDIA


def _fill(database: Database) -> None:
    with database.write() as session:
        session.add_all(
            [OfficeRow(code="sagar", name_hi="सागर", name_en="Sagar"), OfficeRow(code="rewa", name_hi="रीवा")]
        )
        for number, (office, operator, state) in enumerate(
            [
                ("sagar", "meena", "filed"),
                ("sagar", "ravi", "filed"),
                ("rewa", None, "received"),
                ("rewa", None, "rejected"),
            ]
        ):
            metadata = {"operator": operator} if operator else {}
            session.add(
                BatchRow(
                    id=f"b{number}",
                    name=f"{number}.pdf",
                    sha256=f"{number}",
                    bytes=1,
                    media_type="",
                    pages=4,
                    office=office,
                    scan_metadata=metadata,
                    state=state,
                    received_at=at(9, 0),
                    filed_at=at(10, 0),
                )
            )
        session.flush()
        for number, (office, state, key) in enumerate(
            [("sagar", "reviewed", "k1"), ("sagar", "needs_review", "k1"), ("sagar", "filed", "k9")]
        ):
            session.add(
                DocumentRow(
                    id=f"d{number}",
                    batch_id="b0",
                    first_page=1,
                    kind="letter",
                    state=state,
                    office=office,
                    file_key=key,
                    pdf_key="",
                    filed_at=at(10, 0),
                )
            )
        for office, key, state in [("sagar", "k1", "closed"), ("sagar", "k2", "open"), ("rewa", "k1", "open")]:
            session.add(FileRow(office=office, key=key, number=key, core=key, ocr=key, state=state))
        read = [
            ("b0", 1, at(9, 5), 0.9, False),
            ("b0", 2, at(9, 55), 0.7, False),
            ("b0", 3, at(10, 5), 0.0, True),
            ("b1", 1, at(0, 10, DAY + timedelta(days=1)), 0.5, False),
        ]
        for batch, number, moment, confidence, blank in read:
            session.add(
                PageRow(
                    batch_id=batch,
                    source_page=number,
                    text="",
                    words=b"",
                    confidence=confidence,
                    language="hin",
                    width=1,
                    height=1,
                    dpi=300,
                    rotated=0,
                    rotation_confidence=1,
                    skew_degrees=0,
                    skew_confidence=1,
                    applied=False,
                    blank=blank,
                    image_key="",
                    layout_key="",
                    read_at=moment,
                )
            )


def test_pages_are_counted_by_the_days_of_this_place(boards: StatisticsRepository) -> None:
    board = boards.board(DAY - timedelta(days=1), DAY + timedelta(days=1), None)

    assert [(one.day, one.done.pages, one.done.blank) for one in board.days] == [
        (DAY - timedelta(days=1), 0, 0),
        (DAY, 3, 1),
        (DAY + timedelta(days=1), 1, 0),
    ]
    assert board.days[1].done.confidence == pytest.approx(0.8), "blank pages were read neither surely nor badly"
    assert (board.days[1].done.documents, board.days[1].done.received, board.days[1].done.rejected) == (3, 4, 1)


def test_operators_are_told_with_the_hours_in_which_they_worked(boards: StatisticsRepository) -> None:
    board = boards.board(DAY, DAY + timedelta(days=1), None)

    found = [(one.office, one.name, one.done.pages, one.done.hours) for one in board.operators]
    assert found == [("sagar", "meena", 3, 2), ("sagar", "ravi", 1, 1)]
    assert board.operators[0].done.pages_an_hour == 1.5


def test_the_stock_is_what_there_is_now_whatever_days_are_asked_for(boards: StatisticsRepository) -> None:
    board = boards.board(date(2020, 1, 1), date(2020, 1, 1), None)
    sagar = next(line for line in board.lines if line.office == "sagar")
    rewa = next(line for line in board.lines if line.office == "rewa")

    assert (sagar.name_hi, sagar.done.pages) == ("सागर", 0)
    assert (sagar.stock.registered, sagar.stock.scanned, sagar.stock.closed) == (2, 1, 1)
    assert (sagar.stock.documents, sagar.stock.reviewed, sagar.stock.to_review) == (3, 1, 1)
    assert (rewa.stock.registered, rewa.stock.scanned) == (1, 0), "the same number in another office is another file"
    assert (rewa.stock.waiting_batches, rewa.stock.waiting_pages, rewa.stock.rejected) == (1, 4, 1)
    assert (board.total.registered, board.total.rejected) == (3, 1)


def test_who_may_see_one_office_is_told_of_no_other(boards: StatisticsRepository) -> None:
    board = boards.board(DAY, DAY + timedelta(days=1), frozenset({"rewa"}))

    assert [line.office for line in board.lines] == ["rewa"]
    assert (board.done.pages, board.operators, board.total.documents) == (0, (), 0)


def ask(
    boards: StatisticsRepository, path: str, lang: str = "hi", grants: Sequence[Grant] = EVERYTHING
) -> httpx.Response:
    services: Any = SimpleNamespace(boards=boards)
    app, signed_in = open_app(services, grants)
    wire = httpx.ASGITransport(app=app)

    async def call() -> httpx.Response:
        async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1") as client:
            return await client.get(path, headers={**signed_in, "accept-language": lang})

    return asyncio.run(call())


def test_the_page_the_tables_and_the_json_tell_the_same(boards: StatisticsRepository) -> None:
    page = ask(boards, "/progress?from=2026-03-10&to=11.3.2026")
    days = list(
        csv.DictReader(StringIO(ask(boards, "/progress/days.csv?from=2026-03-10&to=2026-03-11").text.lstrip("\ufeff")))
    )
    answer = ask(boards, "/api/v1/board?from=2026-03-10&to=2026-03-11").json()

    assert "सागर" in page.text and page.text.count('class="bar"') == 4
    assert 'style="' not in page.text
    assert [day["pages_read"] for day in days] == ["3", "1"]
    assert [day["done"]["pages"] for day in answer["days"]] == [3, 1]
    assert answer["operators"][0]["operator"] == "meena"
    assert "Sagar" in ask(boards, "/progress", "en").text


def test_a_span_that_cannot_be_is_told_and_the_usual_one_shown(boards: StatisticsRepository) -> None:
    assert "दिनांक नहीं है" in ask(boards, "/progress?from=abc").text
    assert ask(boards, "/api/v1/board?from=abc").status_code == 400
    assert ask(boards, "/api/v1/board?from=2026-03-11&to=2026-03-10").status_code == 400
    assert ask(boards, "/progress/passwords.csv").status_code == 404


def test_an_operator_has_no_board(boards: StatisticsRepository) -> None:
    operator = [Grant(Role.OPERATOR, "sagar")]

    assert ask(boards, "/progress", grants=operator).status_code == 403
    assert ask(boards, "/progress/days.csv", grants=operator).status_code == 403


def test_a_table_holds_no_formula(tmp_path: Path) -> None:
    from pipeline.formats import plain_csv

    assert list(plain_csv.lines([("=1+1", "-x", 5, -3, None)], mark=False)) == ["'=1+1,'-x,5,-3,\r\n"]
