"""The code after the password: the page that asks for it. HTML in `templates/accounts/code.html`."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from pipeline.accounts.second_factor import SecondFactor
from pipeline.db.accounts import AccountRepository
from pipeline.errors import AbhilekhError, LoginStepError, TooManyTriesError, WrongCodeError
from pipeline.web import error_pages, language
from pipeline.web.accounts.forms import LoginCodeForm
from pipeline.web.accounts.password_check import client_of, throttled
from pipeline.web.accounts.services import AuditWriter, TheAuditLog, ThePeople, TheSecondFactor
from pipeline.web.accounts.sessions import GUESSES, SEE_OTHER, enter, login_form
from pipeline.web.audited import audits_itself, not_audited
from pipeline.web.language import TheLanguage
from pipeline.web.rendering import render
from pipeline.web.security import cookies, refusals

router = APIRouter(include_in_schema=False)


@router.get("/login/code")
@not_audited("an empty form")
def code_page(request: Request, factor: TheSecondFactor) -> Response:
    """The form for the code; where no sign-in waits, the one for name and password."""
    try:
        factor.waiting(_secret(request))
    except LoginStepError:
        return RedirectResponse("/login", SEE_OTHER)
    return _form(request)


@router.post("/login/code")
@audits_itself
async def check_code(
    request: Request,
    people: ThePeople,
    factor: TheSecondFactor,
    audit_log: TheAuditLog,
    code: TheLanguage,
    form: Annotated[LoginCodeForm, Form()],
) -> Response:
    """Finish a sign-in: check the code after the password."""
    run = asyncio.get_running_loop().run_in_executor
    return await run(GUESSES, _check, request, people, factor, audit_log, code, form.typed)


def _check(
    request: Request, people: AccountRepository, factor: SecondFactor, audit_log: AuditWriter, code: str, typed: str
) -> Response:
    secret = _secret(request)
    try:
        step = factor.waiting(secret)
    except LoginStepError as error:
        return login_form(request, problem=error)
    client = client_of(request, people, step.person)
    try:
        used = throttled(people, client, code, partial(factor.finish, secret, typed))
    except (WrongCodeError, TooManyTriesError) as error:
        refusals.failed_sign_in(request, step.person, error.code)
        return _form(request, error)
    return enter(request, people, audit_log, client, step.onward, second=used)


def _form(request: Request, problem: AbhilekhError | None = None) -> Response:
    text = error_pages.message(problem, language.chosen(request)) if problem else ""
    status = error_pages.HTTP_STATUS[problem.kind] if problem else 200
    return render(request, "accounts/code.html", http_status=status, problem=text)


def _secret(request: Request) -> str:
    return cookies.read(request.headers, cookies.STEP, secure=request.app.state.secure_cookies)
