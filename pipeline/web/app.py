"""Compose the web application: the routers of every feature, and the middleware around them.

The order of the middleware, outermost first: security headers, host names, moved addresses, authentication, the audit log,
compression, and exceptions outside our family. Errors become answers in `error_pages`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from pipeline import __version__
from pipeline.accounts.second_factor import SecondFactor
from pipeline.accounts.secret_box import SecretBox
from pipeline.audit.event_aggregator import EventAggregator
from pipeline.db.accounts import AccountRepository
from pipeline.db.audit import AuditLog
from pipeline.db.second_factor import SecondFactorRows
from pipeline.locale import USUAL_TERMS
from pipeline.web import (
    accounts,
    assets,
    audit,
    error_pages,
    health,
    language,
    openapi,
    register,
    review,
    scanning,
    search,
    statistics,
    viewer,
)
from pipeline.web.accounts.oidc import Provider
from pipeline.web.middleware import headers
from pipeline.web.middleware.audit import AuditMiddleware
from pipeline.web.middleware.auth import AuthMiddleware
from pipeline.web.moved_addresses import MovedAddresses
from pipeline.web.services import SearchServices
from pipeline.web.viewer.iiif_routes import Viewers

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
PARTS = (
    search,
    viewer,
    scanning,
    review,
    statistics,
    register,
    accounts,
    audit,
    openapi,
    health,
)  # each with a `router`
# What is packed already, or must keep the length it is announced with. Server-sent events are among the defaults.
NOT_PACKED = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "image/*", "application/pdf", "application/octet-stream")


LARGE = ("/uploads", "/api/v1/uploads", "/scanning/upload")  # routes that set limits of their own for what is sent


def create_app(
    services: SearchServices,
    hosts: Sequence[str] = LOOPBACK_HOSTS,
    *,
    among: AccountRepository | None = None,
    audit_log: AuditLog | None = None,
    secure_cookies: bool = False,
    provider: Provider | None = None,
    viewer_origins: Sequence[str] = (),
    secrets: SecretBox | None = None,
    home: Path = Path(),
    terms: str = USUAL_TERMS,
) -> FastAPI:
    """The application on `services`; who asks is looked up `among` the accounts, and without them nobody is let in.

    Requests for other host names than `hosts` are refused: a page on the internet could otherwise point a name of its own
    at this machine and read the records through the visitor's browser. `secure_cookies` where a proxy speaks https,
    `provider` where people sign in by OpenID Connect, `secrets` seals what the apps for codes share with us; `home` is named
    where its disk takes nothing, `terms` says things as the offices of a state do."""
    app = FastAPI(title="Abhilekh", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    _set_state(app, services, among, audit_log, secrets or SecretBox())
    app.state.secure_cookies, app.state.provider = secure_cookies, provider
    for part in PARTS:
        app.include_router(part.router)
    app.mount("/static", assets.Assets(), name="static")
    error_pages.install(app)
    app.add_middleware(headers.UnexpectedErrors, home=home)
    app.add_middleware(headers.PlainAddresses)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=6, exclude_content_types=NOT_PACKED)
    app.add_middleware(AuditMiddleware, audit_log=audit_log, events=app.state.events)
    app.add_middleware(
        AuthMiddleware, people=among, is_large=lambda path: path.startswith(LARGE), secure=secure_cookies
    )
    if viewer_origins:
        app.add_middleware(Viewers, origins=viewer_origins)
    _add_outer_middleware(app, hosts, terms, secure=secure_cookies)
    return app


def _add_outer_middleware(app: FastAPI, hosts: Sequence[str], terms: str, *, secure: bool) -> None:
    """What every request passes before it is known who asks; what is added last is outermost."""
    app.add_middleware(MovedAddresses)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    app.add_middleware(language.UseTerms, terms_set=terms)
    app.add_middleware(headers.SecurityHeaders, secure=secure)


def _set_state(
    app: FastAPI,
    services: SearchServices,
    among: AccountRepository | None,
    audit_log: AuditLog | None,
    secrets: SecretBox,
) -> None:
    """Where the dependencies of routes find what they give."""
    app.state.services, app.state.people, app.state.audit_log = services, among, audit_log
    app.state.events = EventAggregator(audit_log)
    app.state.second_factor = SecondFactor(SecondFactorRows(among.database), secrets) if among else None
