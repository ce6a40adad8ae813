"""The second step of signing in, as rows: the app's sealed secret, recovery codes, and sign-ins that wait for a code.

What a code is and when it is right is decided in `accounts.second_factor`.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from pipeline.db.account_tables import LoginStepRow, PersonRow, RecoveryCodeRow
from pipeline.db.database import Database, now
from pipeline.db.secret_digest import digest
from pipeline.errors import LoginStepError, PersonUnknownError

_STEP_MINUTES = 10  # between the password and the code
_MOST_ATTEMPTS = 5  # at one sign-in; then the password is asked for again


@dataclass(frozen=True, slots=True)
class LoginStep:
    """A sign-in whose password was right: whose it is, and where it leads."""

    person: str
    onward: str


class SecondFactorRows:
    """The rows of one installation. Every call is a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def keep(self, name: str, sealed: str, step: int, codes: Sequence[str]) -> None:
        """Keep a sealed secret, the step of its first code, and recovery codes. Raises `PersonUnknownError`."""
        with self.database.write() as session:
            row = _row(session, name)
            row.totp_secret, row.totp_step = sealed, step
            session.add(row)
            _keep_codes(session, name, codes)

    def keep_codes(self, name: str, codes: Sequence[str]) -> None:
        """Keep new recovery codes; the old ones end."""
        with self.database.write() as session:
            _keep_codes(session, name, codes)

    def clear(self, name: str) -> bool:
        """Ask for no code any more; returns whether one was asked for. Raises `PersonUnknownError`."""
        with self.database.write() as session:
            row = _row(session, name)
            was_on = row.totp_secret is not None
            row.totp_secret = None
            session.add(row)
            session.execute(delete(RecoveryCodeRow).where(col(RecoveryCodeRow.person) == name))
            session.execute(delete(LoginStepRow).where(col(LoginStepRow.person) == name))
            return was_on

    def secret_of(self, name: str) -> str | None:
        """The sealed secret of a person; None where no code is asked for."""
        with self.database.read() as session:
            row = session.get(PersonRow, name)
            return row.totp_secret if row is not None else None

    def codes_left(self, name: str) -> int:
        with self.database.read() as session:
            own = select(func.count()).select_from(RecoveryCodeRow).where(RecoveryCodeRow.person == name)
            return session.exec(own).one()

    def use_step(self, name: str, step: int) -> bool:
        """Accept the code of a time step; False where that one, or a later one, was accepted before."""
        with self.database.write() as session:
            later = update(PersonRow).where(col(PersonRow.name) == name, col(PersonRow.totp_step) < step)
            return session.connection().execute(later.values(totp_step=step)).rowcount == 1

    def use_recovery_code(self, name: str, code: str) -> bool:
        """Accept a recovery code, once."""
        with self.database.write() as session:
            row = session.get(RecoveryCodeRow, _hash_of(name, code))
            if row is not None:
                session.delete(row)
            return row is not None

    # --- sign-ins that wait --------------------------------------------------------------------------------------

    def begin(self, name: str, onward: str) -> str:
        """Begin the second step after a right password; returns the secret for the browser's cookie."""
        secret = secrets.token_urlsafe(32)
        with self.database.write() as session:
            session.execute(delete(LoginStepRow).where(col(LoginStepRow.expires_at) < now()))
            expires = now() + timedelta(minutes=_STEP_MINUTES)
            session.add(LoginStepRow(hash=digest(secret), person=name, expires_at=expires, onward=onward))
        return secret

    def waiting(self, secret: str) -> LoginStep:
        """Whose sign-in waits. Raises `LoginStepError` where none does, or too many codes were wrong."""
        with self.database.read() as session:
            row = session.get(LoginStepRow, digest(secret))
            person = session.get(PersonRow, row.person) if row is not None and row.expires_at > now() else None
            if row is None or person is None or person.disabled or row.attempts >= _MOST_ATTEMPTS:
                raise LoginStepError
            return LoginStep(row.person, row.onward)

    def count(self, secret: str) -> None:
        """Count an attempt at a sign-in that waits, before it is judged: guesses made at once must count each."""
        with self.database.write() as session:
            if row := session.get(LoginStepRow, digest(secret)):
                row.attempts += 1
                session.add(row)

    def end(self, secret: str) -> None:
        with self.database.write() as session:
            session.execute(delete(LoginStepRow).where(col(LoginStepRow.hash) == digest(secret)))


def _row(session: Session, name: str) -> PersonRow:
    row = session.get(PersonRow, name)
    if row is None:
        raise PersonUnknownError(name=name)
    return row


def _keep_codes(session: Session, name: str, codes: Sequence[str]) -> None:
    session.execute(delete(RecoveryCodeRow).where(col(RecoveryCodeRow.person) == name))
    made = [RecoveryCodeRow(hash=_hash_of(name, code), person=name, created_at=now()) for code in codes]
    session.add_all(made)


def _hash_of(name: str, code: str) -> str:
    return digest(f"{name} {code}")
