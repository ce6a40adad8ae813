"""What an administrator does to people and tokens, each with its entry in the record of deeds. The page (`managing`) and
the API (`api`) both do it here; how it is kept is in `index.people`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Depends

from pipeline.errors import PersonNameError, RequestError
from pipeline.index.people import People
from pipeline.people.deeds import Action
from pipeline.people.model import EVERY_OFFICE, Grant, Person, Right, Role
from pipeline.web.gate import Administrator
from pipeline.web.people.access import Notes, TheDeeds, ThePeople

_LONGEST_OFFICE, _LONGEST_FULL_NAME, _LONGEST_TITLE = 100, 200, 100


class Change(StrEnum):
    """What may be done to somebody who is entered."""

    DISABLE = "disable"
    ENABLE = "enable"
    UNLOCK = "unlock"


@dataclass(frozen=True, slots=True)
class Care:
    """Whatever is done here is noted as a deed of `by`."""

    people: People
    deeds: Notes
    by: Person

    def add(self, name: str, full_name: str, grants: Sequence[Grant], *, outside: bool) -> Person:
        """Enter somebody with at least one role. Raises `RequestError`, `PersonNameError`, `AlreadyAPersonError`."""
        if not grants:
            raise RequestError(cause="A person needs a role.", cause_hi="व्यक्ति को कोई भूमिका चाहिए।")
        shown = " ".join(full_name.split())[:_LONGEST_FULL_NAME]
        added = self.people.add(name.strip().lower(), shown, grants, outside=outside)
        for did, grant in zip(("add", *["grant"] * len(grants)), added.grants, strict=False):
            self._note(added.name, did, role=grant.role, office=grant.office)
        return added

    def grant(self, name: str, grant: Grant, *, take: bool) -> None:
        """Give a role in an office, or take it. Raises `PersonUnknownError`, `LastAdministratorError`."""
        self.people.grant(name, grant, take=take)
        self._note(name, "revoke" if take else "grant", role=grant.role, office=grant.office)

    def change(self, name: str, change: Change) -> None:
        """Raises `PersonUnknownError`, `LastAdministratorError`."""
        if change is Change.UNLOCK:
            self.people.known(name)
            self.people.unlock(name)
        else:
            self.people.disable(name, disabled=change is Change.DISABLE)
        self._note(name, change.value)

    def first_link(self, name: str) -> str:
        """The path of the one-time link of somebody who was just entered."""
        return f"/welcome/{self.people.link(name)}"

    def new_link(self, name: str) -> str:
        """The path of a new one-time link by which somebody sets a password. Raises `PersonUnknownError`."""
        self.people.known(name)
        path = self.first_link(name)
        self._note(name, "reset")
        return path

    def make_token(self, owner: str, title: str, rights: Sequence[Right]) -> str:
        """The secret of a new token, which is never shown again. Raises `RequestError`, `PersonUnknownError`."""
        title = " ".join(title.split())[:_LONGEST_TITLE]
        if not rights or not title:
            raise RequestError(
                cause="A token needs a name and at least one right.",
                cause_hi="टोकन को एक नाम और कम से कम एक अधिकार चाहिए।",
            )
        secret = self.people.make_token(owner, title, list(dict.fromkeys(rights)))
        self._note(owner, "token", name=title)
        return secret

    def end_token(self, ident: str) -> bool:
        """Whether there was such a token."""
        ended = self.people.end_token(ident)
        if ended:
            self._note(ident, "end token")
        return ended

    def _note(self, what: str, did: str, **told: str) -> None:
        self.deeds.note(self.by.name, Action.PEOPLE, what, {"did": did, **told})


def care_of(person: Administrator, people: ThePeople, deeds: TheDeeds) -> Care:
    return Care(people, deeds, person)


TheCare = Annotated[Care, Depends(care_of)]


def grant_of(role: str, office: str) -> Grant:
    """A role in an office, or in every one where none is named. Raises `RequestError`, `PersonNameError`."""
    if role not in set(Role):
        raise RequestError(cause="There is no such role.", cause_hi="ऐसी कोई भूमिका नहीं है।")
    office = office.strip() or EVERY_OFFICE
    if len(office) > _LONGEST_OFFICE:
        raise PersonNameError(name=office[:_LONGEST_OFFICE])
    return Grant(Role(role), office)
