"""JSON of the operator's page."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from pipeline.model.audit import Action
from pipeline.model.roles import Right
from pipeline.model.scanning import DashboardState, ScanProgress
from pipeline.web import downloads
from pipeline.web.audited import Recording, audited, not_audited
from pipeline.web.scanning import dashboard as pages
from pipeline.web.scanning.service import TheDashboard
from pipeline.web.security import permissions
from pipeline.web.security.page_permissions import ThePageOffices
from pipeline.web.security.permissions import Scanner
from pipeline.web.services import PageNumber

router = APIRouter(prefix="/api/v1", tags=["watch"])


class TroubleJson(BaseModel):
    """Why a batch failed or was rejected, with what to do, in both languages."""

    code: str
    en: str
    hi: str
    at: datetime
    again_at: datetime | None


class SheetJson(BaseModel):
    """A page that was read; `thumb` is the address of its small picture."""

    page: int
    read_at: datetime
    document: str | None
    number: int | None
    thumb: str


class ScanJson(BaseModel):
    """A batch: `done` of `pages` are read; `sheets` are the newest of them."""

    batch: str
    name: str
    office: str | None
    operator: str | None
    status: str
    pages: int
    done: int
    received_at: datetime
    ended_at: datetime | None
    error: TroubleJson | None
    can_be_retried: bool
    sheets: list[SheetJson]
    documents: list[str]


class WaitingFileJson(BaseModel):
    """A file that waits in the inbox: why, since when, and what happens next."""

    name: str
    files: int
    since: datetime
    en: str
    hi: str
    next_en: str
    next_hi: str
    next_at: datetime | None


class RepeatJson(BaseModel):
    """A file that came a second time."""

    name: str
    batch: str
    at: datetime


class VersionJson(BaseModel):
    """A scan of which a newer version came, or, where it is not `certain`, may have come; both are batches."""

    name: str
    older: str
    newer: str
    reason: str
    certain: bool
    at: datetime


class HourJson(BaseModel):
    at: datetime
    pages: int


class WorkJson(BaseModel):
    """How work stands for the offices that the asker may see."""

    mark: str
    inbox: int
    waiting: list[WaitingFileJson]
    in_work: list[ScanJson]
    in_work_count: int
    troubled: list[ScanJson]
    troubled_count: int
    done: list[ScanJson]
    repeats: list[RepeatJson]
    versions: list[VersionJson]
    pages_today: int
    pages_last_hour: int
    hours: list[HourJson]
    parts: dict[str, str]


class RetriedJson(BaseModel):
    batch: str
    retried: bool


@router.get("/watch", response_model=WorkJson)
@audited(Action.VIEW, Recording.COUNTED)
def work(dashboard: TheDashboard, person: Scanner, response: Response) -> WorkJson:
    """What arrives, what is in work, what went wrong, what is done."""
    response.headers["Cache-Control"] = "no-store"
    return work_json(dashboard.work(person.offices(Right.SCAN)))


@router.post("/batches/{batch}/retry", response_model=RetriedJson)
@audited(Action.UPLOAD)
def retry(batch: str, dashboard: TheDashboard, person: Scanner) -> RetriedJson:
    """Have a batch that failed or was rejected tried again."""
    permissions.require(person, Right.SCAN, dashboard.office_of(batch), what="batch", name=batch)
    return RetriedJson(batch=batch, retried=dashboard.retry(batch))


@router.get("/batches/{batch}/pages/{page}/thumb", response_class=Response, responses=downloads.promised("image/jpeg"))
@not_audited("too small to be read")
def thumb(
    request: Request, batch: str, page: PageNumber, dashboard: TheDashboard, offices_of: ThePageOffices, person: Scanner
) -> Response:
    """A page made small."""
    return pages.thumb(request, batch, page, dashboard, offices_of, person)


def work_json(work: DashboardState) -> WorkJson:
    return WorkJson(
        mark=work.mark,
        inbox=work.inbox,
        waiting=[WaitingFileJson.model_validate({**one}) for one in work.waiting],
        in_work=[scan_json(scan) for scan in work.in_work],
        in_work_count=work.in_work_count,
        troubled=[scan_json(scan) for scan in work.troubled],
        troubled_count=work.troubled_count,
        done=[scan_json(scan) for scan in work.done],
        repeats=[RepeatJson(name=one.name, batch=one.batch, at=one.at) for one in work.repeats],
        versions=[
            VersionJson(
                name=one.name, older=one.older, newer=one.newer, reason=one.reason, certain=one.certain, at=one.at
            )
            for one in work.versions
        ],
        pages_today=work.pace.today,
        pages_last_hour=work.pace.last_hour,
        hours=[HourJson(at=at, pages=pages) for at, pages in work.pace.hours],
        parts=dict(work.parts),
    )


def scan_json(scan: ScanProgress) -> ScanJson:
    trouble = scan.trouble
    return ScanJson(
        batch=scan.batch,
        name=scan.name,
        office=scan.office,
        operator=scan.operator,
        status=str(scan.state),
        pages=scan.pages,
        done=scan.done,
        received_at=scan.received_at,
        ended_at=scan.ended_at,
        error=TroubleJson(code=trouble.code, en=trouble.en, hi=trouble.hi, at=trouble.at, again_at=trouble.again_at)
        if trouble
        else None,
        can_be_retried=scan.can_be_retried,
        sheets=[
            SheetJson(
                page=sheet.page,
                read_at=sheet.read_at,
                document=sheet.document,
                number=sheet.number,
                thumb=f"/api/v1/batches/{scan.batch}/pages/{sheet.page}/thumb",
            )
            for sheet in scan.sheets
        ],
        documents=list(scan.documents),
    )
