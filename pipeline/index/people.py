"""People in the database: who may sign in, their sessions, one-time links, tokens, and failed attempts.

Secrets are kept as SHA-256 (they are long and random), passwords as argon2id hashes made elsewhere (`passwords`). What a
visitor may do with them is decided in the web.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_
from sqlmodel import Session, col, select

from pipeline.errors import (
    AlreadyAPersonError,
    LastAdministratorError,
    LinkExpiredError,
    PersonNameError,
    PersonUnknownError,
)
from pipeline.index.database import Database, now
from pipeline.index.people_tables import AttemptRow, LinkRow, PersonRow, SessionRow, TokenRow
from pipeline.people.model import EVERY_OFFICE, Grant, Person, Right, Role

_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_LINK_HOURS = 48
_SEEN_SECONDS = 60  # how old "last seen" may grow before it is written again
_FREE_TRIES, _FREE_TRIES_OF_ADDRESS = 5, 30  # failed attempts before there is a wait
_SHORTEST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=15)
_FORGOTTEN = timedelta(hours=1)  # after which failed attempts no longer count


@dataclass(frozen=True, slots=True)
class Known:
    """A person with what an administrator sees of them."""

    person: Person
    disabled: bool
    has_password: bool
    outside: bool
    created_at: datetime
    waits_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A program's token as it is shown: never its secret."""

    ident: str
    person: str
    name: str
    rights: tuple[Right, ...]
    created_at: datetime
    used_at: datetime | None


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class People:
    """The people of one installation. `idle` and `whole` limit a session; every call is a transaction of its own."""

    def __init__(self, database: Database, *, idle: timedelta, whole: timedelta) -> None:
        self.database = database
        self.idle, self.whole = idle, whole

    # --- people --------------------------------------------------------------------------------------------------

    def add(self, name: str, full_name: str, grants: Sequence[Grant], *, outside: bool = False) -> Person:
        """Raises `PersonNameError` and `AlreadyAPersonError`."""
        if not _NAME.fullmatch(name):
            raise PersonNameError(name=name)
        with self.database.write() as session:
            if session.get(PersonRow, name) is not None:
                raise AlreadyAPersonError(name=name)
            row = PersonRow(name=name, full_name=full_name, grants=_pairs(grants), outside=outside, created_at=now())
            session.add(row)
            return _person(row)

    def every(self) -> list[Known]:
        with self.database.read() as session:
            waits = {row.key: row.until for row in session.exec(select(AttemptRow)) if row.until and row.until > now()}
            rows = session.exec(select(PersonRow).order_by(col(PersonRow.name)))
            return [_known(row, waits.get(f"name:{row.name}")) for row in rows]

    def known(self, name: str) -> Known:
        """Raises `PersonUnknownError`."""
        with self.database.read() as session:
            return _known(_row(session, name), None)

    def grant(self, name: str, grant: Grant, *, take: bool = False) -> Person:
        """Give a role in an office, or take it. Raises `PersonUnknownError`, `LastAdministratorError`."""
        with self.database.write() as session:
            row = _row(session, name)
            others = [pair for pair in row.grants if pair != [grant.role.value, grant.office]]
            row.grants = others if take else [*others, [grant.role.value, grant.office]]
            session.add(row)
            session.flush()
            _require_administrator(session)
            return _person(row)

    def disable(self, name: str, *, disabled: bool = True) -> None:
        """Let nobody in under this name, at once; or again. Raises `PersonUnknownError`, `LastAdministratorError`."""
        with self.database.write() as session:
            row = _row(session, name)
            row.disabled = disabled
            session.add(row)
            session.flush()
            _require_administrator(session)
            if disabled:
                _end_sessions(session, name)
                session.execute(delete(LinkRow).where(col(LinkRow.person) == name))

    def unlock(self, name: str) -> None:
        with self.database.write() as session:
            session.execute(delete(AttemptRow).where(col(AttemptRow.key) == f"name:{name}"))

    # --- passwords and links -------------------------------------------------------------------------------------

    def password_of(self, name: str) -> str | None:
        """The hash kept for a person who may sign in; None for all others."""
        with self.database.read() as session:
            row = session.get(PersonRow, name)
            return row.password if row is not None and not row.disabled else None

    def set_password(self, name: str, hashed: str, *, keep: str | None = None) -> None:
        """Keep a new hash and end the person's sessions, but for the one of the secret `keep`."""
        with self.database.write() as session:
            row = _row(session, name)
            row.password, row.password_at = hashed, now()
            session.add(row)
            _end_sessions(session, name, but=digest(keep) if keep else None)
            session.execute(delete(AttemptRow).where(col(AttemptRow.key) == f"name:{name}"))

    def link(self, name: str) -> str:
        """A new secret that leads to setting a password, once; earlier ones end. Raises `PersonUnknownError`."""
        secret = secrets.token_urlsafe(24)
        with self.database.write() as session:
            _row(session, name)
            session.execute(delete(LinkRow).where(col(LinkRow.person) == name))
            expires = now() + timedelta(hours=_LINK_HOURS)
            session.add(LinkRow(hash=digest(secret), person=name, expires_at=expires))
        return secret

    def link_of(self, secret: str) -> Person:
        """Whose link this is. Raises `LinkExpiredError`."""
        with self.database.read() as session:
            link = session.get(LinkRow, digest(secret))
            row = session.get(PersonRow, link.person) if link and link.expires_at > now() else None
            if row is None or row.disabled:
                raise LinkExpiredError
            return _person(row)

    def use_link(self, secret: str, hashed: str) -> Person:
        """Set the password by the link, which ends with it. Raises `LinkExpiredError`."""
        with self.database.write() as session:
            link = session.get(LinkRow, digest(secret))
            row = session.get(PersonRow, link.person) if link and link.expires_at > now() else None
            if link is None or row is None or row.disabled:
                raise LinkExpiredError
            row.password, row.password_at = hashed, now()
            session.add(row)
            session.delete(link)
            _end_sessions(session, row.name)
            session.execute(delete(AttemptRow).where(col(AttemptRow.key) == f"name:{row.name}"))
            return _person(row)

    def waits_for_first(self) -> bool:
        """Whether nobody has ever been able to sign in."""
        with self.database.read() as session:
            able = or_(col(PersonRow.password).is_not(None), col(PersonRow.outside))
            return session.exec(select(PersonRow.name).where(able).limit(1)).first() is None

    def first_link(self) -> str:
        """The secret of a link for the first administrator, who is entered where there is none."""
        everywhere = Grant(Role.ADMINISTRATOR)
        able = [known.person for known in self.every() if everywhere in known.person.grants and not known.disabled]
        first = able[0] if able else self.add("admin", "", [everywhere])
        return self.link(first.name)

    # --- sessions ------------------------------------------------------------------------------------------------

    def sign_in(self, name: str) -> str:
        """A new session; returns its secret."""
        secret = secrets.token_urlsafe(32)
        with self.database.write() as session:
            session.execute(delete(SessionRow).where(col(SessionRow.created_at) < now() - self.whole))
            session.add(SessionRow(hash=digest(secret), person=name, created_at=now(), seen_at=now()))
            session.execute(delete(AttemptRow).where(col(AttemptRow.key) == f"name:{name}"))
        return secret

    def by_session(self, secret: str) -> Person | None:
        """Who holds this session; None where it is unknown or has ended."""
        with self.database.read() as session:
            row = session.get(SessionRow, digest(secret))
            if row is None or row.seen_at < now() - self.idle or row.created_at < now() - self.whole:
                return None
            person = session.get(PersonRow, row.person)
            if person is None or person.disabled:
                return None
            found, stale = _person(person), row.seen_at < now() - timedelta(seconds=_SEEN_SECONDS)
        if stale:
            with self.database.write() as session:
                if row := session.get(SessionRow, digest(secret)):
                    row.seen_at = now()
                    session.add(row)
        return found

    def by_subject(self, subject: str, name: str) -> Person | None:
        """Who signs in outside under this subject. At the first time it is the one of this name, who is known by the subject
        from then on; None where that is nobody, or somebody else already."""
        with self.database.write() as session:
            row = session.exec(select(PersonRow).where(PersonRow.subject == subject)).first()
            if row is None:
                row = session.get(PersonRow, name)
                if row is None or not row.outside or row.subject is not None:
                    return None
                row.subject = subject
                session.add(row)
            return _person(row) if row.outside and not row.disabled else None

    def sign_out(self, secret: str) -> None:
        with self.database.write() as session:
            session.execute(delete(SessionRow).where(col(SessionRow.hash) == digest(secret)))

    # --- tokens --------------------------------------------------------------------------------------------------

    def make_token(self, person: str, name: str, rights: Sequence[Right]) -> str:
        """A new token of a program; returns its secret, which is never shown again. Raises `PersonUnknownError`."""
        secret = f"abhilekh_{secrets.token_urlsafe(32)}"
        with self.database.write() as session:
            _row(session, person)
            session.add(
                TokenRow(
                    hash=digest(secret), person=person, name=name, rights=[r.value for r in rights], created_at=now()
                )
            )
        return secret

    def by_token(self, secret: str) -> tuple[Person, frozenset[Right]] | None:
        """Whose token this is, and to which rights it is limited."""
        with self.database.read() as session:
            row = session.get(TokenRow, digest(secret))
            person = session.get(PersonRow, row.person) if row else None
            if row is None or person is None or person.disabled:
                return None
            found = _person(person), frozenset(Right(right) for right in row.rights)
            stale = row.used_at is None or row.used_at < now() - timedelta(seconds=_SEEN_SECONDS)
        if stale:
            with self.database.write() as session:
                if row := session.get(TokenRow, digest(secret)):
                    row.used_at = now()
                    session.add(row)
        return found

    def tokens(self) -> list[Token]:
        with self.database.read() as session:
            rows = session.exec(select(TokenRow).order_by(col(TokenRow.created_at)))
            return [
                Token(r.hash[:16], r.person, r.name, tuple(Right(x) for x in r.rights), r.created_at, r.used_at)
                for r in rows
            ]

    def end_token(self, ident: str) -> bool:
        with self.database.write() as session:
            found = session.exec(select(TokenRow).where(col(TokenRow.hash).startswith(ident, autoescape=True))).first()
            if found is not None and len(ident) >= len(found.hash[:16]):
                session.delete(found)
                return True
            return False

    # --- failed attempts -----------------------------------------------------------------------------------------

    def waits(self, name: str, address: str) -> datetime | None:
        """Until when nobody may try this name, or try from this address."""
        with self.database.read() as session:
            rows = [session.get(AttemptRow, key) for key in (f"name:{name}", f"address:{address}")]
            ends = [row.until for row in rows if row is not None and row.until is not None and row.until > now()]
            return max(ends, default=None)

    def failed(self, name: str, address: str) -> None:
        """Count a failed attempt; from the sixth on, each makes the next one wait twice as long."""
        with self.database.write() as session:
            for key, free in ((f"name:{name}"[:200], _FREE_TRIES), (f"address:{address}", _FREE_TRIES_OF_ADDRESS)):
                row = session.get(AttemptRow, key) or AttemptRow(key=key, failed=0, at=now())
                row.failed = 1 if row.at < now() - _FORGOTTEN else row.failed + 1
                row.at = now()
                if row.failed >= free:
                    row.until = now() + min(_SHORTEST_WAIT * 2 ** min(row.failed - free, 10), _LONGEST_WAIT)
                session.add(row)
            session.execute(delete(AttemptRow).where(col(AttemptRow.at) < now() - _FORGOTTEN))


def _row(session: Session, name: str) -> PersonRow:
    row = session.get(PersonRow, name)
    if row is None:
        raise PersonUnknownError(name=name)
    return row


def _person(row: PersonRow) -> Person:
    return Person(row.name, row.full_name, tuple(Grant(Role(role), office) for role, office in row.grants))


def _known(row: PersonRow, until: datetime | None) -> Known:
    return Known(_person(row), row.disabled, row.password is not None, row.outside, row.created_at, until)


def _pairs(grants: Sequence[Grant]) -> list[list[str]]:
    return [[grant.role.value, grant.office] for grant in dict.fromkeys(grants)]


def _end_sessions(session: Session, name: str, *, but: str | None = None) -> None:
    ended = delete(SessionRow).where(col(SessionRow.person) == name)
    session.execute(ended.where(col(SessionRow.hash) != but) if but else ended)


def _require_administrator(session: Session) -> None:
    wanted = [Role.ADMINISTRATOR.value, EVERY_OFFICE]
    if not any(wanted in row.grants and not row.disabled for row in session.exec(select(PersonRow))):
        raise LastAdministratorError
