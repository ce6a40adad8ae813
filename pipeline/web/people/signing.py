"""Signing in and out, the one-time link, and one's own account. HTML in `templates/people`."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from pipeline.errors import AbhilekhError, PasswordError, TooManyTriesError, WrongLoginError
from pipeline.people import passwords
from pipeline.people.deeds import Action
from pipeline.web import faults, gate, language
from pipeline.web.everywhere import own_path
from pipeline.web.gate import Somebody
from pipeline.web.language import TheLanguage
from pipeline.web.people.access import TheDeeds, ThePeople
from pipeline.web.people.entrance import COOKIE, SECURE_COOKIE, cookie_of
from pipeline.web.rendering import render

router = APIRouter(include_in_schema=False)

SEE_OTHER = 303
_GUESSES = ThreadPoolExecutor(1, "guesses")  # a flood of them waits here, and not in the threads that answer all others
_ONE_GUESS = threading.Lock()  # guesses made at once must not all be judged before the first is counted
Typed = Annotated[str, Form(max_length=1000)]


@router.get("/login")
def login_page(request: Request, next: str = "/", out: str = "") -> Response:
    """The form; `out` for who has just signed out."""
    if gate.visitor(request) != gate.NOBODY:
        return RedirectResponse(own_path(next), SEE_OTHER)
    return render(
        request, "people/login.html", next=own_path(next), problem="", name="", outside=provider_name(request),
        is_out=bool(out),
    )  # fmt: skip


def provider_name(request: Request) -> str:
    """What the identity provider is called on the button that leads there; empty where there is none."""
    provider = request.app.state.provider
    if provider is None:
        return ""
    titles: dict[str, str] = {"hi": provider.settings.title_hi, "en": provider.settings.title_en}
    return titles[language.chosen(request)]


@router.post("/login")
async def login(
    request: Request, people: ThePeople, deeds: TheDeeds, code: TheLanguage, name: Typed = "", password: Typed = "",
    next: Typed = "/",
) -> Response:  # fmt: skip
    """Let somebody in, or say that name and password do not fit; after some such attempts there is a wait."""
    judge = asyncio.get_running_loop().run_in_executor
    return await judge(_GUESSES, _login, request, people, deeds, code, name, password, next)


def _login(
    request: Request, people: ThePeople, deeds: TheDeeds, code: str, name: str, password: str, next: str
) -> Response:
    name, address = name.strip().lower(), request.client.host if request.client else ""
    try:
        kept = fitting(people, name, address, password, code)
    except (WrongLoginError, TooManyTriesError) as error:
        note = deeds.note if isinstance(error, WrongLoginError) else deeds.note_soon  # a flood is not to hold up others
        note("", Action.LOGIN_FAILED, name[:64], {"address": address, "why": error.code})
        status = faults.HTTP_STATUS[error.kind]
        problem = faults.message(error, code)
        return render(
            request, "people/login.html", http_status=status, next=own_path(next), problem=problem, name=name[:64],
            outside=provider_name(request), is_out=False,
        )  # fmt: skip
    if passwords.is_outdated(kept):
        people.set_password(name, passwords.hashed(password))
    deeds.note(name, Action.LOGIN, name, {"address": address})
    return signed_in(request, people.sign_in(name), own_path(next))


@router.post("/logout")
def logout(request: Request, person: Somebody, people: ThePeople, deeds: TheDeeds) -> Response:
    people.sign_out(cookie_of(request.headers))
    deeds.note(person.name, Action.LOGOUT, person.name)
    answer = RedirectResponse("/login?out=1", SEE_OTHER)
    for cookie in (COOKIE, SECURE_COOKIE):
        answer.delete_cookie(cookie, path="/", secure=cookie is SECURE_COOKIE, httponly=True, samesite="lax")
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
        _require_good(password, again, whose.name)
    except PasswordError as error:
        problem = faults.message(error, code)
        return render(request, "people/welcome.html", http_status=400, whose=whose, secret=secret, problem=problem)
    person = people.use_link(secret, passwords.hashed(password))
    deeds.note(person.name, Action.PASSWORD, person.name, {"by": "link"})
    return signed_in(request, people.sign_in(person.name), "/")


@router.get("/account")
def account_page(request: Request, person: Somebody, done: str = "") -> Response:
    return render(request, "people/account.html", problem="", done=bool(done))


@router.post("/account/password")
def change_password(
    request: Request, person: Somebody, people: ThePeople, deeds: TheDeeds, code: TheLanguage, old: Typed = "",
    password: Typed = "", again: Typed = "",
) -> Response:  # fmt: skip
    """A new password for oneself; every other session of this person ends."""
    address = request.client.host if request.client else ""
    try:
        fitting(people, person.name, address, old, code)
        _require_good(password, again, person.name)
    except AbhilekhError as error:
        status = faults.HTTP_STATUS[error.kind]
        problem = faults.message(error, code)
        return render(request, "people/account.html", http_status=status, problem=problem, done=False)
    people.set_password(person.name, passwords.hashed(password), keep=cookie_of(request.headers))
    deeds.note(person.name, Action.PASSWORD, person.name)
    return RedirectResponse("/account?done=1", SEE_OTHER)


def fitting(people: ThePeople, name: str, address: str, password: str, code: str) -> str:
    """The hash that this password fits. Raises `WrongLoginError`, and `TooManyTriesError` while one has to wait."""
    _require_no_wait(people, name, address, code)  # who has to wait does not stand in the way of others
    with _ONE_GUESS:
        _require_no_wait(people, name, address, code)
        kept = people.password_of(name)
        if not passwords.fits(password, kept) or kept is None:
            people.failed(name, address)
            raise WrongLoginError
        return kept


def _require_no_wait(people: ThePeople, name: str, address: str, code: str) -> None:
    if until := people.waits(name, address):
        raise TooManyTriesError(until=language.moment_in_words(until, code))


def _require_good(password: str, again: str, name: str) -> None:
    if password != again:
        raise PasswordError(cause="it was typed in two ways", cause_hi="यह दो तरह से लिखा गया है")
    passwords.check(password, name)


def signed_in(request: Request, secret: str, onward: str) -> Response:
    """The new session's cookie. Its secret is new at every sign-in, so that none can be planted before."""
    answer = RedirectResponse(quote(onward, safe="/?=&%#+"), SEE_OTHER)
    secure = request.app.state.secure_cookies
    name = SECURE_COOKIE if secure else COOKIE
    answer.set_cookie(name, secret, path="/", secure=secure, httponly=True, samesite="lax")
    return answer
