"""Map over a bounded thread pool, in order: for reading and copying objects, where waiting takes most of the time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

Tell = Callable[[int, int], None]  # is told how many of how many are done

THREADS = 6
_AHEAD = 4  # of each thread


def map_ordered(work: Callable[[T], R], things: Iterable[T], *, threads: int = THREADS) -> Iterator[R]:
    """The results in the order of the things; never more than a few are under way. What `work` raises is raised here."""
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for thing in things:
                waiting.append(pool.submit(work, thing))
                if len(waiting) >= _AHEAD * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
