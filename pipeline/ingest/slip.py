"""The slip of a group: what is being taken, so that after a crash it is known what is still to be done.

It is written in two steps, each one transaction of the database, on the disk before anything follows from it:

1. before the batch is committed, the pages it is made of, with their SHA-256. A watcher that finds this much takes exactly
   these pages: where the commit had happened already, it is found again by its content, whatever pages came later.
2. after the commit and before the first page leaves the inbox, where they all go. A watcher that finds this takes nothing:
   it moves what is left of these very files, and only those whose SHA-256 is still the same.

So no page is taken twice and none is lost, at whatever moment the power goes. Watchers on several machines share a
database, and so see the same slip. Slips once lay in the inbox, where anybody could write one: such files are not read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath

import structlog

from pipeline.db.inbox import SlipRows
from pipeline.ingest import safe_paths
from pipeline.ingest.holding import Alone
from pipeline.model.inbox import SlipContent

log = structlog.get_logger()

_OLD = ".abhilekh-"  # with what the names of earlier versions' slips, and of files that are being moved, begin
_reported: set[str] = set()


def ident_of(key: Sequence[str]) -> str:
    """The name of a group, from all that its files agree on."""
    return hashlib.sha256("\0".join(key).encode("utf-8", "surrogateescape")).hexdigest()[:32]


class Slip:
    """What is written of one group. Paths are relative to the inbox."""

    def __init__(self, rows: SlipRows, ident: str) -> None:
        self.rows = rows
        self.ident = ident
        self.content: SlipContent = rows.read(ident)

    @property
    def pages(self) -> dict[str, str]:
        """The pages of the batch that is, or may be, committed, in order, with their SHA-256."""
        return _read(self.content.get("pages", {}))

    @property
    def leaving(self) -> dict[str, str]:
        """The files that leave the inbox, once the batch is committed: its pages, and the group's markers."""
        return {**self.pages, **_read(self.content.get("markers", {}))} if self.is_committed else {}

    @property
    def is_committed(self) -> bool:
        return "place" in self.content

    @property
    def outcome(self) -> str:
        """What became of them: `received` or `duplicate`."""
        return str(self.content["outcome"])

    @property
    def place(self) -> PurePath:
        """The folder they go to, below the one of their outcome."""
        return safe_paths.from_text(self.content["place"])

    @property
    def folders(self) -> list[PurePath]:
        """Folders that are left behind and may go when they are empty, the deepest first."""
        return [safe_paths.from_text(folder) for folder in self.content.get("folders", [])]

    @property
    def taken(self) -> int | None:
        """The record of files taken (`db.inbox.TakenRows`) that belongs to them."""
        return self.content.get("taken")

    def fix(self, pages: Mapping[str, str]) -> None:
        """Step 1. The pages of which the batch will be made."""
        if self.pages != pages:
            self._write({"pages": _written(pages)})

    def commit(
        self, markers: Mapping[str, str], outcome: str, place: PurePath, folders: Sequence[PurePath], taken: int | None
    ) -> None:
        """Step 2. The batch is committed: its files, and the markers, leave the inbox."""
        committed: SlipContent = {
            "markers": _written(markers),
            "outcome": outcome,
            "place": safe_paths.to_text(place),
            "folders": [safe_paths.to_text(folder) for folder in folders],
            "taken": taken,
        }
        self._write({**self.content, **committed})

    def _write(self, content: SlipContent) -> None:
        self.rows.write(self.ident, content)
        self.content = content

    def tear_up(self) -> None:
        """Everything is done."""
        self.content = {}
        self.rows.remove(self.ident)


def _written(files: Mapping[str, str]) -> dict[str, str]:
    return {safe_paths.to_text(name): sha256 for name, sha256 in files.items()}


def _read(files: Mapping[str, str]) -> dict[str, str]:
    """Files by their paths. Raises `ValueError` for one that does not lie below the inbox."""
    return {str(safe_paths.from_text(name)): sha256 for name, sha256 in files.items()}


@contextmanager
def slip_of(rows: SlipRows, inbox: str, key: Sequence[str], alone: Alone) -> Iterator[Slip | None]:
    """The slip of a group, held so that no second watcher takes the group; None while another one holds it.

    `inbox` is the name under which every watcher of the same folder knows it.
    """
    with _held(rows, inbox, ident_of(key), alone) as slip:
        yield slip


def left_over(rows: SlipRows, inbox: str, alone: Alone) -> Iterator[Slip]:
    """The slips that nobody holds, each held in turn: the watcher that wrote them has ended."""
    for ident in rows.idents():
        with _held(rows, inbox, ident, alone) as slip:
            if slip is not None and slip.content:
                yield slip


@contextmanager
def _held(rows: SlipRows, inbox: str, ident: str, alone: Alone) -> Iterator[Slip | None]:
    with alone(f"group {inbox} {ident}") as ours:
        yield Slip(rows, ident) if ours else None


def report_strays(inbox: Path) -> bool:
    """Log, once each, the files in the inbox that look like a slip, or like one that is being moved; returns whether there
    are any. They are not read.

    An honest one was left by an earlier version that was killed. Its pages are still in the inbox and are taken again.
    """
    strays = sorted(path.name for path in inbox.iterdir() if path.name.startswith(_OLD))
    for name in strays:
        if name not in _reported:
            _reported.add(name)
            log.warning("a hidden file in the inbox is ignored; it may be removed", file=ascii(name))
    return bool(strays)
