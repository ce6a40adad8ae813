"""What all commands share: settings for this call, JSON and messages, exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pipeline import settings
from pipeline.app import Container
from pipeline.errors import AbhilekhError, Kind
from pipeline.errors.disk import disk_error
from pipeline.locale import use_terms
from pipeline.logs import start_logging

EXIT_CODES = {
    Kind.INTERNAL: 1,
    Kind.USAGE: 2,
    Kind.NOT_FOUND: 2,
    Kind.NOT_ALLOWED: 2,
    Kind.SIGN_IN: 2,
    Kind.TOO_MANY: 2,
    Kind.TOO_LARGE: 2,
    Kind.INPUT: 3,
    Kind.MISSING: 4,
    Kind.TRANSIENT: 4,
}
SOME_INPUT_FAILED = 3

Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout and nothing else there.")]


@contextmanager
def container(context: typer.Context, *, verbose: bool = False) -> Iterator[Container]:
    """The parts for this call, closed when the command ends."""
    start_logging(verbose=verbose)
    built = Container(settings.load(context.obj))
    use_terms(built.settings.web.terms)  # for what this process prints, answers and writes down
    try:
        yield built
    except OSError as error:
        if known := disk_error(error, built.settings.home):
            raise known from error
        raise
    finally:
        built.close()


def print_json(value: Any, *, one_line: bool = False) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=None if one_line else 2, default=_plain) + "\n")
    sys.stdout.flush()


def _plain(value: object) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def out(text: str = "") -> None:
    sys.stdout.write(text + "\n")


def console() -> Console:
    """For progress and remarks: stderr."""
    return Console(stderr=True, highlight=False)


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr, only where somebody watches; called with how many of how many are done."""
    screen = console()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen, disable=not screen.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def complain(error: AbhilekhError) -> None:
    with suppress(OSError):  # a log on a full disk; the exit code says it then
        sys.stderr.write(f"{error.text('en')}\n{error.text('hi')}\n")
        sys.stderr.flush()
