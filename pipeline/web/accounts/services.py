"""Accounts, the audit log and the second factor as dependencies of routes. `create_app` is given them; no behaviour here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Protocol, cast

from fastapi import Depends, Request

from pipeline.accounts.second_factor import SecondFactor
from pipeline.db.accounts import AccountRepository
from pipeline.db.audit import AuditLog
from pipeline.model.audit import Action
from pipeline.model.json_values import JsonObject


class AuditWriter(Protocol):
    """Where audit events are written."""

    def note(self, person: str, action: Action, what: str, details: JsonObject | None = None) -> None: ...
    def record_soon(self, person: str, action: Action, what: str, details: JsonObject | None = None) -> None: ...


def people_of(request: Request) -> AccountRepository:
    return cast(AccountRepository, request.app.state.people)


def audit_log_of(request: Request) -> AuditLog:
    return cast(AuditLog, request.app.state.audit_log)


def second_factor_of(request: Request) -> SecondFactor:
    return cast(SecondFactor, request.app.state.second_factor)


ThePeople = Annotated[AccountRepository, Depends(people_of)]
TheAuditLog = Annotated[AuditLog, Depends(audit_log_of)]
TheSecondFactor = Annotated[SecondFactor, Depends(second_factor_of)]
Names = Sequence[str]
