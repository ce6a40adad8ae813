"""Refusals as audit events: whatever was closed to whoever asked for it, whether it is there or not.

Every error passes `web.error_pages.respond` on its way out, and is recorded from there: a route cannot forget it. Many
of one kind are one event (`audit.event_aggregator`).
"""

from __future__ import annotations

from typing import cast

from starlette.requests import Request

from pipeline.audit.event_aggregator import Event, EventAggregator
from pipeline.errors import AbhilekhError, CodeRequiredError, Kind
from pipeline.model.audit import Action
from pipeline.model.json_values import JsonObject
from pipeline.web.security import permissions
from pipeline.web.security.redaction import redacted

RECORDED = "abhilekh.refused"  # in a request's scope: its refusal is an event already
_REFUSING = frozenset({Kind.NOT_ALLOWED, Kind.TOO_LARGE})
_LONGEST = 300
_NO_ROUTE = "address"  # what was not found where no route fits: nothing of anybody's was asked for


def is_refusal(request: Request, error: AbhilekhError) -> bool:
    """Whether this answer keeps something from the visitor: what the roles do not allow, what is not there or belongs to
    another office (both are answered alike), what was not sent by our pages, and tokens that are none."""
    if isinstance(error, CodeRequiredError):
        return False  # the visitor is led to setting it up
    if error.kind is Kind.SIGN_IN:
        return request.headers.get("authorization", "") != ""
    if error.kind is Kind.NOT_FOUND:
        return error.details.get("what") != _NO_ROUTE
    return error.kind in _REFUSING


def record(request: Request, error: AbhilekhError, status: int) -> None:
    """Count a refusal. Called for every error that is answered."""
    if is_refusal(request, error):
        add(request, error.code, status)


def add(request: Request, why: str, status: int) -> None:
    """Count a request that was refused with this status."""
    request.scope[RECORDED] = True
    person = permissions.visitor(request).name
    address = address_of(request)
    what = f"{request.method} {redacted(request.url.path)}"[:_LONGEST]
    details: JsonObject = {"status": status, "why": why, "address": address}
    events_of(request).add(Event(person, Action.REFUSED, what, person or address, f"{why} {address}", details))


def failed_sign_in(request: Request, name: str, why: str, *, outside: bool = False) -> None:
    """Count an attempt to sign in that failed: one event for each name and address in a window."""
    address = address_of(request)
    details = {"address": address, "why": why} | ({"outside": True} if outside else {})
    events_of(request).add(Event("", Action.LOGIN_FAILED, name, address, f"{name} {address}", details))


def events_of(request: Request) -> EventAggregator:
    return cast(EventAggregator, request.app.state.events)


def address_of(request: Request) -> str:
    """Whom a request comes from; "" where that is not known."""
    return request.client.host if request.client else ""
