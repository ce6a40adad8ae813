"""The system status, as a page that renews itself. HTML in `templates/scanning`."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from pipeline.errors.paths import without_paths_in
from pipeline.locale import N_
from pipeline.web.audited import not_audited
from pipeline.web.rendering import render
from pipeline.web.security.permissions import Caretaker
from pipeline.web.services import TheServices

router = APIRouter(include_in_schema=False)

REFRESH_SECONDS = 5
COUNTS = {
    "inbox": N_("In the inbox"),
    "working": N_("In work"),
    "failed": N_("Failed, will be tried again"),
    "rejected": N_("Rejected, a person must act"),
    "review": N_("Waiting for review"),
    "timed_out": N_("With a page that took too long"),
    "documents": N_("Documents"),
    "pages": N_("Pages"),
    "blank_pages": N_("Blank pages"),
    "files": N_("File numbers"),
}
PARTS = {
    "store": N_("Object store"),
    "database": N_("Database"),
    "index": N_("Search index"),
    "watcher": N_("Inbox watcher"),
    "workers": N_("Processing"),
    "ocr": N_("Text recognition"),
    "web": N_("Search page"),
}


@router.get("/status")
@not_audited("services and counts; no record")
def status_page(request: Request, person: Caretaker, services: TheServices) -> Response:
    """Services and counts of every office."""
    status = without_paths_in(services.status())
    parts = status.get("parts")
    return render(
        request,
        "scanning/status.html",
        status=status,
        counts=COUNTS,
        parts=parts if isinstance(parts, dict) else {},
        part_names=PARTS,
        refresh=REFRESH_SECONDS,
    )
