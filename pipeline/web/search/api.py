"""Search as JSON for other programs and for the search box: the same values as the command prints with `--json`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from pipeline.db.saved_searches import LONGEST_NAME, SavedSearch
from pipeline.errors import NotFoundError, RequestError
from pipeline.locale import translations
from pipeline.model import contract
from pipeline.model.audit import Action
from pipeline.model.roles import Right
from pipeline.web import downloads
from pipeline.web.audited import Recording, audited
from pipeline.web.health import origin
from pipeline.web.language import TheLanguage
from pipeline.web.rendering import NO_STORE
from pipeline.web.search import params, routes
from pipeline.web.search.models import AnswerJson
from pipeline.web.search.saved import TheSaved
from pipeline.web.security.permissions import Looker
from pipeline.web.services import TheServices

router = APIRouter(prefix="/api/v1", tags=["find"])


@router.get("/search", response_model=AnswerJson)
@audited(Action.SEARCH)
def search(
    request: Request,
    person: Looker,
    services: TheServices,
    code: TheLanguage,
    q: Annotated[str, Query(description="Words, or a file number; see “Search” in the documentation.")] = "",
    file_no: Annotated[str, Query(description="Only this file, however its number is written.")] = "",
    office: Annotated[str, Query(description="Only the office with this code.")] = "",
    since: Annotated[str, Query(alias="from", description="A day, 2004-11-07 or 7.11.2004, or a year.")] = "",
    to: Annotated[str, Query(description="The last day, or year.")] = "",
    kind: Annotated[str, Query(description="cover, noting, letter, order or other.")] = "",
    status: Annotated[str, Query(description="needs_review, filed or reviewed.")] = "",
    sort: Annotated[str, Query(description="best, newest or oldest.")] = "",
    limit: Annotated[str, Query(description="1 to 100.")] = "",
    offset: Annotated[str, Query(description="From which hit on.")] = "",
) -> JSONResponse:
    """Find pages, with the counts of each filter."""
    asked = params.read(request.query_params, translations(code).gettext)
    if asked.problems:
        raise RequestError(cause=" ".join(asked.problems.values()))
    found = services.search(replace(asked.query, offices=person.offices(Right.VIEW), facets=True))
    return JSONResponse(contract.answer_json(found), headers=NO_STORE)


@router.get("/search.csv", response_class=Response, responses=downloads.promised("text/csv"))
@audited(Action.EXPORT)
def search_csv(
    request: Request,
    person: Looker,
    services: TheServices,
    code: TheLanguage,
    q: str = "",
    file_no: str = "",
    office: str = "",
    since: Annotated[str, Query(alias="from")] = "",
    to: str = "",
    kind: str = "",
    status: str = "",
    sort: str = "",
) -> Response:
    """What a search finds, as a list for a spreadsheet: the first thousand pages. Asked like a search."""
    translate = translations(code).gettext
    asked = params.read(request.query_params, translate)
    if asked.problems or asked.asks_for_nothing:
        raise RequestError(cause=" ".join(asked.problems.values()) or "it asks for nothing")
    return routes.results_list(services, person, asked, translate, origin(request))


class SuggestionsJson(BaseModel):
    suggestions: list[str]


@router.get("/suggest")
@audited(Action.SEARCH, Recording.COUNTED)
def suggest(
    person: Looker,
    services: TheServices,
    response: Response,
    q: Annotated[str, Query(max_length=params.LONGEST_TEXT, description="What was typed so far.")] = "",
) -> SuggestionsJson:
    """What the beginning of a question may become: file numbers, subjects, words."""
    response.headers.update(NO_STORE)
    text = params.clean(q)
    return SuggestionsJson(suggestions=services.suggest(text, person.offices(Right.VIEW)) if text else [])


class SavedJson(BaseModel):
    """A search that somebody keeps; `query` is the query string of `/api/v1/search` and of the search page."""

    id: str
    name: str
    query: str
    created_at: datetime


class SavedListJson(BaseModel):
    searches: list[SavedJson]


class ToSaveJson(BaseModel):
    name: str = Field("", max_length=LONGEST_NAME)
    query: str = Field(max_length=8000, examples=["q=सीमांकन&kind=letter"])


@router.get("/searches")
@audited(Action.VIEW, Recording.COUNTED)
def saved_searches(person: Looker, saved: TheSaved, response: Response) -> SavedListJson:
    """The searches that you keep."""
    response.headers.update(NO_STORE)
    return SavedListJson(searches=[_saved(one) for one in saved.of(person.name)])


@router.post("/searches", status_code=201)
@audited(Action.OTHER)
def save_search(wanted: ToSaveJson, person: Looker, saved: TheSaved, code: TheLanguage) -> SavedJson:
    """Keep a search; one of the same name is replaced."""
    asked = params.read(params.parameters(wanted.query), translations(code).gettext)
    if asked.problems or asked.asks_for_nothing:
        raise RequestError(cause=" ".join(asked.problems.values()) or "it asks for nothing")
    return _saved(saved.save(person.name, params.clean(wanted.name) or params.title(asked), asked.instead()))


@router.delete("/searches/{search}", status_code=204)
@audited(Action.OTHER)
def forget_search(search: str, person: Looker, saved: TheSaved) -> None:
    """Keep a search no longer."""
    if not saved.forget(person.name, search):
        raise NotFoundError(what="search", name=search)


def _saved(one: SavedSearch) -> SavedJson:
    return SavedJson(id=one.ident, name=one.name, query=one.asked, created_at=one.created_at)
