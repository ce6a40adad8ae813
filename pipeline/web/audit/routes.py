"""The auditor's page and its CSV. HTML in `templates/audit`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from pipeline.db.audit import AuditFilter, AuditLog
from pipeline.locale import N_, translations
from pipeline.model.audit import Action, AuditEvent
from pipeline.web import downloads, language
from pipeline.web.accounts.services import TheAuditLog
from pipeline.web.audit import wording
from pipeline.web.audited import audited
from pipeline.web.rendering import NO_STORE, render
from pipeline.web.search.params import clean, to_day
from pipeline.web.security.permissions import Auditor

router = APIRouter(include_in_schema=False)

PAGE_SIZE = 100
LAST_OFFSET = 10_000_000
ACTIONS = {
    Action.LOGIN: N_("signed in"),
    Action.LOGIN_FAILED: N_("could not sign in"),
    Action.LOGOUT: N_("signed out"),
    Action.PASSWORD: N_("set a password"),
    Action.SEARCH: N_("searched"),
    Action.VIEW: N_("viewed"),
    Action.DOWNLOAD: N_("downloaded"),
    Action.EXPORT: N_("exported"),
    Action.REVIEW: N_("reviewed"),
    Action.CORRECT: N_("corrected"),
    Action.UPLOAD: N_("uploaded"),
    Action.REPLACE: N_("replaced"),
    Action.REGISTER: N_("changed the register"),
    Action.PEOPLE: N_("changed users"),
    Action.CODE: N_("changed the code at sign-in"),
    Action.REFUSED: N_("was refused"),
    Action.OTHER: N_("did something else"),
}
WORDS = {  # the details of events, by their recorded names
    "address": N_("from the address"),
    "among": N_("among them"),
    "by": N_("by"),
    "count": N_("how often"),
    "did": N_("did"),
    "from": N_("From"),
    "kind": N_("Kind"),
    "name": N_("Name"),
    "office": N_("Office"),
    "offset": N_("from hit"),
    "outside": N_("at the identity provider"),
    "q": N_("searched words"),
    "role": N_("Role"),
    "second": N_("second step"),
    "since": N_("from"),
    "sort": N_("sorted by"),
    "status": N_("not carried out"),
    "to": N_("To"),
    "until": N_("until"),
    "why": N_("why"),
    "list": N_("list"),
    "files": N_("files"),
    "page": N_("page"),
    "field": N_("field"),
    "text": N_("searched words"),
    "file_no": N_("File number"),
    "subject": N_("identity"),
    "person": N_("User"),
    "state": N_("State"),
    "who": N_("User"),
    "action": N_("Action"),
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would calculate

Text = Annotated[str, Query(max_length=200)]


@router.get("/audit")
@audited(Action.VIEW)
def audit_page(
    request: Request,
    person: Auditor,
    audit_log: TheAuditLog,
    who: Text = "",
    action: Text = "",
    since: Text = "",
    until: Text = "",
    text: Text = "",
    offset: Annotated[int, Query(ge=0, le=LAST_OFFSET)] = 0,
) -> Response:
    """List audit events, the newest first, filtered by person, action, days and words."""
    total, found = audit_log.page(wanted(who, action, since, until, text), offset, PAGE_SIZE)
    _ = translations(language.chosen(request)).gettext
    wrong = _("“%(text)s” is not a date. Write it like 07-11-2004, or only the year.")
    return render(
        request,
        "audit/audit.html",
        events=found,
        total=total,
        offset=offset,
        size=PAGE_SIZE,
        actions=ACTIONS,
        words=WORDS,
        wording=wording,
        problems={
            name: wrong % {"text": written}
            for name, written in (("since", since), ("until", until))
            if written.strip() and _day(written, end=name == "until") is None
        },
        people=[name for name in audit_log.people() if name],
        asked={"who": who, "action": action, "since": since, "until": until, "text": text},
    )


@router.get("/audit.csv")
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


def events_csv(audit_log: AuditLog, asked: AuditFilter) -> Response:
    """The events asked for, as they are read from the audit log."""
    headers = {"Content-Disposition": downloads.disposition("abhilekh-audit.csv")} | NO_STORE
    return StreamingResponse(_lines(audit_log, asked), media_type="text/csv; charset=utf-8", headers=headers)


def wanted(who: str, action: str, since: str, until: str, text: str) -> AuditFilter:
    return AuditFilter(
        who,
        Action(action) if action in set(Action) else None,
        _day(since, end=False),
        _day(until, end=True),
        text.strip(),
    )


def _day(written: str, *, end: bool) -> date | None:
    try:
        return to_day(clean(written), end=end)
    except ValueError:
        return None


def _lines(audit_log: AuditLog, wanted: AuditFilter) -> Iterator[str]:
    yield "\ufeff" + _line(["number", "at", "person", "action", "what", "told", "before", "hash"])
    offset = 0
    while found := audit_log.page(wanted, offset, PAGE_SIZE * 10)[1]:
        offset += len(found)
        yield from (_line(_cells(event)) for event in found)


def _cells(event: AuditEvent) -> list[str]:
    details = json.dumps(dict(event.details), ensure_ascii=False) if event.details else ""
    return [
        str(event.number),
        event.at.isoformat(),
        event.person,
        str(event.action),
        event.what,
        details,
        event.before,
        event.hash,
    ]


def _line(cells: list[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return written.getvalue()
