"""A document's pages and its downloads. What a page shows is in `sheet`, HTML in `templates/look`."""

from __future__ import annotations

from pathlib import PurePath
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from pipeline.errors import NotFoundError
from pipeline.web import downloads, language
from pipeline.web.find import asking
from pipeline.web.gate import Looker
from pipeline.web.language import TheLanguage
from pipeline.web.library import TheLibrary
from pipeline.web.look import sheet
from pipeline.web.look.finding import document_for, page_of
from pipeline.web.names import KINDS
from pipeline.web.rendering import render

router = APIRouter(include_in_schema=False)


@router.get("/documents/{ident}")
def document_start(request: Request, ident: str, person: Looker, library: TheLibrary) -> Response:
    """A document opens at its first page."""
    document = document_for(person, library, ident)
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/documents/{quote(document.id, safe='')}/pages/1{query}", status_code=302)


@router.get("/documents/{ident}/pages/{number}")
def document_page(
    request: Request, ident: str, number: int, person: Looker, library: TheLibrary, code: TheLanguage
) -> Response:
    """One page: its image with the words searched for marked, its text, and the fields of its document."""
    document = document_for(person, library, ident)
    page = page_of(document, number)
    asked = asking.read(request.query_params, language.translations(code).gettext)
    boxes = library.boxes(document.id, number, asked.query.text) if asked.query.text else []
    return render(
        request,
        "look/document.html",
        document=document,
        batch=library.batch_of(document),
        page=page,
        number=number,
        asked=asked,
        trail=asked.trail(),
        boxes=boxes,
        pieces=sheet.pieces(page, boxes),
        fields=sheet.fields(document),
        remarks=sheet.remarks(page),
        kinds=KINDS,
    )


@router.get("/documents/{ident}/pages/{number}/image")
def page_image(ident: str, number: int, person: Looker, library: TheLibrary) -> Response:
    """The image of a page, as it was read."""
    page = page_of(document_for(person, library, ident), number)
    if not page.image_key:
        raise NotFoundError(what="page", name=f"{ident}/{number}")
    return downloads.image(library, page.image_key)


@router.get("/documents/{ident}/pdf")
def pdf(ident: str, person: Looker, library: TheLibrary) -> Response:
    """The searchable PDF of a document, to be saved. Its name tells the scan and the document."""
    document = document_for(person, library, ident)
    if not document.pdf_key:
        raise NotFoundError(what="PDF", name=ident)
    scan = PurePath(library.batch_of(document).source.name).stem
    return downloads.attachment(library, document.pdf_key, downloads.PDF, f"{scan}-{document.id}.pdf")


@router.get("/documents/{ident}/original")
def original(ident: str, person: Looker, library: TheLibrary) -> Response:
    """The scanned file as it came in, to be saved."""
    batch = library.batch_of(document_for(person, library, ident))
    source = batch.source
    return downloads.attachment(library, batch.original_key, source.media_type.value, source.name, source.bytes)
