"""Progress of the work: the page for the review meeting, and its tables as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from pipeline.formats import plain_csv
from pipeline.model.audit import Action
from pipeline.model.roles import Right
from pipeline.model.statistics import Board, Day, Done
from pipeline.web import downloads, error_pages
from pipeline.web.audited import audited
from pipeline.web.charts import bars
from pipeline.web.language import TheLanguage
from pipeline.web.rendering import NO_STORE, render
from pipeline.web.security.permissions import BoardReader
from pipeline.web.statistics.params import PRESETS, TheBoards, TheSpan

router = APIRouter(include_in_schema=False)

_MOST_BARS = 62  # days that have a bar of their own; above it, months have
HUNDRED = 100.0
CSV = "text/csv; charset=utf-8"


@router.get("/progress")
@audited(Action.VIEW)
def board_page(request: Request, boards: TheBoards, asked: TheSpan, person: BoardReader) -> Response:
    """The board of the days asked for."""
    board = boards.board(asked.since, asked.until, person.offices(Right.BOARD))
    spans = grouped(board.days)
    return render(
        request,
        "statistics/progress.html",
        board=board,
        problems=asked.problems,
        pages=bars([(name, done.pages) for name, done in spans]),
        confidence=bars([(name, round((done.confidence or 0) * HUNDRED)) for name, done in spans], top=HUNDRED),
        spans=spans,
        presets=[(label, date.today() - timedelta(days=days - 1)) for days, label in PRESETS],
        today=date.today(),
    )


def grouped(days: Sequence[Day]) -> list[tuple[str, Done]]:
    """The days under short names, or the months where there are too many days for a chart."""
    if len(days) <= _MOST_BARS:
        return [(f"{one.day:%d-%m}", one.done) for one in days]
    months: dict[str, Done] = {}
    for one in days:
        name = f"{one.day:%m-%Y}"
        months[name] = months.get(name, Done()) + one.done
    return list(months.items())


@router.get("/progress/{table}.csv")
@audited(Action.EXPORT)
def board_csv(
    request: Request, table: str, boards: TheBoards, asked: TheSpan, code: TheLanguage, person: BoardReader
) -> Response:
    """One of the board's tables: offices, days, operators."""
    if table not in TABLES:
        raise error_pages.no_address(request)
    return table_csv(table, boards.board(asked.since, asked.until, person.offices(Right.BOARD)), code)


def table_csv(table: str, board: Board, code: str) -> Response:
    """A table of the board, by its name in `TABLES`."""
    name = f"{table}-{board.since.isoformat()}-{board.until.isoformat()}.csv"
    headers = {"Content-Disposition": downloads.disposition(name)} | NO_STORE
    return StreamingResponse(plain_csv.lines(TABLES[table](board, code)), media_type=CSV, headers=headers)


def office_rows(board: Board, code: str) -> Iterator[Sequence[object]]:
    yield (
        "office",
        "name",
        "files_registered",
        "files_scanned",
        "files_closed",
        "documents",
        "reviewed",
        "to_review",
        "pages_waiting",
        "batches_rejected",
        "pages_read",
        "pages_blank",
        "documents_filed",
        "confidence",
    )
    for line in board.lines:
        stock, done = line.stock, line.done
        yield (
            line.office,
            line.name_hi if code == "hi" else line.name_en,
            stock.registered,
            stock.scanned,
            stock.closed,
            stock.documents,
            stock.reviewed,
            stock.to_review,
            stock.waiting_pages,
            stock.rejected,
            done.pages,
            done.blank,
            done.documents,
            _rounded(done.confidence, 3),
        )


def day_rows(board: Board, code: str) -> Iterator[Sequence[object]]:
    yield "day", "batches_received", "batches_rejected", "pages_read", "pages_blank", "documents_filed", "confidence"
    for one in board.days:
        done = one.done
        yield (
            one.day.isoformat(),
            done.received,
            done.rejected,
            done.pages,
            done.blank,
            done.documents,
            _rounded(done.confidence, 3),
        )


def operator_rows(board: Board, code: str) -> Iterator[Sequence[object]]:
    yield "office", "operator", "pages_read", "hours", "pages_an_hour", "confidence"
    for one in board.operators:
        done = one.done
        yield (
            one.office,
            one.name,
            done.pages,
            done.hours,
            _rounded(done.pages_an_hour, 1),
            _rounded(done.confidence, 3),
        )


TABLES = {"offices": office_rows, "days": day_rows, "operators": operator_rows}


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)
