"""Look at files again after they were taken: what changed in `done` is a new version of the same scan.

A writer that keeps its file open goes on writing to it wherever it was moved to. So each file is hashed once more when
`recheck` seconds have passed, and after that looked at ever more rarely, by its size, times and inode first. What changed
and opens whole is taken as a new batch, which supersedes the first; what does not open is logged, and the first stays.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath

import structlog

from pipeline.errors import AbhilekhError, InputError
from pipeline.files import sha256_of
from pipeline.ingest import safe_paths
from pipeline.ingest.file_lease import Writer, writer_of
from pipeline.ingest.snapshot import FileSignature, PrivateCopy, snapshot, workspace
from pipeline.ingest.take_file import Taking
from pipeline.ingest.taken_files import TakenFile, TakenScan
from pipeline.model.scan import ScanVersion, Source

log = structlog.get_logger()

_AT_ONCE = 16  # scans asked for at a time
_LONGEST_SECONDS = 2.0  # spent on it in one round, so that the inbox is not kept waiting
_LAST_DAYS = 30  # after a pause so long a file is not looked at again
_MOST_CHECKS = 40  # so that the pause can be computed


class Rechecker:
    """Looks at what was taken, and is still where it was moved to."""

    def __init__(self, taking: Taking) -> None:
        self.taking = taking

    def look(self, stop: threading.Event) -> None:
        """Look at what is due, for a while. Trouble with one scan is logged and tried again later."""
        until = time.monotonic() + _LONGEST_SECONDS
        for scan in self.taking.rows.due(self.taking.keeper, datetime.now(UTC), _AT_ONCE):
            if stop.is_set() or time.monotonic() > until:
                return
            with self.taking.intake.arrivals.alone(f"recheck {scan.id}") as ours:
                if not ours:
                    continue
                try:
                    self._look_at(scan)
                except (AbhilekhError, OSError) as error:
                    log.warning("file taken cannot be looked at again now", file=ascii(scan.name), reason=str(error))
                    self._later(scan, counts=False)

    def _look_at(self, scan: TakenScan) -> None:
        root = self.taking.places.of(scan.outcome)
        found = {file: safe_paths.look(root, PurePath(file.place)) for file in scan.files if file.place}
        if len(found) < len(scan.files) or any(stat is None for stat in found.values()):
            self._forget(scan)  # emptied by hand
            return
        if scan.checks and all(stat and FileSignature.of(stat) == file.signature for file, stat in found.items()):
            self._later(scan)
            return
        now = [self._now(root, file) for file in scan.files]
        if any(one is None for one in now):
            self._later(scan, counts=False)
        elif [sha256 for sha256, _ in filter(None, now)] == list(scan.sha256s):
            self._is_the_same(replace(scan, files=_with(scan.files, [stat for _, stat in filter(None, now)])), root)
        else:
            self._changed(scan, root)

    def _now(self, root: Path, file: TakenFile) -> tuple[str, FileSignature] | None:
        """What a file is now; None while somebody writes to it, or has just done so."""
        descriptor = safe_paths.open_file(root, PurePath(file.place or ""), file.name)
        try:
            before = FileSignature.of(os.fstat(descriptor))
            is_young = time.time() - before.ctime_ns / 1e9 < self.taking.rules.settle
            if writer_of(descriptor) is Writer.OPEN or (is_young and before != file.signature):
                return None
            sha256 = sha256_of(descriptor)
            return (sha256, before) if FileSignature.of(os.fstat(descriptor)) == before else None
        finally:
            os.close(descriptor)

    def _is_the_same(self, scan: TakenScan, root: Path) -> None:
        if self.taking.places.keep_done or scan.outcome != "received":
            self._later(scan)
            return
        for file in scan.files:
            place = PurePath(file.place or "")
            with safe_paths.folder(root, place.parent) as folder:
                os.unlink(place.name, dir_fd=folder)
            with suppress(OSError):  # not empty, or the day's
                if len(place.parent.parts) > 1:
                    safe_paths.remove_empty(root, place.parent)
        self._forget(scan)

    def _changed(self, scan: TakenScan, root: Path) -> None:
        """Take the files as they are now as a new version."""
        taking = self.taking
        with workspace(taking.places.scratch) as folder:
            copies = [self._copy(root, file, folder) for file in scan.files]
            try:
                sources = [
                    taking.intake.check(copy.path, PurePath(file.name).name)
                    for copy, file in zip(copies, scan.files, strict=True)
                ]
            except InputError as error:
                self._unreadable(scan, copies, error)
                return
            taken = taking.intake.keep(
                [copy.path for copy in copies], sources, name=scan.name, metadata=scan.metadata, profile=scan.profile
            )
        files = tuple(_as_now(*both) for both in zip(scan.files, sources, copies, strict=True))
        newer = replace(scan, files=files, batch=taken.batch, outcome=scan.outcome, checks=0)
        if scan.outcome != "duplicate" and scan.batch and taken.batch != scan.batch:
            taking.link(
                ScanVersion(scan.batch, taken.batch, "changed_after_taking", certain=True, at=datetime.now(UTC))
            )
        self._later(newer, counts=False)

    def _copy(self, root: Path, file: TakenFile, folder: Path) -> PrivateCopy:
        descriptor = safe_paths.open_file(root, PurePath(file.place or ""), file.name)
        try:
            return snapshot(descriptor, folder, file.name)
        finally:
            os.close(descriptor)

    def _unreadable(self, scan: TakenScan, copies: list[PrivateCopy], error: InputError) -> None:
        """Keep the first version; log once that the file changed, and again when it changes again."""
        signatures = [copy.signature for copy in copies]
        if scan.batch and [file.signature for file in scan.files] != signatures:
            log.warning(
                "file changed after it was taken and cannot be opened", file=ascii(scan.name), reason=str(error)
            )
            about = ScanVersion(scan.batch, scan.batch, "changed_unreadable", certain=False, at=datetime.now(UTC))
            self.taking.link(about)
        self._later(replace(scan, files=_with(scan.files, signatures), checks=max(scan.checks, 1)))

    def _later(self, scan: TakenScan, *, counts: bool = True) -> None:
        """Look again: after each look at which nothing had changed, after twice the time."""
        checks = min(scan.checks + 1, _MOST_CHECKS) if counts else scan.checks
        pause = timedelta(seconds=min(self.taking.rules.recheck * 2**checks, 2 * _LAST_DAYS * 86400))
        if pause > timedelta(days=_LAST_DAYS):
            self._forget(scan)
            return
        self.taking.rows.change(replace(scan, checks=checks, check_at=datetime.now(UTC) + pause))

    def _forget(self, scan: TakenScan) -> None:
        if scan.id is not None:
            self.taking.rows.remove(scan.id)


def _with(files: tuple[TakenFile, ...], signatures: list[FileSignature]) -> tuple[TakenFile, ...]:
    return tuple(replace(file, signature=now) for file, now in zip(files, signatures, strict=True))


def _as_now(file: TakenFile, source: Source, copy: PrivateCopy) -> TakenFile:
    return replace(file, sha256=source.sha256, bytes=source.bytes, signature=copy.signature)
