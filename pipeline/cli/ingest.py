"""Commands that take scans in and work on them at once: ingest, retry, turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pipeline.app import Container
from pipeline.app.sheet_rights import COMMAND
from pipeline.cli.output import SOME_INPUT_FAILED, Json, console, container, out, print_json
from pipeline.db.queue import BatchQueue
from pipeline.errors import AbhilekhError, InputError, Kind, UnreadableFileError, UsageError
from pipeline.errors.disk import disk_error
from pipeline.model.batch import BatchState

if TYPE_CHECKING:
    from pipeline.ingest.intake import Intake, IntakeResult
    from pipeline.workflow.worker import Worker

_POLL_SECONDS = 0.5
_QUARTERS = (0, 90, 180, 270)


def add_commands(app: typer.Typer) -> None:
    app.command("ingest")(ingest)
    app.command("retry")(retry)
    app.command("turn")(turn)


def ingest(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Scanned files, or folders of them.")],
    as_json: Json = False,
) -> None:
    """Take files in and digitise them to the end. The files themselves stay where they are.

    Example:  abhilekh ingest scans/bundle-12/ letter.pdf
    """
    with container(context) as parts, _at_work(parts) as (worker, progress):
        files = list(_files(paths))
        intake, line = parts.intake(), _Line(parts, worker, progress)
        outcomes = _in_parallel(parts, files, lambda path: line.take(intake, path), as_json)
    _finish(outcomes, as_json)


def retry(
    context: typer.Context,
    batches: Annotated[list[str] | None, typer.Argument(metavar="[BATCH…]", help="Only these.")] = None,
    redo: Annotated[bool, typer.Option("--redo", help="Run finished batches again, too, from the first page.")] = False,
    as_json: Json = False,
) -> None:
    """Run failed batches again: all of them, or those named. Of filed ones, pages that hit a limit of time are tried again.

    Example:  abhilekh retry --redo 3f2a9c0d1e4b5a6f7c8d
    """
    with container(context) as parts, _at_work(parts) as (worker, progress):
        restored: list[str] = []
        for ident in batches or []:
            known = parts.records.batch(ident)  # an unknown one is refused before anything starts
            if redo and known.state is BatchState.SUPERSEDED:
                parts.scan_versions().restore(ident)
                restored.append(ident)
        again = [*restored, *parts.queue().put_back(batches, redo=redo)]
        line = _Line(parts, worker, progress)
        outcomes = _in_parallel(parts, again, line.run_again, as_json)
    _finish(outcomes, as_json)


def turn(
    context: typer.Context,
    batch: Annotated[str, typer.Argument(metavar="BATCH", help="As `show` names it.")],
    page: Annotated[int, typer.Argument(metavar="PAGE", min=1, help="Its place in the scan, from 1.")],
    rotate: Annotated[int, typer.Option("--rotate", help="Its rotation in the scan, in degrees.")],
    skew: Annotated[
        float | None, typer.Option("--skew", min=-45, max=45, help="The slope of its lines; else it is measured.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Set the rotation of a page and process it again. What a person has set is not measured any more.

    Degrees count counter-clockwise, as in `show --json`; they are undone. A page on its head is --rotate 180.

    Example:  abhilekh turn 3f2a9c0d1e4b5a6f7c8d 4 --rotate 90 --skew 1.2
    """
    if rotate not in _QUARTERS:
        raise UsageError(cause="--rotate is one of 0, 90, 180, 270.")
    with container(context) as parts, _at_work(parts) as (worker, progress):
        parts.queue().turn_page(batch, page, rotate, skew)
        line = _Line(parts, worker, progress)
        outcomes = _in_parallel(parts, [batch], line.run_again, as_json)
    _finish(outcomes, as_json)


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files named, and those in the folders named, each once. Raises `UsageError` for what is not there."""
    seen: set[Path] = set()
    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise UsageError(cause=f"There is no file or folder “{path}”.")
        inside = sorted(p for p in path.rglob("*") if not p.is_dir() and not p.name.startswith("."))
        for found in inside if path.is_dir() else [path]:
            if found.absolute() not in seen:
                seen.add(found.absolute())
                yield found


@contextmanager
def _at_work(parts: Container) -> Iterator[tuple[Worker, Progress]]:
    """Workers and a progress bar (on stderr, only where somebody watches)."""
    screen = console()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with parts.page_pool() as pool, Progress(*columns, console=screen, disable=not screen.is_terminal) as progress:
        worker = parts.worker(pool, beats=False)
        with worker.leases_kept():
            yield worker, progress


class _Line:
    """Digitises one file or batch to its end and returns the outcome in the contract's form."""

    def __init__(self, parts: Container, worker: Worker, progress: Progress) -> None:
        self.parts = parts
        self.worker = worker
        self.queue: BatchQueue = parts.queue()
        self.progress = progress
        self.task = progress.add_task("pages", total=0)

    def take(self, intake: Intake, path: Path) -> dict[str, Any]:
        from pipeline.ingest.intake import written

        began = time.monotonic()
        try:
            taken = _take_or_reject(intake, path)
            if taken.outcome == "received" or (taken.outcome == "duplicate" and not self._is_filed(taken.batch)):
                return _row(path, began, **self._digitise(taken.batch))
        except AbhilekhError as error:
            return _row(path, began, status="failed", **_reason(error))
        except OSError as error:
            unreadable = UnreadableFileError(name=written(path.name), cause=error.strerror or error)
            known = disk_error(error, self.parts.settings.home) or unreadable
            return _row(path, began, status="failed", **_reason(known))
        if taken.error is not None:
            return _row(path, began, batch=taken.batch or None, status="rejected", **_reason(taken.error))
        documents = self.parts.records.documents_of(taken.batch)
        pages = self.parts.records.batch(taken.batch).source.pages
        return _row(
            path,
            began,
            batch=taken.batch,
            status="duplicate",
            duplicate_of=taken.batch,
            documents=documents,
            pages=pages,
        )

    def run_again(self, batch: str) -> dict[str, Any]:
        began = time.monotonic()
        name = self.parts.records.batch(batch).source.name
        return _row(Path(name), began, **self._digitise(batch))

    def _is_filed(self, batch: str) -> bool:
        return self.parts.records.batch(batch).state in (BatchState.FILED, BatchState.SUPERSEDED)

    def _digitise(self, ident: str) -> dict[str, Any]:
        """Work on the batch, or wait for whoever holds it."""
        pages = self.parts.records.batch(ident).source.pages
        self._expect(pages)
        while True:
            batch = self.queue.claim(ident)
            if batch is not None:
                error = self.worker.work_on(batch, on_page=lambda number: self.progress.advance(self.task))
                if error is not None:
                    status = "rejected" if error.kind is Kind.INPUT else "failed"  # as the row says
                    return {"batch": ident, "status": status, "pages": pages, **_reason(error)}
            state = self.parts.records.batch(ident).state
            if state is BatchState.FILED:
                documents = self.parts.records.documents_of(ident)
                return {"batch": ident, "status": "indexed", "documents": documents, "pages": pages}
            if state is BatchState.SUPERSEDED:  # a newer version came meanwhile
                newer = self.parts.scan_versions().rows.of(ident).superseded_by
                return {"batch": ident, "status": "duplicate", "pages": pages, "duplicate_of": newer}
            if state in (BatchState.FAILED, BatchState.REJECTED):
                failure = self.parts.records.batch_details(ident).failure
                return {"batch": ident, "status": str(state), "pages": pages, "reason": failure and failure.en}
            time.sleep(_POLL_SECONDS)

    def _expect(self, pages: int) -> None:
        total = self.progress.tasks[0].total or 0
        self.progress.update(self.task, total=total + pages)


