"""Server-sent events: notify the page that there is something new; the page then fetches it.

One look at the database a second serves every listener of a process; when anything has changed, each is notified only
where that is to be seen in their own offices. An event's id is the mark of what there is to see for them, so that a
listener that comes back with the same one gets no event, and with another one gets one at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Annotated

import structlog
from fastapi import APIRouter, Header, Request
from starlette.responses import StreamingResponse

from pipeline.errors import AbhilekhError, TooManyStreamsError
from pipeline.model.roles import Right
from pipeline.web.audited import not_audited
from pipeline.web.scanning.service import DashboardApi, TheDashboard
from pipeline.web.security.permissions import Scanner

router = APIRouter(include_in_schema=False)
log = structlog.get_logger()

LOOK_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0  # shorter than any proxy waits for an answer that has gone quiet
LIFETIME_SECONDS = 600.0  # then the browser asks anew, and whether it still may is looked at again
RETRY_MS = 3000
MOST_OF_ONE = 16  # streams of one person: a browser opens six to one address
MOST_STREAMS = 400  # of everybody


class Pulse:
    """Looks at the mark for as long as somebody listens, and wakes the listeners when it has changed."""

    def __init__(self, look: Callable[[], str], *, seconds: float = LOOK_SECONDS) -> None:
        self.look = look
        self.seconds = seconds
        self.mark = ""
        self.looks = 0
        self._listeners = 0
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Condition()

    async def listen(self, known: str, *, until: Callable[[], bool]) -> AsyncIterator[str | None]:
        """Each new mark, and None for every heartbeat. A listener who knows the present mark hears of the next one."""
        self._listeners += 1
        if self._task is None:
            self.mark = await asyncio.to_thread(self.look)
            self._task = self._task or asyncio.create_task(self._watch())
        quiet_since = time.monotonic()
        try:
            while not until():
                if self.mark != known:
                    known, quiet_since = self.mark, time.monotonic()
                    yield known
                elif time.monotonic() - quiet_since >= HEARTBEAT_SECONDS:
                    quiet_since = time.monotonic()
                    yield None
                with contextlib.suppress(TimeoutError):
                    async with self._changed:
                        await asyncio.wait_for(self._changed.wait(), timeout=self.seconds)
        finally:
            self._listeners -= 1
            if self._listeners == 0 and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self.seconds)
            try:
                mark = await asyncio.to_thread(self.look)
            except AbhilekhError as error:
                log.warning("no event", reason=error.text("en"))
                continue
            self.looks += 1
            if mark != self.mark:
                self.mark = mark
                async with self._changed:
                    self._changed.notify_all()


class Streams:
    """The open streams of a process, each with the person it is for. Of one person the oldest make room for new ones: a
    stream whose other end has gone unnoticed must not keep a new page from hearing."""

    def __init__(self) -> None:
        self._open: dict[object, str] = {}  # in the order they were opened

    def require_room(self) -> None:
        """Raises `TooManyStreamsError`."""
        if len(self._open) >= MOST_STREAMS:
            raise TooManyStreamsError(limit=MOST_STREAMS)

    def enter(self, person: str) -> object:
        """Begin a stream; the key it is asked about with."""
        ours = [key for key, of in self._open.items() if of == person]
        for key in ours[: max(len(ours) - MOST_OF_ONE + 1, 0)]:
            del self._open[key]
        stream = object()
        if len(self._open) < MOST_STREAMS:
            self._open[stream] = person
        return stream

    def is_open(self, stream: object) -> bool:
        return stream in self._open

    def leave(self, stream: object) -> None:
        self._open.pop(stream, None)


async def _marks(
    pulse: Pulse, dashboard: DashboardApi, offices: frozenset[str] | None, known: str, over: Callable[[], bool]
) -> AsyncIterator[str]:
    """The mark of what these offices see, whenever it changes; "" as a heartbeat. What others do is no event."""
    async for changed in pulse.listen("", until=over):
        if not changed:
            yield ""
            continue
        try:
            mark = await asyncio.to_thread(lambda: dashboard.work(offices).mark)
        except AbhilekhError as error:
            log.warning("no event", reason=error.text("en"))
            continue
        if mark != known:
            known = mark
            yield mark


@router.get("/scanning/events")
@not_audited("only when to fetch the page, whose views are counted")
async def events(
    request: Request,
    dashboard: TheDashboard,
    person: Scanner,
    since: str = "",
    last_event_id: Annotated[str, Header()] = "",
) -> StreamingResponse:
    """An endless answer: an event whenever something changes, a comment as heartbeat while nothing does."""
    state = request.app.state
    if not hasattr(state, "pulse"):
        state.pulse, state.streams = Pulse(dashboard.mark), Streams()
    streams: Streams = state.streams
    streams.require_room()
    ends = time.monotonic() + LIFETIME_SECONDS
    stop = getattr(state, "stop", None)

    async def lines() -> AsyncIterator[str]:
        stream = streams.enter(person.name)

        def over() -> bool:
            return time.monotonic() > ends or not streams.is_open(stream) or (stop is not None and stop.is_set())

        try:
            yield f"retry: {RETRY_MS}\n\n"
            async for mark in _marks(state.pulse, dashboard, person.offices(Right.SCAN), last_event_id or since, over):
                yield f"id: {mark}\nevent: work\ndata: {mark}\n\n" if mark else ": still here\n\n"
        finally:
            streams.leave(stream)

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(lines(), media_type="text/event-stream", headers=headers)
