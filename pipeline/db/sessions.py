"""Sessions of people who signed in, as rows: kept as SHA-256, ended by rest, by age, by hand or with their account."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import delete
from sqlmodel import col

from pipeline.db.account_rows import end_sessions, person_from
from pipeline.db.account_tables import PersonRow, SessionRow
from pipeline.db.database import Database, now
from pipeline.db.secret_digest import digest
from pipeline.model.accounts import SignedIn
from pipeline.model.roles import Role

_SEEN_SECONDS = 60  # how old "last seen" may grow before it is written again


class Sessions:
    """The sessions of one installation. `idle` and `whole` limit a session; who holds one of `totp_roles` and signed in
    with a password must set up a code."""

    def __init__(self, database: Database, *, idle: timedelta, whole: timedelta, totp_roles: Collection[Role]) -> None:
        self.database = database
        self.idle, self.whole = idle, whole
        self.totp_roles = frozenset(totp_roles)

    def start(self, name: str, *, outside: bool = False) -> str:
        """A new session; returns its secret. `outside`: by the identity provider, which asks for a second step itself."""
        secret = secrets.token_urlsafe(32)
        with self.database.write() as session:
            session.execute(delete(SessionRow).where(col(SessionRow.created_at) < now() - self.whole))
            session.add(SessionRow(hash=digest(secret), person=name, created_at=now(), seen_at=now(), outside=outside))
        return secret

    def holder(self, secret: str) -> SignedIn | None:
        """Who holds this session, and what they lack; None where it is unknown or has ended."""
        with self.database.read() as session:
            row = session.get(SessionRow, digest(secret))
            if row is None or row.seen_at < now() - self.idle or row.created_at < now() - self.whole:
                return None
            person = session.get(PersonRow, row.person)
            if person is None or person.disabled:
                return None
            holds = {grant.role for grant in person_from(person).grants}
            lacks_code = person.totp_secret is None and not row.outside and not holds.isdisjoint(self.totp_roles)
            found = SignedIn(person_from(person), lacks_code)
            stale = row.seen_at < now() - timedelta(seconds=_SEEN_SECONDS)
        if stale:
            with self.database.write() as session:
                if row := session.get(SessionRow, digest(secret)):
                    row.seen_at = now()
                    session.add(row)
        return found

    def end_others(self, name: str, keep: str) -> None:
        """End all sessions of a person but the one of the secret `keep`."""
        with self.database.write() as session:
            end_sessions(session, name, but=digest(keep))

    def end(self, secret: str) -> None:
        """End a session."""
        with self.database.write() as session:
            session.execute(delete(SessionRow).where(col(SessionRow.hash) == digest(secret)))
