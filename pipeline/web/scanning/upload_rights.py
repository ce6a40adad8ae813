"""What the pages and the protocol of uploads may ask: `scanning.receiving` answers. No behaviour beyond who may what."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Annotated, Protocol, cast

from fastapi import Depends, Request

from pipeline.errors import NotAllowedError, NotFoundError
from pipeline.ingest.uploads import Upload, UploadProgress, Writing
from pipeline.model.accounts import Person
from pipeline.model.batch import Batch
from pipeline.model.roles import Right
from pipeline.scanning.receiving import UploadChoice


class Bytes(Protocol):
    """Uploads on the disk: see `ingest.uploads.Uploads`."""

    def standing(self, ident: str) -> UploadProgress: ...

    def writing(self, ident: str, offset: int, *, sha256: bytes | None = None) -> AbstractContextManager[Writing]: ...

    def seal(self, ident: str) -> Upload: ...

    def remove(self, ident: str) -> None: ...


class UploadApi(Protocol):
    """Takes uploads in: see `pipeline.scanning.receiving.UploadService`."""

    @property
    def uploads(self) -> Bytes: ...

    def begin(self, upload: Upload) -> Upload: ...

    def offices(self) -> Sequence[UploadChoice]: ...

    def profiles(self) -> Sequence[UploadChoice]: ...

    def of(self, by: str) -> list[UploadProgress]: ...

    def batch(self, ident: str) -> Batch: ...

    def hindrance(self, ident: str) -> str: ...

    def start(self) -> None: ...


def of(request: Request) -> UploadApi:
    return cast(UploadApi, request.app.state.services.receiving)


TheReceiving = Annotated[UploadApi, Depends(of)]


def offices_for(receiving: UploadApi, person: Person) -> list[UploadChoice]:
    """The offices that somebody may scan for."""
    held = person.offices(Right.SCAN)
    known = {one.code: one for one in receiving.offices()}
    if held is None:
        return list(known.values())
    return [known.get(code, UploadChoice(code, "", "")) for code in sorted(held)]


def office_of(receiving: UploadApi, person: Person, asked: str) -> dict[str, str]:
    """Resolve the upload's office, as metadata; required if the person has several. Raises `NotAllowedError`."""
    held = person.offices(Right.SCAN)
    if not asked and held is not None and len(held) == 1:
        asked = next(iter(held))
    if not asked and held is None:
        return {}  # the installation's own
    if not asked or not person.may(Right.SCAN, asked):
        raise NotAllowedError(right=f"{Right.SCAN.value}: {asked or '?'}")
    return {"office": asked}


def own(receiving: UploadApi, person: Person, ident: str) -> UploadProgress:
    """An upload of this person. Raises `NotFoundError`, also for somebody else's."""
    standing = receiving.uploads.standing(ident)
    if standing.upload.by != person.name:
        raise NotFoundError(what="upload", name=ident)
    return standing
