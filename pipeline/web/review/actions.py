"""What a reviewer does to a document, as forms: each leads to the next page to look at, or says why nothing was changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from pipeline.db.review_queue import ReviewFilter
from pipeline.errors import AbhilekhError, NotFoundError, ReviewCutError
from pipeline.locale import Message
from pipeline.model.accounts import Person
from pipeline.model.digits import western
from pipeline.model.audit import Action
from pipeline.model.review import CORRECTABLE, Correction
from pipeline.review.editing import ReviewEditor
from pipeline.review.service import ReviewService
from pipeline.web import error_pages
from pipeline.web.audited import audited
from pipeline.web.review import params
from pipeline.web.review.params import TheWanted
from pipeline.web.review.routes import onward, show
from pipeline.web.review.service import TheReview
from pipeline.web.security.permissions import Reviewer

router = APIRouter(include_in_schema=False)

SEE_OTHER = 303
_NUMBERS = re.compile(r"[0-9]+")
_MOST_DIGITS = 6  # no document has so many pages, and no scan so many corrections


@router.post("/review/{ident}/{action}")
@audited(Action.REVIEW)
async def do(
    request: Request, ident: str, action: str, person: Reviewer, desk: TheReview, wanted: TheWanted
) -> Response:
    """`accept`, `save`, `split`, `merge`, `reorder`, `move`, `page`, `rescan`, `undo`."""
    from anyio import to_thread  # noqa: PLC0415 - forms are read in the loop, deeds are done beside it

    form = await request.form(max_files=0, max_fields=100)
    return await to_thread.run_sync(_do, request, ident, action, person, desk, wanted, form)


def _do(
    request: Request, ident: str, action: str, person: Person, desk: ReviewService, wanted: ReviewFilter, form: FormData
) -> Response:
    if action not in _DEEDS:
        raise error_pages.no_address(request)
    try:
        done = _DEEDS[action](_Asked(desk.reviewing, person, ident, form))
    except NotFoundError:
        raise
    except AbhilekhError as error:
        return show(request, ident, person, desk, wanted, problem=error, typed=_values(form))
    if action == "accept":
        desk.release_edit_lock(person, ident)
        return onward(person, desk, wanted, ident)
    there = done.documents[0].document if done.documents else ident
    return RedirectResponse(f"/review/{there}?{params.trail(wanted)}", SEE_OTHER)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A form about one document."""

    reviewing: ReviewEditor
    person: Person
    ident: str
    form: FormData

    @property
    def at(self) -> tuple[Person, str, str]:
        """Whose deed it is, on which document, as it stood."""
        return self.person, self.ident, _text(self.form, "version")


def _accept(asked: _Asked) -> Correction:
    return asked.reviewing.accept(*asked.at, _values(asked.form))


def _save(asked: _Asked) -> Correction:
    return asked.reviewing.correct(*asked.at, dict(_values(asked.form)))


def _move(asked: _Asked) -> Correction:
    return asked.reviewing.move(*asked.at, _text(asked.form, "number"), _text(asked.form, "to_office") or None)


def _split(asked: _Asked) -> Correction:
    return asked.reviewing.split(*asked.at, _number(asked.form, "page"))


def _merge(asked: _Asked) -> Correction:
    return asked.reviewing.merge(*asked.at, following=_text(asked.form, "with") == "next")


def _reorder(asked: _Asked) -> Correction:
    written = western(_text(asked.form, "order"))
    found = _NUMBERS.findall(written)
    if any(len(number) > _MOST_DIGITS for number in found):
        raise ReviewCutError(cause=Message("a number is too large"))
    return asked.reviewing.reorder(*asked.at, [int(number) for number in found])


def _page(asked: _Asked) -> Correction:
    flags = params.PAGE_FLAGS_SAID.get(_text(asked.form, "say"), {})
    return asked.reviewing.mark(*asked.at, _number(asked.form, "page"), flags)


def _rescan(asked: _Asked) -> Correction:
    return asked.reviewing.want_again(*asked.at, _number(asked.form, "page"), _text(asked.form, "reason"))


def _undo(asked: _Asked) -> Correction:
    return asked.reviewing.undo(asked.person, asked.ident, _number(asked.form, "number"))


_DEEDS: dict[str, Callable[[_Asked], Correction]] = {
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


def _values(form: FormData) -> dict[str, str]:
    """The fields that the form carries."""
    return {name: _text(form, name) for name in (*CORRECTABLE, "kind") if name in form}


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def _number(form: FormData, name: str) -> int:
    written = western(_text(form, name))
    if not (written.isascii() and written.isdecimal()) or len(written) > _MOST_DIGITS:
        raise ReviewCutError(cause=Message("“{written}” is no page", written=written))
    return int(written)
