"""The files that pages load: styles, scripts, fonts, icons; under an address that changes whenever one of them does.

`/static/<fingerprint>/abhilekh.css` may be kept for ever; what a file names by a relative address (fonts, modules) stands
under the same fingerprint. Without a fingerprint, or with an old one, the browser asks whether the file is still the same.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
_DIGITS = 12


@cache
def fingerprint() -> str:
    """A name for the files as they are now: hex digits of the hash over all of them."""
    every = hashlib.sha256()
    for path in sorted(path for path in STATIC.rglob("*") if path.is_file()):
        every.update(path.relative_to(STATIC).as_posix().encode() + b"\0" + path.read_bytes())
    return every.hexdigest()[:_DIGITS]


def address(name: str) -> str:
    """The address of a file, by its path inside `static`."""
    return f"/static/{fingerprint()}/{name}"


class Assets(StaticFiles):
    """The folder `static`, also under a fingerprint."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    def get_path(self, scope: Scope) -> str:
        first, slash, rest = super().get_path(scope).partition(os.sep)
        is_fingerprint = slash and len(first) == _DIGITS and not (STATIC / first).exists()
        return rest if is_fingerprint else first + slash + rest

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        current = super().get_path(scope).startswith(fingerprint() + os.sep)
        answer.headers["Cache-Control"] = FOREVER if current else ASK_AGAIN
        return answer
