"""Who may do what: roles, the rights that each carries, a person who holds roles in offices, and the office of a page.

No passwords and no sessions here; those are the web's and the database's matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.model.roles import RIGHTS, Right, Role

EVERY_OFFICE = "*"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held in one office, or in `EVERY_OFFICE`."""

    role: Role
    office: str = EVERY_OFFICE


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is known by `name`, the login; `full_name` is how others see them."""

    name: str
    full_name: str = ""
    grants: tuple[Grant, ...] = ()

    def may(self, right: Right, office: str | None) -> bool:
        """Whether the right is held in this office; what belongs to no office needs a grant for every one."""
        offices = self.offices(right)
        return offices is None or office in offices

    def may_somewhere(self, right: Right) -> bool:
        return any(right in RIGHTS[grant.role] for grant in self.grants)

    def offices(self, right: Right) -> frozenset[str] | None:
        """The offices in which the right is held; None stands for every one."""
        held = frozenset(grant.office for grant in self.grants if right in RIGHTS[grant.role])
        return None if EVERY_OFFICE in held else held


@dataclass(frozen=True, slots=True)
class Account:
    """A person with what an administrator sees of them."""

    person: Person
    disabled: bool
    has_password: bool
    outside: bool
    created_at: datetime
    waits_until: datetime | None = None
    subject: str | None = None
    has_code: bool = False


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who holds a session, and whether they must set up a code before anything else."""

    person: Person
    lacks_code: bool


@dataclass(frozen=True, slots=True)
class PageOffices:
    """The office of every page of one scan: that of the page's document, or the batch's while it belongs to no document.

    `pages` is how many pages the scan holds, `of_document` has the office of each page (from 1) that a document holds,
    and `documents` the office of each document of the scan.
    """

    batch: str
    batch_office: str | None
    pages: int
    of_document: Mapping[int, str | None] = field(default_factory=dict)
    documents: Mapping[str, str | None] = field(default_factory=dict)

    def office(self, page: int) -> str | None:
        return self.of_document.get(page, self.batch_office)


def allowed_pages(person: Person, right: Right, offices: PageOffices, pages: Iterable[int]) -> tuple[int, ...]:
    """Of these pages of a scan, the ones in whose office the person holds the right.

    Every permission for a page is decided here, whatever carries the page: images, text, originals, annotations.
    """
    return tuple(page for page in pages if 1 <= page <= offices.pages and person.may(right, offices.office(page)))
