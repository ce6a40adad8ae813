"""Take one file in: prove it, keep its original, commit the batch, only then clear the inbox.

Every step may be repeated: what is stored is stored under its content's hash, what is committed is found again.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from pipeline.db.arrivals import ArrivalRepository
from pipeline.errors import AbhilekhError, HeldElsewhereError, InputError, NotAFileError
from pipeline.ingest.originals import OriginalStore
from pipeline.model.batch import Batch, BatchState
from pipeline.model.scan import MediaType, Source, batch_id

log = structlog.get_logger()

_LONGEST_NAME = 255  # bytes
_TURN_SECONDS = 30.0  # how long the same bytes under another name may take, until it is our turn

Prove = Callable[[Path, str], Source]


@dataclass(frozen=True, slots=True)
class Places:
    """The inbox, and where files go when they are through with it. None of these lies under the inbox.

    `keep_done` is false where files in `done` are deleted once they were looked at again. `scratch` is for private copies
    of files while they are taken in.
    """

    inbox: Path
    done: Path
    duplicates: Path
    rejected: Path
    scratch: Path
    keep_done: bool = True

    @property
    def home(self) -> Path:
        """The folder in which the others lie."""
        return self.rejected.parent

    def make(self) -> None:
        for folder in (self.done, self.duplicates, self.rejected):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def of(self, outcome: str) -> Path:
        """Where files with this outcome go."""
        return {"duplicate": self.duplicates, "rejected": self.rejected}.get(outcome, self.done)


@dataclass(frozen=True, slots=True)
class IntakeResult:
    """What became of a file: `received`, `duplicate` (of the batch named) or `rejected` with the error."""

    outcome: str
    batch: str
    error: AbhilekhError | None = None


class Intake:
    """Takes files in, one at a time or from several threads. `prove` opens a file to its last page."""

    def __init__(
        self, prove: Prove, originals: OriginalStore, arrivals: ArrivalRepository, *, office: str | None
    ) -> None:
        self.prove = prove
        self.originals = originals
        self.arrivals = arrivals
        self.office = office

    def take(self, path: Path, metadata: Mapping[str, str] | None = None) -> IntakeResult:
        """Take one file in: prove, keep, commit. The file itself is not touched. `metadata` is what is known of it beside.

        Errors that time may heal are raised, and so is every `InputError`, on which the caller decides: after an
        `IncompleteScanError` the file may still be growing.
        """
        return self.take_all([path], name=path.name, metadata=metadata or {}, profile="generic")

    def take_all(self, paths: Sequence[Path], *, name: str, metadata: Mapping[str, str], profile: str) -> IntakeResult:
        """Take several files in as one batch, their pages in the order given. Raises as `take` does."""
        return self.keep(paths, [self.check(path) for path in paths], name=name, metadata=metadata, profile=profile)

    def check(self, path: Path, name: str | None = None) -> Source:
        """Prove one file whole; `name` is its own where `path` is a copy. Raises the `InputError` of the cause."""
        shown = written(path.name if name is None else name)
        _require_plain_file(path, shown)
        return self.prove(path, shown)

    def keep(
        self, paths: Sequence[Path], files: Sequence[Source], *, name: str, metadata: Mapping[str, str], profile: str
    ) -> IntakeResult:
        """Keep the originals of files that were proven, in page order, and commit them as one batch."""
        source = files[0] if len(files) == 1 else Source.gathered(written(name), files)
        originals = [self.originals.put_original(path, file.sha256) for path, file in zip(paths, files, strict=True)]
        office = metadata.get("office") or self.office
        with self._turn(source, office) as (ident, before):
            batch = Batch(
                id=ident,
                source=source,
                state=BatchState.RECEIVED,
                received_at=datetime.now(UTC),
                office=office,
                profile=profile,
                metadata={what: written(value) for what, value in metadata.items()},
            )
            if before is None or before.source.pages == 0:  # or rejected once
                originals.append(self.originals.note(batch, originals, None, batch.received_at))
            known, is_new = self.arrivals.receive(batch, originals)
        log.info("received" if is_new else "duplicate", batch=known.id, file=name, pages=source.pages)
        return IntakeResult("received" if is_new else "duplicate", known.id)

    def reject(
        self, path: Path, error: InputError, metadata: Mapping[str, str] | None = None, *, name: str | None = None
    ) -> IntakeResult:
        """Keep the bytes of a file that cannot be taken in, and record why. `metadata` is what its folders name, `name`
        its own where `path` is a copy."""
        name = path.name if name is None else name
        if isinstance(error, NotAFileError):
            log.warning("rejected", file=name, reason=error.text("en"))
            return IntakeResult("rejected", "", error)
        name = str(error.details.get("name", written(name)))  # as it may be printed
        kept, at = self.originals.put_rejected(path), datetime.now(UTC)
        source = Source(name, kept.sha256, kept.bytes, MediaType.UNKNOWN, 0)
        metadata = {what: written(value) for what, value in (metadata or {}).items()}
        office = metadata.get("office") or self.office
        with self._turn(source, office) as (ident, known):
            account = known or Batch(ident, source, BatchState.REJECTED, at, office=office, metadata=metadata)
            manifest = self.originals.note(account, [kept], error, at) if account.source.pages == 0 else None
            batch = self.arrivals.reject(
                name, kept, error, at=at, manifest=manifest, office=account.office, metadata=account.metadata
            )
        log.warning("rejected", batch=batch, file=name, reason=error.text("en"))
        return IntakeResult("rejected", batch, error)

    @contextmanager
    def _turn(self, source: Source, office: str | None) -> Iterator[tuple[str, Batch | None]]:
        """The same bytes may come twice for an office at one moment: whoever is first writes manifest and row before the
        other looks. Gives the batch's id, and the batch where there is one already.

        Otherwise one manifest would be written over by the other while it is being checked, or after the row was.
        """
        name = f"batch {batch_id(source.sha256, office)}"
        with self.arrivals.alone(name, wait_seconds=_TURN_SECONDS) as ours:
            if not ours:
                raise HeldElsewhereError(name=source.name)
            yield self.arrivals.place(source.sha256, office)


def written(name: str) -> str:
    """A name as it is kept: NFC, and what is no character of any encoding marked."""
    return unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))


def _require_plain_file(path: Path, name: str) -> None:
    """Links, devices and pipes are not followed: they may lead anywhere."""
    if not stat.S_ISREG(path.lstat().st_mode):
        raise NotAFileError(name=name)
