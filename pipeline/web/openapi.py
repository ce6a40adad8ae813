"""What programs may ask, described: by OpenAPI 3.1 for programs, and as a page for those who write them.

Both are made from the routes themselves; nothing is described twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import JSONResponse, Response

from pipeline.web.audited import not_audited
from pipeline.web.health import origin
from pipeline.web.rendering import NO_STORE, render
from pipeline.web.security.permissions import Known

router = APIRouter(include_in_schema=False)

_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        }
    },
}
_WHAT = "Records of a record room: find, look, upload, review, samples, the register, people, how far the work is."
_REFUSALS = {
    "400": "Not understood; the message says what.",
    "401": "No token, or one that has ended.",
    "403": "The token, or its person, has not this right.",
    "404": "Not there, or of an office that is closed to the person.",
    "413": "Larger than may be sent here.",
    "422": "What was sent cannot be used as it is; the message says why.",
    "429": "Too much at once.",
    "503": "The store or the database does not answer just now; try again.",
}
_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


@dataclass(frozen=True, slots=True)
class RouteDescription:
    """One address as the page shows it."""

    method: str
    path: str
    summary: str
    parameters: tuple[tuple[str, str], ...]


@router.get("/api/v1/openapi.json")
@not_audited("describes the API")
def openapi(request: Request, person: Known) -> Response:
    return JSONResponse(description(request.app), headers=NO_STORE)


@router.get("/api")
@not_audited("describes the API")
def api_page(request: Request, person: Known) -> Response:
    """The addresses in a table each part, with an example."""
    return render(request, "api.html", parts=_parts(description(request.app)), origin=origin(request))


def description(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI description of the application; made once."""
    if app.openapi_schema is None:
        document = app.openapi()
        document["info"]["description"] = _WHAT
        schemes = {"token": {"type": "http", "scheme": "bearer"}, "cookie": _COOKIE}
        document.setdefault("components", {})["securitySchemes"] = schemes
        document["components"].setdefault("schemas", {})["Error"] = _ERROR
        document["security"] = [{"token": []}, {"cookie": []}]
        for methods in document["paths"].values():
            for name, operation in methods.items():
                if name in _METHODS:
                    _refusals(operation)
        app.openapi_schema = document
    return app.openapi_schema


_COOKIE = {"type": "apiKey", "in": "cookie", "name": "abhilekh_session"}


def _refusals(operation: dict[str, Any]) -> None:
    """Every address may refuse in the same ways; FastAPI's own form of 422 is never sent."""
    operation["responses"].pop("422", None)
    for status, text in _REFUSALS.items():
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
        operation["responses"].setdefault(status, {"description": text, "content": content})


def _parts(document: dict[str, Any]) -> dict[str, list[RouteDescription]]:
    """The addresses by their parts."""
    found: dict[str, list[RouteDescription]] = {}
    for path, methods in document["paths"].items():
        for name, operation in methods.items():
            if name not in ("head", "options"):
                part = (operation.get("tags") or ["other"])[0]
                summary = operation.get("description") or operation.get("summary", "")
                found.setdefault(part, []).append(
                    RouteDescription(name.upper(), path, summary, tuple(_parameters(document, operation)))
                )
    return found


def _parameters(document: dict[str, Any], operation: dict[str, Any]) -> list[tuple[str, str]]:
    """What is sent along: parameters of the address, fields of the body."""
    found = [
        (one["name"], one.get("description", "")) for one in operation.get("parameters", ()) if one["in"] == "query"
    ]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    fields = document["components"]["schemas"].get(name, {}).get("properties", {})
    return found + [(field, shape.get("description", "")) for field, shape in fields.items()]
