"""How logs are written: structured, to stderr, readable on a terminal and JSON lines elsewhere; or to a file kept small."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TextIO, cast

import structlog

from pipeline.errors.disk import disk_state

_LARGEST_LOG = 20 * 2**20  # bytes


class _Enduring(io.TextIOBase):
    """A stream whose full disk ends nobody: a line that cannot be written is dropped, and work goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def start_logging(*, verbose: bool) -> None:
    """Say everything from `info` up, or from `warning` up; tracebacks never show local values (they hold people's text)."""
    level = logging.INFO if verbose else logging.WARNING
    on_terminal = sys.stderr.isatty()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if on_terminal
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%Y-%m-%dT%H:%M:%S.%f%z", utc=False),
    ]
    if not on_terminal:
        shared.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Enduring(sys.stderr))),
        cache_logger_on_first_use=True,
    )
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # it warns of every try while a store starts
    theirs = logging.StreamHandler(sys.stderr)  # what libraries have to say, in the same form
    theirs.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
        )
    )
    logging.basicConfig(handlers=[theirs], level=logging.WARNING)


def write_log_to(path: Path, *, largest: int = _LARGEST_LOG) -> Callable[[], None]:
    """Have stdout and stderr, of this process and of those it starts, go to the end of a file.

    Raises `DiskFullError` or `DiskReadOnlyError`.
    Returns what is to be called now and then: a file of more than `largest` bytes becomes `NAME.1`, over the one before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if (state := disk_state(path.parent)) is not None:  # raised now, where a person sees it: the log could not take it
        raise state
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.close(file)
    return lambda: turn_over(path, largest)


def turn_over(path: Path, largest: int) -> None:
    """Keep what is in a log as `NAME.1` and empty it. Several processes hold it open, so it must stay the same file.

    Where there is no room for the copy, the log is emptied all the same: a disk full of it helps nobody.
    """
    with suppress(OSError):
        if path.stat().st_size <= largest:
            return
        before = path.with_name(path.name + ".1")
        try:
            with path.open("rb") as log, before.open("wb") as copy:
                while piece := log.read(1 << 20):
                    copy.write(piece)
        except OSError:
            with suppress(OSError):
                before.unlink(missing_ok=True)
        os.truncate(path, 0)
