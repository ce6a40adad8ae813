"""One page of a scan: replaced by a better scan of the same sheet, with its history; and pages taken for blank, to confirm.

The new scan is uploaded as any other (`upload_page`, `tus`), with `replaces` in its metadata.
"""

from __future__ import annotations

from typing import Annotated, Protocol, cast

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from pipeline.db.corrections import WantedAgain
from pipeline.locale import N_
from pipeline.model.accounts import Person
from pipeline.model.annotation import AnnotationKind
from pipeline.model.audit import Action
from pipeline.model.roles import Right
from pipeline.scanning.pages import BlankPage, PageStory
from pipeline.web import downloads, error_pages
from pipeline.web.audited import Recording, audited
from pipeline.web.rendering import render
from pipeline.web.scanning.tus import upload_json
from pipeline.web.scanning.upload_rights import TheReceiving
from pipeline.web.security.page_permissions import OfficesOf, ThePageOffices, require_page, scan_name
from pipeline.web.security.permissions import Scanner
from pipeline.web.services import PageNumber, RowNumber, TheServices

router = APIRouter(include_in_schema=False)

BLANKS = 12
MOST_WISHES = 200
ANNOTATION_NAMES = {
    AnnotationKind.REPLACED: N_("Replaced by another scan"),
    AnnotationKind.WRITTEN: N_("Marked as not blank, and read"),
    AnnotationKind.BLANK: N_("Confirmed to be blank"),
}


class PageActions(Protocol):
    """See `pipeline.scanning.pages`."""

    def story(self, batch: str, page: int) -> PageStory: ...

    def version(self, batch: str, page: int) -> str: ...

    def image_key(self, batch: str, page: int, turn: int | None = None) -> str: ...

    def blanks(self, offices: frozenset[str] | None, limit: int, after: int) -> list[BlankPage]: ...

    def wanted_again(self, offices: frozenset[str] | None, limit: int) -> list[WantedAgain]: ...

    def annotate(self, batch: str, page: int, kind: AnnotationKind, by: str) -> None: ...


def of(request: Request) -> PageActions:
    return cast(PageActions, request.app.state.services.page_service)


ThePageActions = Annotated[PageActions, Depends(of)]


def story_for(actions: PageActions, offices_of: OfficesOf, person: Person, batch: str, page: int) -> PageStory:
    """The page, for somebody who may scan for its office. Raises `NotFoundError`."""
    require_page(person, Right.SCAN, offices_of, batch, page)
    return actions.story(batch, page)


@router.get("/scanning/batches/{batch}/pages/{page}")
@audited(Action.VIEW)
def page_page(
    request: Request,
    batch: str,
    page: PageNumber,
    actions: ThePageActions,
    offices_of: ThePageOffices,
    receiving: TheReceiving,
    person: Scanner,
) -> Response:
    """The page, its annotations, and the form that replaces it."""
    story = story_for(actions, offices_of, person, batch, page)
    place = {"batch": batch, "page": str(page)}
    sent = [
        upload_json(one, receiving)
        for one in receiving.of(person.name)
        if one.upload.replaces and {key: one.upload.replaces.get(key) for key in place} == place
    ]
    scan = scan_name(person, Right.SCAN, offices_of(batch), story.batch)
    return render(request, "scanning/page.html", story=story, scan=scan, sent=sent, annotation_names=ANNOTATION_NAMES)


@router.get("/scanning/batches/{batch}/pages/{page}/image")
@audited(Action.VIEW, Recording.WITH_PAGE)
def image(
    request: Request,
    batch: str,
    page: PageNumber,
    actions: ThePageActions,
    offices_of: ThePageOffices,
    services: TheServices,
    person: Scanner,
) -> Response:
    """The page as it is now."""
    story_for(actions, offices_of, person, batch, page)
    return downloads.image(request, services, actions.image_key(batch, page), actions.version(batch, page))


@router.get("/scanning/batches/{batch}/pages/{page}/versions/{turn}")
@audited(Action.VIEW, Recording.WITH_PAGE)
def image_before(
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
    story_for(actions, offices_of, person, batch, page)
    return downloads.image(request, services, actions.image_key(batch, page, turn))


@router.get("/scanning/blank")
@audited(Action.VIEW, Recording.COUNTED)
def blank_pages(request: Request, actions: ThePageActions, person: Scanner, after: RowNumber = 0) -> Response:
    """Pages taken for blank, to be confirmed or read."""
    found = actions.blanks(person.offices(Right.SCAN), BLANKS, after)
    following = found[-1].row if len(found) == BLANKS else None
    return render(request, "scanning/blank.html", found=found, following=following, after=after)


@router.get("/scanning/rescans")
@audited(Action.VIEW, Recording.COUNTED)
def wanted_again(request: Request, actions: ThePageActions, person: Scanner) -> Response:
    """Pages of which a record keeper wants a new scan."""
    found = actions.wanted_again(person.offices(Right.SCAN), MOST_WISHES)
    return render(request, "scanning/rescans.html", found=found, most=MOST_WISHES)


@router.post("/scanning/batches/{batch}/pages/{page}/{kind}")
@audited(Action.UPLOAD)
def annotate(
    request: Request,
    batch: str,
    page: PageNumber,
    kind: str,
    actions: ThePageActions,
    offices_of: ThePageOffices,
    person: Scanner,
) -> Response:
    """Mark a page as `blank` or `written`, and return to the list."""
    if kind not in (AnnotationKind.BLANK, AnnotationKind.WRITTEN):
        raise error_pages.no_address(request)
    story_for(actions, offices_of, person, batch, page)
    actions.annotate(batch, page, AnnotationKind(kind), person.name)
    return RedirectResponse("/scanning/blank", status_code=303)
