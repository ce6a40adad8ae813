"""The pages of samples: the list, the desk on which one document after the other is judged, the report. HTML in
`templates/samples`."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from pipeline.errors import AbhilekhError, NotFoundError
from pipeline.people.model import EVERY_OFFICE, Person, Right
from pipeline.web import faults, language
from pipeline.web.gate import Reviewer
from pipeline.web.language import TheLanguage
from pipeline.web.library import Library, TheLibrary
from pipeline.web.names import KINDS
from pipeline.web.people.access import TheDeeds, ThePeople
from pipeline.web.rendering import render
from pipeline.web.review import sheet
from pipeline.web.samples import asking, signing
from pipeline.web.samples.asking import TheSampling

router = APIRouter(include_in_schema=False)

SEE_OTHER = 303
Typed = Annotated[str, Form(max_length=1000)]


@router.get("/samples")
def samples_page(request: Request, person: Reviewer, sampling: TheSampling, library: TheLibrary) -> Response:
    return _list(request, person, sampling, library)


@router.post("/samples")
def draw(
    request: Request, person: Reviewer, sampling: TheSampling, library: TheLibrary, code: TheLanguage,
    office: Typed = "", since: Typed = "", until: Typed = "", percent: Typed = "", limit: Typed = "", seed: Typed = "",
) -> Response:  # fmt: skip
    """Draw a sample and show it."""
    try:
        scope = asking.scope("" if office == EVERY_OFFICE else office, since, until)
        drawn = sampling.draw(person, scope, percent=asking.share(percent), limit=asking.share(limit), seed=seed)
    except AbhilekhError as error:
        typed = {"office": office, "since": since, "until": until, "percent": percent, "limit": limit, "seed": seed}
        return _list(request, person, sampling, library, problem=error, typed=typed)
    return RedirectResponse(f"/samples/{drawn.id}", SEE_OTHER)


@router.get("/samples/{sample}")
def sample_page(
    request: Request, sample: str, person: Reviewer, sampling: TheSampling, people: ThePeople, library: TheLibrary
) -> Response:
    """The report: what was drawn from what, what was found, who signed."""
    return _report(request, sample, person, sampling, people, library)


@router.get("/samples/{sample}/next")
def next_page(
    request: Request, sample: str, person: Reviewer, sampling: TheSampling, library: TheLibrary, document: str = ""
) -> Response:
    """The next document to be judged, or the one that is named, beside its scan."""
    found = sampling.one(person, sample)
    ident = document if document in found.documents else next(iter(found.waiting), "")
    if not ident:
        return RedirectResponse(f"/samples/{sample}", SEE_OTHER)
    return _desk(request, sample, ident, person, sampling, library)


@router.post("/samples/{sample}/verdicts")
def judge(
    request: Request, sample: str, person: Reviewer, sampling: TheSampling, library: TheLibrary,
    document: Typed = "", verdict: Typed = "", remark: Typed = "",
) -> Response:  # fmt: skip
    """Say of a document whether it is right, and go on to the next."""
    try:
        sampling.judge(person, sample, document, is_right=verdict == "right", remark=remark)
    except NotFoundError:
        raise
    except AbhilekhError as error:
        return _desk(request, sample, document, person, sampling, library, problem=error)
    return RedirectResponse(f"/samples/{sample}/next", SEE_OTHER)


@router.post("/samples/{sample}/sign")
def sign(
    request: Request, sample: str, person: Reviewer, sampling: TheSampling, people: ThePeople, deeds: TheDeeds,
    library: TheLibrary, code: TheLanguage, password: Typed = "",
) -> Response:  # fmt: skip
    """Sign, with one's password once more where one has any. The report's SHA-256 goes into the record of deeds."""
    try:
        signing.sign(request, person, sample, password, sampling, people, deeds, code)
    except NotFoundError:
        raise
    except AbhilekhError as error:
        return _report(request, sample, person, sampling, people, library, problem=error)
    return RedirectResponse(f"/samples/{sample}", SEE_OTHER)


def _list(
    request: Request, person: Person, sampling: TheSampling, library: Library, *, problem: AbhilekhError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    code = language.chosen(request)
    mine = person.offices(Right.REVIEW)
    today = date.today()
    usual = {
        "office": "",
        "since": f"1.{today.month}.{today.year}",
        "until": "",
        "percent": "5",
        "limit": "2",
        "seed": "",
    }
    return render(
        request, "samples/list.html", http_status=faults.HTTP_STATUS[problem.kind] if problem else 200,
        samples=sampling.every(person), offices=library.offices() if mine is None else sorted(mine), may_every=mine is None,
        names=library.office_names(code), problem=faults.message(problem, code) if problem else "",
        typed=usual | (typed or {}), every_office=EVERY_OFFICE,
    )  # fmt: skip


def _report(
    request: Request, ident: str, person: Person, sampling: TheSampling, people: ThePeople, library: Library, *,
    problem: AbhilekhError | None = None,
) -> Response:  # fmt: skip
    code, sample = language.chosen(request), sampling.one(person, ident)
    named = sampling.rows.named(sample.documents, person.offices(Right.REVIEW))
    return render(
        request, "samples/report.html", http_status=faults.HTTP_STATUS[problem.kind] if problem else 200, sample=sample,
        named=named, names=library.office_names(code), kinds=KINDS,
        has_password=people.password_of(person.name) is not None,
        problem=faults.message(problem, code) if problem else "",
    )  # fmt: skip


def _desk(
    request: Request, ident: str, document: str, person: Person, sampling: TheSampling, library: Library, *,
    problem: AbhilekhError | None = None,
) -> Response:  # fmt: skip
    code, sample = language.chosen(request), sampling.one(person, ident)
    found = library.document(document)
    if document not in sample.documents or not person.may(Right.REVIEW, found.value("office")):
        raise NotFoundError(what="document", name=document)
    return render(
        request, "samples/desk.html", http_status=faults.HTTP_STATUS[problem.kind] if problem else 200, sample=sample,
        document=found, entries=sheet.entries(found), verdict=sample.verdicts.get(document), kinds=KINDS,
        problem=faults.message(problem, code) if problem else "",
    )  # fmt: skip
