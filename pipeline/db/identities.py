"""Accounts and their subjects at the identity provider, as rows: links, and requests that wait for an administrator.

A user name at the provider can be changed by its holder or given to another. It only leads to a request; the link
is made by an administrator, who enters the subject or confirms the request.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from pipeline.db.account_tables import IdentityRequestRow, PersonRow
from pipeline.db.database import Database, now
from pipeline.db.secret_digest import digest
from pipeline.errors import IdentityLinkError, PersonUnknownError
from pipeline.locale import Message

_PIN_LENGTH = 8  # hexadecimal digits of the subject's SHA-256, read out on the telephone
_MOST_REQUESTS = 10  # for one person; beyond, the oldest goes


@dataclass(frozen=True, slots=True)
class IdentityRequest:
    """Somebody who came from the provider under the name of a person. `pin` is what they were shown."""

    person: str
    subject: str
    shown_name: str
    at: datetime

    @property
    def pin(self) -> str:
        return pin_of(self.subject)


def pin_of(subject: str) -> str:
    """The code that names a request, in two groups: `3F9A-01BC`."""
    found = digest(subject)[:_PIN_LENGTH].upper()
    return f"{found[: _PIN_LENGTH // 2]}-{found[_PIN_LENGTH // 2 :]}"


def subject_at(issuer: str, subject: str) -> str:
    """The subject together with its issuer, as it is kept: another provider may give the same one to somebody else."""
    return f"{issuer} {subject}"


class Identities:
    """The links of one installation. Every call is a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def linked(self, subject: str) -> str | None:
        """The name of the person who is linked to this subject and may sign in."""
        with self.database.read() as session:
            row = session.exec(select(PersonRow).where(PersonRow.subject == subject)).first()
            return row.name if row is not None and row.outside and not row.disabled else None

    def request(self, subject: str, name: str, shown_name: str) -> bool:
        """Record a subject that waits for an administrator to link it to the account `name`; False where there is no
        account of this name that signs in at the provider and is not linked yet."""
        with self.database.write() as session:
            row = session.get(PersonRow, name)
            is_taken = session.exec(select(PersonRow.name).where(PersonRow.subject == subject)).first() is not None
            if row is None or not row.outside or row.disabled or row.subject is not None or is_taken:
                return False
            own = select(IdentityRequestRow).where(IdentityRequestRow.person == name)
            others = [one for one in session.exec(own.order_by(col(IdentityRequestRow.at))) if one.subject != subject]
            for oldest in others[: max(0, len(others) - _MOST_REQUESTS + 1)]:
                session.delete(oldest)
            session.merge(IdentityRequestRow(subject=subject, person=name, shown_name=shown_name, at=now()))
            return True

    def requests(self) -> list[IdentityRequest]:
        """All that wait, the newest first."""
        with self.database.read() as session:
            rows = session.exec(select(IdentityRequestRow).order_by(col(IdentityRequestRow.at).desc()))
            return [IdentityRequest(row.person, row.subject, row.shown_name, row.at) for row in rows]

    def confirm(self, name: str, pin: str) -> str:
        """Link a person to the request with this code; returns the subject. Raises `IdentityLinkError`."""
        wanted = pin.strip().upper()
        found = [one for one in self.requests() if one.person == name and one.pin == wanted]
        if len(found) != 1:
            raise IdentityLinkError(
                cause=Message("no request for “{name}” has the code {wanted}", name=name, wanted=wanted),
            )
        self.link(name, found[0].subject)
        return found[0].subject

    def link(self, name: str, subject: str) -> None:
        """Link a person to a subject that an administrator knows. Raises `PersonUnknownError`, `IdentityLinkError`."""
        with self.database.write() as session:
            row = session.get(PersonRow, name)
            if row is None:
                raise PersonUnknownError(name=name)
            if not row.outside:
                raise IdentityLinkError(
                    cause=Message("“{name}” does not sign in at the identity provider", name=name),
                )
            _require_free(session, subject, name)
            row.subject = subject
            session.add(row)
            session.execute(delete(IdentityRequestRow).where(col(IdentityRequestRow.person) == name))

    def require_free(self, subject: str) -> None:
        """Raise `IdentityLinkError` for a subject that is linked to an account."""
        with self.database.read() as session:
            _require_free(session, subject, "")

    def refuse(self, name: str, pin: str) -> bool:
        """Drop a request; whether there was one."""
        wanted = pin.strip().upper()
        found = [one.subject for one in self.requests() if one.person == name and one.pin == wanted]
        with self.database.write() as session:
            session.execute(delete(IdentityRequestRow).where(col(IdentityRequestRow.subject).in_(found)))
        return bool(found)


def _require_free(session: Session, subject: str, name: str) -> None:
    """Raise `IdentityLinkError` where another account than `name` is linked to the subject."""
    taken = session.exec(select(PersonRow.name).where(PersonRow.subject == subject)).first()
    if taken is not None and taken != name:
        raise IdentityLinkError(cause=Message("it is linked to “{taken}” already", taken=taken))
