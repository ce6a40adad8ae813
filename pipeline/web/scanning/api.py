"""The system status as JSON for other programs."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.encoders import jsonable_encoder
from starlette.responses import JSONResponse

from pipeline.errors.paths import without_paths_in
from pipeline.web.audited import not_audited
from pipeline.web.rendering import NO_STORE
from pipeline.web.security.permissions import Caretaker
from pipeline.web.services import TheServices

router = APIRouter(prefix="/api/v1", tags=["watch"])


@router.get("/status")
@not_audited("services and counts; no record")
def status(person: Caretaker, services: TheServices) -> JSONResponse:
    """How work stands, in every office."""
    return JSONResponse(jsonable_encoder(without_paths_in(services.status())), headers=NO_STORE)  # it holds times
