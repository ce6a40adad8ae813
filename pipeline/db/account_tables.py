"""The tables of accounts and of the audit log. Columns only; queries are in `accounts` and `audit`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Column, false
from sqlmodel import Field, SQLModel


class PersonRow(SQLModel, table=True):
    """Somebody who may sign in. `grants` are pairs of role and office; without a password only a link leads in."""

    __tablename__ = "person"

    name: str = Field(primary_key=True)
    full_name: str = ""
    password: str | None = None
    grants: list[list[str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    disabled: bool = False
    outside: bool = False  # signs in at the identity provider
    subject: str | None = Field(
        default=None, index=True, unique=True
    )  # issuer and subject there, from the first sign-in on
    created_at: dt.datetime
    password_at: dt.datetime | None = None
    totp_secret: str | None = None  # encrypted; see `accounts.secret_box`
    totp_step: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # of the last code that was accepted


class SessionRow(SQLModel, table=True):
    """Somebody signed in, under the SHA-256 of what the browser holds."""

    __tablename__ = "session"

    hash: str = Field(primary_key=True)
    person: str = Field(foreign_key="person.name", index=True)
    created_at: dt.datetime
    seen_at: dt.datetime
    outside: bool = Field(default=False, sa_column_kwargs={"server_default": false()})  # by the identity provider


class LinkRow(SQLModel, table=True):
    """A link by which a person sets a password, once, under the SHA-256 of its secret."""

    __tablename__ = "link"

    hash: str = Field(primary_key=True)
    person: str = Field(foreign_key="person.name", index=True)
    expires_at: dt.datetime


class TokenRow(SQLModel, table=True):
    """A token of a program, under its SHA-256. It carries the rights of its person, or fewer."""

    __tablename__ = "token"

    hash: str = Field(primary_key=True)
    person: str = Field(foreign_key="person.name", index=True)
    name: str
    rights: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    created_at: dt.datetime
    used_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None  # None: of a row that no migration has seen, and ended


class DeviceRow(SQLModel, table=True):
    """A browser in which a person has signed in, under the SHA-256 of its cookie."""

    __tablename__ = "device"

    hash: str = Field(primary_key=True)
    person: str = Field(foreign_key="person.name", index=True)
    created_at: dt.datetime
    used_at: dt.datetime


class RecoveryCodeRow(SQLModel, table=True):
    """A code that stands once for the code of the app, under its SHA-256."""

    __tablename__ = "recovery_code"

    hash: str = Field(primary_key=True)
    person: str = Field(foreign_key="person.name", index=True)
    created_at: dt.datetime


class LoginStepRow(SQLModel, table=True):
    """Somebody whose password was right and whose code is still missing, under the SHA-256 of the browser's cookie."""

    __tablename__ = "login_step"

    hash: str = Field(primary_key=True)
    person: str = Field(foreign_key="person.name", index=True)
    expires_at: dt.datetime
    onward: str
    attempts: int = 0


class SavedSearchRow(SQLModel, table=True):
    """A question that a person keeps: the query string of its answers, under a name of theirs."""

    __tablename__ = "saved_search"

    id: str = Field(primary_key=True)
    person: str = Field(foreign_key="person.name", index=True)
    name: str
    asked: str
    created_at: dt.datetime


class AttemptRow(SQLModel, table=True):
    """Attempts to sign in that failed lately, by name, by address and by device."""

    __tablename__ = "attempt"

    key: str = Field(primary_key=True)
    failed: int
    at: dt.datetime
    until: dt.datetime | None = None


class AttemptOriginRow(SQLModel, table=True):
    """An address from which a sign-in to an account lately failed."""

    __tablename__ = "attempt_origin"

    person: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    at: dt.datetime


class IdentityRequestRow(SQLModel, table=True):
    """A subject of the identity provider that came under the name of a person, and waits for an administrator."""

    __tablename__ = "identity_request"

    subject: str = Field(primary_key=True)
    person: str = Field(foreign_key="person.name", index=True)
    shown_name: str
    at: dt.datetime


class AuditEventRow(SQLModel, table=True):
    """One event of the audit log. Rows are only ever added."""

    __tablename__ = "deed"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: dt.datetime = Field(index=True)
    person: str = Field(index=True)
    action: str = Field(index=True)
    what: str
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column("told", JSON, nullable=False))
    before: str
    hash: str
    written: str  # the moment as it stands in the hash: databases round
