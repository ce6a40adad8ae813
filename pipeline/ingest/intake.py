"""Take one file in: prove it, keep its original, commit the batch, only then clear the inbox.

Every step may be repeated: what is stored is stored under its content's hash, what is committed is found again.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import structlog

from pipeline.errors import AbhilekhError, InputError, NotAFileError
from pipeline.model import Batch, BatchState, Source, StoredObject

log = structlog.get_logger()

Prove = Callable[[Path, str], Source]


class Originals(Protocol):
    """Where originals and rejected bytes are kept."""

    def put_original(self, path: Path, sha256: str) -> StoredObject: ...

    def put_rejected(self, path: Path) -> StoredObject: ...


class Register(Protocol):
    """Where batches are committed."""

    def receive(self, batch: Batch, originals: Sequence[StoredObject]) -> tuple[Batch, bool]: ...

    def reject(self, name: str, kept: StoredObject, error: AbhilekhError) -> str: ...


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: `received`, `duplicate` (of the batch named) or `rejected` with the error."""

    outcome: str
    batch: str
    error: AbhilekhError | None = None


class Intake:
    """Takes files in, one at a time or from several threads. `prove` opens a file to its last page."""

    def __init__(self, prove: Prove, originals: Originals, register: Register, *, office: str | None) -> None:
        self.prove = prove
        self.originals = originals
        self.register = register
        self.office = office

    def take(self, path: Path) -> Taken:
        """Take one file in: prove, keep, commit. The file itself is not touched.

        Errors that time may heal are raised, and so is every `InputError`, on which the caller decides: after an
        `IncompleteScanError` the file may still be growing.
        """
        return self.take_all([path], name=path.name, told={}, profile="generic")

    def take_all(self, paths: Sequence[Path], *, name: str, told: Mapping[str, str], profile: str) -> Taken:
        """Take several files in as one batch, their pages in the order given. Raises as `take` does."""
        files = []
        for path in paths:
            _require_plain_file(path, path.name)
            files.append(self.prove(path, path.name))
        source = files[0] if len(files) == 1 else Source.gathered(name, files)
        originals = [self.originals.put_original(path, file.sha256) for path, file in zip(paths, files, strict=True)]
        batch = Batch(
            id=source.batch_id,
            source=source,
            state=BatchState.RECEIVED,
            received_at=datetime.now(UTC),
            office=told.get("office") or self.office,
            profile=profile,
            told=told,
        )
        known, is_new = self.register.receive(batch, originals)
        log.info("received" if is_new else "duplicate", batch=known.id, file=name, pages=source.pages)
        return Taken("received" if is_new else "duplicate", known.id)

    def reject(self, path: Path, error: InputError) -> Taken:
        """Keep the bytes of a file that cannot be taken in, and record why."""
        name = path.name
        if isinstance(error, NotAFileError):
            log.warning("rejected", file=name, reason=error.text("en"))
            return Taken("rejected", "", error)
        kept = self.originals.put_rejected(path)
        batch = self.register.reject(name, kept, error)
        log.warning("rejected", batch=batch, file=name, reason=error.text("en"))
        return Taken("rejected", batch, error)


def _require_plain_file(path: Path, name: str) -> None:
    """Links, devices and pipes are not followed: they may lead anywhere."""
    if not stat.S_ISREG(path.lstat().st_mode):
        raise NotAFileError(name=name)


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """Hold a file so that no second watcher takes it; False when another one has it or has moved it away."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        yield not path.is_file() and path.exists()  # a link or a device: nobody reads it, it is only set aside
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            still_there = os.path.samestat(os.fstat(descriptor), path.lstat())
        except OSError:
            still_there = False
        yield still_there
    finally:
        os.close(descriptor)


def set_aside(path: Path, folder: Path, note: str | None = None) -> Path:
    """Move a file to `folder/YYYY-MM-DD/`, never over another; `note` is written beside it. Returns its new place."""
    day = folder / datetime.now().astimezone().date().isoformat()
    day.mkdir(parents=True, exist_ok=True)
    target = _free_name(day, path.name)
    try:
        path.rename(target)
    except OSError:  # another file system
        _copy_and_remove(path, target)
    if note:
        target.with_name(target.name[:200] + ".txt").write_text(note + "\n", encoding="utf-8")
    return target


def _free_name(folder: Path, name: str) -> Path:
    stem, dot, suffix = name.rpartition(".") if "." in name[1:] else (name, "", "")
    candidate, count = folder / name, 1
    while candidate.exists() or candidate.is_symlink():
        count += 1
        candidate = folder / f"{stem[:230]}-{count}{dot}{suffix}"
    return candidate


def _copy_and_remove(path: Path, target: Path) -> None:
    """Copy to a temporary name, flush to disk, rename, and only then remove the source."""
    partial = target.with_name("." + target.name[:200] + ".partial")
    with path.open("rb") as source, partial.open("wb") as copy:
        while piece := source.read(1 << 20):
            copy.write(piece)
        copy.flush()
        os.fsync(copy.fileno())
    partial.rename(target)
    path.unlink()
