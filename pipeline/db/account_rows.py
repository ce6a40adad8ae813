"""Rows of accounts as values, and what several repositories do to them in their own transactions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col

from pipeline.db.account_tables import PersonRow, SessionRow
from pipeline.errors import PersonUnknownError
from pipeline.model.accounts import Account, Grant, Person
from pipeline.model.roles import Role


def row_of(session: Session, name: str) -> PersonRow:
    row = session.get(PersonRow, name)
    if row is None:
        raise PersonUnknownError(name=name)
    return row


def person_from(row: PersonRow) -> Person:
    return Person(row.name, row.full_name, tuple(Grant(Role(role), office) for role, office in row.grants))


def account_from(row: PersonRow, until: datetime | None) -> Account:
    return Account(
        person_from(row),
        row.disabled,
        row.password is not None,
        row.outside,
        row.created_at,
        until,
        row.subject,
        row.totp_secret is not None,
    )


def grant_pairs(grants: Sequence[Grant]) -> list[list[str]]:
    return [[grant.role.value, grant.office] for grant in dict.fromkeys(grants)]


def end_sessions(session: Session, name: str, *, but: str | None = None) -> None:
    ended = delete(SessionRow).where(col(SessionRow.person) == name)
    session.execute(ended.where(col(SessionRow.hash) != but) if but else ended)
