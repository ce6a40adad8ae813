"""The pages of samples: the list, one document after the other to be judged, the report. HTML in `templates/sampling`."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from pipeline.errors import AbhilekhError, NotFoundError
from pipeline.model.accounts import EVERY_OFFICE, Person
from pipeline.model.audit import Action
from pipeline.model.roles import Right
from pipeline.web import error_pages, language
from pipeline.web.accounts.services import TheAuditLog, ThePeople
from pipeline.web.audited import Recording, audited
from pipeline.web.labels import KINDS
from pipeline.web.language import TheLanguage
from pipeline.web.rendering import render
from pipeline.web.review import sampling_params, sampling_signature, view_models
from pipeline.web.review.forms import SampleForm, SignForm, VerdictForm
from pipeline.web.review.sampling_params import TheSampling
from pipeline.web.security.permissions import Reviewer
from pipeline.web.services import SearchServices, TheServices

router = APIRouter(include_in_schema=False)

SEE_OTHER = 303


@router.get("/samples")
@audited(Action.VIEW, Recording.COUNTED)
def samples_page(request: Request, person: Reviewer, sampling: TheSampling, services: TheServices) -> Response:
    return _list(request, person, sampling, services)


@router.post("/samples")
@audited(Action.REVIEW)
def draw(
    request: Request,
    person: Reviewer,
    sampling: TheSampling,
    services: TheServices,
    code: TheLanguage,
    form: Annotated[SampleForm, Form()],
) -> Response:
    """Draw a sample and show it."""
    try:
        drawn = sampling.draw(
            person,
            sampling_params.scope("" if form.office == EVERY_OFFICE else form.office, form.since, form.until),
            percent=sampling_params.share(form.percent),
            limit=sampling_params.share(form.limit),
            seed=form.seed,
        )
    except AbhilekhError as error:
        return _list(request, person, sampling, services, problem=error, typed=form.model_dump())
    return RedirectResponse(f"/samples/{drawn.id}", SEE_OTHER)


@router.get("/samples/{sample}")
@audited(Action.VIEW)
def sample_page(
    request: Request, sample: str, person: Reviewer, sampling: TheSampling, people: ThePeople, services: TheServices
) -> Response:
    """The report: what was drawn from what, what was found, who signed."""
    return _report(request, sample, person, sampling, people, services)


@router.get("/samples/{sample}/next")
@audited(Action.VIEW)
def next_page(
    request: Request, sample: str, person: Reviewer, sampling: TheSampling, services: TheServices, document: str = ""
) -> Response:
    """The next document to be judged, or the one that is named, beside its scan."""
    found = sampling.one(person, sample)
    ident = document if document in found.documents else next(iter(found.waiting), "")
    if not ident:
        return RedirectResponse(f"/samples/{sample}", SEE_OTHER)
    return _document_page(request, sample, ident, person, sampling, services)


@router.post("/samples/{sample}/verdicts")
@audited(Action.REVIEW)
def judge(
    request: Request,
    sample: str,
    person: Reviewer,
    sampling: TheSampling,
    services: TheServices,
    form: Annotated[VerdictForm, Form()],
) -> Response:
    """Say of a document whether it is right, and go on to the next."""
    try:
        sampling.judge(person, sample, form.document, is_right=form.verdict == "right", remark=form.remark)
    except NotFoundError:
        raise
    except AbhilekhError as error:
        return _document_page(request, sample, form.document, person, sampling, services, problem=error)
    return RedirectResponse(f"/samples/{sample}/next", SEE_OTHER)


@router.post("/samples/{sample}/sign")
@audited(Action.REVIEW)
def sign(
    request: Request,
    sample: str,
    person: Reviewer,
    sampling: TheSampling,
    people: ThePeople,
    audit_log: TheAuditLog,
    services: TheServices,
    code: TheLanguage,
    form: Annotated[SignForm, Form()],
) -> Response:
    """Sign, with one's password once more where one has any. The report's SHA-256 goes into the audit log."""
    try:
        sampling_signature.sign(request, person, sample, form.password, sampling, people, audit_log, code)
    except NotFoundError:
        raise
    except AbhilekhError as error:
        return _report(request, sample, person, sampling, people, services, problem=error)
    return RedirectResponse(f"/samples/{sample}", SEE_OTHER)


def _list(
    request: Request,
    person: Person,
    sampling: TheSampling,
    services: SearchServices,
    *,
    problem: AbhilekhError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    code = language.chosen(request)
    mine = person.offices(Right.REVIEW)
    today = date.today()
    usual = {
        "office": "",
        "since": f"{today.replace(day=1):%d-%m-%Y}",
        "until": "",
        "percent": "5",
        "limit": "2",
        "seed": "",
    }
    return render(
        request,
        "sampling/list.html",
        http_status=error_pages.HTTP_STATUS[problem.kind] if problem else 200,
        samples=sampling.every(person),
        offices=services.offices() if mine is None else sorted(mine),
        may_every=mine is None,
        names=services.office_names(code),
        problem=error_pages.message(problem, code) if problem else "",
        typed=usual | (typed or {}),
        every_office=EVERY_OFFICE,
    )


def _report(
    request: Request,
    ident: str,
    person: Person,
    sampling: TheSampling,
    people: ThePeople,
    services: SearchServices,
    *,
    problem: AbhilekhError | None = None,
) -> Response:
    code, sample = language.chosen(request), sampling.one(person, ident)
    named = sampling.rows.named(sample.documents, person.offices(Right.REVIEW))
    return render(
        request,
        "sampling/report.html",
        http_status=error_pages.HTTP_STATUS[problem.kind] if problem else 200,
        sample=sample,
        named=named,
        names=services.office_names(code),
        kinds=KINDS,
        has_password=people.password_of(person.name) is not None,
        problem=error_pages.message(problem, code) if problem else "",
    )


def _document_page(
    request: Request,
    ident: str,
    document: str,
    person: Person,
    sampling: TheSampling,
    services: SearchServices,
    *,
    problem: AbhilekhError | None = None,
) -> Response:
    code, sample = language.chosen(request), sampling.one(person, ident)
    found = services.document(document)
    if document not in sample.documents or not person.may(Right.REVIEW, found.value("office")):
        raise NotFoundError(what="document", name=document)
    return render(
        request,
        "sampling/document.html",
        http_status=error_pages.HTTP_STATUS[problem.kind] if problem else 200,
        sample=sample,
        document=found,
        entries=view_models.entries(found),
        verdict=sample.verdicts.get(document),
        kinds=KINDS,
        problem=error_pages.message(problem, code) if problem else "",
    )
