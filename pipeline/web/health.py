"""Addresses that belong to no part of the application: the language switch, and the sign that it is alive."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from pipeline.locale import LANGUAGES
from pipeline.web import error_pages, language
from pipeline.web.audited import not_audited

router = APIRouter(include_in_schema=False)

A_YEAR = 365 * 24 * 3600
_OWN_PATH = re.compile(r"/(?![/\\])\S*")


@router.get("/language/{wanted}")
@not_audited("no record")
def pick_language(request: Request, wanted: str, back: str = "/") -> Response:
    """Remember a language and return to the page before; never to another site."""
    if wanted not in LANGUAGES:
        raise error_pages.no_address(request)
    answer = RedirectResponse(own_path(back), status_code=303)
    answer.set_cookie(language.COOKIE, wanted, max_age=A_YEAR, httponly=True, samesite="lax")
    return answer


def own_path(path: str) -> str:
    """The path where it is one of this site, else the first page."""
    return path if _OWN_PATH.fullmatch(path) else "/"


@router.get("/healthz")
@not_audited("no record")
async def healthz() -> PlainTextResponse:
    """Whether requests are answered at all; it waits for no thread, so that many slow answers are not taken for a hang."""
    return PlainTextResponse("ok")


def origin(request: Request) -> str:
    """Where this application is reached, as its visitors write it. The host is one that `app` lets in."""
    scheme = "https" if request.app.state.secure_cookies else request.url.scheme
    return f"{scheme}://{request.headers.get('host', '')}"
