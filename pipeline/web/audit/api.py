"""The audit log as JSON, so that it can be kept and checked elsewhere."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from pipeline.model.audit import Action
from pipeline.web import downloads
from pipeline.web.accounts.services import TheAuditLog
from pipeline.web.audit.routes import LAST_OFFSET, Text, events_csv, wanted
from pipeline.web.audited import audited
from pipeline.web.rendering import NO_STORE
from pipeline.web.security.permissions import Auditor

router = APIRouter(prefix="/api/v1", tags=["audit"])


class AuditEventJson(BaseModel):
    """`hash` is over all the rest, `before` among it: the hash of the entry before."""

    number: int
    at: str
    person: str
    action: str
    what: str
    details: dict[str, Any] = Field(alias="told")
    before: str
    hash: str


class AuditEventsJson(BaseModel):
    total: int
    events: list[AuditEventJson] = Field(serialization_alias="deeds")


@router.get("/audit")
@audited(Action.VIEW)
def audit(
    person: Auditor,
    audit_log: TheAuditLog,
    response: Response,
    who: Text = "",
    action: Text = "",
    since: Text = "",
    until: Text = "",
    text: Text = "",
    offset: Annotated[int, Query(ge=0, le=LAST_OFFSET)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> AuditEventsJson:
    """List audit events, the newest first, filtered by person, action, days (2026-01-31) and words."""
    response.headers.update(NO_STORE)
    total, found = audit_log.page(wanted(who, action, since, until, text), offset, limit)
    return AuditEventsJson(total=total, events=[AuditEventJson(**event.as_json()) for event in found])


@router.get("/audit.csv", response_class=Response, responses=downloads.promised("text/csv"))
@audited(Action.EXPORT)
def audit_csv(
    person: Auditor,
    audit_log: TheAuditLog,
    who: Text = "",
    action: Text = "",
    since: Text = "",
    until: Text = "",
    text: Text = "",
) -> Response:
    """The same as CSV, all events."""
    return events_csv(audit_log, wanted(who, action, since, until, text))
