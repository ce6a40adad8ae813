"""The addresses of the IIIF standards. What is answered is made in `iiif`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.errors import NotFoundError
from pipeline.model.accounts import Person
from pipeline.model.audit import Action
from pipeline.model.viewer import PageRef
from pipeline.web.audited import Recording, audited, not_audited
from pipeline.web.rendering import NO_STORE
from pipeline.web.security.permissions import Looker
from pipeline.web.services import PageNumber
from pipeline.web.viewer import iiif
from pipeline.web.viewer.lookup import document_open_for, file_for, page_for, pages_for
from pipeline.web.viewer.pictures import picture
from pipeline.web.viewer.service import TheViewing, ViewerApi

PREFIX = "/iiif"
router = APIRouter(prefix=PREFIX, tags=["iiif"], default_response_class=Response)
MANIFEST: dict[int | str, dict[str, Any]] = {
    200: {"description": "As the standard says", "content": {"application/ld+json": {}}}
}
DRAWN: dict[int | str, dict[str, Any]] = {200: {"description": "The picture", "content": {"image/jpeg": {}}}}


class Viewers:
    """Lets viewers that are served elsewhere read what lies under `/iiif`, from the origins that the settings name. They
    come with a token; cookies are never taken."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self.app = app
        self.open = CORSMiddleware(app, allow_origins=origins, allow_headers=["Authorization"], max_age=3600)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_ours = scope["type"] == "http" and scope["path"].startswith(f"{PREFIX}/")
        await (self.open if is_ours else self.app)(scope, receive, send)


@router.get("/documents/{ident}/manifest.json", responses=MANIFEST)
@audited(Action.VIEW)
def document_manifest(request: Request, ident: str, person: Looker, viewing: TheViewing) -> Response:
    """A document as a IIIF manifest (Presentation API 3.0)."""
    page_refs = pages_for(person, viewing, ident)
    document = document_open_for(person, viewing, ident, page_refs[0].number).document
    return _json(iiif.of_document(_base(request), document, page_refs), iiif.PRESENTATION)


@router.get("/files/{office}/{key:path}/manifest.json", responses=MANIFEST)
@audited(Action.VIEW)
def file_manifest(request: Request, office: str, key: str, person: Looker, viewing: TheViewing) -> Response:
    """A whole file as a IIIF manifest (Presentation API 3.0)."""
    file = file_for(person, viewing, office, key)
    page_refs = {part.id: viewing.page_refs(part.id) for part in file.parts}
    return _json(iiif.of_file(_base(request), file, page_refs), iiif.PRESENTATION)


@router.get("/images/{ident}/{number}", responses=MANIFEST)
@not_audited("leads to info.json")
def image_start(request: Request, ident: str, number: PageNumber, person: Looker, viewing: TheViewing) -> Response:
    """To the description of the image."""
    return RedirectResponse(
        f"{iiif.image_id(_base(request), _page_ref(person, viewing, ident, number))}/info.json", 303
    )


@router.get("/images/{ident}/{number}/info.json", responses=MANIFEST)
@audited(Action.VIEW, Recording.WITH_PAGE)
def image_info(request: Request, ident: str, number: PageNumber, person: Looker, viewing: TheViewing) -> Response:
    """A page image as a IIIF image service (Image API 3.0, level 1)."""
    return _json(iiif.info(_base(request), _page_ref(person, viewing, ident, number)), iiif.IMAGE)


@router.get("/images/{ident}/{number}/{region}/{size}/{rotation}/{quality}.jpg", responses=DRAWN)
@audited(Action.VIEW, Recording.WITH_PAGE)
def image(
    request: Request,
    ident: str,
    number: PageNumber,
    region: str,
    size: str,
    rotation: str,
    quality: str,
    person: Looker,
    viewing: TheViewing,
) -> Response:
    """A piece of a page image, in the size that is asked for (Image API 3.0)."""
    page_ref = _page_ref(person, viewing, ident, number)
    return picture(request, viewing, page_ref, iiif.wanted(page_ref, region, size, rotation, quality))


def _page_ref(person: Person, viewing: ViewerApi, ident: str, number: int) -> PageRef:
    page_ref = page_for(person, viewing, ident, number)
    if not page_ref.image_key or not page_ref.width or not page_ref.height:
        raise NotFoundError(what="page", name=f"{ident}/{number}")
    return page_ref


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _json(value: Any, context: str) -> Response:
    text = json.dumps(value, ensure_ascii=False)
    return Response(text, media_type=f'application/ld+json;profile="{context}"', headers=NO_STORE)
