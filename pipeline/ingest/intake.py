"""Take one file in: prove it, keep its original, commit the batch, only then clear the inbox.

Every step may be repeated: what is stored is stored under its content's hash, what is committed is found again.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import structlog

from pipeline.errors import AbhilekhError, HeldElsewhereError, InputError, NotAFileError, NotFoundError
from pipeline.model import Batch, BatchState, MediaType, Source, StoredObject

log = structlog.get_logger()

_LONGEST_NAME = 255  # bytes
_TURN_SECONDS = 30.0  # how long the same bytes under another name may take, until it is our turn

Prove = Callable[[Path, str], Source]


@dataclass(frozen=True, slots=True)
class Places:
    """The inbox, and where files go when they are through with it; `done` is None where they are deleted.

    None of these lies under the inbox.
    """

    inbox: Path
    done: Path | None
    duplicates: Path
    rejected: Path

    def make(self) -> None:
        for folder in (self.done, self.duplicates, self.rejected):
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)


class Originals(Protocol):
    """Where originals and rejected bytes are kept."""

    def put_original(self, path: Path, sha256: str) -> StoredObject: ...

    def put_rejected(self, path: Path) -> StoredObject: ...

    def note(
        self, batch: Batch, kept: Sequence[StoredObject], error: AbhilekhError | None, at: datetime
    ) -> StoredObject:
        """Write the manifest from which a received batch, or one rejected for `error`, can be known again."""


class Register(Protocol):
    """Where batches are committed."""

    def receive(self, batch: Batch, originals: Sequence[StoredObject]) -> tuple[Batch, bool]: ...

    def reject(
        self,
        name: str,
        kept: StoredObject,
        error: AbhilekhError,
        *,
        at: datetime,
        manifest: StoredObject | None,
        office: str | None,
        told: Mapping[str, str],
    ) -> str: ...

    def batch(self, ident: str) -> Batch: ...

    def alone(self, name: str, *, wait_seconds: float = 0.0) -> AbstractContextManager[bool]:
        """Hold a lock by name, against every other process too; False when somebody had it all the while."""


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
        return self.keep(paths, [self.check(path) for path in paths], name=name, told=told, profile=profile)

    def check(self, path: Path) -> Source:
        """Prove one file whole. Raises the `InputError` that says what is wrong with it."""
        _require_plain_file(path, written(path.name))
        return self.prove(path, written(path.name))

    def keep(
        self, paths: Sequence[Path], files: Sequence[Source], *, name: str, told: Mapping[str, str], profile: str
    ) -> Taken:
        """Keep the originals of files that were proven, in page order, and commit them as one batch."""
        source = files[0] if len(files) == 1 else Source.gathered(written(name), files)
        originals = [self.originals.put_original(path, file.sha256) for path, file in zip(paths, files, strict=True)]
        batch = Batch(
            id=source.batch_id,
            source=source,
            state=BatchState.RECEIVED,
            received_at=datetime.now(UTC),
            office=told.get("office") or self.office,
            profile=profile,
            told={what: written(value) for what, value in told.items()},
        )
        with self._turn(batch.id, source.name):
            before = self._known(batch.id)
            if before is None or before.source.pages == 0:  # or rejected once
                originals.append(self.originals.note(batch, originals, None, batch.received_at))
            known, is_new = self.register.receive(batch, originals)
        log.info("received" if is_new else "duplicate", batch=known.id, file=name, pages=source.pages)
        return Taken("received" if is_new else "duplicate", known.id)

    def reject(self, path: Path, error: InputError, told: Mapping[str, str] | None = None) -> Taken:
        """Keep the bytes of a file that cannot be taken in, and record why. `told` is what its folders said."""
        name = path.name
        if isinstance(error, NotAFileError):
            log.warning("rejected", file=name, reason=error.text("en"))
            return Taken("rejected", "", error)
        name = str(error.details.get("name", written(name)))  # as it may be printed
        kept, at = self.originals.put_rejected(path), datetime.now(UTC)
        source = Source(name, kept.sha256, kept.bytes, MediaType.UNKNOWN, 0)
        with self._turn(source.batch_id, name):
            said = {what: written(value) for what, value in (told or {}).items()}
            office = said.get("office") or self.office
            account = self._known(source.batch_id) or Batch(
                source.batch_id, source, BatchState.REJECTED, at, office=office, told=said
            )
            manifest = self.originals.note(account, [kept], error, at) if account.source.pages == 0 else None
            batch = self.register.reject(
                name, kept, error, at=at, manifest=manifest, office=account.office, told=account.told
            )
        log.warning("rejected", batch=batch, file=name, reason=error.text("en"))
        return Taken("rejected", batch, error)

    @contextmanager
    def _turn(self, batch: str, name: str) -> Iterator[None]:
        """The same bytes may come twice at one moment: whoever is first writes manifest and row before the other looks.

        Otherwise one manifest would be written over by the other while it is being checked, or after the row was.
        """
        with self.register.alone(f"batch {batch}", wait_seconds=_TURN_SECONDS) as ours:
            if not ours:
                raise HeldElsewhereError(name=name)
            yield

    def _known(self, ident: str) -> Batch | None:
        try:
            return self.register.batch(ident)
        except NotFoundError:
            return None


def written(name: str) -> str:
    """A name as it is kept: NFC, and what is no character of any encoding marked."""
    return unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))


def _require_plain_file(path: Path, name: str) -> None:
    """Links, devices and pipes are not followed: they may lead anywhere."""
    if not stat.S_ISREG(path.lstat().st_mode):
        raise NotAFileError(name=name)


def clear(path: Path, taken: Taken, places: Places) -> None:
    """What became of the file is committed: now it may leave the inbox."""
    if taken.error is not None:
        set_aside(path, places.rejected, taken.error.text("hi") + "\n" + taken.error.text("en"))
    elif taken.outcome == "duplicate":
        set_aside(path, places.duplicates)
    elif places.done is not None:
        set_aside(path, places.done)
    else:
        path.unlink()


def today() -> str:
    """The name of today's folder, where files are set aside."""
    return datetime.now().astimezone().date().isoformat()


