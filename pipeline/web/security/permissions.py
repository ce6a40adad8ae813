"""Permissions of routes, and of one document or file.

Every route names what it asks for with `needs(Right.…)`; one document or one file is asked about with `require`. Who it
is was found out before (`web.middleware.auth`) and stands in the request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from pipeline.errors import NotAllowedError, NotFoundError, SignInError
from pipeline.model.accounts import Person
from pipeline.model.roles import Right

NOBODY = Person("")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: the person, the sign that their pages carry, and the rights that a program's token is limited to."""

    person: Person = NOBODY
    csrf: str = ""
    limited_to: frozenset[Right] | None = None


def visitor_of(request: Request) -> Visitor:
    found = request.scope.get("visitor")
    return found if isinstance(found, Visitor) else Visitor()


def visitor(request: Request) -> Person:
    """The person whose request this is; `NOBODY` where nobody is signed in."""
    return visitor_of(request).person


def needs(right: Right, *, everywhere: bool = False) -> Callable[[Request], Person]:
    """A dependency that lets only those pass who hold the right in some office; `everywhere`: in every one, for what covers
    all offices.

    Raises `SignInError` and `NotAllowedError`.
    """

    def pass_with(request: Request) -> Person:
        here = visitor_of(request)
        if here.person == NOBODY:
            raise SignInError
        limited = here.limited_to is not None and right not in here.limited_to
        holds = here.person.offices(right) is None if everywhere else here.person.may_somewhere(right)
        if limited or not holds:
            raise NotAllowedError(right=right.value)
        return here.person

    return pass_with


def anybody_signed_in(request: Request) -> Person:
    """A dependency for what everybody may do for themselves. Raises `SignInError`."""
    here = visitor_of(request)
    if here.person == NOBODY or here.limited_to is not None:
        raise SignInError
    return here.person


def anybody_known(request: Request) -> Person:
    """A dependency for what everybody may read who is signed in, programs among them. Raises `SignInError`."""
    person = visitor(request)
    if person == NOBODY:
        raise SignInError
    return person


def require(person: Person, right: Right, office: str | None, *, what: str, name: str) -> None:
    """Whether this one thing of an office may be had. Raises `NotFoundError`: that it exists is not disclosed either."""
    if not person.may(right, office):
        raise NotFoundError(what=what, name=name)


Looker = Annotated[Person, Depends(needs(Right.VIEW))]
Scanner = Annotated[Person, Depends(needs(Right.SCAN))]
Caretaker = Annotated[Person, Depends(needs(Right.SCAN, everywhere=True))]
Reviewer = Annotated[Person, Depends(needs(Right.REVIEW))]
Registrar = Annotated[Person, Depends(needs(Right.REGISTER))]
Exporter = Annotated[Person, Depends(needs(Right.EXPORT))]
BoardReader = Annotated[Person, Depends(needs(Right.BOARD))]
Auditor = Annotated[Person, Depends(needs(Right.AUDIT, everywhere=True))]
Administrator = Annotated[Person, Depends(needs(Right.ADMINISTER, everywhere=True))]
Somebody = Annotated[Person, Depends(anybody_signed_in)]
Known = Annotated[Person, Depends(anybody_known)]
