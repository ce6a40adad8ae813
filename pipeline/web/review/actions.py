"""Actions of a reviewer on a document, as forms: each leads to the next page to review, or says why nothing was changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from pipeline.errors import AbhilekhError, NotFoundError
from pipeline.model.accounts import Person
from pipeline.model.audit import Action
from pipeline.model.review import Correction
from pipeline.review.editing import ReviewEditor
from pipeline.web import error_pages
from pipeline.web.audited import audited
from pipeline.web.review import params
from pipeline.web.review.forms import ReviewForm
from pipeline.web.review.params import TheWanted
from pipeline.web.review.routes import onward, show
from pipeline.web.review.service import TheReview
from pipeline.web.security.permissions import Reviewer

router = APIRouter(include_in_schema=False)

SEE_OTHER = 303


@router.post("/review/{ident}/{action}")
@audited(Action.REVIEW)
def change_document(
    request: Request,
    ident: str,
    action: str,
    person: Reviewer,
    service: TheReview,
    wanted: TheWanted,
    form: Annotated[ReviewForm, Form()],
) -> Response:
    """`accept`, `save`, `split`, `merge`, `reorder`, `move`, `page`, `rescan`, `undo`."""
    if action not in _ACTIONS:
        raise error_pages.no_address(request)
    try:
        done = _ACTIONS[action](_Change(service.reviewing, person, ident, form))
    except NotFoundError:
        raise
    except AbhilekhError as error:
        return show(request, ident, person, service, wanted, problem=error, typed=form.values)
    if action == "accept":
        service.release_edit_lock(person, ident)
        return onward(person, service, wanted, ident)
    there = done.documents[0].document if done.documents else ident
    return RedirectResponse(f"/review/{there}?{params.trail(wanted)}", SEE_OTHER)


@dataclass(frozen=True, slots=True)
class _Change:
    """A form about one document."""

    editor: ReviewEditor
    person: Person
    ident: str
    form: ReviewForm

    @property
    def at(self) -> tuple[Person, str, str]:
        """Who changes which document, as it stood."""
        return self.person, self.ident, self.form.version


def _accept(change: _Change) -> Correction:
    return change.editor.accept(*change.at, change.form.values)


def _save(change: _Change) -> Correction:
    return change.editor.correct(*change.at, dict(change.form.values))


def _move(change: _Change) -> Correction:
    return change.editor.move(*change.at, change.form.number, change.form.to_office or None)


def _split(change: _Change) -> Correction:
    return change.editor.split(*change.at, change.form.page_number)


def _merge(change: _Change) -> Correction:
    return change.editor.merge(*change.at, following=change.form.neighbour == "next")


def _reorder(change: _Change) -> Correction:
    return change.editor.reorder(*change.at, change.form.page_order)


def _page(change: _Change) -> Correction:
    return change.editor.mark(*change.at, change.form.page_number, params.PAGE_FLAGS.get(change.form.flag, {}))


def _rescan(change: _Change) -> Correction:
    return change.editor.want_again(*change.at, change.form.page_number, change.form.reason)


def _undo(change: _Change) -> Correction:
    return change.editor.undo(change.person, change.ident, change.form.correction_number)


_ACTIONS: dict[str, Callable[[_Change], Correction]] = {
    "accept": _accept,
    "save": _save,
    "move": _move,
    "split": _split,
    "merge": _merge,
    "reorder": _reorder,
    "page": _page,
    "rescan": _rescan,
    "undo": _undo,
}
