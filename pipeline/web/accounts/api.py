"""People, their roles and the tokens of programs as JSON; and who is asking. What is done to them is in `administration`.

Setting a password is left to the pages: whoever has it types it there, and no program needs to know it.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from pipeline.db.tokens import Token
from pipeline.errors import NotFoundError
from pipeline.model.accounts import Account as KnownPerson
from pipeline.model.accounts import Grant, Person
from pipeline.model.audit import Action
from pipeline.model.roles import RIGHTS, Right, Role
from pipeline.web.accounts.administration import Change, TheAdministration, grant_of
from pipeline.web.accounts.models import (
    AddedJson,
    GrantJson,
    IdentityRequestJson,
    IdentityRequestsJson,
    LinkJson,
    MeJson,
    PeopleJson,
    PersonJson,
    SecretJson,
    ToAddJson,
    TokenJson,
    TokensJson,
    ToLinkJson,
    ToMakeJson,
)
from pipeline.web.accounts.services import ThePeople
from pipeline.web.audited import Recording, audited, audits_itself, not_audited
from pipeline.web.health import origin
from pipeline.web.rendering import NO_STORE
from pipeline.web.security.cookies import bearer_of
from pipeline.web.security.permissions import Known, visitor_of

router = APIRouter(prefix="/api/v1", tags=["people"])

Name = Annotated[str, Path(max_length=64, description="The name by which the person signs in.")]


@router.get("/me")
@not_audited("about the visitor alone")
def me(request: Request, person: Known, people: ThePeople, response: Response) -> MeJson:
    """Your account, roles and rights."""
    response.headers.update(NO_STORE)
    limited = visitor_of(request).limited_to
    held = {right for grant in person.grants for right in RIGHTS[grant.role] if limited is None or right in limited}
    token = people.token_of(bearer_of(request.headers))
    return MeJson(
        name=person.name,
        full_name=person.full_name,
        roles=_roles(person),
        rights=[one for one in Right if one in held],
        token_expires_at=token.expires_at if token else None,
    )


@router.get("/people")
@audited(Action.VIEW, Recording.COUNTED)
def everybody(administration: TheAdministration, response: Response) -> PeopleJson:
    """List the accounts with their roles."""
    response.headers.update(NO_STORE)
    return PeopleJson(people=[_person(one) for one in administration.people.every()])


@router.post("/people", status_code=201)
@audits_itself
def add(request: Request, wanted: ToAddJson, administration: TheAdministration, response: Response) -> AddedJson:
    """Add an account; the answer holds the one-time link for its password."""
    response.headers.update(NO_STORE)
    grants = [grant_of(one.role, one.office) for one in wanted.roles]
    added = administration.add(wanted.name, wanted.full_name, grants, outside=wanted.outside, subject=wanted.subject)
    link = None if wanted.outside else f"{origin(request)}{administration.first_link(added.name)}"
    return AddedJson(person=_person(administration.people.known(added.name)), link=link)


@router.post("/people/{name}/grants")
@audits_itself
def grant(name: Name, wanted: GrantJson, administration: TheAdministration) -> PersonJson:
    """Assign a role in an office."""
    administration.grant(name, grant_of(wanted.role, wanted.office), take=False)
    return _person(administration.people.known(name))


@router.delete("/people/{name}/grants/{role}/{office}")
@audits_itself
def take(name: Name, role: Role, office: str, administration: TheAdministration) -> PersonJson:
    """Remove a role in an office; `*` stands for every one."""
    administration.grant(name, grant_of(role, office), take=True)
    return _person(administration.people.known(name))


@router.post("/people/{name}/link")
@audits_itself
def link(request: Request, name: Name, administration: TheAdministration, response: Response) -> LinkJson:
    """Make a new one-time link for setting a password."""
    response.headers.update(NO_STORE)
    return LinkJson(link=f"{origin(request)}{administration.new_link(name)}")


@router.get("/identities")
@audited(Action.VIEW, Recording.COUNTED)
def identity_requests(administration: TheAdministration, response: Response) -> IdentityRequestsJson:
    """List the identities at the provider that wait to be linked to an account."""
    response.headers.update(NO_STORE)
    found = administration.people.identities.requests()
    return IdentityRequestsJson(
        requests=[
            IdentityRequestJson(
                person=one.person, pin=one.pin, subject=one.subject, shown_name=one.shown_name, at=one.at
            )
            for one in found
        ]
    )


@router.post("/people/{name}/identity")
@audits_itself
def link_identity(name: Name, wanted: ToLinkJson, administration: TheAdministration) -> PersonJson:
    """Link an account to an identity at the provider: by the subject, or by the code of a request."""
    administration.link(name, subject=wanted.subject, pin=wanted.pin)
    return _person(administration.people.known(name))


@router.delete("/people/{name}/identity/{pin}", status_code=204)
@audits_itself
def refuse_identity(name: Name, pin: str, administration: TheAdministration) -> None:
    """Drop a link request."""
    if not administration.refuse_link(name, pin):
        raise NotFoundError(what="person", name=name)


@router.post("/people/{name}/{change}")
@audits_itself
def change(name: Name, change: Change, administration: TheAdministration) -> PersonJson:
    """Disable or re-enable an account, effective immediately; or end the wait after wrong passwords (`unlock`)."""
    administration.change(name, change)
    return _person(administration.people.known(name))


@router.get("/tokens")
@audited(Action.VIEW, Recording.COUNTED)
def tokens(administration: TheAdministration, response: Response) -> TokensJson:
    """List the tokens of programs, without their secrets."""
    response.headers.update(NO_STORE)
    return TokensJson(tokens=[_token(one) for one in administration.people.tokens()])


@router.post("/tokens", status_code=201)
@audits_itself
def make_token(wanted: ToMakeJson, administration: TheAdministration, response: Response) -> SecretJson:
    """Make a token for a program."""
    response.headers.update(NO_STORE)
    secret = administration.make_token(wanted.person, wanted.name, wanted.rights, wanted.days)
    token = administration.people.token_of(secret)
    return SecretJson(secret=secret, expires_at=token.expires_at if token else None)


@router.delete("/tokens/{ident}", status_code=204)
@audits_itself
def end_token(ident: str, administration: TheAdministration) -> None:
    """End a token, effective immediately."""
    if not administration.end_token(ident):
        raise NotFoundError(what="token", name=ident)


def _person(one: KnownPerson) -> PersonJson:
    return PersonJson(
        name=one.person.name,
        full_name=one.person.full_name,
        roles=_roles(one.person),
        disabled=one.disabled,
        has_password=one.has_password,
        outside=one.outside,
        created_at=one.created_at,
        waits_until=one.waits_until,
        subject=one.subject,
        has_code=one.has_code,
    )


def _roles(person: Person) -> list[GrantJson]:
    return [_role(one) for one in person.grants]


def _role(one: Grant) -> GrantJson:
    return GrantJson(role=one.role, office=one.office)


def _token(one: Token) -> TokenJson:
    return TokenJson(
        id=one.ident,
        person=one.person,
        name=one.name,
        rights=list(one.rights),
        created_at=one.created_at,
        used_at=one.used_at,
        expires_at=one.expires_at,
        ends_soon=one.ends_soon,
    )
