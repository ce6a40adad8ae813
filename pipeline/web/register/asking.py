"""What the addresses of the register ask: the desk, the file that an address names, and whether it is the asker's."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Query, Request

from pipeline.people.model import Person, Right
from pipeline.register.desk import RegisterDesk, value
from pipeline.register.model import RegisterFile
from pipeline.web import gate
from pipeline.web.gate import Registrar


def of(request: Request) -> RegisterDesk:
    return cast(RegisterDesk, request.app.state.library.register_desk)


TheRegister = Annotated[RegisterDesk, Depends(of)]


def named(
    office: str, key: str, person: Registrar, desk: TheRegister,
    volume: Annotated[str, Query(max_length=50, description="The volume (भाग), where the file has several.")] = "",
) -> RegisterFile:  # fmt: skip
    """The file of an address. Raises `NotFoundError` for another office's, and `FileUnknownError`."""
    require(person, office, name=key)
    return desk.file((office, key, value("volume", volume)))


TheFile = Annotated[RegisterFile, Depends(named)]


def require(person: Person, office: str, *, name: str) -> None:
    """Raises `NotFoundError` where the register of this office is not the person's to change."""
    gate.require(person, Right.REGISTER, office, what="file", name=name)