def set_aside(path: Path, folder: Path, note: str | None = None) -> Path:
    """Move a file to `folder/YYYY-MM-DD/`, never over another; `note` is written beside it. Returns its new place."""
    target = move_into(path, folder / today())
    if note:
        target.with_name(_fitting(target.name, ".txt")).write_text(note + "\n", encoding="utf-8")
    return target


def move_into(path: Path, folder: Path) -> Path:
    """Move a file into a folder, which is made if need be, never over another file. Returns its new place."""
    folder.mkdir(parents=True, exist_ok=True)
    target = _free_name(folder, path.name)
    try:
        path.rename(target)
    except OSError:  # another file system
        _copy_and_remove(path, target)
    return target


def _free_name(folder: Path, name: str) -> Path:
    stem, dot, suffix = name.rpartition(".") if "." in name[1:] else (name, "", "")
    candidate, count = folder / name, 1
    while candidate.exists() or candidate.is_symlink():
        count += 1
        candidate = folder / _fitting(stem, f"-{count}{dot}{suffix}")
    return candidate


def _fitting(stem: str, tail: str) -> str:
    """Both as one file name, the stem cut so that it has room: 255 bytes, and a Devanagari letter takes three."""
    whole, room = os.fsencode(stem), _LONGEST_NAME - len(os.fsencode(tail))
    return (stem if len(whole) <= room else whole[:room].decode("utf-8", "ignore")) + tail


def _copy_and_remove(path: Path, target: Path) -> None:
    """Copy to a temporary name, flush to disk, rename, and only then remove the source."""
    if path.is_symlink() or not path.is_file():  # opening it may lead anywhere, or never return; it holds no bytes
        path.unlink()
        return
    partial = target.with_name(_fitting("." + target.name, ".partial"))
    with path.open("rb") as source, partial.open("wb") as copy:
        while piece := source.read(1 << 20):
            copy.write(piece)
        copy.flush()
        os.fsync(copy.fileno())
    partial.rename(target)
    path.unlink()
