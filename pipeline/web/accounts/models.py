"""Accounts, roles, tokens and requests to be linked, as JSON."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from pipeline.model.accounts import EVERY_OFFICE
from pipeline.model.roles import Right, Role
from pipeline.web.accounts.administration import LONGEST_TOKEN_DAYS


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
