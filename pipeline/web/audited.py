"""Declare at each route what the audit log keeps of its requests; `web.middleware.audit` reads it and writes the events.

    @router.get("/documents/{ident}/pdf")
    @audited(Action.DOWNLOAD)
    def pdf(…): …

A test holds that every route declares one of the three: `audited`, `audits_itself`, `not_audited`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from fastapi import Request

from pipeline.model.audit import Action
from pipeline.model.json_values import JsonValue

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

_RULE = "audit_rule"  # attribute of an endpoint
_DETAILS = "abhilekh.audit_details"  # key of a request's scope


class Recording(StrEnum):
    """Which requests become events, and when. A change is recorded before it is answered, except AFTERWARDS and FAILED."""

    EACH = "each"  # each one
    COUNTED = "counted"  # lists and suggestions, asked for often: the first; those of the next minutes are one more
    WITH_PAGE = (
        "with_page"  # a picture of a page: where the view of its document or batch was not recorded shortly before
    )
    WITH_QUERY = "with_query"  # a form and its results at one address: where the query asks for something
    AFTERWARDS = (
        "afterwards"  # each one, written shortly after the answer, changes too: the begin and the end of an upload
    )
    FAILED = "failed"  # where it failed: a piece of an upload whose begin is an event
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class AuditRule:
    """What a route declares; `action` is None exactly where `recording` is NEVER, and `reason` is why."""

    action: Action | None
    recording: Recording
    reason: str = ""


def audited(action: Action, recording: Recording = Recording.EACH) -> Callable[[Endpoint], Endpoint]:
    """Have requests of this route recorded as `action`."""
    return _declares(AuditRule(action, recording))


def audits_itself(endpoint: Endpoint) -> Endpoint:
    """For a route that writes its events itself, since it knows more than the request shows."""
    return _declares(AuditRule(None, Recording.NEVER, "the route writes its own events"))(endpoint)


def not_audited(reason: str) -> Callable[[Endpoint], Endpoint]:
    """For a route that leaves no event of its own, with the reason. Refusals are recorded all the same."""
    return _declares(AuditRule(None, Recording.NEVER, reason))


def rule_of(endpoint: object) -> AuditRule | None:
    """What the function of a route declares; None where it declares nothing."""
    found = getattr(endpoint, _RULE, None)
    return found if isinstance(found, AuditRule) else None


def add_details(request: Request, **details: JsonValue) -> None:
    """Add details to the event of this request that its address does not show, such as the names of uploaded files."""
    request.scope[_DETAILS] = details


def added_details(request: Request) -> dict[str, JsonValue]:
    """The details that the route added."""
    return dict(request.scope.get(_DETAILS, {}))


def _declares(rule: AuditRule) -> Callable[[Endpoint], Endpoint]:
    def declare(endpoint: Endpoint) -> Endpoint:
        vars(endpoint)[_RULE] = rule
        return endpoint

    return declare
