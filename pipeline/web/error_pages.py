"""Errors on their way to a visitor: the one place where a kind becomes an HTTP status.

People get a page in their language, programs under /api and /iiif get JSON. Exceptions outside our family are
caught in `middleware.headers` and come through here as an `InternalError`.
"""

from __future__ import annotations

from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from pipeline.errors import AbhilekhError, CodeRequiredError, Kind, NotFoundError, RequestError, SignInError
from pipeline.errors.paths import public_details
from pipeline.locale import N_, translations
from pipeline.web import language, rendering
from pipeline.web.security import refusals
from pipeline.web.security.redaction import redacted

HTTP_STATUS = {
    Kind.INPUT: 422,
    Kind.USAGE: 400,
    Kind.NOT_FOUND: 404,
    Kind.NOT_ALLOWED: 403,
    Kind.SIGN_IN: 401,
    Kind.TOO_MANY: 429,
    Kind.TOO_LARGE: 413,
    Kind.MISSING: 503,
    Kind.TRANSIENT: 503,
    Kind.INTERNAL: 500,
}
SEE_OTHER = 303
PROGRAMS = ("/api/", "/iiif/")  # asked by programs, which get JSON and are led nowhere
BY_CODE = {  # where HTTP, or the protocol of uploads, has a status that says more than the kind does
    "upload_too_large": 413,
    "upload_offset": 409,
    "upload_changed": 460,
    "too_many_uploads": 429,
    "held_elsewhere": 423,
}
SERVER_FAULT = 500
RETRY_SECONDS = 5
HEADINGS = {
    Kind.INPUT: N_("This cannot be used as it is"),
    Kind.USAGE: N_("This was not understood"),
    Kind.NOT_FOUND: N_("Not found"),
    Kind.NOT_ALLOWED: N_("Not allowed"),
    Kind.SIGN_IN: N_("Sign in"),
    Kind.TOO_MANY: N_("Too many attempts"),
    Kind.TOO_LARGE: N_("Too large"),
    Kind.MISSING: N_("Something is missing"),
    Kind.TRANSIENT: N_("Not available just now"),
    Kind.INTERNAL: N_("Something went wrong"),
}
_THINGS = {
    N_("document"),
    N_("page"),
    N_("batch"),
    N_("address"),
    N_("PDF"),
    N_("file"),
    N_("upload"),
    N_("search"),
    N_("sample"),
    N_("office"),
    N_("token"),
}


def install(app: FastAPI) -> None:
    """Let the application answer every error through this module."""

    @app.exception_handler(AbhilekhError)
    def ours(request: Request, error: AbhilekhError) -> Response:
        return respond(request, error)

    @app.exception_handler(HTTPException)
    def frameworks(request: Request, error: HTTPException) -> Response:
        if error.status_code == HTTP_STATUS[Kind.NOT_FOUND]:
            return respond(request, no_address(request))
        return respond(request, RequestError(cause=error.detail), error.status_code)

    @app.exception_handler(RequestValidationError)
    def addresses(request: Request, error: RequestValidationError) -> Response:
        wrong = error.errors()
        if any(one["loc"][:1] == ("path",) for one in wrong):
            return respond(request, no_address(request))
        texts = (f"{'.'.join(str(part) for part in one['loc'][1:])[:100] or 'body'}: {one['msg']}" for one in wrong[:5])
        return respond(request, RequestError(cause="; ".join(texts)))


def no_address(request: Request) -> NotFoundError:
    return NotFoundError(what="address", name=request.url.path)


def respond(request: Request, error: AbhilekhError, status: int | None = None) -> Response:
    """The error as a page or as JSON, in the visitor's language. What is our own fault is logged."""
    code = status or BY_CODE.get(error.code, HTTP_STATUS[error.kind])
    if code >= SERVER_FAULT:
        structlog.get_logger().error(
            "web_error", code=error.code, path=redacted(request.url.path), reason=error.text("en")
        )
    refusals.record(request, error, code)
    if isinstance(error, CodeRequiredError) and _is_visit(request):
        return RedirectResponse("/account/code", SEE_OTHER)
    if isinstance(error, SignInError) and _is_visit(request):
        onward = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?next={quote(onward, safe='')}", SEE_OTHER)
    is_program = request.url.path.startswith(PROGRAMS)
    text = message(error, language.chosen(request), is_page=not is_program)
    if is_program:
        return JSONResponse({"error": {"code": error.code, "message": text}}, code, headers=_retry(error))
    page = rendering.render(request, "error.html", http_status=code, heading=HEADINGS[error.kind], text=text)
    page.headers.update(_retry(error))
    return page


def _is_visit(request: Request) -> bool:
    """Whether somebody came to look at a page, and can be led to the sign-in page."""
    return request.method in ("GET", "HEAD") and not request.url.path.startswith(PROGRAMS)


def message(error: AbhilekhError, code: str, *, is_page: bool = True) -> str:
    """The error's text for a page or for a program, with the thing that was not found named in the same language, and
    without paths of this machine."""
    details = public_details(error.details)
    if (what := details.get("what")) in _THINGS:
        details["what"] = translations(code).gettext(str(what))
    plain = type(error)(**details)
    return plain.page_text(code) if is_page else plain.text(code)


def _retry(error: AbhilekhError) -> dict[str, str]:
    return {"Retry-After": str(RETRY_SECONDS)} if error.kind is Kind.TRANSIENT else {}
