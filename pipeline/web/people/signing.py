"""Signing in with a password, signing out, and the one-time link. HTML in `templates/people`.

The code after the password is in `second_step`, one's own account in `account`.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from pipeline.errors import AbhilekhError, PasswordError, TooManyTriesError, WrongLoginError
from pipeline.index.people import People
from pipeline.index.throttling import DEVICE_DAYS, Client
from pipeline.people import passwords
from pipeline.people.deeds import Action
from pipeline.people.model import Person
from pipeline.people.second_factor import SecondFactor
from pipeline.web import faults, gate, language, refusals
from pipeline.web.everywhere import own_path
from pipeline.web.gate import Somebody
from pipeline.web.language import TheLanguage
from pipeline.web.people import cookies
from pipeline.web.people.access import Notes, TheDeeds, ThePeople, TheSecondFactor
from pipeline.web.people.checking import client_of, fitting
from pipeline.web.people.entrance import cookie_of
from pipeline.web.rendering import render

router = APIRouter(include_in_schema=False)

SEE_OTHER = 303
LONGEST_NAME = 64
STEP_SECONDS = 600  # how long the browser keeps the cookie of a sign-in that waits for its code
DEVICE_SECONDS = DEVICE_DAYS * 24 * 3600
GUESSES = ThreadPoolExecutor(1, "guesses")  # a flood of them waits here, and not in the threads that answer all others
Typed = Annotated[str, Form(max_length=1000)]


@router.get("/login")
def login_page(request: Request, next: str = "/", out: str = "") -> Response:
    """The form; `out` for who has just signed out."""
    if gate.visitor(request) != gate.NOBODY:
        return RedirectResponse(own_path(next), SEE_OTHER)
    return login_form(request, onward=own_path(next), is_out=bool(out))


def login_form(
    request: Request, *, onward: str = "/", name: str = "", problem: AbhilekhError | None = None, is_out: bool = False
) -> Response:
    """The sign-in page, with what went wrong."""
    text = faults.message(problem, language.chosen(request)) if problem else ""
    status = faults.HTTP_STATUS[problem.kind] if problem else 200
    return render(
        request,
        "people/login.html",
        http_status=status,
        next=onward,
        name=name[:LONGEST_NAME],
        problem=text,
        outside=provider_name(request),
        is_out=is_out,
    )


def provider_name(request: Request) -> str:
    """What the identity provider is called on the button that leads there; empty where there is none."""
    provider = request.app.state.provider
    if provider is None:
        return ""
    titles: dict[str, str] = {"hi": provider.settings.title_hi, "en": provider.settings.title_en}
    return titles[language.chosen(request)]


@router.post("/login")
async def login(
    request: Request, people: ThePeople, factor: TheSecondFactor, deeds: TheDeeds, code: TheLanguage, name: Typed = "",
    password: Typed = "", next: Typed = "/",
) -> Response:  # fmt: skip
    """Let somebody in, or say that name and password do not fit; after some such attempts there is a wait."""
    judge = asyncio.get_running_loop().run_in_executor
    return await judge(GUESSES, _login, request, people, factor, deeds, code, name, password, next)


def _login(
    request: Request, people: People, factor: SecondFactor, deeds: Notes, code: str, name: str, password: str, next: str
) -> Response:
    name, onward = name.strip().lower(), own_path(next)
    client = client_of(request, people, name)
    try:
        kept = fitting(people, client, password, code)
    except (WrongLoginError, TooManyTriesError) as error:
        refusals.failed_sign_in(request, name[:LONGEST_NAME], error.code)
        return login_form(request, onward=onward, name=name, problem=error)
    if passwords.is_outdated(kept):
        people.set_password(name, passwords.hashed(password))
    if factor.is_on(name):
        answer = RedirectResponse("/login/code", SEE_OTHER)
        secure = request.app.state.secure_cookies
        step = factor.rows.begin(name, onward)
        cookies.put(answer, cookies.STEP, step, secure=secure, same_site="strict", seconds=STEP_SECONDS)
        return answer
    return enter(request, people, deeds, client, onward)


def enter(
    request: Request,
    people: People,
    deeds: Notes,
    client: Client,
    onward: str,
    *,
    outside: bool = False,
    **details: Any,
) -> Response:
    """Begin a session, and have the browser known to the account from now on."""
    name = client.name
    people.throttle.succeeded(client)
    if outside:
        details["outside"] = True
    deeds.note(name, Action.LOGIN, name, {"address": client.address, **details})
    return signed_in(request, people, name, onward, outside=outside)


@router.post("/logout")
def logout(request: Request, person: Somebody, people: ThePeople, deeds: TheDeeds) -> Response:
    secure = request.app.state.secure_cookies
    people.sign_out(cookie_of(request.headers, secure=secure))
    deeds.note(person.name, Action.LOGOUT, person.name)
    answer = RedirectResponse("/login?out=1", SEE_OTHER)
    for name in (cookies.SESSION, cookies.STEP):
        cookies.drop(answer, name, secure=secure)
    return answer


@router.get("/welcome/{secret}")
def welcome_page(request: Request, secret: str, people: ThePeople) -> Response:
    """Whoever comes by a one-time link sets a password. Raises `LinkExpiredError`."""
    return render(request, "people/welcome.html", whose=people.link_of(secret), secret=secret, problem="")


@router.post("/welcome/{secret}")
def welcome(
    request: Request, secret: str, people: ThePeople, deeds: TheDeeds, code: TheLanguage, password: Typed = "",
    again: Typed = "",
) -> Response:  # fmt: skip
    whose = people.link_of(secret)
    try:
        require_good(password, again, whose)
    except PasswordError as error:
        problem = faults.message(error, code)
        return render(request, "people/welcome.html", http_status=400, whose=whose, secret=secret, problem=problem)
    person = people.use_link(secret, passwords.hashed(password))
    deeds.note(person.name, Action.PASSWORD, person.name, {"by": "link"})
    return signed_in(request, people, person.name, "/")


def require_good(password: str, again: str, person: Person) -> None:
    """Raise `PasswordError` for a new password that is too weak, or was typed in two ways."""
    if password != again:
        raise PasswordError(cause="it was typed in two ways", cause_hi="यह दो तरह से लिखा गया है")
    passwords.check(password, person.name, person.full_name)


def signed_in(request: Request, people: People, name: str, onward: str, *, outside: bool = False) -> Response:
    """The new session's cookie, and one by which this browser is known to the account. Both secrets are new at every
    sign-in, so that none can be planted before."""
    answer = RedirectResponse(quote(onward, safe="/?=&%#+"), SEE_OTHER)
    secure = request.app.state.secure_cookies
    cookies.put(answer, cookies.SESSION, people.sign_in(name, outside=outside), secure=secure)
    cookies.drop(answer, cookies.STEP, secure=secure)
    device = cookies.device_cookie(name)
    fresh = people.throttle.remember_device(name, cookies.read(request.headers, device, secure=secure))
    cookies.put(answer, device, fresh, secure=secure, same_site="strict", seconds=DEVICE_SECONDS)
    return answer
