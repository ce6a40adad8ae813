"""A document's pages, a file with its two sides, and downloads.

What a page shows is in `view_models`, pictures in `pictures`, HTML in `templates/viewer`.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from pipeline.errors import NotFoundError
from pipeline.locale import translations
from pipeline.model.accounts import Person
from pipeline.model.audit import Action
from pipeline.model.document import Document
from pipeline.model.roles import Right
from pipeline.model.viewer import FilePart, OpenDocument
from pipeline.web import downloads
from pipeline.web.addresses import NO_OFFICE, THUMB
from pipeline.web.audited import audited
from pipeline.web.labels import FILE_STATES, KINDS, STATES
from pipeline.web.language import TheLanguage
from pipeline.web.rendering import NO_STORE, render
from pipeline.web.search import params
from pipeline.web.security.page_permissions import OfficesOf, ThePageOffices, scan_name
from pipeline.web.security.permissions import Looker
from pipeline.web.services import PageNumber, SearchServices, TheServices
from pipeline.web.viewer import originals, pictures, view_models
from pipeline.web.viewer.lookup import document_for, document_open_for, file_for, pages_for
from pipeline.web.viewer.service import TheViewing, ViewerApi

router = APIRouter(include_in_schema=False)

_SIDES = ("original",)  # what may be shown beside the page
_MOST_RELATED = 40  # documents of the same file named on a page


@router.get("/documents/{ident}")
@audited(Action.VIEW)
def document_start(request: Request, ident: str, person: Looker, viewing: TheViewing) -> Response:
    """A document opens at its first page."""
    page_refs = pages_for(person, viewing, ident)
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/documents/{quote(ident, safe='')}/pages/{page_refs[0].number}{query}", status_code=302)


@router.get("/documents/{ident}/pages/{number}")
@audited(Action.VIEW)
def document_page(
    request: Request,
    ident: str,
    number: PageNumber,
    person: Looker,
    services: TheServices,
    viewing: TheViewing,
    offices_of: ThePageOffices,
    code: TheLanguage,
) -> Response:
    """One page: its image with the words searched for marked, its text, and the fields of its document."""
    opened = document_open_for(person, viewing, ident, number)
    asked = params.read(request.query_params, translations(code).gettext)
    places = services.places(ident, asked.query.text) if asked.query.text else {}
    found = view_models.hits(places, number)
    spot = view_models.spot(opened, request.query_params.get("field", ""))
    side = request.query_params.get("side", "")
    return render(
        request,
        "viewer/document.html",
        **_scan_values(opened, person, services, offices_of),
        **_page_values(opened, found),
        number=number,
        asked=asked,
        trail=asked.trail(),
        places=places,
        hits=found,
        spot=spot if spot and spot.page_ref.number == number else None,
        side=side if side in _SIDES else "",
        related=_related(opened, viewing, person),
        may_review=person.may(Right.REVIEW, opened.office),
        may_scan=person.may(Right.SCAN, opened.office),
    )


def _scan_values(
    opened: OpenDocument, person: Person, services: SearchServices, offices_of: OfficesOf
) -> dict[str, Any]:
    """What the page shows of the scan that the document was cut from."""
    batch, offices = services.batch_of(opened.document), offices_of(opened.document.batch)
    return {
        "batch": batch,
        "scan": scan_name(person, Right.VIEW, offices, batch),
        "is_part": not originals.original_of(person, batch, offices, opened.page.source_page).is_whole,
    }


def _page_values(opened: OpenDocument, found: view_models.Hits) -> dict[str, Any]:
    """What the page shows of the document and of its page, with the hits marked."""
    has_image = opened.page.image_key and opened.page_ref.width
    return {
        "document": opened.document,
        "opened": opened,
        "page": opened.page,
        "levels": pictures.levels(opened.page_ref) if has_image else [],
        "thumb": THUMB,
        "pieces": view_models.pieces(opened.page, found.here),
        "fields": view_models.fields(opened),
        "remarks": view_models.remarks(opened.page),
        "file_office": opened.office or NO_OFFICE,
        "kinds": KINDS,
        "states": STATES,
    }


def _related(opened: OpenDocument, viewing: ViewerApi, person: Person) -> list[FilePart]:
    """The file's documents, this one among them."""
    if not opened.document.file_key:
        return []
    file = viewing.file(opened.office, opened.document.file_key)
    return [part for part in file.parts if person.may(Right.VIEW, part.office)][:_MOST_RELATED]


@router.get("/documents/{ident}/pdf")
@audited(Action.DOWNLOAD)
def pdf(ident: str, person: Looker, services: TheServices, offices_of: ThePageOffices) -> Response:
    """The searchable PDF of a document, to be saved. Its name holds the scan and the document."""
    document = document_for(person, services, ident)
    if not document.pdf_key:
        raise NotFoundError(what="PDF", name=ident)
    scan = _scan(person, services, document, offices_of)
    return downloads.attachment(services, document.pdf_key, downloads.PDF, f"{scan}-{document.id}.pdf")


@router.get("/documents/{ident}/original")
@audited(Action.DOWNLOAD)
def original(
    ident: str,
    person: Looker,
    services: TheServices,
    viewing: TheViewing,
    offices_of: ThePageOffices,
    page: Annotated[int, Query(ge=1)] = 1,
) -> Response:
    """The scanned file as it came in, to be saved: the one that holds a page, where several were gathered into one. Who may
    not see every page of it gets those that they may see, as a PDF."""
    return originals.download(person, services, viewing, offices_of, ident, page)


@router.get("/documents/{ident}/text")
@audited(Action.DOWNLOAD)
def text(
    ident: str, person: Looker, services: TheServices, viewing: TheViewing, offices_of: ThePageOffices
) -> Response:
    """The text of a document, to be saved: its pages with a form feed between them, in UTF-8."""
    page_refs = pages_for(person, viewing, ident)
    opened = [viewing.opened(ident, page_ref.number) for page_ref in page_refs]
    scan = _scan(person, services, opened[0].document, offices_of)
    headers = {"Content-Disposition": downloads.disposition(f"{scan}-{ident}.txt")} | NO_STORE
    return PlainTextResponse("\n\f\n".join(one.page.text for one in opened) + "\n", headers=headers)


def _scan(person: Person, services: SearchServices, document: Document, offices_of: OfficesOf) -> str:
    """The name of the document's scan, as far as the person may know it, without its ending."""
    return PurePath(scan_name(person, Right.VIEW, offices_of(document.batch), services.batch_of(document))).stem


@router.get("/files/{office}/{key:path}")
@audited(Action.VIEW)
def file_page(request: Request, office: str, key: str, person: Looker, viewing: TheViewing) -> Response:
    """A file as it lies open: noting on the left, correspondence on the right, and what the register says of it."""
    return render(
        request,
        "viewer/file.html",
        file=file_for(person, viewing, office, key),
        address=f"/files/{quote(office, safe='')}/{quote(key)}",
        thumb=THUMB,
        kinds=KINDS,
        states=STATES,
        file_states=FILE_STATES,
    )
