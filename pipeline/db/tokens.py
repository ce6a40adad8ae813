"""Tokens of programs, as rows: kept as SHA-256, limited to rights, and ended by a day, by hand, or with their account."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from pipeline.db.account_tables import PersonRow, TokenRow
from pipeline.db.database import Database, now
from pipeline.db.secret_digest import digest
from pipeline.errors import PersonUnknownError
from pipeline.model.roles import Right

_SEEN_SECONDS = 60  # how old "last used" may grow before it is written again
WARN_DAYS = 30  # before the end of a token, from which on lists point to it
_IDENT_LENGTH = 16  # of the hash, by which a token is named


@dataclass(frozen=True, slots=True)
class Token:
    """A program's token as it is shown: never its secret."""

    ident: str
    person: str
    name: str
    rights: tuple[Right, ...]
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None

    @property
    def has_ended(self) -> bool:
        return self.expires_at is None or self.expires_at <= now()

    @property
    def ends_soon(self) -> bool:
        """Whether it ends within `WARN_DAYS`, or has ended."""
        return self.expires_at is None or self.expires_at <= now() + timedelta(days=WARN_DAYS)


class Tokens:
    """The tokens of one installation; `days` is how long a new one lasts where nothing else is asked for."""

    def __init__(self, database: Database, *, days: int) -> None:
        self.database = database
        self.days = days

    def make(self, person: str, name: str, rights: Sequence[Right], days: int | None = None) -> str:
        """A new token; returns its secret, which is never shown again. Raises `PersonUnknownError`, also for an account
        that is disabled."""
        secret = f"abhilekh_{secrets.token_urlsafe(32)}"
        with self.database.write() as session:
            owner = session.get(PersonRow, person)
            if owner is None or owner.disabled:
                raise PersonUnknownError(name=person)
            row = TokenRow(hash=digest(secret), person=person, name=name, created_at=now())
            row.rights = [right.value for right in rights]
            row.expires_at = row.created_at + timedelta(days=days or self.days)
            session.add(row)
        return secret

    def owner(self, secret: str) -> tuple[PersonRow, Token] | None:
        """Whose token this is; None where it is none, has ended, or its account is disabled."""
        with self.database.read() as session:
            row = session.get(TokenRow, digest(secret))
            person = session.get(PersonRow, row.person) if row else None
            if row is None or person is None or person.disabled or _shown(row).has_ended:
                return None
            found, stale = (person, _shown(row)), row.used_at is None or row.used_at < _long_ago()
        if stale:
            with self.database.write() as session:
                if row := session.get(TokenRow, digest(secret)):
                    row.used_at = now()
                    session.add(row)
        return found

    def every(self) -> list[Token]:
        with self.database.read() as session:
            return [_shown(row) for row in session.exec(select(TokenRow).order_by(col(TokenRow.created_at)))]

    def end(self, ident: str) -> bool:
        """Whether there was such a token."""
        with self.database.write() as session:
            found = session.exec(select(TokenRow).where(col(TokenRow.hash).startswith(ident, autoescape=True))).first()
            if found is None or len(ident) < _IDENT_LENGTH:
                return False
            session.delete(found)
            return True


def _long_ago() -> datetime:
    return now() - timedelta(seconds=_SEEN_SECONDS)


def _shown(row: TokenRow) -> Token:
    rights = tuple(Right(right) for right in row.rights)
    return Token(row.hash[:_IDENT_LENGTH], row.person, row.name, rights, row.created_at, row.used_at, row.expires_at)
