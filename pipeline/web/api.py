"""JSON for other programs: the same values as the commands print with `--json`, set down in the contract.

No HTML and no shapes of its own; those are in `pipeline.contract`.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.encoders import jsonable_encoder
from starlette.responses import JSONResponse

from pipeline import contract
from pipeline.errors import UsageError
from pipeline.web import asking, language
from pipeline.web.language import TheLanguage
from pipeline.web.library import TheLibrary
from pipeline.web.rendering import NO_STORE

router = APIRouter(prefix="/api/v1", tags=["search"])


@router.get("/search")
def search(request: Request, library: TheLibrary, code: TheLanguage) -> JSONResponse:
    """Find pages: `q`, `file_no`, `office`, `from`, `to`, `kind`, `limit`, `offset`."""
    asked = asking.read(request.query_params, language.translations(code).gettext)
    if asked.problems:
        raise UsageError(cause=" ".join(asked.problems.values()))
    return JSONResponse(contract.answer_json(library.search(asked.query)), headers=NO_STORE)


@router.get("/documents/{ident}")
def document(ident: str, library: TheLibrary) -> JSONResponse:
    """One document, whole."""
    found = library.document(ident)
    return JSONResponse(contract.document_json(found, library.batch_of(found)), headers=NO_STORE)


@router.get("/status")
def status(library: TheLibrary) -> JSONResponse:
    """How work stands."""
    return JSONResponse(jsonable_encoder(library.status()), headers=NO_STORE)  # it tells times
