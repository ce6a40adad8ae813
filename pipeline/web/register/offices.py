"""Offices of the register as JSON: list one's own; to enter and change them takes the right in every office."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from pipeline.model.accounts import Person
from pipeline.model.audit import Action
from pipeline.model.register import Office
from pipeline.model.roles import Right
from pipeline.register import service as register_service
from pipeline.web.audited import Recording, audited
from pipeline.web.register.params import TheRegister
from pipeline.web.rendering import NO_STORE
from pipeline.web.security.permissions import Registrar, needs

router = APIRouter(prefix="/api/v1/register", tags=["register"])

Keeper = Annotated[Person, Depends(needs(Right.REGISTER, everywhere=True))]


class OfficeJson(BaseModel):
    """`parent` is the code of the office above."""

    code: str
    name_hi: str
    name_en: str
    parent: str | None


class OfficesJson(BaseModel):
    offices: list[OfficeJson]


class NamesJson(BaseModel):
    name_hi: str = Field("", max_length=300)
    name_en: str = Field("", max_length=300)
    parent: str | None = Field(None, max_length=64, description="The code of the office above.")


class ToEnterOfficeJson(NamesJson):
    code: str = Field(
        max_length=64, examples=["sagar-collectorate"], description="Small Latin letters, digits, hyphens."
    )


@router.get("/offices")
@audited(Action.VIEW, Recording.COUNTED)
def offices(person: Registrar, service: TheRegister, response: Response) -> OfficesJson:
    """The offices whose register you keep."""
    response.headers.update(NO_STORE)
    held = person.offices(Right.REGISTER)
    return OfficesJson(offices=[_office(one) for one in service.register.offices() if held is None or one.code in held])


@router.post("/offices", status_code=201)
@audited(Action.REGISTER)
def enter(wanted: ToEnterOfficeJson, person: Keeper, service: TheRegister) -> OfficeJson:
    """Enter an office."""
    office = register_service.office(wanted.code, wanted.name_hi, wanted.name_en, wanted.parent)
    service.registrar().put_office(office, by=person.name, change=False)
    return _office(office)


@router.put("/offices/{code}")
@audited(Action.REGISTER)
def change(code: str, wanted: NamesJson, person: Keeper, service: TheRegister) -> OfficeJson:
    """Change the names and the parent of an office."""
    service.register.office(code)
    office = register_service.office(code, wanted.name_hi, wanted.name_en, wanted.parent)
    service.registrar().put_office(office, by=person.name, change=True)
    return _office(office)


def _office(office: Office) -> OfficeJson:
    return OfficeJson(**asdict(office))
