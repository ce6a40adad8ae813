"""Progress of the work as JSON."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from pipeline.errors import RequestError
from pipeline.model.audit import Action
from pipeline.model.roles import Right
from pipeline.model.statistics import Board, Done, Stock
from pipeline.web import downloads
from pipeline.web.audited import audited
from pipeline.web.language import TheLanguage
from pipeline.web.security.permissions import BoardReader
from pipeline.web.statistics import routes
from pipeline.web.statistics.params import TheBoards, TheSpan

router = APIRouter(prefix="/api/v1", tags=["board"])


class DoneJson(BaseModel):
    """Work done in a period; `confidence` is the mean over pages that are not blank, from 0 to 1."""

    pages: int
    blank_pages: int
    documents: int
    batches_received: int
    batches_rejected: int
    confidence: float | None


class StockJson(BaseModel):
    """Counts of the present."""

    files_registered: int
    files_scanned: int
    files_closed: int
    documents: int
    reviewed: int
    to_review: int
    batches_waiting: int
    pages_waiting: int
    batches_rejected: int


class LineJson(BaseModel):
    """An office; None is what belongs to none."""

    office: str | None
    name_hi: str
    name_en: str
    stock: StockJson
    done: DoneJson


class DayJson(BaseModel):
    day: date
    done: DoneJson


class OperatorJson(BaseModel):
    """`hours` counts those in which at least one page was read."""

    office: str | None
    operator: str | None
    pages: int
    hours: int
    pages_an_hour: float | None
    confidence: float | None


class BoardJson(BaseModel):
    """Progress of the work, in the offices that the person may see."""

    since: date
    until: date
    stock: StockJson
    done: DoneJson
    offices: list[LineJson]
    days: list[DayJson]
    operators: list[OperatorJson]


@router.get("/board")
@audited(Action.VIEW)
def board(
    boards: TheBoards,
    asked: TheSpan,
    person: BoardReader,
    response: Response,
    since: str = Query("", alias="from", description="the first day; 30 days back where it is left out"),
    until: str = Query("", alias="to", description="the last day; today where it is left out"),
) -> BoardJson:
    """Progress of the work, by office, day and operator."""
    if asked.problems:
        raise RequestError(cause=" ".join(asked.problems.values()))
    response.headers["Cache-Control"] = "no-store"
    return board_json(boards.board(asked.since, asked.until, person.offices(Right.BOARD)))


@router.get("/board/{table}.csv", response_class=Response, responses=downloads.promised("text/csv"))
@audited(Action.EXPORT)
def board_csv(
    table: Literal["offices", "days", "operators"],
    boards: TheBoards,
    asked: TheSpan,
    code: TheLanguage,
    person: BoardReader,
    since: Annotated[str, Query(alias="from")] = "",
    until: Annotated[str, Query(alias="to")] = "",
) -> Response:
    """One of the board's tables as CSV, with the same parameters."""
    if asked.problems:
        raise RequestError(cause=" ".join(asked.problems.values()))
    return routes.table_csv(table, boards.board(asked.since, asked.until, person.offices(Right.BOARD)), code)


def board_json(found: Board) -> BoardJson:
    return BoardJson(
        since=found.since,
        until=found.until,
        stock=_stock(found.total),
        done=_done(found.done),
        offices=[
            LineJson(
                office=line.office,
                name_hi=line.name_hi,
                name_en=line.name_en,
                stock=_stock(line.stock),
                done=_done(line.done),
            )
            for line in found.lines
        ],
        days=[DayJson(day=one.day, done=_done(one.done)) for one in found.days],
        operators=[
            OperatorJson(
                office=one.office,
                operator=one.name,
                pages=one.done.pages,
                hours=one.done.hours,
                pages_an_hour=one.done.pages_an_hour,
                confidence=one.done.confidence,
            )
            for one in found.operators
        ],
    )


def _done(done: Done) -> DoneJson:
    return DoneJson(
        pages=done.pages,
        blank_pages=done.blank,
        documents=done.documents,
        batches_received=done.received,
        batches_rejected=done.rejected,
        confidence=done.confidence,
    )


def _stock(stock: Stock) -> StockJson:
    return StockJson(
        files_registered=stock.registered,
        files_scanned=stock.scanned,
        files_closed=stock.closed,
        documents=stock.documents,
        reviewed=stock.reviewed,
        to_review=stock.to_review,
        batches_waiting=stock.waiting_batches,
        pages_waiting=stock.waiting_pages,
        batches_rejected=stock.rejected,
    )
