"""The web application, put together. Routes live in a package for each thing people do, errors in `faults`, headers in
`guard`.

There is no login yet, so whoever serves this listens on loopback only and leaves `hosts` as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from pipeline import __version__
from pipeline.web import assets, board, everywhere, faults, find, guard, look, watch
from pipeline.web.library import Library

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
PARTS = (find, look, watch, board, everywhere)  # each with a `router`
# What is packed already, or must keep the length it is announced with. Server-sent events are among the defaults.
NOT_PACKED = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "image/*", "application/pdf", "application/octet-stream")


def create_app(library: Library, hosts: Sequence[str] = LOOPBACK_HOSTS) -> FastAPI:
    """The application on one library. Requests for other host names than `hosts` are refused: a page on the internet
    could otherwise point a name of its own at this machine and read the records through the visitor's browser."""
    app = FastAPI(title="Abhilekh", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.library = library
    for part in PARTS:
        app.include_router(part.router)
    app.mount("/static", assets.Assets(), name="static")
    faults.install(app)
    app.add_middleware(guard.Unforeseen)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=6, exclude_content_types=NOT_PACKED)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    app.add_middleware(guard.Headers)  # added last, so outermost
    return app
