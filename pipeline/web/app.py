"""The web application, put together. Routes live in `pages` and `api`, errors in `faults`, headers in `guard`.

There is no login yet, so whoever serves this listens on loopback only and leaves `hosts` as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from pipeline import __version__
from pipeline.web import api, faults, guard, pages
from pipeline.web.library import Library

STATIC = Path(__file__).parent / "static"
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")


def create_app(library: Library, hosts: Sequence[str] = LOOPBACK_HOSTS) -> FastAPI:
    """The application on one library. Requests for other host names than `hosts` are refused: a page on the internet
    could otherwise point a name of its own at this machine and read the records through the visitor's browser."""
    app = FastAPI(title="Abhilekh", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.library = library
    app.include_router(pages.router)
    app.include_router(api.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    faults.install(app)
    app.add_middleware(guard.Unforeseen)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    app.add_middleware(guard.Headers)  # added last, so outermost
    return app
