"""The pages people see: search, a page of a document, how work stands.

Reading the query string is in `asking`, what a document's page shows in `sheet`, HTML in `templates/`, streaming in
`downloads`. Everything known about records comes from the `Library`.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from pipeline.errors import NotFoundError
from pipeline.model import Document, ReadPage
from pipeline.web import asking, downloads, faults, language, sheet
from pipeline.web.language import N_, TheLanguage
from pipeline.web.library import TheLibrary
from pipeline.web.rendering import render

router = APIRouter(include_in_schema=False)

A_YEAR = 365 * 24 * 3600
REFRESH_SECONDS = 5
BAD_REQUEST = 400
_OWN_PATH = re.compile(r"/(?![/\\])\S*")
COUNTS = {
    "inbox": N_("In the inbox"),
    "working": N_("In work"),
    "failed": N_("Failed, will be tried again"),
    "rejected": N_("Rejected, a person must act"),
    "review": N_("Waiting for review"),
    "documents": N_("Documents"),
    "pages": N_("Pages"),
    "blank_pages": N_("Blank pages"),
    "files": N_("File numbers"),
}
PARTS = {
    "store": N_("Object store"),
    "database": N_("Database"),
    "index": N_("Search index"),
    "watcher": N_("Inbox watcher"),
    "workers": N_("Workers"),
    "ocr": N_("Text recognition"),
    "web": N_("Search page"),
}


@router.get("/")
def search_page(request: Request, library: TheLibrary, code: TheLanguage) -> Response:
    """The search box, and what was found."""
    asked = asking.read(request.query_params, language.translations(code).gettext)
    if asked.is_empty or asked.problems:
        status = BAD_REQUEST if asked.problems else 200
        return render(request, "search.html", http_status=status, asked=asked, answer=None, kinds=sheet.KINDS)
    answer = library.search(asked.query)
    start, size = asked.query.offset, asked.query.limit
    return render(
        request,
        "search.html",
        asked=asked,
        answer=answer,
        kinds=sheet.KINDS,
        previous=asked.trail(max(start - size, 0)) if start else None,
        following=asked.trail(start + size) if start + size < answer.total else None,
    )


@router.get("/documents/{ident}")
def document_start(request: Request, ident: str, library: TheLibrary) -> Response:
    """A document opens at its first page."""
    document = library.document(ident)
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/documents/{quote(document.id, safe='')}/pages/1{query}", status_code=302)


@router.get("/documents/{ident}/pages/{number}")
def document_page(request: Request, ident: str, number: int, library: TheLibrary, code: TheLanguage) -> Response:
    """One page: its image with the words searched for marked, its text, and the fields of its document."""
    document = library.document(ident)
    page = _page(document, number)
    asked = asking.read(request.query_params, language.translations(code).gettext)
    boxes = library.boxes(document.id, number, asked.query.text) if asked.query.text else []
    return render(
        request,
        "document.html",
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
        kinds=sheet.KINDS,
    )


@router.get("/documents/{ident}/pages/{number}/image")
def page_image(ident: str, number: int, library: TheLibrary) -> Response:
    """The image of a page, as it was read."""
    page = _page(library.document(ident), number)
    if not page.image_key:
        raise NotFoundError(what="page", name=f"{ident}/{number}")
    return downloads.image(library, page.image_key)


@router.get("/documents/{ident}/pdf")
def pdf(ident: str, library: TheLibrary) -> Response:
    """The searchable PDF of a document, to be saved. Its name tells the scan and the document."""
    document = library.document(ident)
    if not document.pdf_key:
        raise NotFoundError(what="PDF", name=ident)
    scan = PurePath(library.batch_of(document).source.name).stem
    return downloads.attachment(library, document.pdf_key, downloads.PDF, f"{scan}-{document.id}.pdf")


@router.get("/documents/{ident}/original")
def original(ident: str, library: TheLibrary) -> Response:
    """The scanned file as it came in, to be saved."""
    batch = library.batch_of(library.document(ident))
    source = batch.source
    return downloads.attachment(library, batch.original_key, source.media_type.value, source.name, source.bytes)


@router.get("/status")
def status_page(request: Request, library: TheLibrary) -> Response:
    """How work stands; the page loads itself again."""
    status = library.status()
    parts = status.get("parts")
    return render(
        request,
        "status.html",
        status=status,
        counts=COUNTS,
        parts=parts if isinstance(parts, dict) else {},
        part_names=PARTS,
        refresh=REFRESH_SECONDS,
    )


@router.get("/language/{wanted}")
def pick_language(request: Request, wanted: str, back: str = "/") -> Response:
    """Remember a language and return to where the visitor was; never to another site."""
    if wanted not in language.LANGUAGES:
        raise faults.no_address(request)
    answer = RedirectResponse(back if _OWN_PATH.fullmatch(back) else "/", status_code=303)
    answer.set_cookie(language.COOKIE, wanted, max_age=A_YEAR, httponly=True, samesite="lax")
    return answer


@router.get("/healthz")
def healthz() -> PlainTextResponse:
    return PlainTextResponse("ok")


def _page(document: Document, number: int) -> ReadPage:
    """A page by its number inside the document, from 1. Raises `NotFoundError`."""
    if not 1 <= number <= len(document.pages):
        raise NotFoundError(what="page", name=f"{document.id}/{number}")
    return document.pages[number - 1]
