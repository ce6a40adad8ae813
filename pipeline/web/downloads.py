"""Stored objects on their way out: content types, file names, streaming.

Which object a visitor may have is decided by the routes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import chain
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from starlette.responses import StreamingResponse

from pipeline.web.library import Library

PDF = "application/pdf"
IMAGE_TYPES = {".jpg": "image/jpeg", ".webp": "image/webp", ".png": "image/png"}
IMAGES = tuple(IMAGE_TYPES.values())
LONGEST_NAME = 120
_FORBIDDEN = '/\\:*?"<>|;%'  # signs that Windows, a path or a header cannot carry


def promised(*types: str) -> dict[int | str, dict[str, Any]]:
    """What the description of the API says of an answer that is no JSON."""
    return {200: {"description": "The file.", "content": {one: {} for one in types}}}


def image(library: Library, key: str) -> StreamingResponse:
    """A page image, to be looked at. The browser may keep it for an hour: under one key hardly anything changes."""
    media_type = IMAGE_TYPES.get(PurePosixPath(key).suffix, "application/octet-stream")
    return _stream(library, key, media_type, {"Cache-Control": "private, max-age=3600"})


def attachment(library: Library, key: str, media_type: str, name: str, size: int | None = None) -> StreamingResponse:
    """An object to be saved as `name`; with its `size` the browser notices when the transfer breaks off."""
    headers = {"Content-Disposition": disposition(name), "Cache-Control": "no-store"}
    return _stream(library, key, media_type, headers | ({"Content-Length": str(size)} if size is not None else {}))


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


def _stream(library: Library, key: str, media_type: str, headers: dict[str, str]) -> StreamingResponse:
    """Fetch the first piece at once, so that a missing object becomes an error page and not a torn transfer."""
    pieces: Iterator[bytes] = iter(library.image(key))
    first = next(pieces, b"")
    return StreamingResponse(chain([first], pieces), media_type=media_type, headers=headers)
