"""The audit log: what people did, event by event, each with the hash of the one before.

Values and the arithmetic of the chain; rows are in `db.audit`. The hash of an event is the SHA-256 of its canonical JSON
(keys sorted, no blanks, UTF-8) with the hash of the event before in it, as in RFC 6962's log without its tree.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from pipeline.model.json_values import JsonObject

BEGINNING = "0" * 64  # what the first entry carries as the hash before it


class Action(StrEnum):
    LOGIN = "login"
    LOGIN_FAILED = "login_failed"
    LOGOUT = "logout"
    PASSWORD = "password"  # noqa: S105 - that one was set, not what it is
    SEARCH = "search"
    VIEW = "view"
    DOWNLOAD = "download"
    EXPORT = "export"
    REVIEW = "review"
    CORRECT = "correct"
    UPLOAD = "upload"
    REPLACE = "replace"
    REGISTER = "register"
    PEOPLE = "people"
    CODE = "code"  # the second step of signing in was set up, renewed or ended
    REFUSED = "refused"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One event: its number from 1, when, who, what they did to which thing, and further details."""

    number: int
    at: datetime
    person: str
    action: Action
    what: str
    details: JsonObject = field(default_factory=dict)
    before: str = BEGINNING
    hash: str = ""

    def as_json(self) -> JsonObject:
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "person": self.person,
            "action": str(self.action),
            "what": self.what,
            "told": dict(self.details),
            "before": self.before,
            "hash": self.hash,
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> AuditEvent:
        """The inverse of `as_json`. Raises `KeyError`, `TypeError` or `ValueError` for what is none."""
        return cls(
            number=int(found["number"]),
            at=datetime.fromisoformat(found["at"]),
            person=found["person"],
            action=Action(found["action"]),
            what=found["what"],
            details=dict(found["told"]),
            before=found["before"],
            hash=found["hash"],
        )

    def right_hash(self) -> str:
        details = {name: value for name, value in self.as_json().items() if name != "hash"}
        line = json.dumps(details, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(line.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class ChainFault:
    """Where the chain does not hold, and why: `altered`, `missing` (before this one), `order`, `sealed` (a checkpoint in the
    store differs), `cut` (the store holds later events)."""

    number: int
    why: str


def faults(audit_log: Iterable[AuditEvent]) -> Iterator[ChainFault]:
    """Everything that is wrong with a chain from its beginning."""
    before, expected = BEGINNING, 1
    for event in audit_log:
        if event.number != expected:
            yield ChainFault(event.number, "missing")
        elif event.before != before:
            yield ChainFault(event.number, "order")
        if event.hash != event.right_hash():
            yield ChainFault(event.number, "altered")
        before, expected = event.hash, event.number + 1
