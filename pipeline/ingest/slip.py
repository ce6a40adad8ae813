"""The slip of a group: a hidden file in the inbox that is its lock, and tells after a crash what is still to be done.

It is written in two steps, each flushed to disk, and only ever added to:

1. before the batch is committed, the pages it is made of, with their SHA-256. A watcher that finds this much takes exactly
   these pages: where the commit had happened already, it is found again by its content, whatever pages came later.
2. after the commit and before the first page leaves the inbox, where they all go. A watcher that finds this takes nothing:
   it moves what is left of these very files, and only those whose SHA-256 is still the same.

So no page is taken twice and none is lost, at whatever moment the power goes. The slip lies in the inbox itself, so that
watchers on several machines see the same one.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.ingest.holding import Alone, locked

_PREFIX, _SUFFIX = ".abhilekh-", ".slip"


class Slip:
    """What is written of one group. Paths are relative to the inbox. `key` names the group."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self.file = file
        self.told: dict[str, Any] = _read(file)

    @property
    def pages(self) -> dict[str, str]:
        """The pages of the batch that is, or may be, committed, in order, with their SHA-256."""
        return dict(self.told.get("pages", {}))

    @property
    def leaving(self) -> dict[str, str]:
        """The files that leave the inbox, once the batch is committed: its pages, and the group's markers."""
        return {**self.pages, **self.told.get("markers", {})} if self.is_committed else {}

    @property
    def is_committed(self) -> bool:
        return "place" in self.told

    @property
    def to(self) -> tuple[str, str]:
        """Where they go: to `done` or `duplicates`, and the folder there."""
        return str(self.told["to"]), str(self.told["place"])

    @property
    def folders(self) -> list[str]:
        """Folders that are left behind and may go when they are empty, the deepest first."""
        return list(self.told.get("folders", []))

    def fix(self, pages: Mapping[str, str]) -> None:
        """Step 1. The pages of which the batch will be made."""
        if self.pages != pages:
            self._add(pages=dict(pages))

    def commit(self, markers: Mapping[str, str], to: tuple[str, str], folders: Sequence[str]) -> None:
        """Step 2. The batch is committed: its files, and the markers, leave the inbox."""
        self._add(markers=dict(markers), to=to[0], place=to[1], folders=list(folders))

    def _add(self, **told: Any) -> None:
        self.file.write(json.dumps(told).encode("ascii") + b"\n")  # names may hold bytes that are no UTF-8
        self.file.flush()
        os.fsync(self.file.fileno())
        self.told |= told

    def tear_up(self) -> None:
        """Everything is done."""
        self.told = {}
        self.path.unlink(missing_ok=True)


def _read(file: BinaryIO) -> dict[str, Any]:
    """What the whole lines tell. A last one that a crash cut short is dropped: nothing was done of it yet."""
    file.seek(0)
    *lines, torn = file.read().split(b"\n")
    if torn:
        file.truncate(sum(len(line) + 1 for line in lines))
    told: dict[str, Any] = {}
    for line in lines:
        with suppress(ValueError):
            told |= json.loads(line)
    return told


@contextmanager
def slip_of(inbox: Path, key: tuple[str, ...], alone: Alone) -> Iterator[Slip | None]:
    """The slip of a group, held so that no second watcher takes the group; None while another one holds it."""
    ident = hashlib.sha256("\0".join(key).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    with _held(inbox / f"{_PREFIX}{ident}{_SUFFIX}", alone) as slip:
        yield slip


def left_over(inbox: Path, alone: Alone) -> Iterator[Slip]:
    """The slips that nobody holds, each held in turn: the watcher that wrote them has ended."""
    for path in sorted(inbox.glob(f"{_PREFIX}*{_SUFFIX}")):
        with _held(path, alone) as slip:
            if slip is not None:
                yield slip


@contextmanager
def _held(path: Path, alone: Alone) -> Iterator[Slip | None]:
    # Open for writing: over NFS only such a file can be locked.
    with path.open("a+b") as file, locked(path, file.fileno(), path.name, alone) as ours:
        if not ours or not _is_still(path, file):
            yield None
            return
        slip = Slip(path, file)
        try:
            yield slip
        finally:
            if not slip.told:
                path.unlink(missing_ok=True)


def _is_still(path: Path, file: BinaryIO) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False
