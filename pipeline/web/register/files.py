"""Files of the register as JSON: find, enter, change, count, compare with their scans, close and reopen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from pipeline.model.audit import Action
from pipeline.model.register import CountUnit, FileState, RecordClass, RegisterFile
from pipeline.model.roles import Right
from pipeline.register import service as register_service
from pipeline.register.service import RegisterService
from pipeline.web.audited import Recording, audited
from pipeline.web.register.params import TheFile, TheRegister, require
from pipeline.web.rendering import NO_STORE
from pipeline.web.security.permissions import Registrar

router = APIRouter(prefix="/api/v1/register", tags=["register"])

LIMIT, LAST_OFFSET = 1000, 10_000_000
FILE = "/files/{office}/{key:path}"
FileValue = Annotated[str | None, Field(max_length=500)]
Reason = Annotated[str, Field(min_length=1, max_length=500, description="Why; it is kept for good.")]


class RegisterFileJson(BaseModel):
    """A file as it stands in the register. `key` names it in addresses; days are 2018-12-31."""

    office: str
    number: str
    key: str
    core: str
    ocr: str
    volume: str
    subject: str
    year: str
    branch: str
    record_class: RecordClass | None
    retention_years: int | None
    closed_on: date | None
    weed_on: date | None
    weeding_due: date | None
    room: str
    rack: str
    shelf: str
    bundle: str
    pages_counted: int | None
    count_unit: CountUnit
    counted_by: str
    counted_at: datetime | None
    missing: list[int]
    replaced: list[str]
    state: FileState


class RegisterFilesJson(BaseModel):
    total: int
    files: list[RegisterFileJson]


class FiguresJson(BaseModel):
    """The pages counted by hand beside those scanned, of all volumes together."""

    counted: int | None
    count_unit: CountUnit
    expected: int | None
    written: int
    blank: int
    rescanned: int
    noted_missing: int
    missing: int | None
    extra: int | None
    agree: bool


class FileDocumentJson(BaseModel):
    id: str
    kind: str
    dated: date | None
    subject: str | None
    pages: int
    blank: int
    state: str


class FileEventJson(BaseModel):
    """Something that happened to the file."""

    change: int
    at: datetime
    by: str
    what: str
    details: dict[str, Any] = Field(alias="told")
    reason: str
    signed_by: str


class WholeRegisterFileJson(RegisterFileJson):
    figures: FiguresJson
    documents: list[FileDocumentJson]
    events: list[FileEventJson]


class EnteredJson(RegisterFileJson):
    """`alike` are numbers in the register that may be the same file, written otherwise."""

    alike: list[str]


class FileValuesJson(BaseModel):
    """Values of a file as people write them: years `2018-20`, days `31.12.2018`, classes `B` or `ख`. An empty text
    clears the value; what is left out stays."""

    subject: FileValue = None
    year: FileValue = None
    branch: FileValue = None
    record_class: FileValue = None
    retention_years: FileValue = None
    closed_on: FileValue = None
    weed_on: FileValue = None
    room: FileValue = None
    rack: FileValue = None
    shelf: FileValue = None
    bundle: FileValue = None
    state: Annotated[str | None, Field(max_length=50, description="open, in_scanning or in_review.")] = None


class ToEnterJson(FileValuesJson):
    office: str = Field(max_length=64)
    number: str = Field(max_length=200, examples=["एफ 19-76/2019"])
    volume: str = Field("", max_length=50)


class CountedJson(BaseModel):
    """`pages`: written sides; `sheets`: both sides of each are scanned; `fronts`: only the fronts are."""

    pages: int = Field(ge=0, le=1_000_000)
    unit: CountUnit = CountUnit.PAGES


class NotedJson(BaseModel):
    """Each list replaces the earlier one; null leaves it as it is."""

    missing: list[Annotated[int, Field(ge=1, le=1_000_000)]] | None = Field(
        None, max_length=5000, description="Pages that are missing in the paper."
    )
    replaced: list[Annotated[str, Field(pattern=r"^[0-9a-f]{20}/[1-9]\d{0,5}$")]] | None = Field(
        None, max_length=5000, description="Scans made again since: BATCH/PAGE."
    )
    reason: Reason


class ToCloseJson(BaseModel):
    """Figures that differ need a reason; who closes the file answers for it by name."""

    reason: str = Field("", max_length=500)


class ToReopenJson(BaseModel):
    reason: Reason


@router.get("/files")
@audited(Action.VIEW, Recording.COUNTED)
def files(
    person: Registrar,
    service: TheRegister,
    response: Response,
    office: Annotated[str, Query(max_length=64)] = "",
    state: FileState | None = None,
    record_class: RecordClass | None = None,
    bundle: Annotated[str, Query(max_length=200)] = "",
    words: Annotated[str, Query(max_length=200, description="That stand in number or subject.")] = "",
    limit: Annotated[int, Query(ge=1, le=LIMIT)] = 100,
    offset: Annotated[int, Query(ge=0, le=LAST_OFFSET)] = 0,
) -> RegisterFilesJson:
    """The files of your offices, by office and number."""
    response.headers.update(NO_STORE)
    held = person.offices(Right.REGISTER)
    if office:
        held = frozenset({office}) if held is None else held & {office}
    total, found = service.register.page(
        held,
        state=state,
        record_class=record_class,
        bundle=bundle or None,
        words=words.strip() or None,
        limit=limit,
        offset=offset,
    )
    return RegisterFilesJson(total=total, files=[_file(service, one) for one in found])


@router.post("/files", status_code=201)
@audited(Action.REGISTER)
def enter(wanted: ToEnterJson, person: Registrar, service: TheRegister) -> EnteredJson:
    """Enter a file; the answer names registered numbers that look alike."""
    require(person, wanted.office, name=wanted.number)
    number, volume = register_service.number(wanted.number), register_service.value("volume", wanted.volume)
    values = register_service.values(wanted.model_dump(exclude={"office", "number", "volume"}))
    alike = service.alike(wanted.office, number)
    file = service.registrar().add_file(wanted.office, number, volume, values, by=person.name)
    return EnteredJson.model_validate({**service.file_view(file).json(), "alike": alike})


@router.post(f"{FILE}/count")
@audited(Action.REGISTER)
def count(wanted: CountedJson, file: TheFile, person: Registrar, service: TheRegister) -> WholeRegisterFileJson:
    """Record how many pages you counted by hand."""
    return _whole(service, service.registrar().count(file.ident, wanted.pages, wanted.unit, by=person.name))


@router.post(f"{FILE}/reconcile")
@audited(Action.REGISTER)
def reconcile(wanted: NotedJson, file: TheFile, person: Registrar, service: TheRegister) -> WholeRegisterFileJson:
    """Record pages that are missing in the paper, and scans that were made again."""
    noted = service.registrar().note(
        file.ident, missing=wanted.missing, replaced=wanted.replaced, by=person.name, reason=wanted.reason
    )
    return _whole(service, noted)


@router.post(f"{FILE}/close")
@audited(Action.REGISTER)
def close(wanted: ToCloseJson, file: TheFile, person: Registrar, service: TheRegister) -> WholeRegisterFileJson:
    """Close a file whose pages are all scanned."""
    reason = wanted.reason.strip()
    signed = (person.full_name or person.name) if reason else ""
    return _whole(service, service.registrar().close(file.ident, by=person.name, signed_by=signed, reason=reason))


@router.post(f"{FILE}/reopen")
@audited(Action.REGISTER)
def reopen(wanted: ToReopenJson, file: TheFile, person: Registrar, service: TheRegister) -> WholeRegisterFileJson:
    """Reopen a closed file."""
    return _whole(service, service.registrar().reopen(file.ident, by=person.name, reason=wanted.reason))


@router.get(FILE)
@audited(Action.VIEW)
def file(file: TheFile, service: TheRegister, response: Response) -> WholeRegisterFileJson:
    """A file with its figures, its documents and its history."""
    response.headers.update(NO_STORE)
    return _whole(service, file)


@router.patch(FILE)
@audited(Action.REGISTER)
def change(wanted: FileValuesJson, file: TheFile, person: Registrar, service: TheRegister) -> RegisterFileJson:
    """Change values of a file."""
    values = register_service.values(wanted.model_dump())
    return _file(service, service.registrar().set_file(file.ident, values, by=person.name))


def _file(service: RegisterService, file: RegisterFile) -> RegisterFileJson:
    return RegisterFileJson.model_validate(service.file_view(file).json())


def _whole(service: RegisterService, file: RegisterFile) -> WholeRegisterFileJson:
    return WholeRegisterFileJson.model_validate(service.full_view(file).json())
