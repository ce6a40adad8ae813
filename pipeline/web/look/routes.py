"""A document's pages, a file with its two sides, and downloads.

What a page shows is in `sheet`, pictures in `pictures`, HTML in `templates/look`.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from pipeline.errors import NotFoundError
from pipeline.looking.model import Opened, Part
from pipeline.model import Document
from pipeline.people.model import Right
from pipeline.web import downloads, language
from pipeline.web.find import asking
from pipeline.web.gate import Looker
from pipeline.web.language import TheLanguage
from pipeline.web.library import Library, PageNumber, TheLibrary
from pipeline.web.look import originals, pictures, sheet
from pipeline.web.look.finding import NO_OFFICE, document_for, file_for, leaves_for, opened_for
from pipeline.web.look.viewing import TheViewing, Viewing
from pipeline.web.names import FILE_STATES, KINDS, STATES
from pipeline.web.permissions import OfficesOf, ThePageOffices, scan_name
from pipeline.web.rendering import NO_STORE, render

router = APIRouter(include_in_schema=False)

_SIDES = ("original",)  # what may be shown beside the page
_MOST_RELATED = 40  # documents of the same file named on a page


@router.get("/documents/{ident}")
def document_start(request: Request, ident: str, person: Looker, viewing: TheViewing) -> Response:
    """A document opens at its first page."""
    leaves = leaves_for(person, viewing, ident)
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/documents/{quote(ident, safe='')}/pages/{leaves[0].number}{query}", status_code=302)


@router.get("/documents/{ident}/pages/{number}")
def document_page(
    request: Request,
    ident: str,
    number: PageNumber,
    person: Looker,
    library: TheLibrary,
    viewing: TheViewing,
    offices_of: ThePageOffices,
    code: TheLanguage,
) -> Response:
    """One page: its image with the words searched for marked, its text, and the fields of its document."""
    opened = opened_for(person, viewing, ident, number)
    asked = asking.read(request.query_params, language.translations(code).gettext)
    places = library.places(ident, asked.query.text) if asked.query.text else {}
    found = sheet.hits(places, number)
    wanted = sheet.spot(opened, request.query_params.get("field", ""))
    side = request.query_params.get("side", "")
    batch, offices = library.batch_of(opened.document), offices_of(opened.document.batch)
    return render(
        request,
        "look/document.html",
        document=opened.document,
        opened=opened,
        batch=batch,
        scan=scan_name(person, Right.LOOK, offices, batch),
        is_part=not originals.original_of(person, batch, offices, opened.page.source_page).is_whole,
        page=opened.page,
        number=number,
        asked=asked,
        trail=asked.trail(),
        places=places,
        hits=found,
        spot=wanted if wanted and wanted.leaf.number == number else None,
        side=side if side in _SIDES else "",
        levels=pictures.levels(opened.leaf) if opened.page.image_key and opened.leaf.width else [],
        thumb=pictures.THUMB,
        pieces=sheet.pieces(opened.page, found.here),
        fields=sheet.fields(opened),
        remarks=sheet.remarks(opened.page),
        related=_related(opened, viewing, person),
        file_office=opened.office or NO_OFFICE,
        may_review=person.may(Right.REVIEW, opened.office),
        may_scan=person.may(Right.SCAN, opened.office),
        kinds=KINDS,
        states=STATES,
    )


def _related(opened: Opened, viewing: Viewing, person: Looker) -> list[Part]:
    """The file's documents, this one among them."""
    if not opened.document.file_key:
        return []
    file = viewing.file(opened.office, opened.document.file_key)
    return [part for part in file.parts if person.may(Right.LOOK, part.office)][:_MOST_RELATED]


@router.get("/documents/{ident}/pdf")
def pdf(ident: str, person: Looker, library: TheLibrary, offices_of: ThePageOffices) -> Response:
    """The searchable PDF of a document, to be saved. Its name tells the scan and the document."""
    document = document_for(person, library, ident)
    if not document.pdf_key:
        raise NotFoundError(what="PDF", name=ident)
    scan = _scan(person, library, document, offices_of)
    return downloads.attachment(library, document.pdf_key, downloads.PDF, f"{scan}-{document.id}.pdf")


@router.get("/documents/{ident}/original")
def original(
    ident: str, person: Looker, library: TheLibrary, viewing: TheViewing, offices_of: ThePageOffices,
    page: Annotated[int, Query(ge=1)] = 1,
) -> Response:  # fmt: skip
    """The scanned file as it came in, to be saved: the one that holds a page, where several were gathered into one. Who may
    not see every page of it gets those that they may see, as a PDF."""
    return originals.download(person, library, viewing, offices_of, ident, page)


@router.get("/documents/{ident}/text")
def text(ident: str, person: Looker, library: TheLibrary, viewing: TheViewing, offices_of: ThePageOffices) -> Response:
    """The text of a document, to be saved: its pages with a form feed between them, in UTF-8."""
    leaves = leaves_for(person, viewing, ident)
    opened = [viewing.opened(ident, leaf.number) for leaf in leaves]
    scan = _scan(person, library, opened[0].document, offices_of)
    headers = {"Content-Disposition": downloads.disposition(f"{scan}-{ident}.txt")} | NO_STORE
    return PlainTextResponse("\n\f\n".join(one.page.text for one in opened) + "\n", headers=headers)


def _scan(person: Looker, library: Library, document: Document, offices_of: OfficesOf) -> str:
    """The name of the document's scan, as far as the person may know it, without its ending."""
    return PurePath(scan_name(person, Right.LOOK, offices_of(document.batch), library.batch_of(document))).stem


@router.get("/files/{office}/{key:path}")
def file_page(request: Request, office: str, key: str, person: Looker, viewing: TheViewing) -> Response:
    """A file as it lies open: noting on the left, correspondence on the right, and what the register says of it."""
    return render(
        request,
        "look/file.html",
        file=file_for(person, viewing, office, key),
        address=f"/files/{quote(office, safe='')}/{quote(key)}",
        thumb=pictures.THUMB,
        kinds=KINDS,
        states=STATES,
        file_states=FILE_STATES,
    )
