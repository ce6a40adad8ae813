"""The search page, its results as CSV, and the searches that somebody keeps.

The query string is parsed in `params`, what of an answer is shown is in `view_models`, HTML in `templates/search`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response, StreamingResponse

from pipeline.errors import NotFoundError
from pipeline.formats import plain_csv
from pipeline.locale import translations
from pipeline.model.accounts import Person
from pipeline.model.audit import Action
from pipeline.model.roles import Right
from pipeline.model.search import Answer, Hit
from pipeline.web import downloads
from pipeline.web.addresses import NO_OFFICE, THUMB
from pipeline.web.audited import Recording, audited
from pipeline.web.health import origin
from pipeline.web.labels import KINDS, STATES
from pipeline.web.language import TheLanguage
from pipeline.web.rendering import NO_STORE, render
from pipeline.web.search import params, view_models
from pipeline.web.search.saved import TheSaved
from pipeline.web.security.permissions import Looker
from pipeline.web.services import SearchServices, TheServices

router = APIRouter(include_in_schema=False)

BAD_REQUEST, SEE_OTHER = 400, 303
MOST_LINES = 1000  # of a list of results


class SaveSearchForm(BaseModel):
    """A query string to be saved, and the name that it is to have."""

    asked: str = Field("", max_length=3000)
    name: str = Field("", max_length=3000)


@router.get("/")
@audited(Action.SEARCH, Recording.WITH_QUERY)
def search_page(
    request: Request, person: Looker, services: TheServices, saved: TheSaved, code: TheLanguage
) -> Response:
    """The search box, and what was found."""
    translate = translations(code).gettext
    asked = params.read(request.query_params, translate)
    if asked.asks_for_nothing or asked.problems:
        status = BAD_REQUEST if asked.problems else 200
        return _page(request, asked, saved=saved.of(person.name), http_status=status)
    answer = _find(services, person, asked)
    start, size = asked.query.offset, asked.query.limit
    return _page(
        request,
        asked,
        answer,
        groups=view_models.groups(answer.hits, asked.query.order),
        filters=view_models.filters(asked, answer, services.office_names(code), translate),
        readings=view_models.readings(asked, answer, "readings"),
        also=view_models.readings(asked, answer, "also"),
        exactly=view_models.exactly(asked, answer),
        number=view_models.as_number(asked, answer),
        previous=asked.trail(max(start - size, 0)) if start else None,
        following=asked.trail(start + size) if start + size < answer.total else None,
    )


def _page(
    request: Request,
    asked: params.SearchParams,
    answer: Answer | None = None,
    *,
    http_status: int = 200,
    **more: object,
) -> Response:
    values: dict[str, object] = {"saved": (), "groups": (), "filters": ()} | more
    return render(
        request,
        "search/search.html",
        http_status=http_status,
        asked=asked,
        answer=answer,
        kinds=KINDS,
        states=STATES,
        orders=view_models.ORDERS,
        thumb=THUMB,
        no_office=NO_OFFICE,
        most_lines=MOST_LINES,
        **values,
    )


def _find(services: SearchServices, person: Person, asked: params.SearchParams) -> Answer:
    return services.search(replace(asked.query, offices=person.offices(Right.VIEW), facets=True))


@router.get("/results.csv")
@audited(Action.EXPORT)
def results_csv(request: Request, person: Looker, services: TheServices, code: TheLanguage) -> Response:
    """What a question finds, as a list for a spreadsheet: the first `MOST_LINES` pages, in the order of the page."""
    translate = translations(code).gettext
    asked = params.read(request.query_params, translate)
    if asked.asks_for_nothing or asked.problems:
        return _page(request, asked, http_status=BAD_REQUEST)
    return results_list(services, person, asked, translate, origin(request))


def results_list(
    services: SearchServices, person: Person, asked: params.SearchParams, translate: params.Translate, where: str
) -> Response:
    """The list itself; `where` is the address of this application."""
    query = replace(asked.query, offices=person.offices(Right.VIEW), limit=MOST_LINES, offset=0)
    headers = {"Content-Disposition": downloads.disposition("abhilekh-results.csv")} | NO_STORE
    rows = _rows(services.search(query).hits, translate, where)
    return StreamingResponse(plain_csv.lines(rows), media_type="text/csv; charset=utf-8", headers=headers)


def _rows(hits: tuple[Hit, ...], _: params.Translate, where: str) -> Iterator[list[object]]:
    yield [
        _("File number"),
        _("Subject"),
        _("Date"),
        _("Kind"),
        _("Office"),
        _("Page"),
        _("State"),
        _("Found words"),
        _("Document"),
        _("Address"),
    ]
    for hit in hits:
        address = f"{where}/documents/{hit.document}/pages/{hit.page}"
        yield [
            hit.file_no,
            hit.subject,
            hit.date.isoformat() if hit.date else None,
            _(KINDS[hit.kind]),
            hit.office,
            hit.page,
            _(STATES[hit.state]),
            hit.snippet,
            hit.document,
            address,
        ]


@router.post("/searches")
@audited(Action.OTHER)
def save_search(
    person: Looker, saved: TheSaved, code: TheLanguage, form: Annotated[SaveSearchForm, Form()]
) -> Response:
    """Keep a question under a name, and go back to what it finds."""
    translate = translations(code).gettext
    read = params.read(params.parameters(form.asked), translate)
    if read.asks_for_nothing or read.problems:
        return RedirectResponse("/", SEE_OTHER)
    saved.save(person.name, params.clean(form.name) or params.title(read), read.instead())
    return RedirectResponse(f"/?{read.instead()}&saved=1", SEE_OTHER)


@router.post("/searches/{search}/forget")
@audited(Action.OTHER)
def forget_search(search: str, person: Looker, saved: TheSaved) -> Response:
    if not saved.forget(person.name, search):
        raise NotFoundError(what="search", name=search)
    return RedirectResponse("/", SEE_OTHER)
