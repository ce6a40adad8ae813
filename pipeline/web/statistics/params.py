"""The statistics as a dependency of routes, and the period of the query. The counting is in `db.statistics`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Protocol, cast

from fastapi import Depends, Request

from pipeline.locale import N_, translations
from pipeline.model.statistics import Board
from pipeline.web import language
from pipeline.web.search.params import clean, to_day

USUAL_DAYS = 30
MOST_DAYS = 1100
PRESETS = ((1, N_("Today")), (7, N_("7 days")), (30, N_("30 days")), (365, N_("12 months")))


class StatisticsApi(Protocol):
    """May also raise the TRANSIENT errors of the database."""

    def board(self, since: date, until: date, offices: frozenset[str] | None) -> Board:
        """The board of these days, both ends with them; offices None stands for every one."""


def of(request: Request) -> StatisticsApi:
    return cast(StatisticsApi, request.app.state.services.boards)


TheBoards = Annotated[StatisticsApi, Depends(of)]


@dataclass(frozen=True, slots=True)
class Span:
    """The days asked for, as typed and as understood; what could not be understood is a problem."""

    since: date
    until: date
    problems: dict[str, str]


def span(request: Request) -> Span:
    """`from` and `to` of the query; without them, the last 30 days."""
    _ = translations(language.chosen(request)).gettext
    problems: dict[str, str] = {}
    today = date.today()

    def day(name: str, usual: date) -> date:
        typed = clean(request.query_params.get(name, ""))
        try:
            return to_day(typed, end=name == "to") if typed else usual
        except ValueError:
            problems[name] = _("“%(text)s” is not a date. Write it like 07-11-2004, or only the year.") % {
                "text": typed
            }
            return usual

    until = min(day("to", today), today)
    since = day("from", until - timedelta(days=USUAL_DAYS - 1))
    if since > until:
        problems["to"] = _("The last day lies before the first.")
        since = until
    if (until - since).days >= MOST_DAYS:
        problems["from"] = _("More than three years were asked for; the last three are shown.")
        since = until - timedelta(days=MOST_DAYS - 1)
    return Span(since, until, problems)


TheSpan = Annotated[Span, Depends(span)]
