"""Takes the next batch, has it digitised, and records success or failure. Never ends over one batch.

As many batches are under way as there are workers, so that single-page scans keep every core busy; their pages share one
pool. A thread of its own renews the leases, so that a long page does not look like a dead worker.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import structlog

from pipeline.db.leases import Holder, is_running
from pipeline.db.queue import BatchQueue
from pipeline.errors import AbhilekhError, InternalError, Kind
from pipeline.errors.disk import disk_error
from pipeline.model.batch import Batch, BatchState
from pipeline.workflow.flow import Dependencies, digitise

log = structlog.get_logger()

_IDLE_SECONDS = 0.5  # between looks at an empty queue


class StoppedError(Exception):
    """Work on a batch was given up because the worker stops or lost its lease; what is done is kept."""


class Worker:
    """Works the queue with `batches_at_once` threads until stopped."""

    def __init__(
        self,
        dependencies: Dependencies,
        queue: BatchQueue,
        scratch: Path,
        *,
        batches_at_once: int,
        lease_seconds: float,
        retry_seconds: float,
        max_retry_seconds: float,
        beat: Callable[[str], None],
        require_room: Callable[[], None],
    ) -> None:
        self.dependencies = dependencies
        self.queue = queue
        self.scratch = scratch
        self.batches_at_once = batches_at_once
        self.lease_seconds = lease_seconds
        self.retry_seconds = retry_seconds
        self.max_retry_seconds = max_retry_seconds
        self.beat = beat
        self.require_room = require_room
        self.trouble = "ok"
        self._held: dict[str, threading.Event] = {}  # batches in work, and whether to give them up
        self._lock = threading.Lock()
        self._claiming = threading.Lock()

    def run(self, stop: threading.Event) -> None:
        """Work until `stop`; batches under way are given back to the queue, their finished pages kept."""
        clear_leftovers(self.scratch)
        with self.leases_kept(), ThreadPoolExecutor(self.batches_at_once, thread_name_prefix="batch") as threads:
            for _ in range(self.batches_at_once):
                threads.submit(self._work_on, stop)
            stop.wait()
            with self._lock:
                for given_up in self._held.values():
                    given_up.set()

    @contextmanager
    def leases_kept(self) -> Iterator[None]:
        """Renew the leases of the batches in work for as long as the block runs."""
        ended = threading.Event()
        keeper = threading.Thread(target=self._keep_leases, args=(ended,), name="leases", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            ended.set()
            keeper.join(timeout=self.lease_seconds)

    def _work_on(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                self.require_room()
                batch = self._claim()
                self.trouble = "ok"
            except AbhilekhError as error:
                self.trouble = error.text("en")
                log.warning("work waits", reason=self.trouble)
                stop.wait(self.retry_seconds)
                continue
            except Exception:
                log.exception("queue failed")
                stop.wait(self.retry_seconds)
                continue
            if batch is None:
                stop.wait(_IDLE_SECONDS)
            else:
                self.work_on(batch)

    def _claim(self) -> Batch | None:
        """Claim a batch that is not under way here, as one would be whose lease is over by a wrong clock. One thread at a
        time: what another has just claimed is known before the next one looks."""
        with self._claiming:
            with self._lock:
                under_way = list(self._held)
            batch = self.queue.claim(besides=under_way)
            if batch is not None:
                with self._lock:
                    self._held[batch.id] = threading.Event()
            return batch

    def work_on(self, batch: Batch, *, on_page: Callable[[int], None] = lambda number: None) -> AbhilekhError | None:
        """Digitise a claimed batch; returns the error when it failed. Nothing is raised."""
        with self._lock:
            given_up = self._held.setdefault(batch.id, threading.Event())

        def heed(number: int) -> None:
            if given_up.is_set():
                raise StoppedError
            on_page(number)

        try:
            self.scratch.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.scratch, prefix=f"{_process_name()}-{batch.id}-") as folder:
                digitise(batch, self.dependencies, Path(folder), on_page=heed)
            return None
        except StoppedError:
            self._quietly(lambda: self.queue.release(batch.id))
            return None
        except AbhilekhError as error:
            return self._failed(batch, error)
        except Exception as error:
            if known := disk_error(error, self.scratch):
                return self._failed(batch, known)
            ident = uuid.uuid4().hex[:8]
            log.exception("internal error", batch=batch.id, id=ident)
            return self._failed(batch, InternalError(id=ident))
        finally:
            with self._lock:
                self._held.pop(batch.id, None)

    def _failed(self, batch: Batch, error: AbhilekhError) -> AbhilekhError:
        pause = min(self.retry_seconds * 2 ** min(batch.tries - 1, 20), self.max_retry_seconds)
        if error.kind is not Kind.INPUT:
            log.warning("failed", batch=batch.id, reason=error.text("en"), tries=batch.tries, again_in=pause)
        self._quietly(lambda: self.queue.fail(batch.id, error, pause_seconds=pause))
        return error

    def _quietly(self, act: Callable[[], None]) -> None:
        """Try to write an outcome; if even that fails, the lease runs out and the batch is taken up again."""
        try:
            act()
        except AbhilekhError as error:
            log.warning("outcome not written", reason=error.text("en"))

    def _keep_leases(self, ended: threading.Event) -> None:
        while True:
            with self._lock:
                held = dict(self._held)
            try:
                self.beat(self.trouble)
                for batch, given_up in held.items():
                    if not self.queue.renew(batch) and batch in self._held:
                        given_up.set()
                        over = (BatchState.FILED, BatchState.SUPERSEDED)  # either ends a lease, too
                        if self.dependencies.records.batch(batch).state not in over:
                            log.warning("lease lost", batch=batch)
            except AbhilekhError as error:
                log.warning("lease not renewed", reason=error.text("en"))
            if ended.wait(self.lease_seconds / 3):
                return


def _process_name() -> str:
    """This process as the names of its scratch folders begin: its number and when it began."""
    process = Holder.current()
    return f"{process.pid}.{process.started}"


def clear_leftovers(scratch: Path) -> None:
    """Remove the scratch folders of processes that are no more; their names begin with the process (`_process_name`)."""
    for folder in scratch.glob("[0-9]*-*"):
        pid, _, started = folder.name.split("-")[0].partition(".")
        if not is_running(int(pid), int(started) if started else None):
            shutil.rmtree(folder, ignore_errors=True)
