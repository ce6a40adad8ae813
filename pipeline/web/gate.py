"""Who stands before an address, and whether they may pass.

Every route names what it asks for with `needs(Right.…)`; one document or one file is asked about with `require`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from pipeline.errors import NotAllowedError, NotFoundError
from pipeline.people import Grant, Person, Right, Role

ANYBODY = Person("anybody", "", (Grant(Role.ADMINISTRATOR),))  # loopback only: whoever sits at this machine


def visitor(request: Request) -> Person:
    """The person whose request this is."""
    return ANYBODY


def needs(right: Right) -> Callable[[Request], Person]:
    """A dependency that lets only those pass who hold the right in some office. Raises `NotAllowedError`."""

    def pass_with(request: Request) -> Person:
        person = visitor(request)
        if not person.may_somewhere(right):
            raise NotAllowedError(right=right.value)
        return person

    return pass_with


def require(person: Person, right: Right, office: str | None, *, what: str, name: str) -> None:
    """Whether this one thing of an office may be had. Raises `NotFoundError`: that it exists is not told either."""
    if not person.may(right, office):
        raise NotFoundError(what=what, name=name)


Looker = Annotated[Person, Depends(needs(Right.LOOK))]
Scanner = Annotated[Person, Depends(needs(Right.SCAN))]
Reviewer = Annotated[Person, Depends(needs(Right.REVIEW))]
Registrar = Annotated[Person, Depends(needs(Right.REGISTER))]
Exporter = Annotated[Person, Depends(needs(Right.EXPORT))]
BoardReader = Annotated[Person, Depends(needs(Right.BOARD))]
Auditor = Annotated[Person, Depends(needs(Right.AUDIT))]
Administrator = Annotated[Person, Depends(needs(Right.ADMINISTER))]
