"""People, their roles and the tokens of programs as JSON; and who is asking. What is done to them is in `administration`.

Setting a password is left to the pages: whoever has it types it there, and no program needs to know it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from pipeline.db.tokens import Token
from pipeline.errors import NotFoundError
from pipeline.model.accounts import EVERY_OFFICE, RIGHTS, Grant, Person, Right, Role
from pipeline.model.accounts import Account as KnownPerson
from pipeline.model.audit import Action
from pipeline.web.accounts.administration import LONGEST_TOKEN_DAYS, Change, TheAdministration, grant_of
from pipeline.web.accounts.services import ThePeople
from pipeline.web.audited import Recording, audited, audits_itself, not_audited
from pipeline.web.health import origin
from pipeline.web.rendering import NO_STORE
from pipeline.web.security.cookies import bearer_of
from pipeline.web.security.permissions import Known, visitor_of

router = APIRouter(prefix="/api/v1", tags=["people"])

Name = Annotated[str, Path(max_length=64, description="The name by which the person signs in.")]


class GrantJson(BaseModel):
    """A role held in an office; `*` stands for every one."""

    role: Role
    office: str = Field(EVERY_OFFICE, max_length=100)


class PersonJson(BaseModel):
    """`outside`: signs in at the identity provider. `waits_until`: after too many wrong passwords."""

    name: str
    full_name: str
    roles: list[GrantJson]
    disabled: bool
    has_password: bool
    outside: bool
    created_at: datetime
    waits_until: datetime | None
    subject: str | None = Field(description="Issuer and subject at the identity provider, once they are linked.")
    has_code: bool = Field(description="Signs in with a code besides the password.")


class PeopleJson(BaseModel):
    people: list[PersonJson]


class IdentityRequestJson(BaseModel):
    """Somebody who came from the identity provider under a person's name. `pin` is the code that they were shown."""

    person: str
    pin: str
    subject: str
    shown_name: str
    at: datetime


class IdentityRequestsJson(BaseModel):
    requests: list[IdentityRequestJson]


class ToLinkJson(BaseModel):
    """Either the subject at the identity provider, or the code of a request."""

    subject: str = Field("", max_length=255)
    pin: str = Field("", max_length=20)


class ToAddJson(BaseModel):
    name: str = Field(max_length=64, examples=["s.verma"], description="Small Latin letters, digits, . _ @ -")
    full_name: str = Field("", max_length=200)
    roles: list[GrantJson] = Field(min_length=1, max_length=100)
    outside: bool = Field(False, description="Signs in at the identity provider, and gets no link.")
    subject: str = Field(
        "", max_length=255, description="Their subject there; else they are linked at the first sign-in."
    )


class LinkJson(BaseModel):
    """The address at which the person sets a password: once, within 48 hours. It is shown only here."""

    link: str


class AddedJson(BaseModel):
    """`link` is there for who signs in with a password."""

    person: PersonJson
    link: str | None


class TokenJson(BaseModel):
    id: str
    person: str
    name: str
    rights: list[Right]
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None = Field(description="From then on it is nobody's.")
    ends_soon: bool = Field(description="Within 30 days, or it has ended: make a new one in time.")


class TokensJson(BaseModel):
    tokens: list[TokenJson]


class ToMakeJson(BaseModel):
    """The token can do what both it and its person may."""

    person: str = Field(max_length=64)
    name: str = Field(max_length=100, description="What it is for.")
    rights: list[Right] = Field(min_length=1, max_length=len(Right))
    days: int | None = Field(None, ge=1, le=LONGEST_TOKEN_DAYS, description="How long it lasts; else `web.token_days`.")


class SecretJson(BaseModel):
    """What is sent as `Authorization: Bearer …`. It is shown only here."""

    secret: str
    expires_at: datetime | None


class MeJson(BaseModel):
    """Who asks: their roles, and the rights that follow, less those that the token was not given; and when that ends."""

    name: str
    full_name: str
    roles: list[GrantJson]
    rights: list[Right]
    token_expires_at: datetime | None


@router.get("/me")
@not_audited("tells only of the visitor")
def me(request: Request, person: Known, people: ThePeople, response: Response) -> MeJson:
    """Who you are, and what you may."""
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
    """Who may sign in, with their roles."""
    response.headers.update(NO_STORE)
    return PeopleJson(people=[_person(one) for one in administration.people.every()])


@router.post("/people", status_code=201)
@audits_itself
def add(request: Request, wanted: ToAddJson, administration: TheAdministration, response: Response) -> AddedJson:
    """Enter somebody; the answer holds the link by which they set their password."""
    response.headers.update(NO_STORE)
    grants = [grant_of(one.role, one.office) for one in wanted.roles]
    added = administration.add(wanted.name, wanted.full_name, grants, outside=wanted.outside, subject=wanted.subject)
    link = None if wanted.outside else f"{origin(request)}{administration.first_link(added.name)}"
    return AddedJson(person=_person(administration.people.known(added.name)), link=link)


@router.post("/people/{name}/grants")
@audits_itself
def grant(name: Name, wanted: GrantJson, administration: TheAdministration) -> PersonJson:
    """Give a role in an office."""
    administration.grant(name, grant_of(wanted.role, wanted.office), take=False)
    return _person(administration.people.known(name))


@router.delete("/people/{name}/grants/{role}/{office}")
@audits_itself
def take(name: Name, role: Role, office: str, administration: TheAdministration) -> PersonJson:
    """Take a role in an office; `*` stands for every one."""
    administration.grant(name, grant_of(role, office), take=True)
    return _person(administration.people.known(name))


@router.post("/people/{name}/link")
@audits_itself
def link(request: Request, name: Name, administration: TheAdministration, response: Response) -> LinkJson:
    """A new one-time link for setting a password, where the old one was forgotten or lost."""
    response.headers.update(NO_STORE)
    return LinkJson(link=f"{origin(request)}{administration.new_link(name)}")


@router.get("/identities")
@audited(Action.VIEW, Recording.COUNTED)
def identity_requests(administration: TheAdministration, response: Response) -> IdentityRequestsJson:
    """Who came from the identity provider and waits to be linked to a person."""
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
    """Link a person to their identity at the provider: by the subject, or by the code of a request."""
    administration.link(name, subject=wanted.subject, pin=wanted.pin)
    return _person(administration.people.known(name))


@router.delete("/people/{name}/identity/{pin}", status_code=204)
@audits_itself
def refuse_identity(name: Name, pin: str, administration: TheAdministration) -> None:
    """Drop a request to be linked."""
    if not administration.refuse_link(name, pin):
        raise NotFoundError(what="person", name=name)


@router.post("/people/{name}/{change}")
@audits_itself
def change(name: Name, change: Change, administration: TheAdministration) -> PersonJson:
    """Let somebody in no more (`disable`), or again (`enable`); end the wait after wrong passwords (`unlock`)."""
    administration.change(name, change)
    return _person(administration.people.known(name))


@router.get("/tokens")
@audited(Action.VIEW, Recording.COUNTED)
def tokens(administration: TheAdministration, response: Response) -> TokensJson:
    """The tokens of programs, without their secrets."""
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
    """End a token; its program is nobody at once."""
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
