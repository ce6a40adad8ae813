"""Search as JSON for other programs: the same values as the command prints with `--json`."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from pipeline import contract
from pipeline.errors import UsageError
from pipeline.people import Right
from pipeline.web import language
from pipeline.web.find import asking
from pipeline.web.gate import Looker
from pipeline.web.language import TheLanguage
from pipeline.web.library import TheLibrary
from pipeline.web.rendering import NO_STORE

router = APIRouter(prefix="/api/v1", tags=["find"])


@router.get("/search")
def search(request: Request, person: Looker, library: TheLibrary, code: TheLanguage) -> JSONResponse:
    """Find pages: `q`, `file_no`, `office`, `from`, `to`, `kind`, `limit`, `offset`."""
    asked = asking.read(request.query_params, language.translations(code).gettext)
    if asked.problems:
        raise UsageError(cause=" ".join(asked.problems.values()))
    found = library.search(replace(asked.query, offices=person.offices(Right.LOOK)))
    return JSONResponse(contract.answer_json(found), headers=NO_STORE)
