"""The processes that work on pages. A page that crashes, hangs or hits its limit is tried again, alone; then it is given up.

The home of pebble. What is done with a page is in `page_work`, how one process is watched in `page_process`.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType

import structlog
from pebble import ProcessPool

from pipeline.errors import AbhilekhError, Kind, SlowPageError
from pipeline.errors.disk import disk_error
from pipeline.model.page import TIMED_OUT
from pipeline.workflow.page_process import STALL_SECONDS, Stop, StoppedWorkError, run_apart
from pipeline.workflow.page_worker import PageJob, PageResult, draw_page, prepare, start_worker, unreadable, work_page
from pipeline.workflow.time_budget import BatchAllowance

log = structlog.get_logger()

_PAGES_A_PROCESS = 200  # a process is renewed after so many
_BACKSTOP = 24  # times a page's processor time, on the clock: then even what watches the page hangs


@dataclass(frozen=True, slots=True)
class _Trouble:
    """A page without a result: the job, whether it was a limit of time, the processor seconds, and what is known."""

    job: PageJob
    timed_out: bool
    seconds: float
    cause: str
    drawing: bool = False


class _Turns:
    """Pages side by side, or one alone: who wants to be alone waits for the others, and they for it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = 0
        self._wanting = 0
        self._alone = False

    def enter(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._alone and not self._wanting)
            self._running += 1

    def leave(self) -> None:
        with self._changed:
            self._running -= 1
            self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._changed:
            self._wanting += 1
            self._changed.wait_for(lambda: not self._alone and not self._running)
            self._wanting, self._alone = self._wanting - 1, True
        try:
            yield
        finally:
            with self._changed:
                self._alone = False
                self._changed.notify_all()


def run_page(
    work: Callable[[PageJob], PageResult], job: PageJob, cpu_seconds: float, stall_seconds: float
) -> PageResult:
    """One page in a process of its own; called in a worker, which stays as it was. Raises what `work` and `run_apart` do."""
    prepare(job)
    done = run_apart(work, job, cpu_seconds=cpu_seconds, stall_seconds=stall_seconds)
    if done.value is not None:
        return replace(done.value, cpu_seconds=done.seconds)
    error = done.error or RuntimeError("no answer")
    if isinstance(error, AbhilekhError):
        error.details["cpu_seconds"] = done.seconds
    raise error


class PagePool:
    """`processes` workers, each bound to `memory_mb` and to `page_seconds` of processor time a page, and standing back by
    `nice`. A page that uses no processor time for `stall_seconds` on the clock hangs. Use as a context manager."""

    def __init__(
        self,
        processes: int,
        *,
        memory_mb: int,
        page_seconds: float,
        nice: int = 0,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        self.processes = processes
        self.page_seconds = page_seconds
        self.stall_seconds = stall_seconds
        self._turns = _Turns()
        context = get_context("forkserver")
        context.set_forkserver_preload(["pipeline.workflow.page_worker"])
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

    def work(self, jobs: Sequence[PageJob], allowance: BatchAllowance | None = None) -> Iterator[PageResult]:
        """The results in the order they are ready, those last that are worked on alone. No more pages are under way than
        the workers can use, so that memory and scratch space stay the same however long the batch is. Safe to call from
        several threads. Raises what `allowance` raises, and errors that are no page's fault.
        """
        waiting = deque(job for job in jobs if not job.alone)
        aside = deque(_Trouble(job, True, 0.0, "it hit a limit before") for job in jobs if job.alone)
        running: dict[Future[PageResult], PageJob] = {}
        try:
            while waiting or running:
                while waiting and len(running) < self.processes + 1:
                    job = waiting.popleft()
                    running[self._start(job)] = job
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    found = self._outcome(future, running.pop(future))
                    _note(allowance, found)
                    if isinstance(found, PageResult):
                        yield found
                    else:
                        aside.append(found)
        finally:
            for future in running:
                future.cancel()
        while aside:
            yield self._work_alone(aside.popleft(), allowance)

    def _start(self, job: PageJob) -> Future[PageResult]:
        self._turns.enter()
        try:
            future = self._schedule(work_page, job)
        except BaseException:
            self._turns.leave()
            raise
        future.add_done_callback(lambda _: self._turns.leave())
        return future

    def _schedule(self, work: Callable[[PageJob], PageResult], job: PageJob) -> Future[PageResult]:
        arguments = [work, job, self.page_seconds, self.stall_seconds]
        backstop = self.page_seconds * _BACKSTOP + self.stall_seconds
        future: Future[PageResult] = self._pool.schedule(run_page, args=arguments, timeout=backstop)
        return future

    def _work_alone(self, trouble: _Trouble, allowance: BatchAllowance | None) -> PageResult:
        """The page once more with nothing beside it; where that fails too its image alone, and an empty sheet where there
        is none. A page that hit a limit is flagged, so that it is tried again later."""
        job, seconds = trouble.job, trouble.seconds
        with self._turns.alone():
            for work in (work_page, draw_page):
                found = self._outcome(self._schedule(work, job), job)
                _note(allowance, found)
                if isinstance(found, PageResult):
                    return _flagged(found, seconds, timed_out=trouble.timed_out and work is draw_page)
                seconds += found.seconds
                if found.drawing:  # no image either
                    trouble = found
                    break
                trouble = replace(found, timed_out=found.timed_out or trouble.timed_out)
        given_up = unreadable(job.number, Path(job.folder), timed_out=trouble.timed_out)
        return replace(given_up, cpu_seconds=seconds)

    def _outcome(self, future: Future[PageResult], job: PageJob) -> PageResult | _Trouble:
        """The page, or why there is none. Raises what is no fault of the page's."""
        try:
            return future.result()
        except SlowPageError as error:  # a step of its own limit
            found = _Trouble(job, True, _spent(error), error.text("en"), drawing="drawing" in error.details)
        except StoppedWorkError as error:
            found = _Trouble(job, error.stop is not Stop.DEATH, error.seconds, str(error))
        except AbhilekhError as error:
            if error.kind in (Kind.TRANSIENT, Kind.MISSING):
                raise
            found = _Trouble(job, False, _spent(error), error.text("en"))
        except TimeoutError as error:  # a helper that hangs, or the backstop; an OSError, too
            found = _Trouble(job, True, 0.0, str(error))
        except OSError as error:
            if known := disk_error(error, Path(job.folder)):  # no fault of the page's
                raise known from error
            found = _Trouble(job, False, 0.0, f"{type(error).__name__}: {error}")
        except Exception as error:  # a dead worker, or whatever a decoder raises: this page's problem
            found = _Trouble(job, False, 0.0, f"{type(error).__name__}: {error}")
        log.warning("page failed", page=job.number, timed_out=found.timed_out, cause=found.cause)
        return found


def _spent(error: AbhilekhError) -> float:
    """The processor seconds that `run_page` has written into an error."""
    return float(str(error.details.get("cpu_seconds", 0.0)))


def _note(allowance: BatchAllowance | None, found: PageResult | _Trouble) -> None:
    if allowance is None:
        return
    if isinstance(found, PageResult):
        allowance.spend(found.cpu_seconds, is_slow=False)
    else:
        allowance.spend(found.seconds, is_slow=found.timed_out)


def _flagged(found: PageResult, seconds: float, *, timed_out: bool) -> PageResult:
    flags = (TIMED_OUT, *found.page.flags) if timed_out else found.page.flags
    return replace(found, page=replace(found.page, flags=flags), cpu_seconds=found.cpu_seconds + seconds)
