"""Signing in with a password, signing out, and the one-time link. HTML in `templates/accounts`.

The code after the password is in `second_step`, one's own account in `account`.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from pipeline.accounts import passwords
from pipeline.accounts.second_factor import SecondFactor
from pipeline.db.accounts import AccountRepository
from pipeline.db.throttling import DEVICE_DAYS, Client
from pipeline.errors import AbhilekhError, PasswordError, TooManyTriesError, WrongLoginError
from pipeline.locale import Message
from pipeline.model.accounts import Person
from pipeline.model.audit import Action
from pipeline.web import error_pages, language
from pipeline.web.accounts.forms import LoginForm, NewPasswordForm
from pipeline.web.accounts.password_check import client_of, verify_password
from pipeline.web.accounts.services import AuditWriter, TheAuditLog, ThePeople, TheSecondFactor
from pipeline.web.audited import audits_itself, not_audited
from pipeline.web.health import own_path
from pipeline.web.language import TheLanguage
from pipeline.web.rendering import render
from pipeline.web.security import cookies, permissions, refusals
from pipeline.web.security.cookies import cookie_of
from pipeline.web.security.permissions import Somebody

router = APIRouter(include_in_schema=False)

SEE_OTHER = 303
LONGEST_NAME = 64
STEP_SECONDS = 600  # how long the browser keeps the cookie of a sign-in that waits for its code
DEVICE_SECONDS = DEVICE_DAYS * 24 * 3600
GUESSES = ThreadPoolExecutor(1, "guesses")  # a flood of them waits here, and not in the threads that answer all others


@router.get("/login")
@not_audited("an empty form")
def login_page(request: Request, next: str = "/", out: str = "") -> Response:
    """The form; `out` for who has just signed out."""
    if permissions.visitor(request) != permissions.NOBODY:
        return RedirectResponse(own_path(next), SEE_OTHER)
    return login_form(request, onward=own_path(next), is_out=bool(out))


def login_form(
    request: Request, *, onward: str = "/", name: str = "", problem: AbhilekhError | None = None, is_out: bool = False
) -> Response:
    """The sign-in page, with what went wrong."""
    text = error_pages.message(problem, language.chosen(request)) if problem else ""
    status = error_pages.HTTP_STATUS[problem.kind] if problem else 200
    return render(
        request,
        "accounts/login.html",
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
@audits_itself
async def login(
    request: Request,
    people: ThePeople,
    factor: TheSecondFactor,
    audit_log: TheAuditLog,
    code: TheLanguage,
    form: Annotated[LoginForm, Form()],
) -> Response:
    """Sign in by name and password. After some failed attempts there is a wait."""
    run = asyncio.get_running_loop().run_in_executor
    return await run(GUESSES, _login, request, people, factor, audit_log, code, form)


def _login(
    request: Request,
    people: AccountRepository,
    factor: SecondFactor,
    audit_log: AuditWriter,
    code: str,
    form: LoginForm,
) -> Response:
    name, onward = form.name.strip().lower(), own_path(form.next)
    client = client_of(request, people, name)
    try:
        kept = verify_password(people, client, form.password, code)
    except (WrongLoginError, TooManyTriesError) as error:
        refusals.failed_sign_in(request, name[:LONGEST_NAME], error.code)
        return login_form(request, onward=onward, name=name, problem=error)
    if passwords.is_outdated(kept):
        people.set_password(name, passwords.hashed(form.password))
    if factor.is_on(name):
        answer = RedirectResponse("/login/code", SEE_OTHER)
        secure = request.app.state.secure_cookies
        step = factor.rows.begin(name, onward)
        cookies.put(answer, cookies.STEP, step, secure=secure, same_site="strict", seconds=STEP_SECONDS)
        return answer
    return enter(request, people, audit_log, client, onward)


def enter(
    request: Request,
    people: AccountRepository,
    audit_log: AuditWriter,
    client: Client,
    onward: str,
    *,
    outside: bool = False,
    **details: Any,
) -> Response:
    """Begin a session, audit it, and remember the browser as a device of the account."""
    name = client.name
    people.throttle.succeeded(client)
    if outside:
        details["outside"] = True
    audit_log.note(name, Action.LOGIN, name, {"address": client.address, **details})
    return signed_in(request, people, name, onward, outside=outside)


@router.post("/logout")
@audits_itself
def logout(request: Request, person: Somebody, people: ThePeople, audit_log: TheAuditLog) -> Response:
    secure = request.app.state.secure_cookies
    people.sign_out(cookie_of(request.headers, secure=secure))
    audit_log.note(person.name, Action.LOGOUT, person.name)
    answer = RedirectResponse("/login?out=1", SEE_OTHER)
    for name in (cookies.SESSION, cookies.STEP):
        cookies.drop(answer, name, secure=secure)
    return answer


@router.get("/welcome/{secret}")
@not_audited("a form; setting the password is an event")
def welcome_page(request: Request, secret: str, people: ThePeople) -> Response:
    """Show the form for a password to the holder of a one-time link. Raises `LinkExpiredError`."""
    return render(request, "accounts/welcome.html", whose=people.link_of(secret), secret=secret, problem="")


@router.post("/welcome/{secret}")
@audits_itself
def welcome(
    request: Request,
    secret: str,
    people: ThePeople,
    audit_log: TheAuditLog,
    code: TheLanguage,
    form: Annotated[NewPasswordForm, Form()],
) -> Response:
    whose = people.link_of(secret)
    try:
        require_good(form.password, form.again, whose)
    except PasswordError as error:
        problem = error_pages.message(error, code)
        return render(request, "accounts/welcome.html", http_status=400, whose=whose, secret=secret, problem=problem)
    person = people.use_link(secret, passwords.hashed(form.password))
    audit_log.note(person.name, Action.PASSWORD, person.name, {"by": "link"})
    return signed_in(request, people, person.name, "/")


def require_good(password: str, again: str, person: Person) -> None:
    """Raise `PasswordError` for a new password that is too weak, or differs from its repetition."""
    if password != again:
        raise PasswordError(cause=Message("it was typed in two ways"))
    passwords.check(password, person.name, person.full_name)


def signed_in(
    request: Request, people: AccountRepository, name: str, onward: str, *, outside: bool = False
) -> Response:
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
