"""The pages of review: the queue, and one document with its fields. What is done to it is in `actions`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from pipeline.db.review_queue import ReviewFilter
from pipeline.errors import AbhilekhError
from pipeline.locale.labels import FLAGS
from pipeline.model.accounts import Person
from pipeline.model.audit import Action
from pipeline.model.roles import Right
from pipeline.review.service import ReviewService
from pipeline.web import error_pages, language
from pipeline.web.audited import Recording, audited
from pipeline.web.labels import KINDS, STATES
from pipeline.web.rendering import render
from pipeline.web.review import params, view_models
from pipeline.web.review.params import TheWanted
from pipeline.web.review.service import TheReview
from pipeline.web.security.permissions import Reviewer

router = APIRouter(include_in_schema=False)

PAGE_SIZE = 50
LAST_OFFSET = 1_000_000
SEE_OTHER = 303


@router.get("/review")
@audited(Action.VIEW, Recording.COUNTED)
def queue_page(
    request: Request,
    person: Reviewer,
    service: TheReview,
    wanted: TheWanted,
    offset: Annotated[int, Query(ge=0, le=LAST_OFFSET)] = 0,
    done: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """The documents that wait, the most doubtful first."""
    queue = service.queue(person, wanted, limit=PAGE_SIZE, offset=offset)
    return render(
        request,
        "review/queue.html",
        queue=queue,
        wanted=wanted,
        offset=offset,
        size=PAGE_SIZE,
        done=done,
        kinds=KINDS,
        states=STATES,
        reasons=view_models.REASONS,
        trail=params.trail(wanted),
        narrowed=lambda **instead: params.trail(wanted, **instead),
    )


@router.get("/review/next")
@audited(Action.VIEW, Recording.COUNTED)
def next_page(person: Reviewer, service: TheReview, wanted: TheWanted, after: str = "") -> Response:
    """The document to be looked at now, or after another one."""
    return onward(person, service, wanted, after)


@router.get("/review/{ident}")
@audited(Action.VIEW)
def review_page(request: Request, ident: str, person: Reviewer, service: TheReview, wanted: TheWanted) -> Response:
    """One document: its pages, its fields with the spots they were read from, and its history."""
    return show(request, ident, person, service, wanted)


def onward(person: Person, service: ReviewService, wanted: ReviewFilter, after: str) -> Response:
    """To the next document of the queue, or back to the queue when none is left."""
    _, following = service.around(person, after, wanted)
    trail = params.trail(wanted)
    if following is None or following == after:
        return RedirectResponse(f"/review?{trail}", SEE_OTHER)
    return RedirectResponse(f"/review/{following}?{trail}", SEE_OTHER)


def show(
    request: Request,
    ident: str,
    person: Person,
    service: ReviewService,
    wanted: ReviewFilter,
    *,
    problem: AbhilekhError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    """The review page; with a problem, what was typed stays in the form."""
    found = service.sheet(person, ident)
    before, after = service.around(person, ident, wanted)
    code = language.chosen(request)
    return render(
        request,
        "review/document.html",
        http_status=error_pages.HTTP_STATUS[problem.kind] if problem else 200,
        found=found,
        document=found.document,
        entries=view_models.entries(found.document),
        conflicts=view_models.conflicts(found.document),
        impossible_date=view_models.impossible_date(found.document),
        typed=typed or {},
        problem=error_pages.message(problem, code) if problem else "",
        before=before,
        after=after,
        trail=params.trail(wanted),
        kinds=KINDS,
        states=STATES,
        flags=FLAGS,
        reasons=view_models.REASONS,
        actions=view_models.ACTIONS,
        changes=view_models.changes,
        offices=[one for one in request.app.state.services.offices() if person.may(Right.REVIEW, one)],
    )
