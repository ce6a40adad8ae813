"""Uploads that can be taken up again where they broke off: the tus protocol 1.0.0, with creation, checksum and termination
(https://tus.io/protocols/resumable-upload).

`POST` begins an upload and answers with its address, `PATCH` adds bytes at an offset, `HEAD` returns how far it has come,
`DELETE` forgets it. `GET`, which the protocol leaves free, returns what became of it.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractContextManager, asynccontextmanager
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from pipeline.errors import AbhilekhError, RequestError
from pipeline.errors.paths import without_paths
from pipeline.ingest.uploads import UploadProgress, Writing
from pipeline.model.audit import Action
from pipeline.web import error_pages
from pipeline.web.audited import Recording, add_details, audited, not_audited
from pipeline.web.rendering import NO_STORE
from pipeline.web.scanning.upload_request import metadata_of, requested_upload
from pipeline.web.scanning.upload_rights import TheReceiving, UploadApi, own
from pipeline.web.security.page_permissions import ThePageOffices
from pipeline.web.security.permissions import Scanner

_MOST_DIGITS = 15  # of a number of bytes: more is in no file
LONGEST_NAME = 200  # of a file, as the audit log keeps it
VERSION = "1.0.0"
EXTENSIONS = "creation,checksum,termination"
BYTES = "application/offset+octet-stream"
PIECE_BYTES = 1 << 20  # written at once
WRONG_VERSION, WRONG_TYPE = 412, 415
_OF_THE_PROTOCOL = frozenset({"POST", "HEAD", "PATCH", "DELETE"})


class TusRoute(APIRoute):
    """Requires the protocol's version, and names it in every answer, errors included."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def respond(request: Request) -> Response:
            version = request.headers.get("tus-resumable")
            if request.method in _OF_THE_PROTOCOL and version != VERSION:
                answer = error_pages.respond(request, RequestError(cause=f"Tus-Resumable is {VERSION}."), WRONG_VERSION)
                answer.headers["Tus-Version"] = VERSION
            else:
                try:
                    answer = await handle(request)
                except AbhilekhError as error:
                    answer = error_pages.respond(request, error)
            answer.headers["Tus-Resumable"] = VERSION
            return answer

        return respond


router = APIRouter(prefix="/api/v1/uploads", tags=["uploads"], route_class=TusRoute)


class ErrorJson(BaseModel):
    """Why a file was rejected, and what to do, in both languages."""

    code: str
    en: str
    hi: str


class UploadJson(BaseModel):
    """An upload: `status` is uploading, checking, received, duplicate or rejected. `batch` is the one that the file became,
    or was already. `hindrance` says what delays it."""

    id: str
    name: str
    bytes: int | None
    offset: int
    status: str
    made_at: datetime
    office: str | None
    file_no: str | None
    token: str
    batch: str | None
    error: ErrorJson | None
    hindrance: str


def upload_json(standing: UploadProgress, receiving: UploadApi) -> UploadJson:
    upload, result = standing.upload, standing.result
    why = (
        ErrorJson(code=result["code"], en=without_paths(result["en"]), hi=without_paths(result["hi"]))
        if result and "code" in result
        else None
    )
    return UploadJson(
        id=upload.id,
        name=upload.name,
        bytes=upload.bytes,
        offset=standing.offset,
        status=(result and result["outcome"]) or ("checking" if standing.is_whole else "uploading"),
        made_at=datetime.fromisoformat(upload.made_at),
        office=upload.metadata.get("office"),
        file_no=upload.metadata.get("file_no"),
        token=upload.token,
        batch=(result and result["batch"]) or None,
        error=why,
        hindrance=without_paths(receiving.hindrance(upload.id)),
    )


@router.options("", status_code=204)
@audited(Action.VIEW, Recording.COUNTED)
def abilities(person: Scanner) -> Response:
    """Which version and extensions of the protocol are spoken here."""
    headers = {"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Checksum-Algorithm": "sha256"}
    return Response(status_code=204, headers=headers)


@router.get("")
@audited(Action.VIEW, Recording.COUNTED)
def mine(receiving: TheReceiving, person: Scanner) -> list[UploadJson]:
    """The asker's own uploads, the newest first: those under way, and what became of the last ones."""
    return [upload_json(standing, receiving) for standing in receiving.of(person.name)]


@router.get("/{ident}")
@not_audited("the visitor's own upload")
def upload_progress(ident: str, receiving: TheReceiving, person: Scanner) -> UploadJson:
    """How far an upload has come, and what became of it."""
    return upload_json(own(receiving, person, ident), receiving)


