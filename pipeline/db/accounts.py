"""Accounts in the database: who may sign in, with which password, and the links by which a password is set.

Secrets are kept as SHA-256 (they are long and random), passwords as argon2id hashes made elsewhere (`passwords`). What a
visitor may do with them is decided in the web. Sessions, tokens, failed attempts, codes and identities at a provider are in
modules of their own beside this one.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import delete, or_
from sqlmodel import Session, col, select

from pipeline.db.account_rows import account_from, end_sessions, grant_pairs, person_from, row_of
from pipeline.db.account_tables import (
    AttemptRow,
    DeviceRow,
    LinkRow,
    LoginStepRow,
    PersonRow,
    RecoveryCodeRow,
    TokenRow,
)
from pipeline.db.database import Database, now
from pipeline.db.identities import Identities
from pipeline.db.secret_digest import digest
from pipeline.db.sessions import Sessions
from pipeline.db.throttling import Throttle
from pipeline.db.tokens import Token, Tokens
from pipeline.errors import (
    AlreadyAPersonError,
    LastAdministratorError,
    LinkExpiredError,
    PersonNameError,
)
from pipeline.model.accounts import EVERY_OFFICE, Account, Grant, Person, SignedIn
from pipeline.model.roles import Right, Role

_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_LINK_HOURS = 48
_TOKEN_DAYS = 365  # how long a new token lasts


class AccountRepository:
    """The people of one installation. `idle` and `whole` limit a session, `token_days` a token; who holds one of the roles
    `totp_roles` and signs in with a password must set up a code. Every call is a transaction of its own."""

    def __init__(
        self,
        database: Database,
        *,
        idle: timedelta,
        whole: timedelta,
        totp_roles: Collection[Role] = (),
        token_days: int = _TOKEN_DAYS,
    ) -> None:
        self.database = database
        self.totp_roles = frozenset(totp_roles)
        self._sessions = Sessions(database, idle=idle, whole=whole, totp_roles=self.totp_roles)
        self.throttle = Throttle(database)
        self.identities = Identities(database)
        self.token_days = token_days
        self._tokens = Tokens(database, days=token_days)

    # --- people --------------------------------------------------------------------------------------------------

    def add(self, name: str, full_name: str, grants: Sequence[Grant], *, outside: bool = False) -> Person:
        """Raises `PersonNameError` and `AlreadyAPersonError`."""
        if not _NAME.fullmatch(name):
            raise PersonNameError(name=name)
        with self.database.write() as session:
            if session.get(PersonRow, name) is not None:
                raise AlreadyAPersonError(name=name)
            row = PersonRow(
                name=name, full_name=full_name, grants=grant_pairs(grants), outside=outside, created_at=now()
            )
            session.add(row)
            return person_from(row)

    def every(self) -> list[Account]:
        waiting = self.throttle.waiting()
        with self.database.read() as session:
            rows = session.exec(select(PersonRow).order_by(col(PersonRow.name)))
            return [account_from(row, waiting.get(row.name)) for row in rows]

    def known(self, name: str) -> Account:
        """Raises `PersonUnknownError`."""
        with self.database.read() as session:
            return account_from(row_of(session, name), None)

    def grant(self, name: str, grant: Grant, *, take: bool = False) -> Person:
        """Give a role in an office, or take it. Raises `PersonUnknownError`, `LastAdministratorError`."""
        with self.database.write() as session:
            row = row_of(session, name)
            others = [pair for pair in row.grants if pair != [grant.role.value, grant.office]]
            row.grants = others if take else [*others, [grant.role.value, grant.office]]
            session.add(row)
            session.flush()
            _require_administrator(session)
            return person_from(row)

    def disable(self, name: str, *, disabled: bool = True) -> int:
        """Disable an account, effective immediately, or enable it again. Tokens, devices and links end for good; returns how
        many tokens ended. Raises `PersonUnknownError`, `LastAdministratorError`."""
        with self.database.write() as session:
            row = row_of(session, name)
            row.disabled = disabled
            session.add(row)
            session.flush()
            _require_administrator(session)
            if not disabled:
                return 0
            end_sessions(session, name)
            tokens = len(session.exec(select(TokenRow.hash).where(TokenRow.person == name)).all())
            session.execute(delete(LinkRow).where(col(LinkRow.person) == name))
            session.execute(delete(DeviceRow).where(col(DeviceRow.person) == name))
            session.execute(delete(TokenRow).where(col(TokenRow.person) == name))
            return tokens

    def unlock(self, name: str) -> list[str]:
        """Free a name and the addresses from which it was tried; returns those addresses."""
        return self.throttle.unlock(name)

    # --- passwords and links -------------------------------------------------------------------------------------

    def password_of(self, name: str) -> str | None:
        """The hash kept for a person who may sign in; None for all others."""
        with self.database.read() as session:
            row = session.get(PersonRow, name)
            return row.password if row is not None and not row.disabled else None

    def set_password(self, name: str, hashed: str, *, keep: str | None = None) -> None:
        """Keep a new hash and end the person's sessions, but for the one of the secret `keep`."""
        with self.database.write() as session:
            row = row_of(session, name)
            row.password, row.password_at = hashed, now()
            session.add(row)
            end_sessions(session, name, but=digest(keep) if keep else None)
            session.execute(delete(AttemptRow).where(col(AttemptRow.key) == f"name:{name}"))

    def link(self, name: str) -> str:
        """A new secret that leads to setting a password, once; earlier ones end. Raises `PersonUnknownError`."""
        secret = secrets.token_urlsafe(24)
        with self.database.write() as session:
            row_of(session, name)
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
            return person_from(row)

    def use_link(self, secret: str, hashed: str) -> Person:
        """Set the password by the link, which ends with it, and so does the code. Raises `LinkExpiredError`."""
        with self.database.write() as session:
            link = session.get(LinkRow, digest(secret))
            row = session.get(PersonRow, link.person) if link and link.expires_at > now() else None
            if link is None or row is None or row.disabled:
                raise LinkExpiredError
            row.password, row.password_at = hashed, now()
            row.totp_secret = None  # whose telephone is lost comes this way
            session.add(row)
            session.delete(link)
            session.execute(delete(RecoveryCodeRow).where(col(RecoveryCodeRow.person) == row.name))
            session.execute(delete(LoginStepRow).where(col(LoginStepRow.person) == row.name))
            end_sessions(session, row.name)
            session.execute(delete(AttemptRow).where(col(AttemptRow.key) == f"name:{row.name}"))
            return person_from(row)

    def waits_for_first(self) -> bool:
        """Whether nobody has ever been able to sign in."""
        with self.database.read() as session:
            able = or_(col(PersonRow.password).is_not(None), col(PersonRow.subject).is_not(None))
            return session.exec(select(PersonRow.name).where(able).limit(1)).first() is None

    def first_link(self) -> str:
        """The secret of a link for the first administrator, who is entered where there is none."""
        everywhere = Grant(Role.ADMINISTRATOR)
        able = [known.person for known in self.every() if everywhere in known.person.grants and not known.disabled]
        first = able[0] if able else self.add("admin", "", [everywhere])
        return self.link(first.name)

    # --- sessions ------------------------------------------------------------------------------------------------

    def sign_in(self, name: str, *, outside: bool = False) -> str:
        """A new session; returns its secret. `outside`: by the identity provider, which asks for a second step itself."""
        return self._sessions.start(name, outside=outside)

    def by_session(self, secret: str) -> Person | None:
        """Who holds this session; None where it is unknown or has ended."""
        found = self._sessions.holder(secret)
        return found.person if found else None

    def signed_in(self, secret: str) -> SignedIn | None:
        """Who holds this session, and what they lack; None where it is unknown or has ended."""
        return self._sessions.holder(secret)

    def sign_out_elsewhere(self, name: str, keep: str) -> None:
        """End all sessions of a person but the one of the secret `keep`."""
        self._sessions.end_others(name, keep)

    def sign_out(self, secret: str) -> None:
        """End a session."""
        self._sessions.end(secret)

    # --- tokens --------------------------------------------------------------------------------------------------

    def make_token(self, person: str, name: str, rights: Sequence[Right], days: int | None = None) -> str:
        """A new token of a program; returns its secret, which is never shown again. Raises `PersonUnknownError`."""
        return self._tokens.make(person, name, rights, days)

    def by_token(self, secret: str) -> tuple[Person, frozenset[Right]] | None:
        """Whose token this is, and to which rights it is limited."""
        found = self._tokens.owner(secret)
        return (person_from(found[0]), frozenset(found[1].rights)) if found else None

    def token_of(self, secret: str) -> Token | None:
        """What is known of the token with this secret, where it is in force."""
        found = self._tokens.owner(secret)
        return found[1] if found else None

    def tokens(self) -> list[Token]:
        return self._tokens.every()

    def end_token(self, ident: str) -> bool:
        return self._tokens.end(ident)


def _require_administrator(session: Session) -> None:
    wanted = [Role.ADMINISTRATOR.value, EVERY_OFFICE]
    if not any(wanted in row.grants and not row.disabled for row in session.exec(select(PersonRow))):
        raise LastAdministratorError
