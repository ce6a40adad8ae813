"""The tables of people and of the record of what they did. Columns only; see `people` and `deeds`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Column
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


class SessionRow(SQLModel, table=True):
    """Somebody signed in, under the SHA-256 of what the browser holds."""

    __tablename__ = "session"

    hash: str = Field(primary_key=True)
    person: str = Field(foreign_key="person.name", index=True)
    created_at: dt.datetime
    seen_at: dt.datetime


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


class SavedSearchRow(SQLModel, table=True):
    """A question that a person keeps: the query string of its answers, under a name of theirs."""

    __tablename__ = "saved_search"

    id: str = Field(primary_key=True)
    person: str = Field(foreign_key="person.name", index=True)
    name: str
    asked: str
    created_at: dt.datetime


class AttemptRow(SQLModel, table=True):
    """Attempts to sign in that failed lately, by name and by address."""

    __tablename__ = "attempt"

    key: str = Field(primary_key=True)
    failed: int
    at: dt.datetime
    until: dt.datetime | None = None


class DeedRow(SQLModel, table=True):
    """One entry of the record of deeds. Rows are only ever added."""

    __tablename__ = "deed"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: dt.datetime = Field(index=True)
    person: str = Field(index=True)
    action: str = Field(index=True)
    what: str
    told: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    before: str
    hash: str
    written: str  # the moment as it stands in the hash: databases round
