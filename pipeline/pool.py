"""The processes that work on pages: a page that crashes or stalls its process is tried once more, then given up alone.

The home of pebble. What is done with a page is in `page_work`.
"""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType

import structlog
from pebble import ProcessPool

from pipeline.errors import NO_ROOM, AbhilekhError, DiskFullError, Kind
from pipeline.page_work import PageJob, PageResult, start_worker, unreadable, work_page

log = structlog.get_logger()

_PAGES_A_PROCESS = 200  # a process is renewed after so many, against slow leaks in decoders
_TRIES = 2


@dataclass(slots=True)
class _Pending:
    job: PageJob
    tries: int


class PagePool:
    """`processes` workers, each bound to `memory_mb` and to `page_seconds` a page, and standing back by `nice`. Use as a
    context manager."""

    def __init__(self, processes: int, *, memory_mb: int, page_seconds: float, nice: int = 0) -> None:
        self.processes = processes
        self.page_seconds = page_seconds
        context = get_context("forkserver")
        context.set_forkserver_preload(["pipeline.page_work"])
        self._pool = ProcessPool(
            max_workers=processes,
            max_tasks=_PAGES_A_PROCESS,
            initializer=start_worker,
            initargs=[memory_mb, nice],
            context=context,
        )

    def __enter__(self) -> PagePool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def work(self, jobs: Sequence[PageJob]) -> Iterator[PageResult]:
        """The results in the order they are ready. No more pages are under way than the workers can use, so that
        memory and scratch space stay the same however long the batch is. Safe to call from several threads."""
        waiting = deque(_Pending(job, 1) for job in jobs)
        running: dict[Future[PageResult], _Pending] = {}
        try:
            while waiting or running:
                while waiting and len(running) < self.processes + 1:
                    pending = waiting.popleft()
                    running[self._pool.schedule(work_page, args=[pending.job], timeout=self.page_seconds)] = pending
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    result = self._result(future, running.pop(future), waiting)
                    if result is not None:
                        yield result
        finally:
            for future in running:
                future.cancel()

    def _result(self, future: Future[PageResult], pending: _Pending, waiting: deque[_Pending]) -> PageResult | None:
        """The page; or None when it is tried again; or an empty sheet when it took its process down twice."""
        try:
            return future.result()
        except AbhilekhError as error:
            if error.kind in (Kind.TRANSIENT, Kind.MISSING):
                raise
            cause: BaseException = error
        except OSError as error:
            if error.errno in NO_ROOM:  # no fault of the page's
                folder = Path(pending.job.folder)
                raise DiskFullError(folder=folder, free=shutil.disk_usage(folder).free // 2**20) from error
            cause = error
        except Exception as error:  # a dead process, the time limit, or whatever a decoder raises: this page's problem
            cause = error
        log.warning(
            "page failed", page=pending.job.number, tries=pending.tries, cause=f"{type(cause).__name__}: {cause}"
        )
        if pending.tries < _TRIES:
            waiting.append(_Pending(pending.job, pending.tries + 1))
            return None
        return unreadable(pending.job.number, Path(pending.job.folder))