@router.post("", status_code=201)
@audited(Action.UPLOAD, Recording.AFTERWARDS)
def create(
    request: Request,
    receiving: TheReceiving,
    offices_of: ThePageOffices,
    person: Scanner,
    upload_length: Annotated[str, Header()] = "",
    upload_metadata: Annotated[str, Header()] = "",
) -> Response:
    """Begin an upload of `Upload-Length` bytes.

    `Upload-Metadata` may hold filename, office, file_no, profile, sha256, token; and of a scan that is to stand for a page
    `replaces` (BATCH/PAGE) and `reason`.
    """
    size = _number("Upload-Length", upload_length)
    upload = receiving.begin(requested_upload(receiving, offices_of, person, metadata_of(upload_metadata), size))
    add_details(request, file=upload.name[:LONGEST_NAME], upload=upload.id)
    if size == 0:
        receiving.start()
    return Response(status_code=201, headers={"Location": f"/api/v1/uploads/{upload.id}"})


@router.head("/{ident}")
@not_audited("the visitor's own upload")
def offset(ident: str, receiving: TheReceiving, person: Scanner) -> Response:
    """How many bytes have come."""
    standing = own(receiving, person, ident)
    length = {"Upload-Length": str(standing.upload.bytes)} if standing.upload.bytes is not None else {}
    return Response(status_code=200, headers=length | {"Upload-Offset": str(standing.offset)} | NO_STORE)


@router.patch("/{ident}", status_code=204)
@audited(Action.UPLOAD, Recording.FAILED)
async def append(
    ident: str,
    request: Request,
    receiving: TheReceiving,
    person: Scanner,
    content_type: Annotated[str, Header()] = "",
    upload_offset: Annotated[str, Header()] = "",
    upload_checksum: Annotated[str, Header()] = "",
) -> Response:
    """Add the body's bytes at `Upload-Offset`. What has come counts, even where the connection breaks off; with
    `Upload-Checksum` the piece counts whole or not at all."""
    if content_type != BYTES:
        return error_pages.respond(request, RequestError(cause=f"Content-Type is {BYTES}."), WRONG_TYPE)
    at, sha256 = _number("Upload-Offset", upload_offset), _checksum(upload_checksum)
    await asyncio.to_thread(own, receiving, person, ident)
    await receive(receiving, ident, at, request.stream(), sha256)
    standing = await asyncio.to_thread(receiving.uploads.standing, ident)
    if standing.is_whole:
        receiving.start()
    return Response(status_code=204, headers={"Upload-Offset": str(standing.offset)})


@router.delete("/{ident}", status_code=204)
@audited(Action.UPLOAD, Recording.AFTERWARDS)
def forget(ident: str, receiving: TheReceiving, person: Scanner) -> Response:
    """Cancel an upload that is not whole yet, or forget the outcome of one that is."""
    standing = own(receiving, person, ident)
    if standing.is_whole and standing.result is None:
        raise RequestError(cause="The file is being taken in.")
    receiving.uploads.remove(ident)
    return Response(status_code=204)


async def receive(
    receiving: UploadApi, ident: str, offset: int, body: AsyncIterator[bytes], sha256: bytes | None = None
) -> None:
    """Write a body to an upload as it comes; never more than a piece of it is in memory. A broken connection is no error:
    what came before it counts."""
    async with in_a_thread(receiving.uploads.writing(ident, offset, sha256=sha256)) as writing:
        waiting = bytearray()
        try:
            async for data in body:
                waiting += data
                if len(waiting) >= PIECE_BYTES:
                    await asyncio.to_thread(writing.write, bytes(waiting))
                    waiting.clear()
        except ClientDisconnect:
            pass
        if waiting:
            await asyncio.to_thread(writing.write, bytes(waiting))


@asynccontextmanager
async def in_a_thread(block: AbstractContextManager[Writing]) -> AsyncIterator[Writing]:
    """A block that waits for the disk, entered and left without holding others up."""
    value = await asyncio.to_thread(block.__enter__)
    try:
        yield value
    except BaseException as error:
        await asyncio.to_thread(block.__exit__, type(error), error, error.__traceback__)
        raise
    else:
        await asyncio.to_thread(block.__exit__, None, None, None)


def _number(header: str, value: str) -> int:
    if not (value.isascii() and value.isdecimal()) or len(value) > _MOST_DIGITS:
        raise RequestError(cause=f"{header} is missing or no number.")
    return int(value)


def _checksum(header: str) -> bytes | None:
    if not header:
        return None
    algorithm, _, value = header.partition(" ")
    if algorithm != "sha256":
        raise RequestError(cause="Upload-Checksum is made with sha256.")
    try:
        return base64.b64decode(value.strip(), validate=True)
    except binascii.Error as error:
        raise RequestError(cause="Upload-Checksum is no base64.") from error
