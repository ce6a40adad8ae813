"""The pages of review: the queue, and one document on the desk. What is done there is in `deeds`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from pipeline.errors import AbhilekhError
from pipeline.index.review_queue import Wanted
from pipeline.people.model import Person, Right
from pipeline.review.desk import ReviewDesk
from pipeline.web import faults, language
from pipeline.web.gate import Reviewer
from pipeline.web.names import FLAGS, KINDS, STATES
from pipeline.web.rendering import render
from pipeline.web.review import asking, sheet
from pipeline.web.review.asking import TheWanted
from pipeline.web.review.desk import TheReview

router = APIRouter(include_in_schema=False)

PAGE_SIZE = 50
LAST_OFFSET = 1_000_000
SEE_OTHER = 303


@router.get("/review")
def queue_page(
    request: Request, person: Reviewer, desk: TheReview, wanted: TheWanted,
    offset: Annotated[int, Query(ge=0, le=LAST_OFFSET)] = 0, done: Annotated[str, Query(max_length=100)] = "",
) -> Response:  # fmt: skip
    """The documents that wait, the most doubtful first."""
    queue = desk.queue(person, wanted, limit=PAGE_SIZE, offset=offset)
    return render(
        request, "review/queue.html", queue=queue, wanted=wanted, offset=offset, size=PAGE_SIZE, done=done, kinds=KINDS,
        states=STATES, reasons=sheet.REASONS, trail=asking.trail(wanted),
        narrowed=lambda **instead: asking.trail(wanted, **instead),
    )  # fmt: skip


@router.get("/review/next")
def next_page(person: Reviewer, desk: TheReview, wanted: TheWanted, after: str = "") -> Response:
    """The document to be looked at now, or after another one."""
    return onward(person, desk, wanted, after)


@router.get("/review/{ident}")
def review_page(request: Request, ident: str, person: Reviewer, desk: TheReview, wanted: TheWanted) -> Response:
    """One document: its pages, its fields with the spots they were read from, and its history."""
    return show(request, ident, person, desk, wanted)


def onward(person: Person, desk: ReviewDesk, wanted: Wanted, after: str) -> Response:
    """To the next document of the queue, or back to the queue when none is left."""
    _, following = desk.around(person, after, wanted)
    trail = asking.trail(wanted)
    if following is None or following == after:
        return RedirectResponse(f"/review?{trail}", SEE_OTHER)
    return RedirectResponse(f"/review/{following}?{trail}", SEE_OTHER)


def show(
    request: Request, ident: str, person: Person, desk: ReviewDesk, wanted: Wanted, *,
    problem: AbhilekhError | None = None, typed: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    """The review page; with a problem, what was typed stays in the form."""
    found = desk.sheet(person, ident)
    before, after = desk.around(person, ident, wanted)
    code = language.chosen(request)
    return render(
        request,
        "review/document.html",
        http_status=faults.HTTP_STATUS[problem.kind] if problem else 200,
        found=found,
        document=found.document,
        entries=sheet.entries(found.document),
        conflicts=sheet.conflicts(found.document),
        typed=typed or {},
        problem=faults.message(problem, code) if problem else "",
        before=before,
        after=after,
        trail=asking.trail(wanted),
        kinds=KINDS,
        states=STATES,
        flags=FLAGS,
        reasons=sheet.REASONS,
        deeds=sheet.DEEDS,
        changes=sheet.changes,
        offices=[one for one in request.app.state.library.offices() if person.may(Right.REVIEW, one)],
    )