def _take_or_reject(intake: Intake, path: Path) -> IntakeResult:
    """Named on the command line, a file is not waited for: what does not open whole is rejected."""
    try:
        return intake.take(path, metadata={COMMAND: "ingest"})
    except InputError as error:
        return intake.reject(path, error)


def _in_parallel(
    parts: Container, items: Sequence[Any], work: Callable[[Any], dict[str, Any]], as_json: bool
) -> list[dict[str, Any]]:
    """Do the work with as many threads as there are page workers; each outcome is printed as it ends."""
    outcomes = []
    with ThreadPoolExecutor(parts.settings.work.processes) as threads:
        for future in as_completed([threads.submit(work, item) for item in items]):
            outcomes.append(future.result())
            _tell(outcomes[-1], as_json)
    return outcomes


def _row(path: Path, began: float, **known: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "batch": None,
        "status": "",
        "reason": None,
        "duplicate_of": None,
        "documents": [],
        "pages": 0,
    }
    return {"path": str(path), **empty, **known, "seconds": round(time.monotonic() - began, 3)}


def _reason(error: AbhilekhError) -> dict[str, Any]:
    return {"reason": error.reason, "reason_hi": error.text("hi"), "reason_en": error.text("en"), "code": error.code}


def _tell(row: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(row, one_line=True)
        return
    pages = "1 page" if row["pages"] == 1 else f"{row['pages']} pages"
    metadata = f"{row['status']:9} {row['path']}  ({pages}, {row['seconds']:.1f} s)"
    out(metadata + (f"\n          {row['reason']}" if row["reason"] else ""))


def _finish(outcomes: Sequence[dict[str, Any]], as_json: bool) -> None:
    bad = sum(1 for row in outcomes if row["status"] in ("rejected", "failed"))
    known = sum(1 for row in outcomes if row["status"] == "duplicate")
    if not as_json:
        out(f"{len(outcomes) - bad} done{f' ({known} were here already)' if known else ''}, {bad} rejected or failed.")
    if bad:
        raise typer.Exit(SOME_INPUT_FAILED)
