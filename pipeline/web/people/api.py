"""People, their roles and the tokens of programs as JSON; and who is asking. What is done to them is in `care`.

Setting a password is left to the pages: whoever has it types it there, and no program needs to know it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from pipeline.errors import NotFoundError
from pipeline.index.people import Known as KnownPerson
from pipeline.index.people import Token
from pipeline.people.model import EVERY_OFFICE, RIGHTS, Grant, Person, Right, Role
from pipeline.web.everywhere import origin
from pipeline.web.gate import Known, visitor_of
from pipeline.web.people.care import Change, TheCare, grant_of
from pipeline.web.rendering import NO_STORE

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


class PeopleJson(BaseModel):
    people: list[PersonJson]


class ToAddJson(BaseModel):
    name: str = Field(max_length=64, examples=["s.verma"], description="Small Latin letters, digits, . _ @ -")
    full_name: str = Field("", max_length=200)
    roles: list[GrantJson] = Field(min_length=1, max_length=100)
    outside: bool = Field(False, description="Signs in at the identity provider, and gets no link.")


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


class TokensJson(BaseModel):
    tokens: list[TokenJson]


class ToMakeJson(BaseModel):
    """The token can do what both it and its person may."""

    person: str = Field(max_length=64)
    name: str = Field(max_length=100, description="What it is for.")
    rights: list[Right] = Field(min_length=1, max_length=len(Right))


class SecretJson(BaseModel):
    """What is sent as `Authorization: Bearer …`. It is shown only here."""

    secret: str


class MeJson(BaseModel):
    """Who asks: their roles, and the rights that follow, less those that the token was not given."""

    name: str
    full_name: str
    roles: list[GrantJson]
    rights: list[Right]


@router.get("/me")
def me(request: Request, person: Known, response: Response) -> MeJson:
    """Who you are, and what you may."""
    response.headers.update(NO_STORE)
    limited = visitor_of(request).limited_to
    held = {right for grant in person.grants for right in RIGHTS[grant.role] if limited is None or right in limited}
    return MeJson(
        name=person.name, full_name=person.full_name, roles=_roles(person), rights=[one for one in Right if one in held]
    )


@router.get("/people")
def everybody(care: TheCare, response: Response) -> PeopleJson:
    """Who may sign in, with their roles."""
    response.headers.update(NO_STORE)
    return PeopleJson(people=[_told(one) for one in care.people.every()])


@router.post("/people", status_code=201)
def add(request: Request, wanted: ToAddJson, care: TheCare, response: Response) -> AddedJson:
    """Enter somebody; the answer holds the link by which they set their password."""
    response.headers.update(NO_STORE)
    grants = [grant_of(one.role, one.office) for one in wanted.roles]
    added = care.add(wanted.name, wanted.full_name, grants, outside=wanted.outside)
    link = None if wanted.outside else f"{origin(request)}{care.first_link(added.name)}"
    return AddedJson(person=_told(care.people.known(added.name)), link=link)


@router.post("/people/{name}/grants")
def grant(name: Name, wanted: GrantJson, care: TheCare) -> PersonJson:
    """Give a role in an office."""
    care.grant(name, grant_of(wanted.role, wanted.office), take=False)
    return _told(care.people.known(name))


@router.delete("/people/{name}/grants/{role}/{office}")
def take(name: Name, role: Role, office: str, care: TheCare) -> PersonJson:
    """Take a role in an office; `*` stands for every one."""
    care.grant(name, grant_of(role, office), take=True)
    return _told(care.people.known(name))


@router.post("/people/{name}/link")
def link(request: Request, name: Name, care: TheCare, response: Response) -> LinkJson:
    """A new one-time link for setting a password, where the old one was forgotten or lost."""
    response.headers.update(NO_STORE)
    return LinkJson(link=f"{origin(request)}{care.new_link(name)}")


@router.post("/people/{name}/{change}")
def change(name: Name, change: Change, care: TheCare) -> PersonJson:
    """Let somebody in no more (`disable`), or again (`enable`); end the wait after wrong passwords (`unlock`)."""
    care.change(name, change)
    return _told(care.people.known(name))


@router.get("/tokens")
def tokens(care: TheCare, response: Response) -> TokensJson:
    """The tokens of programs, without their secrets."""
    response.headers.update(NO_STORE)
    return TokensJson(tokens=[_token(one) for one in care.people.tokens()])


@router.post("/tokens", status_code=201)
def make_token(wanted: ToMakeJson, care: TheCare, response: Response) -> SecretJson:
    """Make a token for a program."""
    response.headers.update(NO_STORE)
    return SecretJson(secret=care.make_token(wanted.person, wanted.name, wanted.rights))


@router.delete("/tokens/{ident}", status_code=204)
def end_token(ident: str, care: TheCare) -> None:
    """End a token; its program is nobody at once."""
    if not care.end_token(ident):
        raise NotFoundError(what="token", name=ident)


def _told(one: KnownPerson) -> PersonJson:
    return PersonJson(
        name=one.person.name, full_name=one.person.full_name, roles=_roles(one.person), disabled=one.disabled,
        has_password=one.has_password, outside=one.outside, created_at=one.created_at, waits_until=one.waits_until,
    )  # fmt: skip


def _roles(person: Person) -> list[GrantJson]:
    return [_role(one) for one in person.grants]


def _role(one: Grant) -> GrantJson:
    return GrantJson(role=one.role, office=one.office)


def _token(one: Token) -> TokenJson:
    return TokenJson(
        id=one.ident, person=one.person, name=one.name, rights=list(one.rights), created_at=one.created_at,
        used_at=one.used_at,
    )  # fmt: skip
