"""Audit events of which there may be any number: the first of a kind is kept at once, the rest of five minutes as one.

Refusals, failed sign-ins, suggestions and lists go this way, so that nobody fills the disk by asking for things, and nothing
that was asked for leaves no trace. When too many kinds come at once, those beyond the limit are counted together.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import structlog

from pipeline.db.database import now
from pipeline.errors import AbhilekhError
from pipeline.model.audit import Action
from pipeline.model.json_values import JsonObject

log = structlog.get_logger()

WINDOW_SECONDS = 300.0
_MOST_KINDS = 500  # windows open at once, of all visitors
_MOST_OF_ONE = 30  # windows of one visitor
_MOST_NAMED = 20  # different things that are named in one event
_LONGEST_NAMED = 120
REST = "…"  # in the place of visitor and kind where events beyond the limit are counted together


class EventSink(Protocol):
    """Where events end."""

    def record_soon(self, person: str, action: Action, what: str, details: JsonObject | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `visitor` (a person or an address) has a share of the windows; `kind` tells what is counted together."""

    person: str
    action: Action
    what: str
    visitor: str
    kind: str
    details: JsonObject = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        return self.person, str(self.action), self.visitor, self.kind


@dataclass(slots=True)
class _Window:
    """What has come since the first event of a kind."""

    ends: float
    last: Event
    count: int = 0
    since: datetime = field(default_factory=now)
    until: datetime = field(default_factory=now)
    named: dict[str, None] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, event: Event) -> None:
        self.last, self.until = event, now()
        self.since = self.since if self.count else self.until
        self.count += 1
        self.reasons[str(event.details.get("why", ""))] += 1
        name = event.what[:_LONGEST_NAMED]
        before = next(reversed(self.named), "")
        if before and name.startswith(before) and event.action is Action.SEARCH:  # the same question, typed further
            del self.named[before]
        if len(self.named) < _MOST_NAMED:
            self.named[name] = None

    def details(self) -> dict[str, Any]:
        details = {key: value for key, value in self.last.details.items() if key != "why"}
        reasons = {why: count for why, count in self.reasons.items() if why}
        if reasons:
            details["why"] = reasons if len(reasons) > 1 else next(iter(reasons))
        details |= {"count": self.count, "since": self.since.isoformat(), "until": self.until.isoformat()}
        return details | {"among": list(self.named)}


class EventAggregator:
    """Counts events in windows and writes them to the audit log. Safe to use from threads; never waits for the disk."""

    def __init__(self, log: EventSink | None, *, window_seconds: float = WINDOW_SECONDS) -> None:
        self._log = log
        self._seconds = window_seconds
        self._windows: OrderedDict[tuple[str, ...], _Window] = OrderedDict()  # in the order of their ends
        self._of_visitor: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def add(self, event: Event) -> None:
        """Keep an event: at once where it is the first of its kind, with others where it is not."""
        if self._log is None:
            return
        with self._changed:
            ended = self._pop_ended()
            event = self._within_limits(event)
            window = self._windows.get(event.key)
            if window is None:
                self._windows[event.key] = _Window(time.monotonic() + self._seconds, event)
                self._of_visitor[event.visitor] += 1
            else:
                window.add(event)
                self._start()
        self._write(ended)
        if window is None:
            self._log.record_soon(event.person, event.action, event.what, event.details)

    def flush(self) -> None:
        """Write all that was counted; for the end of the process."""
        with self._changed:
            ended = [*self._windows.values()]
            self._windows.clear()
            self._of_visitor.clear()
            self._changed.notify_all()
        self._write(ended)

    def _within_limits(self, event: Event) -> Event:
        """The event, or what stands for it where there are too many kinds already."""
        if event.key in self._windows:
            return event
        if self._of_visitor[event.visitor] >= _MOST_OF_ONE:
            event = Event(event.person, event.action, event.what, event.visitor, REST, event.details)
        if event.key not in self._windows and len(self._windows) >= _MOST_KINDS:
            details = {key: value for key, value in event.details.items() if key != "address"}
            event = Event("", event.action, event.what, REST, REST, details)
        return event

    def _pop_ended(self) -> list[_Window]:
        ended = []
        while self._windows and next(iter(self._windows.values())).ends <= time.monotonic():
            (_, _, visitor, _), window = self._windows.popitem(last=False)
            self._of_visitor -= Counter([visitor])
            ended.append(window)
        return ended

    def _write(self, ended: list[_Window]) -> None:
        for window in ended:
            if window.count and self._log is not None:
                last = window.last
                self._log.record_soon(last.person, last.action, last.what, window.details())

    def _start(self) -> None:
        """Have a thread write what was counted when its time is over, also where nothing comes any more."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._keep_writing, name="audit windows", daemon=True)
            self._thread.start()

    def _keep_writing(self) -> None:
        while True:
            with self._changed:
                ended = self._pop_ended()
                if not self._windows and not ended:
                    self._thread = None
                    return
                if not ended:
                    self._changed.wait(max(next(iter(self._windows.values())).ends - time.monotonic(), 0.01))
            try:
                self._write(ended)
            except AbhilekhError as error:  # the log is closed and its database away: logged here, since nobody waits
                log.error("audit events not written", count=len(ended), reason=error.text("en"))
