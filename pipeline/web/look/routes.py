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
from pipeline.people.model import Right
from pipeline.web import downloads, language
from pipeline.web.find import asking
from pipeline.web.gate import Looker
from pipeline.web.language import TheLanguage
from pipeline.web.library import PageNumber, TheLibrary
from pipeline.web.look import pictures, sheet
from pipeline.web.look.finding import NO_OFFICE, document_for, file_for, leaf_for, leaves_for, opened_for
from pipeline.web.look.viewing import TheViewing, Viewing
from pipeline.web.names import FILE_STATES, KINDS, STATES
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
    code: TheLanguage,
) -> Response:
    """One page: its image with the words searched for marked, its text, and the fields of its document."""
    opened = opened_for(person, viewing, ident, number)
    asked = asking.read(request.query_params, language.translations(code).gettext)
    places = library.places(ident, asked.query.text) if asked.query.text else {}
    found = sheet.hits(places, number)
    wanted = sheet.spot(opened, request.query_params.get("field", ""))
    side = request.query_params.get("side", "")
    return render(
        request,
        "look/document.html",
        document=opened.document,
        opened=opened,
        batch=library.batch_of(opened.document),
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
def pdf(ident: str, person: Looker, library: TheLibrary) -> Response:
    """The searchable PDF of a document, to be saved. Its name tells the scan and the document."""
    document = document_for(person, library, ident)
    if not document.pdf_key:
        raise NotFoundError(what="PDF", name=ident)
    scan = PurePath(library.batch_of(document).source.name).stem
    return downloads.attachment(library, document.pdf_key, downloads.PDF, f"{scan}-{document.id}.pdf")


@router.get("/documents/{ident}/original")
def original(
    ident: str, person: Looker, library: TheLibrary, viewing: TheViewing, page: Annotated[int, Query(ge=1)] = 1
) -> Response:
    """The scanned file as it came in, to be saved: the one that holds a page, where several were gathered into one."""
    leaf = leaf_for(person, viewing, ident, page)
    places = library.batch_of(viewing.opened(ident, page).document).source.places()
    source = next(file for number, file, _ in places if number == leaf.source_page)
    return downloads.attachment(library, source.original_key, source.media_type.value, source.name, source.bytes)


@router.get("/documents/{ident}/text")
def text(ident: str, person: Looker, library: TheLibrary, viewing: TheViewing) -> Response:
    """The text of a document, to be saved: its pages with a form feed between them, in UTF-8."""
    leaves = leaves_for(person, viewing, ident)
    opened = [viewing.opened(ident, leaf.number) for leaf in leaves]
    scan = PurePath(library.batch_of(opened[0].document).source.name).stem
    headers = {"Content-Disposition": downloads.disposition(f"{scan}-{ident}.txt")} | NO_STORE
    return PlainTextResponse("\n\f\n".join(one.page.text for one in opened) + "\n", headers=headers)


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
