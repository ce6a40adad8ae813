"""How long and how many connections may wait for their client: uvicorn's protocol with limits that it does not have.

A client has had its turn when the whole head of its request has come, when all of the body has, and when it has read what
it was sent. The head has so many seconds in all; body and answer may take hours, as long as something moves: scanners on
slow links send large files. Where all places are taken, the client that has been silent for longest loses its own.
"""

from __future__ import annotations

import asyncio
import resource
from typing import Any

import h11
import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

from pipeline.locale import Message

log = structlog.get_logger()

HEAD_SECONDS = 20.0  # from the first byte, or the connection, to the end of the head
BODY_SECONDS = 60.0  # between two pieces of a body
READ_SECONDS = 120.0  # in which a client reads some of what waits for it, some 50 kB
MOST_CONNECTIONS = 1000  # browsers hold up to six each
_DESCRIPTORS = 4096  # that this process may have open; each connection is one, and answers need files and the store
_TIMED_OUT = Message("The request stopped half-way; send it again.")
_NO_PLACE = Message("Too many connections; try again in a moment.")


class BoundedProtocol(H11Protocol):
    """One connection. `silent_since` is when it began to wait for its client, in the loop's time; None while it does not."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.silent_since: float | None = None
        self._head_since: float | None = None
        self._write_paused_since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._head_since = self.silent_since = self.loop.time()
        if len(self.connections) > MOST_CONNECTIONS and not self._make_room():
            self._refuse(503, "Service Unavailable", _NO_PLACE)
            return
        self._look()

    def data_received(self, data: bytes) -> None:
        if self._head_since is None:
            self._head_since = self.loop.time()
        self.silent_since = self.loop.time()
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        self._head_since = self.loop.time() if self.conn.trailing_data[0] else None
        self.silent_since = self.loop.time()
        super().on_response_complete()
        self._look()

    def pause_writing(self) -> None:
        self._write_paused_since = self.silent_since = self.loop.time()
        super().pause_writing()
        self._look()

    def resume_writing(self) -> None:
        self._write_paused_since = None
        super().resume_writing()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        """Wait until the client's time is over, and end the connection then."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.transport.is_closing():
            return
        due = self._due()
        if due is None:
            return
        if due > self.loop.time():
            self._timer = self.loop.call_later(due - self.loop.time(), self._look)
        elif self._write_paused_since is not None:
            self.transport.abort()
        else:
            self._refuse(408, "Request Timeout", _TIMED_OUT)

    def _due(self) -> float | None:
        """When the client's time is over; None where it is not the client's turn, or it may be idle as uvicorn allows."""
        if self._write_paused_since is not None:
            return self._write_paused_since + READ_SECONDS
        if self.conn.their_state is h11.SEND_BODY:
            # Not read on: the application is slow, not the client.
            paused = self.flow.read_paused
            self.silent_since = None if paused else (self.silent_since or self.loop.time())
            return (self.loop.time() if self.silent_since is None else self.silent_since) + BODY_SECONDS
        if self.cycle is not None and not self.cycle.response_complete:
            self._head_since = self.silent_since = None
            return None
        return None if self._head_since is None else self._head_since + HEAD_SECONDS

    def _make_room(self) -> bool:
        """End the connection whose client has been silent for longest; False where none waits for its client."""
        waiting = [one for one in self.connections if isinstance(one, BoundedProtocol) and one is not self]
        silent = [(one.silent_since, id(one), one) for one in waiting if one.silent_since is not None]
        if not silent:
            return False
        log.warning("too many connections", connections=len(self.connections), silent=len(silent))
        *_, oldest = min(silent)
        self.connections.discard(oldest)
        oldest.transport.abort()
        return True

    def _refuse(self, status: int, phrase: str, text: Message) -> None:
        """Answer in plain text where nothing was answered yet, and end the connection."""
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            body = f"{text.in_both()}\n".encode()
            head = (
                f"HTTP/1.1 {status} {phrase}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
                "Retry-After: 5\r\nConnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + body)
        self.transport.close()


def allow_descriptors() -> None:
    """Let this process have as many connections open as it may serve; the usual limit of 1,024 is for all its files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(_DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
