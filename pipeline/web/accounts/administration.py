"""Administer accounts and tokens, each change with its audit event, for the page (`users`) and the API (`api`) alike. How
they are stored is in `db.accounts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Request

from pipeline.db.accounts import AccountRepository
from pipeline.db.identities import subject_at
from pipeline.errors import IdentityLinkError, PersonNameError, RequestError
from pipeline.locale import Message
from pipeline.model.accounts import EVERY_OFFICE, Grant, Person
from pipeline.model.audit import Action
from pipeline.model.roles import Right, Role
from pipeline.web.accounts.services import AuditWriter, TheAuditLog, ThePeople
from pipeline.web.security.permissions import Administrator

_LONGEST_OFFICE, _LONGEST_FULL_NAME, _LONGEST_TITLE, _LONGEST_SUBJECT = 100, 200, 100, 255
LONGEST_TOKEN_DAYS = 3650


class Change(StrEnum):
    """Changes of an account."""

    DISABLE = "disable"
    ENABLE = "enable"
    UNLOCK = "unlock"


@dataclass(frozen=True, slots=True)
class AccountAdministration:
    """Whatever is done here is recorded as an audit event of `by`. `issuer`: the identity provider, where there is one."""

    people: AccountRepository
    audit_log: AuditWriter
    by: Person
    issuer: str = ""

    def add(self, name: str, full_name: str, grants: Sequence[Grant], *, outside: bool, subject: str = "") -> Person:
        """Add an account with at least one role. Raises `RequestError`, `PersonNameError`, `AlreadyAPersonError`, and
        `IdentityLinkError` for a subject that cannot be theirs."""
        if subject.strip():
            if not outside or not self.issuer:
                raise _no_provider()
            self.people.identities.require_free(subject_at(self.issuer, subject.strip()[:_LONGEST_SUBJECT]))
        if not grants:
            raise RequestError(cause=Message("A user needs a role."))
        shown = " ".join(full_name.split())[:_LONGEST_FULL_NAME]
        added = self.people.add(name.strip().lower(), shown, grants, outside=outside)
        for did, grant in zip(("add", *["grant"] * len(grants)), added.grants, strict=False):
            self._note(added.name, did, role=grant.role, office=grant.office)
        if subject.strip():
            self.link(added.name, subject=subject)
        return added

    def link(self, name: str, *, subject: str = "", pin: str = "") -> None:
        """Link a person to an identity at the provider: by the subject there, or by the code of a request.

        Raises `PersonUnknownError`, `IdentityLinkError`.
        """
        if not self.issuer:
            raise _no_provider()
        typed = subject.strip()[:_LONGEST_SUBJECT]
        if typed:
            self.people.identities.link(name, subject_at(self.issuer, typed))
        else:
            typed = self.people.identities.confirm(name, pin)
        self._note(name, "link", subject=typed)

    def refuse_link(self, name: str, pin: str) -> bool:
        """Drop a link request; whether there was one."""
        dropped = self.people.identities.refuse(name, pin)
        if dropped:
            self._note(name, "refuse link", pin=pin)
        return dropped

    def grant(self, name: str, grant: Grant, *, take: bool) -> None:
        """Assign a role in an office, or remove it. Raises `PersonUnknownError`, `LastAdministratorError`."""
        self.people.grant(name, grant, take=take)
        self._note(name, "revoke" if take else "grant", role=grant.role, office=grant.office)

    def change(self, name: str, change: Change) -> None:
        """Disable, enable or unlock an account, effective immediately.

        Raises `PersonUnknownError`, `LastAdministratorError`.
        """
        if change is Change.UNLOCK:
            self.people.known(name)
            freed = self.people.unlock(name)
            self._note(name, change.value, **({"address": ", ".join(freed)} if freed else {}))
            return
        ended = self.people.disable(name, disabled=change is Change.DISABLE)
        self._note(name, change.value, **({"tokens": str(ended)} if ended else {}))

    def first_link(self, name: str) -> str:
        """The path of the one-time link of somebody who was just entered."""
        return f"/welcome/{self.people.link(name)}"

    def new_link(self, name: str) -> str:
        """The path of a new one-time link by which somebody sets a password. Raises `PersonUnknownError`."""
        self.people.known(name)
        path = self.first_link(name)
        self._note(name, "reset")
        return path

    def make_token(self, owner: str, title: str, rights: Sequence[Right], days: int | None = None) -> str:
        """Make a token and return its secret, which is never shown again. Raises `RequestError`, `PersonUnknownError`."""
        title = " ".join(title.split())[:_LONGEST_TITLE]
        if not rights or not title:
            raise RequestError(
                cause=Message("A token needs a name and at least one right."),
            )
        if days is not None and not 1 <= days <= LONGEST_TOKEN_DAYS:
            raise RequestError(
                cause=Message("A token lasts 1 to {most} days.", most=LONGEST_TOKEN_DAYS),
            )
        secret = self.people.make_token(owner, title, list(dict.fromkeys(rights)), days)
        self._note(owner, "token", name=title)
        return secret

    def end_token(self, ident: str) -> bool:
        """End a token; whether there was one."""
        ended = self.people.end_token(ident)
        if ended:
            self._note(ident, "end token")
        return ended

    def _note(self, what: str, did: str, **details: str) -> None:
        self.audit_log.note(self.by.name, Action.PEOPLE, what, {"did": did, **details})


def administration_of(
    request: Request, person: Administrator, people: ThePeople, audit_log: TheAuditLog
) -> AccountAdministration:
    provider = request.app.state.provider
    return AccountAdministration(people, audit_log, person, provider.settings.issuer if provider else "")


def _no_provider() -> IdentityLinkError:
    return IdentityLinkError(
        cause=Message("no identity provider is set, or the user does not sign in there"),
    )


TheAdministration = Annotated[AccountAdministration, Depends(administration_of)]


def grant_of(role: str, office: str) -> Grant:
    """A role in an office, or in every one where none is named. Raises `RequestError`, `PersonNameError`."""
    if role not in set(Role):
        raise RequestError(cause=Message("There is no such role."))
    office = office.strip() or EVERY_OFFICE
    if len(office) > _LONGEST_OFFICE:
        raise PersonNameError(name=office[:_LONGEST_OFFICE])
    return Grant(Role(role), office)
