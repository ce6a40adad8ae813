"""Annotations of single pages as JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from pipeline.errors import RequestError
from pipeline.model.annotation import AnnotationKind
from pipeline.model.audit import Action
from pipeline.model.roles import Right
from pipeline.web import downloads
from pipeline.web.audited import Recording, audited
from pipeline.web.scanning import page_annotations as pages
from pipeline.web.scanning.page_annotations import ThePageActions
from pipeline.web.security.page_permissions import ThePageOffices
from pipeline.web.security.permissions import Scanner
from pipeline.web.services import PageNumber, RowNumber, TheServices

router = APIRouter(prefix="/api/v1", tags=["watch"])


class NoteJson(BaseModel):
    """An annotation of a page; `was` is the address of the page's image as it was until then."""

    turn: int
    kind: str = Field(serialization_alias="saying")
    at: str
    by: str
    reason: str
    name: str | None
    sha256: str | None
    was: str | None


class PageHistoryJson(BaseModel):
    """A page of a batch with its annotations."""

    batch: str
    page: int
    document: str | None
    notes: list[NoteJson]


class BlankJson(BaseModel):
    """A page taken for blank; `sureness` runs from 0 to 1."""

    row: int
    batch: str
    page: int
    name: str
    office: str | None
    document: str | None
    sureness: float
    thumb: str


class AgainJson(BaseModel):
    """A page of which a new scan is wanted, and why. It is answered by an upload with `replaces`: BATCH/PAGE."""

    batch: str
    page: int
    name: str
    office: str | None
    document: str
    reason: str
    by: str
    at: datetime


class AnnotateJson(BaseModel):
    kind: AnnotationKind = Field(alias="saying")


@router.get("/batches/{batch}/pages/{page}")
@audited(Action.VIEW)
def history(
    batch: str, page: PageNumber, actions: ThePageActions, offices_of: ThePageOffices, person: Scanner
) -> PageHistoryJson:
    """The annotations of a page, the oldest first."""
    story = pages.story_for(actions, offices_of, person, batch, page)
    notes = [
        NoteJson(
            turn=note.turn,
            kind=str(note.kind),
            at=note.at.isoformat(),
            by=note.by,
            reason=note.reason,
            name=note.source.name if note.source else None,
            sha256=note.source.sha256 if note.source else None,
            was=f"/api/v1/batches/{batch}/pages/{page}/was/{note.turn}" if note.image_key else None,
        )
        for note in story.notes
    ]
    return PageHistoryJson(batch=batch, page=page, document=story.document, notes=notes)


@router.get(
    "/batches/{batch}/pages/{page}/image", response_class=Response, responses=downloads.promised(*downloads.IMAGES)
)
@audited(Action.VIEW, Recording.WITH_PAGE)
def image_json(
    request: Request,
    batch: str,
    page: PageNumber,
    actions: ThePageActions,
    offices_of: ThePageOffices,
    services: TheServices,
    person: Scanner,
) -> Response:
    """The page as it is now, also before it belongs to a document."""
    return pages.image(request, batch, page, actions, offices_of, services, person)


@router.get(
    "/batches/{batch}/pages/{page}/was/{turn}", response_class=Response, responses=downloads.promised(*downloads.IMAGES)
)
@audited(Action.VIEW, Recording.WITH_PAGE)
def was_json(
    request: Request,
    batch: str,
    page: PageNumber,
    turn: PageNumber,
    actions: ThePageActions,
    offices_of: ThePageOffices,
    services: TheServices,
    person: Scanner,
) -> Response:
    """The page as it was before its `turn`th annotation."""
    return pages.image_before(request, batch, page, turn, actions, offices_of, services, person)


@router.post("/batches/{batch}/pages/{page}/said")
@audited(Action.UPLOAD)
def annotate_json(
    batch: str,
    page: PageNumber,
    wanted: AnnotateJson,
    actions: ThePageActions,
    offices_of: ThePageOffices,
    person: Scanner,
) -> PageHistoryJson:
    """Mark a page as `blank` or `written`; a page is `replaced` by an upload that names it."""
    pages.story_for(actions, offices_of, person, batch, page)
    if wanted.kind is AnnotationKind.REPLACED:
        raise RequestError(cause="A page is replaced by an upload with the metadata `replaces`.")
    actions.annotate(batch, page, wanted.kind, person.name)
    return history(batch, page, actions, offices_of, person)


@router.get("/blank")
@audited(Action.VIEW, Recording.COUNTED)
def blanks(actions: ThePageActions, person: Scanner, after: RowNumber = 0) -> list[BlankJson]:
    """Pages taken for blank that nobody has confirmed yet, from the row `after` on."""
    return [
        BlankJson(
            row=one.row,
            batch=one.sheet.batch,
            page=one.sheet.page,
            name=one.name,
            office=one.office,
            document=one.sheet.document,
            sureness=one.sureness,
            thumb=f"/api/v1/batches/{one.sheet.batch}/pages/{one.sheet.page}/thumb",
        )
        for one in actions.blanks(person.offices(Right.SCAN), pages.BLANKS, after)
    ]


@router.get("/again")
@audited(Action.VIEW, Recording.COUNTED)
def again(actions: ThePageActions, person: Scanner) -> list[AgainJson]:
    """Pages of which a record keeper wants a new scan, the newest wish first."""
    found = actions.wanted_again(person.offices(Right.SCAN), pages.MOST_WISHES)
    return [AgainJson(**asdict(one)) for one in found]
