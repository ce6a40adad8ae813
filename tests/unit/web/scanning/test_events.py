"""The stream of events: one look serves every listener, nobody is notified twice, and a quiet stream stays alive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from pipeline.errors import DatabaseUnavailableError
from pipeline.web.scanning import events
from pipeline.web.scanning.events import Pulse


class Desk:
    """Something that changes on command, and counts how often it is looked at."""

    def __init__(self) -> None:
        self.mark = "a"
        self.looks = 0
        self.fails = False

    def look(self) -> str:
        self.looks += 1
        if self.fails:
            raise DatabaseUnavailableError(cause="away")
        return self.mark


async def first(stream: AsyncIterator[str | None], seconds: float = 5.0) -> str | None:
    return await asyncio.wait_for(anext(stream), seconds)


def run(story: Callable[[Desk, Pulse], object]) -> None:
    async def play() -> None:
        desk = Desk()
        await story(desk, Pulse(desk.look, seconds=0.02))  # type: ignore[misc]

    asyncio.run(play())


def test_a_newcomer_is_told_at_once_and_one_who_knows_only_of_what_is_new() -> None:
    async def story(desk: Desk, pulse: Pulse) -> None:
        newcomer, knowing = pulse.listen("", until=lambda: False), pulse.listen("a", until=lambda: False)
        assert await first(newcomer) == "a"
        waiting = asyncio.create_task(first(knowing))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        desk.mark = "b"
        assert await waiting == "b"
        assert await first(newcomer) == "b"
        await newcomer.aclose()
        await knowing.aclose()

    run(story)


def test_many_listeners_cost_one_look() -> None:
    async def story(desk: Desk, pulse: Pulse) -> None:
        crowd = [pulse.listen("", until=lambda: False) for _ in range(50)]
        assert {await first(one) for one in crowd} == {"a"}
        before = desk.looks
        waiting = [asyncio.create_task(first(one)) for one in crowd]
        await asyncio.sleep(0.2)
        assert desk.looks - before <= 11
        desk.mark = "b"
        assert set(await asyncio.gather(*waiting)) == {"b"}
        for one in crowd:
            await one.aclose()
        quiet = desk.looks
        await asyncio.sleep(0.1)
        assert desk.looks == quiet, "nobody listens any more"

    run(story)


def test_a_quiet_stream_beats_and_ends_when_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.05)

    async def story(desk: Desk, pulse: Pulse) -> None:
        ended = False
        stream = pulse.listen("a", until=lambda: ended)
        assert await first(stream) is None
        ended = True
        with pytest.raises(StopAsyncIteration):
            await first(stream)

    run(story)


def test_a_database_that_is_away_for_a_while_ends_no_stream() -> None:
    async def story(desk: Desk, pulse: Pulse) -> None:
        stream = pulse.listen("", until=lambda: False)
        assert await first(stream) == "a"
        desk.fails = True
        waiting = asyncio.create_task(first(stream))
        await asyncio.sleep(0.1)
        desk.fails, desk.mark = False, "b"
        assert await waiting == "b"
        await stream.aclose()

    run(story)
