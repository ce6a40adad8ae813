"""Which language a visitor reads. The texts themselves, and dates and numbers in words, are in `pipeline.locale`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.locale import DEFAULT, LANGUAGES, answering_in

COOKIE = "abhilekh_language"


def chosen(request: Request) -> str:
    """The visitor's language: the one once picked, else the browser's first that we have, else Hindi."""
    picked = request.cookies.get(COOKIE)
    if picked in LANGUAGES:
        return picked
    return next((code for code in _accepted(request.headers.get("accept-language", "")) if code in LANGUAGES), DEFAULT)


TheLanguage = Annotated[str, Depends(chosen)]


def _accepted(header: str) -> list[str]:
    """The main language codes of an Accept-Language header, the most wanted first."""
    wanted: list[tuple[float, str]] = []
    for item in header.split(","):
        tag, _, weight = item.partition(";q=")
        try:
            share = float(weight or 1)
        except ValueError:
            continue
        if share > 0:
            wanted.append((share, tag.strip().partition("-")[0].lower()))
    return [code for _, code in sorted(wanted, key=lambda pair: -pair[0])]


class UseTerms:
    """Middleware: answers every request in one set of terms."""

    def __init__(self, app: ASGIApp, terms_set: str) -> None:
        self.app, self.terms_set = app, terms_set

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with answering_in(self.terms_set):
            await self.app(scope, receive, send)
