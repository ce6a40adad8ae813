"""Import and export lists of the register; list the numbers that stand on documents and not in it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query, Response
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from pipeline.errors import NotAllowedError
from pipeline.formats import plain_csv
from pipeline.model.accounts import Person
from pipeline.model.audit import Action
from pipeline.model.roles import Right
from pipeline.register import service as register_service
from pipeline.register.lists import ReadList
from pipeline.web import downloads
from pipeline.web.audited import Recording, audited
from pipeline.web.register.params import TheRegister
from pipeline.web.rendering import NO_STORE
from pipeline.web.security.permissions import Registrar

router = APIRouter(prefix="/api/v1/register", tags=["register"])

ListBody = Annotated[
    bytes,
    Body(media_type="text/csv", description="The list: CSV in UTF-8, or an Excel workbook (.xlsx); at most 1 MB."),
]
DryRun = Annotated[bool, Query(description="Only report what would be done.")]
AllOrNothing = Annotated[bool, Query(description="Take no line when one is refused.")]


class BadLineJson(BaseModel):
    """A line that was refused, or one to look at; why and what to do stand in both languages."""

    line: int
    column: str
    value: str
    code: str
    en: str
    hi: str
    next_en: str
    next_hi: str


class TakenJson(BaseModel):
    """What became of a list; `written` is false where it was only tried, or nothing was taken for a bad line."""

    created: int
    updated: int
    unchanged: int
    refused: int
    bad_lines: list[BadLineJson]
    warnings: list[BadLineJson]
    unknown_columns: list[str]
    written: bool


class UnregisteredNumberJson(BaseModel):
    office: str | None
    key: str
    number: str
    documents: int


class UnregisteredJson(BaseModel):
    numbers: list[UnregisteredNumberJson]


@router.get("/{kind}.csv", response_class=Response, responses=downloads.promised("text/csv"))
@audited(Action.EXPORT)
def export(kind: Literal["files", "offices"], person: Registrar, service: TheRegister) -> Response:
    """The register of your offices as a list that `import` reads back."""
    held = person.offices(Right.REGISTER)
    rows = service.rows_of_files(held) if kind == "files" else service.rows_of_offices(held)
    headers = {"Content-Disposition": downloads.disposition(f"register-{kind}.csv")} | NO_STORE
    return StreamingResponse(plain_csv.lines(rows), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/{kind}/import")
@audited(Action.REGISTER)
def take(
    kind: Literal["files", "offices"],
    body: ListBody,
    person: Registrar,
    service: TheRegister,
    office: Annotated[str, Query(max_length=64, description="Whose files they are, where the lines do not say.")] = "",
    dry_run: DryRun = False,
    all_or_nothing: AllOrNothing = False,
) -> TakenJson:
    """Enter and change files or offices by a list; its columns are those of `abhilekh file import`."""
    if kind == "offices":
        read = _read(body, register_service.offices_list)
        _require(person, None)
        plan = service.take_offices(read, by=person.name, dry_run=dry_run, all_or_nothing=all_or_nothing)
    else:
        read = _read(body, register_service.files_list)
        _require(person, {entry.values.get("office") or office for entry in read.entries})
        plan = service.take_files(read, office or None, by=person.name, dry_run=dry_run, all_or_nothing=all_or_nothing)
    written = not dry_run and not (all_or_nothing and plan.bad)
    return TakenJson.model_validate({**plan.json(), "unknown_columns": list(read.unknown), "written": written})


@router.get("/unregistered")
@audited(Action.VIEW, Recording.COUNTED)
def unregistered(person: Registrar, service: TheRegister, response: Response) -> UnregisteredJson:
    """The numbers that stand on documents and not in the register."""
    response.headers.update(NO_STORE)
    held = person.offices(Right.REGISTER)
    found = [one for one in service.register.unregistered() if held is None or one.office in held]
    return UnregisteredJson(
        numbers=[
            UnregisteredNumberJson(office=one.office, key=one.key, number=one.number, documents=one.documents)
            for one in found
        ]
    )


def _read(body: bytes, reader: Callable[..., ReadList]) -> ReadList:
    """Raises `RegisterListError`."""
    with tempfile.NamedTemporaryFile(prefix="abhilekh-list-") as kept:
        kept.write(body)
        kept.flush()
        return reader(Path(kept.name), name="list")


def _require(person: Person, offices: set[Any] | None) -> None:
    """Raise `NotAllowedError` for lines of an office that is not the person's; None: it takes every one."""
    held = person.offices(Right.REGISTER)
    if held is not None and (offices is None or not offices <= held):
        others = "*" if offices is None else ", ".join(sorted(str(one or "?") for one in offices - held))
        raise NotAllowedError(right=f"{Right.REGISTER.value}: {others}"[:200])
