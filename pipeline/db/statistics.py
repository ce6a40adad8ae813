"""The queries of the statistics board: one grouped query for the pages, one for the documents, one for the batches, one for
the register. Days and hours are those of this machine's zone.

The pages are counted out of the index `ix_page_day`, so that their texts are never read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Select, case, func
from sqlmodel import Session, col

from pipeline.db.database import Database
from pipeline.db.tables import BatchRow, DocumentRow, FileRow, OfficeRow, PageRow
from pipeline.model.batch import BatchState
from pipeline.model.document import DocumentState
from pipeline.model.statistics import Board, Day, Done, OfficeLine, Operator, Stock

choose: Callable[..., Select[Any]] = sqlalchemy.select  # of columns, not of rows
Offices = frozenset[str] | None  # those that are asked for; None stands for every one
_Office = str | None

_WAITING = (BatchState.RECEIVED, BatchState.WORKING, BatchState.FAILED)


class StatisticsRepository:
    """How far the work is, in one consistent picture."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def board(self, since: date, until: date, offices: Offices) -> Board:
        """The board of the days from `since` to `until`, both with them."""
        first = datetime.combine(since, time()).astimezone()
        last = datetime.combine(until + timedelta(days=1), time()).astimezone()
        with self.database.read() as session:
            cells, operators = self._pages(session, first, last, offices)
            for office, day, done in (
                *self._filed(session, first, last, offices),
                *self._came(session, first, last, offices),
            ):
                cells[office, day] = cells.get((office, day), Done()) + done
            stocks = self._stocks(session, offices)
            names = {row.code: row for row in session.exec(sqlalchemy.select(OfficeRow)).scalars()}  # type: ignore[call-overload]
        lines = []
        for code in sorted({*stocks, *(office for office, _ in cells)}, key=lambda code: (code is None, code or "")):
            done = sum((value for (office, _), value in cells.items() if office == code), Done())
            name = names.get(code)
            lines.append(
                OfficeLine(
                    code, name.name_hi if name else "", name.name_en if name else "", stocks.get(code, Stock()), done
                )
            )
        every = [since + timedelta(days=ahead) for ahead in range((until - since).days + 1)]
        days = tuple(Day(day, sum((value for (_, on), value in cells.items() if on == day), Done())) for day in every)
        return Board(
            since,
            until,
            tuple(lines),
            days,
            tuple(operators),
            total=sum((line.stock for line in lines), Stock()),
            done=sum((line.done for line in lines), Done()),
        )

    def _pages(
        self, session: Session, first: datetime, last: datetime, offices: Offices
    ) -> tuple[dict[tuple[_Office, date], Done], list[Operator]]:
        """Pages by office and day, and by operator with the hours in which they came."""
        cells: dict[tuple[_Office, date], Done] = {}
        people: dict[tuple[_Office, str | None], Done] = {}
        query = self._pages_query(first, last, offices)
        for office, name, on, pages, blank, confidence, hours in session.execute(query):
            done = Done(int(pages), int(blank), confidence_sum=float(confidence), hours=int(hours))
            place = office, date.fromisoformat(on)
            cells[place] = cells.get(place, Done()) + replace(done, hours=0)
            people[office, name] = people.get((office, name), Done()) + done
        busiest = sorted(people.items(), key=lambda one: -one[1].pages)
        return cells, [Operator(office, name, done) for (office, name), done in busiest]

    def _pages_query(self, first: datetime, last: datetime, offices: Offices) -> Select[Any]:
        """Pages read between two moments, by office, operator and day: how many, how many blank, the summed confidence
        of the others (0 to 1 each), and in how many hours."""
        hour = self._local(PageRow.read_at, "hour")
        counted = (
            choose(
                col(PageRow.batch_id).label("batch"),
                hour.label("hour"),
                func.count().label("pages"),
                func.sum(case((col(PageRow.blank), 1), else_=0)).label("blank"),
                func.sum(case((col(PageRow.blank), 0.0), else_=col(PageRow.confidence))).label("confidence"),
            )
            .where(col(PageRow.read_at) >= first, col(PageRow.read_at) < last)
            .group_by(col(PageRow.batch_id), hour)
            .subquery()
        )
        operator = col(BatchRow.scan_metadata)["operator"].as_string()
        day = func.substr(counted.c.hour, 1, 10)
        return (
            choose(
                BatchRow.office,
                operator,
                day,
                func.sum(counted.c.pages),
                func.sum(counted.c.blank),
                func.sum(counted.c.confidence),
                func.count(func.distinct(counted.c.hour)),
            )
            .join(BatchRow, col(BatchRow.id) == counted.c.batch)
            .where(*_of(BatchRow.office, offices))
            .group_by(col(BatchRow.office), operator, day)
        )

    def _filed(
        self, session: Session, first: datetime, last: datetime, offices: Offices
    ) -> Iterator[tuple[_Office, date, Done]]:
        day = self._local(DocumentRow.filed_at, "day")
        query = choose(DocumentRow.office, day, func.count()).where(
            col(DocumentRow.filed_at) >= first, col(DocumentRow.filed_at) < last, *_of(DocumentRow.office, offices)
        )
        for office, on, count in session.execute(query.group_by(col(DocumentRow.office), day)):
            yield office, date.fromisoformat(on), Done(documents=int(count))

    def _came(
        self, session: Session, first: datetime, last: datetime, offices: Offices
    ) -> Iterator[tuple[_Office, date, Done]]:
        """Batches by the day they came on, and those of them that are rejected."""
        day = self._local(BatchRow.received_at, "day")
        rejected = func.sum(case((col(BatchRow.state) == BatchState.REJECTED, 1), else_=0))
        query = choose(BatchRow.office, day, func.count(), rejected).where(
            col(BatchRow.received_at) >= first, col(BatchRow.received_at) < last, *_of(BatchRow.office, offices)
        )
        for office, on, count, bad in session.execute(query.group_by(col(BatchRow.office), day)):
            yield office, date.fromisoformat(on), Done(received=int(count), rejected=int(bad))

    def _stocks(self, session: Session, offices: Offices) -> dict[_Office, Stock]:
        found: dict[_Office, Stock] = {}

        def add(office: _Office, stock: Stock) -> None:
            found[office] = found.get(office, Stock()) + stock

        documents = choose(DocumentRow.office, DocumentRow.state, func.count()).where(*_of(DocumentRow.office, offices))
        for office, state, count in session.execute(
            documents.group_by(col(DocumentRow.office), col(DocumentRow.state))
        ):
            of_state = {DocumentState.REVIEWED: "reviewed", DocumentState.NEEDS_REVIEW: "to_review"}.get(state)
            add(office, Stock(documents=count, **({of_state: count} if of_state else {})))
        left = (*_WAITING, BatchState.REJECTED)
        batches = choose(BatchRow.office, BatchRow.state, func.count(), func.sum(BatchRow.pages)).where(
            col(BatchRow.state).in_(left), *_of(BatchRow.office, offices)
        )
        for office, state, count, pages in session.execute(batches.group_by(col(BatchRow.office), col(BatchRow.state))):
            is_bad = state == BatchState.REJECTED
            add(
                office, Stock(rejected=count) if is_bad else Stock(waiting_batches=count, waiting_pages=int(pages or 0))
            )
        there = (
            choose(DocumentRow.id)
            .where(col(DocumentRow.file_key) == col(FileRow.key), col(DocumentRow.office) == col(FileRow.office))
            .correlate(FileRow)
            .exists()
        )
        files = choose(
            FileRow.office,
            func.count(),
            func.sum(case((there, 1), else_=0)),
            func.sum(case((col(FileRow.state) == "closed", 1), else_=0)),
        ).where(*_of(FileRow.office, offices))
        for office, count, scanned, closed in session.execute(files.group_by(col(FileRow.office))):
            add(office, Stock(registered=count, scanned=int(scanned), closed=int(closed)))
        return found

    def _local(self, column: Any, part: str) -> ColumnElement[str]:
        """The day, or the hour, of a moment in this machine's zone, as text that begins with the day."""
        offset = datetime.now().astimezone().utcoffset() or timedelta()
        if self.database.is_sqlite:
            form = "%Y-%m-%d %H" if part == "hour" else "%Y-%m-%d"
            return func.strftime(form, column, f"{int(offset.total_seconds()):+d} seconds")
        form = "YYYY-MM-DD HH24" if part == "hour" else "YYYY-MM-DD"
        return func.to_char(func.timezone("UTC", column) + offset, sqlalchemy.literal_column(f"'{form}'"))


def _of(column: Any, offices: Offices) -> list[ColumnElement[bool]]:
    return [] if offices is None else [col(column).in_(sorted(offices))]
