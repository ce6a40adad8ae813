"""Stored objects on their way out: content types, file names, streaming.

Which object a visitor may have is decided by the routes.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from pipeline.web.services import SearchServices

PDF = "application/pdf"
IMAGE_TYPES = {".jpg": "image/jpeg", ".webp": "image/webp", ".png": "image/png"}
IMAGES = tuple(IMAGE_TYPES.values())
LONGEST_NAME = 120
# A browser may keep a picture, and asks each time whether it still may show it: the right to a page may have ended since, or
# somebody else may sit before the same browser.
KEEP = {"Cache-Control": "private, no-cache"}
NOT_MODIFIED = 304
_FORBIDDEN = '/\\:*?"<>|;%'  # signs that Windows, a path or a header cannot carry


def promised(*types: str) -> dict[int | str, dict[str, Any]]:
    """What the description of the API says of an answer that is no JSON."""
    return {200: {"description": "The file.", "content": {one: {} for one in types}}}


def image(request: Request, services: SearchServices, key: str, version: int | str = 0) -> Response:
    """A page image, to be looked at; `version` changes when another one lies under the same key."""
    media_type = IMAGE_TYPES.get(PurePosixPath(key).suffix, "application/octet-stream")
    return kept(request, f"{key} {version}", lambda: _stream(services, key, media_type, {}))


def kept(request: Request, mark: str, make: Callable[[], Response]) -> Response:
    """An answer that the browser may keep, known by its mark. It is made only where the browser has no such one; whether it
    may be had at all is for the caller to decide before."""
    etag = f'"{hashlib.sha256(mark.encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    answer = Response(status_code=NOT_MODIFIED) if etag in known else make()
    answer.headers.update(KEEP | {"ETag": etag})
    return answer


def attachment(
    services: SearchServices, key: str, media_type: str, name: str, size: int | None = None
) -> StreamingResponse:
    """An object to be saved as `name`; with its `size` the browser notices when the transfer breaks off."""
    headers = {"Content-Disposition": disposition(name), "Cache-Control": "no-store"}
    return _stream(services, key, media_type, headers | ({"Content-Length": str(size)} if size is not None else {}))


def disposition(name: str) -> str:
    """`Content-Disposition` for any name: plain letters for old programs, UTF-8 by RFC 5987 for all others."""
    safe = safe_name(name)
    plain = "".join(char for char in safe if char.isascii()).strip(" .-_") or "document"
    if PurePosixPath(safe).suffix == f".{plain}":  # nothing but the ending was plain
        plain = f"document.{plain}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"


def safe_name(name: str) -> str:
    """A file name any system takes. Joiners stay, since Devanagari needs them; other unprintable signs go."""
    kept = "".join(
        "-" if char in _FORBIDDEN else char
        for char in unicodedata.normalize("NFC", name)
        if char in "\u200c\u200d" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    ).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    if not dot:
        return kept[:LONGEST_NAME] or "document"
    return f"{stem[:LONGEST_NAME]}.{ending}"


def _stream(services: SearchServices, key: str, media_type: str, headers: dict[str, str]) -> StreamingResponse:
    """Fetch the first piece at once, so that a missing object becomes an error page and not a torn transfer."""
    pieces: Iterator[bytes] = iter(services.image(key))
    first = next(pieces, b"")
    return StreamingResponse(chain([first], pieces), media_type=media_type, headers=headers)
