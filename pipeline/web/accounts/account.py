"""One's own account: the password, and the code from an app. HTML in `templates/accounts`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from pipeline.accounts import passwords, totp
from pipeline.accounts.second_factor import SecondFactor
from pipeline.db.accounts import AccountRepository
from pipeline.errors import AbhilekhError, CodeRequiredError
from pipeline.model.accounts import Person
from pipeline.model.audit import Action
from pipeline.web import error_pages, language
from pipeline.web.accounts.forms import ChangePasswordForm, CodeForm, EnableCodeForm
from pipeline.web.accounts.password_check import client_of, throttled, verify_password
from pipeline.web.accounts.qr import Drawing, draw
from pipeline.web.accounts.services import TheAuditLog, ThePeople, TheSecondFactor
from pipeline.web.accounts.sessions import SEE_OTHER, require_good
from pipeline.web.audited import audits_itself, not_audited
from pipeline.web.language import TheLanguage
from pipeline.web.rendering import render
from pipeline.web.security.cookies import cookie_of
from pipeline.web.security.permissions import Somebody

router = APIRouter(include_in_schema=False)

_GROUP = 4  # signs of a secret that stand together, for who types it


@router.get("/account")
@not_audited("shows the visitor's own account")
def account_page(request: Request, person: Somebody, factor: TheSecondFactor, done: str = "") -> Response:
    return _account(request, person, factor, done=bool(done))


@router.post("/account/password")
@audits_itself
def change_password(
    request: Request,
    person: Somebody,
    people: ThePeople,
    factor: TheSecondFactor,
    audit_log: TheAuditLog,
    code: TheLanguage,
    form: Annotated[ChangePasswordForm, Form()],
) -> Response:
    """Change one's own password; every other session of this person ends."""
    try:
        verify_password(people, client_of(request, people, person.name), form.old, code)
        require_good(form.password, form.again, person)
    except AbhilekhError as error:
        return _account(request, person, factor, problem=error)
    people.set_password(person.name, passwords.hashed(form.password), keep=_session(request))
    audit_log.note(person.name, Action.PASSWORD, person.name)
    return RedirectResponse("/account?done=1", SEE_OTHER)


@router.get("/account/code")
@not_audited("shows the visitor's own account")
def code_page(request: Request, person: Somebody, people: ThePeople, factor: TheSecondFactor) -> Response:
    """Set up a code from an app, or show whether one is required."""
    return _code(request, person, people, factor)


@router.post("/account/code")
@audits_itself
def enable_code(
    request: Request,
    person: Somebody,
    people: ThePeople,
    factor: TheSecondFactor,
    audit_log: TheAuditLog,
    code: TheLanguage,
    form: Annotated[EnableCodeForm, Form()],
) -> Response:
    """Require a code at every sign-in; every other session of this person ends."""
    client = client_of(request, people, person.name)
    try:
        if factor.is_on(person.name):  # another tab was faster: what is in force is not replaced unseen
            return RedirectResponse("/account/code", SEE_OTHER)
        verify_password(people, client, form.password, code)
        codes = throttled(people, client, code, lambda: factor.enable(person.name, form.sealed, form.typed))
    except AbhilekhError as error:
        return _code(request, person, people, factor, problem=error, sealed=form.sealed)
    people.sign_out_elsewhere(person.name, _session(request))
    audit_log.note(person.name, Action.CODE, person.name, {"did": "enable"})
    return _code(request, person, people, factor, codes=codes)


@router.post("/account/code/recovery")
@audits_itself
def renew_codes(
    request: Request,
    person: Somebody,
    people: ThePeople,
    factor: TheSecondFactor,
    audit_log: TheAuditLog,
    code: TheLanguage,
    form: Annotated[CodeForm, Form()],
) -> Response:
    """Replace the recovery codes."""
    try:
        _require_both(request, person, people, factor, code, form)
    except AbhilekhError as error:
        return _code(request, person, people, factor, problem=error)
    codes = factor.renew_codes(person.name)
    audit_log.note(person.name, Action.CODE, person.name, {"did": "renew"})
    return _code(request, person, people, factor, codes=codes)


@router.post("/account/code/off")
@audits_itself
def disable_code(
    request: Request,
    person: Somebody,
    people: ThePeople,
    factor: TheSecondFactor,
    audit_log: TheAuditLog,
    code: TheLanguage,
    form: Annotated[CodeForm, Form()],
) -> Response:
    """Require no code any more, where the person's roles allow it."""
    try:
        if _needs_code(person, people):
            raise CodeRequiredError
        _require_both(request, person, people, factor, code, form)
    except AbhilekhError as error:
        return _code(request, person, people, factor, problem=error)
    factor.rows.clear(person.name)
    audit_log.note(person.name, Action.CODE, person.name, {"did": "disable"})
    return RedirectResponse("/account/code", SEE_OTHER)


def _require_both(
    request: Request,
    person: Person,
    people: AccountRepository,
    factor: SecondFactor,
    code: str,
    form: CodeForm,
) -> None:
    """Raise `WrongLoginError`, `WrongCodeError` or `TooManyTriesError` unless password and code are right."""
    client = client_of(request, people, person.name)
    verify_password(people, client, form.password, code)
    throttled(people, client, code, lambda: factor.check(person.name, form.typed))


def _needs_code(person: Person, people: AccountRepository) -> bool:
    return not people.totp_roles.isdisjoint(grant.role for grant in person.grants)


def _session(request: Request) -> str:
    return cookie_of(request.headers, secure=request.app.state.secure_cookies)


def _account(
    request: Request, person: Person, factor: SecondFactor, *, problem: AbhilekhError | None = None, done: bool = False
) -> Response:
    text, status = _problem_text(request, problem)
    is_on = factor.is_on(person.name)
    return render(request, "accounts/account.html", http_status=status, problem=text, done=done, has_code=is_on)


def _code(
    request: Request,
    person: Person,
    people: AccountRepository,
    factor: SecondFactor,
    *,
    problem: AbhilekhError | None = None,
    sealed: str = "",
    codes: list[str] | None = None,
) -> Response:
    """The page of the code: how to set it up, or how it is; `codes` are recovery codes, shown this once."""
    text, status = _problem_text(request, problem)
    is_on = factor.is_on(person.name)
    secret, drawing = "", None
    if not is_on:
        sealed, secret, drawing = _proposal(request, person, factor, sealed)
    return render(
        request,
        "accounts/own_code.html",
        http_status=status,
        problem=text,
        is_on=is_on,
        needs_code=_needs_code(person, people),
        has_password=people.password_of(person.name) is not None,
        codes=codes or [],
        codes_left=factor.rows.codes_left(person.name),
        sealed=sealed,
        secret=" ".join(secret[at : at + _GROUP] for at in range(0, len(secret), _GROUP)),
        drawing=drawing,
    )


def _proposal(request: Request, person: Person, factor: SecondFactor, sealed: str) -> tuple[str, str, Drawing]:
    """A secret to be set up: the one that the form brought back, so that the app keeps it, else a new one."""
    try:
        secret = factor.proposed(person.name, sealed)
    except AbhilekhError:
        sealed = factor.propose(person.name)
        secret = factor.proposed(person.name, sealed)
    return sealed, secret, draw(totp.address_of(secret, person.name, request.url.hostname or ""))


def _problem_text(request: Request, problem: AbhilekhError | None) -> tuple[str, int]:
    """The text and the HTTP status of an error; "" and 200 for none."""
    if problem is None:
        return "", 200
    return error_pages.message(problem, language.chosen(request)), error_pages.HTTP_STATUS[problem.kind]
