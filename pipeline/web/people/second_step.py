"""The code after the password: the page that asks for it. HTML in `templates/people/code.html`."""

from __future__ import annotations

import asyncio
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from pipeline.errors import AbhilekhError, LoginStepError, TooManyTriesError, WrongCodeError
from pipeline.index.people import People
from pipeline.people.second_factor import SecondFactor
from pipeline.web import faults, language, refusals
from pipeline.web.language import TheLanguage
from pipeline.web.people import cookies
from pipeline.web.people.access import Notes, TheDeeds, ThePeople, TheSecondFactor
from pipeline.web.people.checking import client_of, counted
from pipeline.web.people.signing import GUESSES, SEE_OTHER, Typed, enter, login_form
from pipeline.web.rendering import render

router = APIRouter(include_in_schema=False)


@router.get("/login/code")
def code_page(request: Request, factor: TheSecondFactor) -> Response:
    """The form for the code; where no sign-in waits, the one for name and password."""
    try:
        factor.waiting(_secret(request))
    except LoginStepError:
        return RedirectResponse("/login", SEE_OTHER)
    return _form(request)


@router.post("/login/code")
async def check_code(
    request: Request, people: ThePeople, factor: TheSecondFactor, deeds: TheDeeds, code: TheLanguage, typed: Typed = ""
) -> Response:
    """Let somebody in whose password was right and whose code is, too."""
    judge = asyncio.get_running_loop().run_in_executor
    return await judge(GUESSES, _check, request, people, factor, deeds, code, typed)


def _check(request: Request, people: People, factor: SecondFactor, deeds: Notes, code: str, typed: str) -> Response:
    secret = _secret(request)
    try:
        step = factor.waiting(secret)
    except LoginStepError as error:
        return login_form(request, problem=error)
    client = client_of(request, people, step.person)
    try:
        used = counted(people, client, code, partial(factor.finish, secret, typed))
    except (WrongCodeError, TooManyTriesError) as error:
        refusals.failed_sign_in(request, step.person, error.code)
        return _form(request, error)
    return enter(request, people, deeds, client, step.onward, second=used)


def _form(request: Request, problem: AbhilekhError | None = None) -> Response:
    text = faults.message(problem, language.chosen(request)) if problem else ""
    status = faults.HTTP_STATUS[problem.kind] if problem else 200
    return render(request, "people/code.html", http_status=status, problem=text)


def _secret(request: Request) -> str:
    return cookies.read(request.headers, cookies.STEP, secure=request.app.state.secure_cookies)
