"""What is to be uploaded: metadata of the tus protocol or fields of a form, checked against the person's rights."""

from __future__ import annotations

import base64
import binascii

from pipeline.errors import NotFoundError, RequestError
from pipeline.ingest.uploads import Upload
from pipeline.model.accounts import Person
from pipeline.model.roles import Right
from pipeline.web.scanning.upload_rights import UploadApi, office_of
from pipeline.web.search.params import clean
from pipeline.web.security.page_permissions import OfficesOf, require_page

_LONGEST_REASON = 200
_MOST_DIGITS = 15  # of a page's number


def metadata_of(header: str) -> dict[str, str]:
    """The pairs of `Upload-Metadata`: a key, a blank, and the value as base64. Raises `RequestError`."""
    found: dict[str, str] = {}
    for pair in header.split(",") if header.strip() else ():
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise RequestError(cause=f"Upload-Metadata: {key[:40]} is no base64 of UTF-8.") from error
    return found


def requested_upload(
    receiving: UploadApi, offices_of: OfficesOf, person: Person, fields: dict[str, str], size: int | None
) -> Upload:
    """The upload that the fields of a form, or the pairs of `Upload-Metadata`, ask for.

    Raises `NotAllowedError` for an office that is not theirs, `NotFoundError` for a page to replace that is not there or not
    theirs to replace.
    """
    number = clean(fields.get("file_no", ""))
    if fields.get("replaces"):
        place, metadata = _replaced_page(offices_of, person, fields)
    else:
        place, metadata = None, office_of(receiving, person, clean(fields.get("office", "")))
    profiles = {one.code for one in receiving.profiles()}
    return Upload(
        id="",
        name=fields.get("filename", ""),
        by=person.name,
        bytes=size,
        made_at="",
        metadata=metadata | ({"file_no": number} if number and place is None else {}),
        profile=fields["profile"] if fields.get("profile") in profiles else "generic",
        sha256=fields["sha256"].lower() if fields.get("sha256") else None,
        token=clean(fields.get("token", "")),
        replaces=place,
    )


def _replaced_page(
    offices_of: OfficesOf, person: Person, fields: dict[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The page that is to be replaced, written `BATCH/PAGE`, and its office. Raises `NotFoundError`."""
    batch, _, page = clean(fields["replaces"]).rpartition("/")
    if not (page.isascii() and page.isdecimal()) or len(page) > _MOST_DIGITS:
        raise NotFoundError(what="page", name=fields["replaces"][:100])
    office = require_page(person, Right.SCAN, offices_of, batch, int(page)).office(int(page))
    reason = clean(fields.get("reason", ""))[:_LONGEST_REASON]
    place = {"batch": batch, "page": str(int(page)), "reason": reason}
    return place, {"office": office} if office else {}
