"""The administrator's page: accounts, their roles in offices, one-time links, and tokens of programs. What is done to them
is in `administration`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from pipeline.errors import AbhilekhError
from pipeline.locale import N_
from pipeline.model.accounts import EVERY_OFFICE
from pipeline.model.audit import Action
from pipeline.model.roles import Right, Role
from pipeline.web import error_pages
from pipeline.web.accounts.administration import Change, TheAdministration, grant_of
from pipeline.web.accounts.forms import AddPersonForm, GrantForm, IdentityForm, TokenForm
from pipeline.web.accounts.services import ThePeople
from pipeline.web.audited import Recording, audited, audits_itself
from pipeline.web.health import origin
from pipeline.web.language import TheLanguage
from pipeline.web.rendering import render
from pipeline.web.security.permissions import Administrator
from pipeline.web.services import TheServices

router = APIRouter(include_in_schema=False)

SEE_OTHER = 303
RESET = "reset"
ROLES = {
    Role.OPERATOR: N_("Scanner operator"),
    Role.RECORD_KEEPER: N_("Record keeper"),
    Role.OFFICER: N_("Officer"),
    Role.AUDITOR: N_("Auditor"),
    Role.ADMINISTRATOR: N_("Administrator"),
}
RIGHTS = {
    Right.VIEW: N_("Search and view"),
    Right.SCAN: N_("Scan"),
    Right.REVIEW: N_("Review"),
    Right.REGISTER: N_("Register"),
    Right.EXPORT: N_("Export"),
    Right.BOARD: N_("Progress"),
    Right.AUDIT: N_("Audit log"),
    Right.ADMINISTER: N_("Users"),
}


@router.get("/users")
@audited(Action.VIEW, Recording.COUNTED)
def people_page(request: Request, person: Administrator, people: ThePeople, services: TheServices) -> Response:
    return _page(request, people, services)


@router.post("/users")
@audits_itself
def add(
    request: Request,
    administration: TheAdministration,
    services: TheServices,
    code: TheLanguage,
    form: Annotated[AddPersonForm, Form()],
) -> Response:
    """Add an account and show its one-time link; who signs in at the identity provider needs none."""
    try:
        grants = [grant_of(form.role, form.office)]
        added = administration.add(form.name, form.full_name, grants, outside=bool(form.outside), subject=form.subject)
    except AbhilekhError as error:
        return _page(request, administration.people, services, problem=error, code=code)
    if form.outside:
        return RedirectResponse("/users", SEE_OTHER)
    return _with_link(request, administration.people, services, added.name, administration.first_link(added.name))


@router.post("/users/{name}/grants")
@audits_itself
def grant(
    request: Request,
    administration: TheAdministration,
    services: TheServices,
    code: TheLanguage,
    name: str,
    form: Annotated[GrantForm, Form()],
) -> Response:
    """Assign a role in an office, or remove it."""
    try:
        administration.grant(name, grant_of(form.role, form.office), take=bool(form.take))
    except AbhilekhError as error:
        return _page(request, administration.people, services, problem=error, code=code)
    return RedirectResponse("/users", SEE_OTHER)


@router.post("/users/{name}/identity")
@audits_itself
def link_identity(
    request: Request,
    administration: TheAdministration,
    services: TheServices,
    code: TheLanguage,
    name: str,
    form: Annotated[IdentityForm, Form()],
) -> Response:
    """Link an account to an identity at the provider, by the subject or by a request; or drop the request."""
    try:
        if form.refuse:
            administration.refuse_link(name, form.pin)
        else:
            administration.link(name, subject=form.subject, pin=form.pin)
    except AbhilekhError as error:
        return _page(request, administration.people, services, problem=error, code=code)
    return RedirectResponse("/users", SEE_OTHER)


@router.post("/users/{name}/{change}")
@audits_itself
def change(
    request: Request,
    administration: TheAdministration,
    services: TheServices,
    code: TheLanguage,
    name: str,
    change: str,
) -> Response:
    """`disable`, `enable`, `unlock`, or `reset`, which shows a new one-time link."""
    if change != RESET and change not in set(Change):
        raise error_pages.no_address(request)
    try:
        if change == RESET:
            return _with_link(request, administration.people, services, name, administration.new_link(name))
        administration.change(name, Change(change))
    except AbhilekhError as error:
        return _page(request, administration.people, services, problem=error, code=code)
    return RedirectResponse("/users", SEE_OTHER)


@router.post("/tokens")
@audits_itself
def make_token(
    request: Request,
    administration: TheAdministration,
    services: TheServices,
    code: TheLanguage,
    form: Annotated[TokenForm, Form()],
) -> Response:
    """Make a token of a program; its secret is shown this once."""
    try:
        secret = administration.make_token(form.owner, form.title, form.known_rights, form.lasting)
    except AbhilekhError as error:
        return _page(request, administration.people, services, problem=error, code=code)
    return _page(request, administration.people, services, secret=secret)


@router.post("/tokens/{ident}/end")
@audits_itself
def end_token(ident: str, administration: TheAdministration) -> Response:
    administration.end_token(ident)
    return RedirectResponse("/users", SEE_OTHER)


def _with_link(request: Request, people: ThePeople, services: TheServices, name: str, path: str) -> Response:
    return _page(request, people, services, link=f"{origin(request)}{path}", whose=name)


def _page(
    request: Request,
    people: ThePeople,
    services: TheServices,
    *,
    problem: AbhilekhError | None = None,
    code: str = "en",
    link: str = "",
    whose: str = "",
    secret: str = "",
) -> Response:
    text = error_pages.message(problem, code) if problem else ""
    status = error_pages.HTTP_STATUS[problem.kind] if problem else 200
    return render(
        request,
        "accounts/users.html",
        http_status=status,
        everyone=people.every(),
        tokens=people.tokens(),
        offices=services.offices(),
        roles=ROLES,
        rights=RIGHTS,
        problem=text,
        link=link,
        whose=whose,
        secret=secret,
        every_office=EVERY_OFFICE,
        has_provider=request.app.state.provider is not None,
        requests=people.identities.requests(),
        token_days=people.token_days,
    )
