"""The operator's page: what arrives, what is in work, what went wrong, what is done; and trying again.

`events` and `static/scanning.js` renew the page; without a script it loads itself again.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from pipeline.locale import N_
from pipeline.model.accounts import Person
from pipeline.model.audit import Action
from pipeline.model.roles import Right
from pipeline.web import downloads
from pipeline.web.audited import Recording, audited, not_audited
from pipeline.web.charts import bars
from pipeline.web.rendering import render
from pipeline.web.scanning.service import DashboardApi, TheDashboard
from pipeline.web.scanning.upload_page import Panel, panel
from pipeline.web.scanning.upload_rights import TheReceiving
from pipeline.web.security import permissions
from pipeline.web.security.page_permissions import ThePageOffices, require_page
from pipeline.web.security.permissions import Scanner
from pipeline.web.services import PageNumber

router = APIRouter(include_in_schema=False)

MOST_SENT = 5
PARTS = {
    "store": N_("Object store"),
    "database": N_("Database"),
    "watcher": N_("Inbox watcher"),
    "workers": N_("Processing"),
    "web": N_("Search page"),
}


@router.get("/scanning")
@audited(Action.VIEW, Recording.COUNTED)
def watch_page(request: Request, dashboard: TheDashboard, receiving: TheReceiving, person: Scanner) -> Response:
    """The whole page, with the form that sends scans."""
    return _shown(request, dashboard, person, "scanning/dashboard.html", panel(receiving, person, MOST_SENT))


@router.get("/scanning/now")
@not_audited("fetched every few seconds by the page, whose views are counted")
def watch_now(request: Request, dashboard: TheDashboard, person: Scanner) -> Response:
    """The part of the page that changes, for the script to put in."""
    return _shown(request, dashboard, person, "scanning/now.html")


def _shown(
    request: Request, dashboard: DashboardApi, person: Person, template: str, sending: Panel | None = None
) -> Response:
    work = dashboard.work(person.offices(Right.SCAN))
    hours = [(f"{at.astimezone():%H}", count) for at, count in work.pace.hours]
    ill = {name: state for name, state in work.parts.items() if state != "ok"}
    return render(request, template, work=work, hours=bars(hours), ill=ill, part_names=PARTS, panel=sending)


@router.get("/scanning/batches/{batch}/pages/{page}/thumb")
@not_audited("too small to be read")
def thumb(
    request: Request, batch: str, page: PageNumber, dashboard: TheDashboard, offices_of: ThePageOffices, person: Scanner
) -> Response:
    """A page made small."""
    require_page(person, Right.SCAN, offices_of, batch, page)
    mark = f"thumb {batch} {page} {dashboard.version(batch, page)}"
    return downloads.kept(request, mark, lambda: Response(dashboard.thumb(batch, page), media_type="image/jpeg"))


@router.post("/scanning/batches/{batch}/retry")
@audited(Action.UPLOAD)
def retry(batch: str, dashboard: TheDashboard, person: Scanner) -> Response:
    """Try a batch again that failed or was rejected, and return to the page."""
    _require(person, dashboard, batch)
    dashboard.retry(batch)
    return RedirectResponse("/scanning", status_code=303)


def _require(person: Person, dashboard: DashboardApi, batch: str) -> None:
    permissions.require(person, Right.SCAN, dashboard.office_of(batch), what="batch", name=batch)
