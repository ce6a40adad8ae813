"""The search page. Reading the query string is in `asking`, HTML in `templates/find`."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from pipeline.people import Right
from pipeline.web import language
from pipeline.web.find import asking
from pipeline.web.gate import Looker
from pipeline.web.language import TheLanguage
from pipeline.web.library import TheLibrary
from pipeline.web.names import KINDS
from pipeline.web.rendering import render

router = APIRouter(include_in_schema=False)

BAD_REQUEST = 400


@router.get("/")
def search_page(request: Request, person: Looker, library: TheLibrary, code: TheLanguage) -> Response:
    """The search box, and what was found."""
    asked = asking.read(request.query_params, language.translations(code).gettext)
    if asked.is_empty or asked.problems:
        status = BAD_REQUEST if asked.problems else 200
        return render(request, "find/search.html", http_status=status, asked=asked, answer=None, kinds=KINDS)
    answer = library.search(replace(asked.query, offices=person.offices(Right.LOOK)))
    start, size = asked.query.offset, asked.query.limit
    return render(
        request,
        "find/search.html",
        asked=asked,
        answer=answer,
        kinds=KINDS,
        previous=asked.trail(max(start - size, 0)) if start else None,
        following=asked.trail(start + size) if start + size < answer.total else None,
    )
