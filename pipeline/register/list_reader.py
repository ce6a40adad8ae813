"""Read an uploaded list in a process of its own: bound in memory and processor time, a few at a time.

What a list holds is read by `register.lists`; its limits in lines, cells and bytes are in `formats.list_limits`. This
bound stands behind them, for what a hostile file makes a reader of ZIP, XML or CSV do before anything can be counted.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

from pipeline.errors import ListReaderBusyError, ListTooLargeError, RegisterListError
from pipeline.formats.isolation import Apart, Bounds, DiedError
from pipeline.locale import Message
from pipeline.register.lists import FILE_COLUMNS, OFFICE_COLUMNS, NoHeaderError, ReadList, read_list

FILES, OFFICES = "files", "offices"
_COLUMNS = {FILES: (FILE_COLUMNS, "number"), OFFICES: (OFFICE_COLUMNS, "code")}

_AT_ONCE = 2  # lists that one process has read at the same time
_TURN_SECONDS = 2.0  # so long a list waits for its turn
# 100,000 files in all columns: a workbook of 8.5 MB that takes 0.9 GB and, on a busy machine of two cores, 100 s of the
# processor's time; as CSV 29 MB, 0.8 GB and 25 s. What a list needs grows with its size, and so do the bounds.
_MEMORY_MB, _MEMORY_MB_A_MB = 512, 192.0
_MOST_MEMORY_MB = 3072
_CPU_SECONDS, _CPU_SECONDS_A_MB = 30, 40.0
_MOST_CPU_SECONDS = 900
_NICENESS = 10  # who looks at pages meanwhile comes first
_SLOW_DISK = 4.0  # times as long on the clock as on the processor

_APART = Apart("pipeline.formats.spreadsheet")
_turns = threading.BoundedSemaphore(_AT_ONCE)


def read(path: Path, kind: str, *, name: str = "") -> ReadList:
    """A list of `FILES` or `OFFICES`, read to its end; `name` is what it is called in errors.

    Raises `RegisterListError`, `ListTooLargeError`, and `ListReaderBusyError` while other lists are being read.
    """
    name = name or path.name
    if not _turns.acquire(timeout=_TURN_SECONDS):
        raise ListReaderBusyError
    try:
        bounds = _bounds(path)
        return _APART.call(_read, path, kind, name, bounds=bounds)
    except (DiedError, MemoryError, TimeoutError, RecursionError) as error:
        memory, seconds = bounds.memory_mb, bounds.cpu_seconds
        raise ListTooLargeError(
            name=name,
            cause=Message(
                "reading it takes more than {memory} MB of memory or {seconds} s, which no list of its size needs",
                memory=memory,
                seconds=seconds,
            ),
        ) from error
    finally:
        _turns.release()


def _bounds(path: Path) -> Bounds:
    try:
        megabytes = path.stat().st_size / 2**20
    except OSError:
        megabytes = 0.0  # the reader tells why it cannot be opened
    seconds = min(int(_CPU_SECONDS + megabytes * _CPU_SECONDS_A_MB), _MOST_CPU_SECONDS)
    return Bounds(
        memory_mb=min(int(_MEMORY_MB + megabytes * _MEMORY_MB_A_MB), _MOST_MEMORY_MB),
        cpu_seconds=seconds,
        seconds=seconds * _SLOW_DISK,
    )


def _read(path: Path, kind: str, name: str) -> ReadList:
    """What `read` does, in the process that may die of it."""
    from pipeline.formats.spreadsheet import read_rows  # noqa: PLC0415 - openpyxl takes a second, and the web part has no use for it

    os.nice(_NICENESS)
    columns, needed = _COLUMNS[kind]
    try:
        return read_list(read_rows(path, name=name), columns, needed=needed)
    except NoHeaderError as error:
        hindi = next(column.hindi for column in columns if column.name == needed)
        cause = Message("no line has the header “{needed}” or “{hindi}”", needed=needed, hindi=hindi)
        if error.twice:
            cause = Message("the column “{twice}” comes twice", twice=error.twice)
        raise RegisterListError(name=name, cause=cause) from error
