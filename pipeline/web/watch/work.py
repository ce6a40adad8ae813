"""The operator's page: what arrives, what is in work, what went wrong, what is done; and trying again.

That it changes by itself is the matter of `events` and of `static/watch.js`; without a script the page loads itself again.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from pipeline.people.model import Person, Right
from pipeline.web import downloads, gate
from pipeline.web.charts import bars
from pipeline.web.gate import Scanner
from pipeline.web.language import N_
from pipeline.web.library import PageNumber
from pipeline.web.permissions import ThePageOffices, require_page
from pipeline.web.rendering import render
from pipeline.web.watch.desk import Desk, TheDesk
from pipeline.web.watch.receiving import TheReceiving
from pipeline.web.watch.sending import Panel, panel

router = APIRouter(include_in_schema=False)

MOST_SENT = 5
PARTS = {
    "store": N_("Object store"),
    "database": N_("Database"),
    "watcher": N_("Inbox watcher"),
    "workers": N_("Workers"),
    "web": N_("Search page"),
}


@router.get("/watch")
def watch_page(request: Request, desk: TheDesk, receiving: TheReceiving, person: Scanner) -> Response:
    """The whole page, with the form that sends scans."""
    return _shown(request, desk, person, "watch/watch.html", panel(receiving, person, MOST_SENT))


@router.get("/watch/now")
def watch_now(request: Request, desk: TheDesk, person: Scanner) -> Response:
    """The part of the page that changes, for the script to put in."""
    return _shown(request, desk, person, "watch/now.html")


def _shown(request: Request, desk: Desk, person: Person, template: str, sending: Panel | None = None) -> Response:
    work = desk.work(person.offices(Right.SCAN))
    hours = [(f"{at.astimezone():%H}", count) for at, count in work.pace.hours]
    ill = {name: state for name, state in work.parts.items() if state != "ok"}
    return render(request, template, work=work, hours=bars(hours), ill=ill, part_names=PARTS, panel=sending)


@router.get("/watch/batches/{batch}/pages/{page}/thumb")
def thumb(
    request: Request, batch: str, page: PageNumber, desk: TheDesk, offices_of: ThePageOffices, person: Scanner
) -> Response:
    """A page made small."""
    require_page(person, Right.SCAN, offices_of, batch, page)
    mark = f"thumb {batch} {page} {desk.version(batch, page)}"
    return downloads.kept(request, mark, lambda: Response(desk.thumb(batch, page), media_type="image/jpeg"))


@router.post("/watch/batches/{batch}/retry")
def retry(batch: str, desk: TheDesk, person: Scanner) -> Response:
    """Try a batch again that failed or was rejected, and return to the page."""
    _require(person, desk, batch)
    desk.retry(batch)
    return RedirectResponse("/watch", status_code=303)


def _require(person: Person, desk: Desk, batch: str) -> None:
    gate.require(person, Right.SCAN, desk.office_of(batch), what="batch", name=batch)
