"""The page that sends scans: a form that works without a script, and better with one (`static/upload.js`, `tus`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from pipeline.ingest.uploads import Upload
from pipeline.model.accounts import Person
from pipeline.model.audit import Action
from pipeline.model.roles import Right
from pipeline.scanning.receiving import UploadChoice
from pipeline.web.audited import add_details, audited, not_audited
from pipeline.web.rendering import render
from pipeline.web.scanning.tus import LONGEST_NAME, UploadJson, upload_json
from pipeline.web.scanning.upload_form import take_apart
from pipeline.web.scanning.upload_request import requested_upload
from pipeline.web.scanning.upload_rights import TheReceiving, UploadApi, offices_for
from pipeline.web.security.page_permissions import ThePageOffices
from pipeline.web.security.permissions import Scanner

router = APIRouter(include_in_schema=False)

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Panel:
    """What the form and the list below it show; `is_everywhere` where somebody scans for every office."""

    sent: list[UploadJson]
    offices: list[UploadChoice]
    is_everywhere: bool
    profiles: Sequence[UploadChoice]


def panel(receiving: UploadApi, person: Person, most: int = MOST_SHOWN) -> Panel:
    """For the page of its own, and for the operator's."""
    return Panel(
        sent=[upload_json(standing, receiving) for standing in receiving.of(person.name)[:most]],
        offices=offices_for(receiving, person),
        is_everywhere=person.offices(Right.SCAN) is None,
        profiles=receiving.profiles(),
    )


@router.get("/scanning/upload")
@not_audited("a form and the visitor's own uploads")
def upload_page(request: Request, receiving: TheReceiving, person: Scanner) -> Response:
    """The form, and what became of the last files."""
    return render(request, "scanning/upload.html", panel=panel(receiving, person))


@router.post("/scanning/upload")
@audited(Action.UPLOAD)
async def upload(request: Request, receiving: TheReceiving, offices_of: ThePageOffices, person: Scanner) -> Response:
    """Files of a form, straight to the disk."""

    def begin(fields: dict[str, str], name: str) -> Upload:
        return receiving.begin(requested_upload(receiving, offices_of, person, {**fields, "filename": name}, None))

    form = await take_apart(request, receiving, begin)
    receiving.start()
    add_details(request, files=[upload.name[:LONGEST_NAME] for upload in form.uploads])
    if form.uploads and form.fields.get("replaces"):
        batch, _, page = form.fields["replaces"].rpartition("/")
        return RedirectResponse(
            f"/scanning/batches/{quote(batch, safe='')}/pages/{quote(page, safe='')}", status_code=303
        )
    return RedirectResponse("/scanning/upload", status_code=303)
