"""Dependencies of the register's routes: its service, and the file that an address names, if the visitor may change it."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Query, Request

from pipeline.model.accounts import Person
from pipeline.model.register import RegisterFile
from pipeline.model.roles import Right
from pipeline.register.service import RegisterService, value
from pipeline.web.security import permissions
from pipeline.web.security.permissions import Registrar


def of(request: Request) -> RegisterService:
    return cast(RegisterService, request.app.state.services.register_service)


TheRegister = Annotated[RegisterService, Depends(of)]


def named(
    office: str,
    key: str,
    person: Registrar,
    service: TheRegister,
    volume: Annotated[str, Query(max_length=50, description="The volume (भाग), where the file has several.")] = "",
) -> RegisterFile:
    """The file of an address. Raises `NotFoundError` for another office's, and `FileUnknownError`."""
    require(person, office, name=key)
    return service.file((office, key, value("volume", volume)))


TheFile = Annotated[RegisterFile, Depends(named)]


def require(person: Person, office: str, *, name: str) -> None:
    """Raises `NotFoundError` where the register of this office is not the person's to change."""
    permissions.require(person, Right.REGISTER, office, what="file", name=name)
