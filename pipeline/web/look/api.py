"""Documents as JSON for other programs: the same values as the command prints with `--json`."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from pipeline import contract
from pipeline.web.gate import Looker
from pipeline.web.library import TheLibrary
from pipeline.web.look.finding import document_for
from pipeline.web.rendering import NO_STORE

router = APIRouter(prefix="/api/v1", tags=["look"])


@router.get("/documents/{ident}")
def document(ident: str, person: Looker, library: TheLibrary) -> JSONResponse:
    """One document, whole."""
    found = document_for(person, library, ident)
    return JSONResponse(contract.document_json(found, library.batch_of(found)), headers=NO_STORE)
