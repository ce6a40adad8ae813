"""Documents and files as JSON for other programs: the same values as the pages show and the commands print."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from pipeline.model import contract
from pipeline.model.audit import Action
from pipeline.model.roles import Right
from pipeline.model.viewer import FileView, Paged
from pipeline.web import downloads
from pipeline.web.audited import Recording, audited
from pipeline.web.rendering import NO_STORE
from pipeline.web.search import params
from pipeline.web.security.page_permissions import ThePageOffices, scan_name
from pipeline.web.security.permissions import Looker
from pipeline.web.services import PageNumber, TheServices
from pipeline.web.viewer import pictures, routes
from pipeline.web.viewer.lookup import document_for, file_for, pages_for
from pipeline.web.viewer.models import DocumentJson, FileJson, PartJson, PlacesJson, VolumeJson
from pipeline.web.viewer.service import TheViewing

router = APIRouter(prefix="/api/v1", tags=["look"])


@router.get("/documents/{ident}", response_model=DocumentJson)
@audited(Action.VIEW)
def document(
    ident: str, person: Looker, services: TheServices, offices_of: ThePageOffices, response: Response
) -> dict[str, Any]:
    """One document, whole: its fields with the spots they were read from, its pages with their text."""
    response.headers.update(NO_STORE)
    found = document_for(person, services, ident)
    batch = services.batch_of(found)
    shown = contract.document_json(found, batch)
    shown["source"]["name"] = scan_name(person, Right.VIEW, offices_of(batch.id), batch)
    return shown


@router.get("/documents/{ident}/pdf", response_class=Response, responses=downloads.promised("application/pdf"))
@audited(Action.DOWNLOAD)
def pdf(ident: str, person: Looker, services: TheServices, offices_of: ThePageOffices) -> Response:
    """The searchable PDF/A of a document."""
    return routes.pdf(ident, person, services, offices_of)


@router.get("/documents/{ident}/text", response_class=Response, responses=downloads.promised("text/plain"))
@audited(Action.DOWNLOAD)
def text(
    ident: str, person: Looker, services: TheServices, viewing: TheViewing, offices_of: ThePageOffices
) -> Response:
    """The text of a document, a form feed between its pages."""
    return routes.text(ident, person, services, viewing, offices_of)


@router.get(
    "/documents/{ident}/original",
    response_class=Response,
    responses=downloads.promised("application/pdf", "image/tiff", "image/jpeg", "image/png"),
)
@audited(Action.DOWNLOAD)
def original(
    ident: str,
    person: Looker,
    services: TheServices,
    viewing: TheViewing,
    offices_of: ThePageOffices,
    page: Annotated[
        int, Query(ge=1, description="Of several files gathered into one scan, the one with this page.")
    ] = 1,
) -> Response:
    """The scanned file as it came in; who may not see every page of it gets a PDF of those that they may see."""
    return routes.original(ident, person, services, viewing, offices_of, page)


@router.get(
    "/documents/{ident}/pages/{number}/image",
    response_class=Response,
    responses=downloads.promised("image/jpeg", "image/png", "image/webp"),
)
@audited(Action.VIEW, Recording.WITH_PAGE)
def image(
    request: Request,
    ident: str,
    number: PageNumber,
    person: Looker,
    services: TheServices,
    viewing: TheViewing,
    width: Annotated[int, Query(ge=0, le=100_000, description="About so wide; without it, as it was read.")] = 0,
) -> Response:
    """The image of a page, made upright."""
    return pictures.page_image(request, ident, number, person, services, viewing, width)


@router.get(
    "/documents/{ident}/pages/{number}/cut", response_class=Response, responses=downloads.promised("image/jpeg")
)
@audited(Action.VIEW, Recording.WITH_PAGE)
def cut(
    request: Request,
    ident: str,
    number: PageNumber,
    person: Looker,
    viewing: TheViewing,
    x: pictures.Pixels,
    y: pictures.Pixels,
    w: pictures.Pixels,
    h: pictures.Pixels,
) -> Response:
    """A cut-out of a page, a box in pixels of its image: the spot that a field was read from."""
    return pictures.cut_out(request, ident, number, person, viewing, x, y, w, h)


@router.get(
    "/documents/{ident}/pages/{number}/scan", response_class=Response, responses=downloads.promised("image/jpeg")
)
@audited(Action.VIEW, Recording.WITH_PAGE)
def scan(request: Request, ident: str, number: PageNumber, person: Looker, viewing: TheViewing) -> Response:
    """The page as it lies in the scan that came in: not turned, not deskewed, not cleaned."""
    return pictures.page_as_scanned(request, ident, number, person, viewing)


@router.get("/documents/{ident}/places")
@audited(Action.VIEW, Recording.WITH_PAGE)
def places(
    ident: str,
    person: Looker,
    services: TheServices,
    viewing: TheViewing,
    response: Response,
    q: Annotated[str, Query(description="The words, as in a search.")] = "",
) -> PlacesJson:
    """The boxes of a query's words in a document."""
    response.headers.update(NO_STORE)
    pages_for(person, viewing, ident)
    text = params.clean(q)
    found = services.places(ident, text) if text else {}
    return PlacesJson(document=ident, query=text, total=sum(map(len, found.values())), pages=found)


@router.get("/files/{office}/{key:path}")
@audited(Action.VIEW)
def file(office: str, key: str, person: Looker, viewing: TheViewing, response: Response) -> FileJson:
    """A file: noting, correspondence, and what the register says of it. The office is `-` where none is known."""
    response.headers.update(NO_STORE)
    return file_view(file_for(person, viewing, office, key))


def file_view(found: FileView) -> FileJson:
    weeding = found.weeding or {}
    return FileJson(
        office=found.office,
        file_key=found.key,
        file_no=found.number,
        covers=[_part(one) for one in found.covers],
        noting=[_part(one) for one in found.noting],
        correspondence=[_part(one) for one in found.correspondence],
        volumes=[
            VolumeJson(
                volume=volume.volume,
                subject=volume.subject,
                year=volume.year,
                branch=volume.branch,
                record_class=volume.record_class,
                weed_on=weeding.get(volume.volume),
                place=asdict(volume.place),
                state=volume.state,
                missing=list(volume.missing),
            )
            for volume in found.volumes
        ],
        figures=found.figures.json() if found.figures else None,
    )


def _part(one: Paged) -> PartJson:
    part = one.part
    return PartJson(
        document=part.id,
        kind=part.kind,
        status=part.state,
        date=part.dated,
        subject=part.subject,
        letter_no=part.letter_no,
        sender=part.sender,
        pages=part.pages,
        first=one.first,
        last=one.last,
    )
