"""Take one file of the inbox, or each page of a group, safely: at rest, held, copied; and see that it is still the same.

The order is what makes it safe: a private copy is proven, kept and committed; then the file in the inbox is looked at again,
its times and its bytes, with nobody writing to it; only then does it leave. What changed meanwhile stays, is taken again,
and is a new version of what was taken first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath

import structlog

from pipeline.db.inbox import SlipRows, TakenRows
from pipeline.errors import HeldElsewhereError, LinkedFileError, NotAFileError
from pipeline.ingest import leaving, safe_paths, versions
from pipeline.ingest.file_lease import Writer, writer_of
from pipeline.ingest.holding import held
from pipeline.ingest.intake import Intake, IntakeResult, Places, written
from pipeline.ingest.profiles import Profile
from pipeline.ingest.settle import Settling
from pipeline.ingest.snapshot import FileSignature, PrivateCopy, snapshot
from pipeline.ingest.taken_files import TakenFile, TakenScan
from pipeline.model.scan import ScanVersion

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class IntakeRules:
    """When files are taken and looked at again, in seconds.

    `unleased_settle` is how long a file must hold still where nobody can tell whether it is open for writing; a profile may
    say otherwise. `recheck` is when a file is hashed again after it has left; `version` is how long after that a file of
    the same name may be a later version of it.
    """

    settle: float
    unleased_settle: float
    reject_after: float
    recheck: float
    version: float


@dataclass(frozen=True, slots=True)
class InboxRecords:
    """The records of one inbox: what is being taken, what was taken; `link` stores which scan is a version of which.

    `inbox` names the inbox, alike for every watcher of the same folder; `keeper` the home that has what was taken.
    """

    slips: SlipRows
    rows: TakenRows[TakenScan]
    link: Callable[[ScanVersion], None]
    inbox: str
    keeper: str


@dataclass(frozen=True, slots=True)
class Copied:
    """A file of the inbox and its private copy."""

    relative: PurePath
    copy: PrivateCopy

    def taken(self, sha256: str) -> TakenFile:
        """The file as it is written down, before it has left."""
        signature = self.copy.signature
        return TakenFile(str(self.relative), sha256, signature.size, None, signature)


class Taking:
    """What taking a single file and taking a group share."""

    def __init__(
        self, places: Places, intake: Intake, settling: Settling, rules: IntakeRules, records: InboxRecords
    ) -> None:
        self.places = places
        self.intake = intake
        self.settling = settling
        self.rules = rules
        self.rows = records.rows
        self.link = records.link
        self.inbox = records.inbox
        self.keeper = records.keeper

    def relative(self, path: Path) -> PurePath:
        return PurePath(path.relative_to(self.places.inbox))

    @contextmanager
    def open(self, path: Path) -> Iterator[int | None]:
        """Hold a file of the inbox; None when it is gone. Raises as `holding.held` does."""
        relative = self.relative(path)
        with held(self.places.inbox, relative, written(str(relative)), self.intake.arrivals.alone) as descriptor:
            yield descriptor

    def copy(self, path: Path, descriptor: int, profile: Profile, folder: Path) -> Copied | None:
        """Copy a held file into a workspace; None while it is not at rest.

        Raises as `snapshot` does, and `HeldElsewhereError` while somebody has it open for writing.
        """
        if not self._is_at_rest(path, descriptor, profile):
            return None
        relative = self.relative(path)
        return Copied(relative, snapshot(descriptor, folder, written(str(relative))))

    def _is_at_rest(self, path: Path, descriptor: int, profile: Profile) -> bool:
        writer = writer_of(descriptor)
        if writer is Writer.OPEN:
            raise HeldElsewhereError(name=written(str(self.relative(path))))
        if writer is Writer.NONE:
            return True
        seconds = self.rules.unleased_settle if profile.settle_seconds is None else profile.settle_seconds
        return self.settling.has_been_still(path, max(seconds, self.rules.settle))

    def is_unchanged(self, path: Path, sha256: str, signature: FileSignature | None) -> bool:
        """Whether a file still is what was taken, by its bytes and, where they are known, its times, and nobody writes."""
        try:
            with self.open(path) as descriptor:
                return (
                    descriptor is not None
                    and writer_of(descriptor) is not Writer.OPEN
                    and leaving.is_unchanged(descriptor, sha256, signature)
                )
        except (NotAFileError, HeldElsewhereError):
            return False

    def is_patient(self, path: Path, error: NotAFileError) -> bool:
        """Whether to wait with what is no plain file: a second name may be that of a program that is just delivering it."""
        found = safe_paths.look(self.places.inbox, self.relative(path))
        if not isinstance(error, LinkedFileError) or found is None:
            return False
        return not self.settling.has_been_still(path, self.rules.reject_after)

    def set_strange_aside(self, path: Path, error: NotAFileError, metadata: Mapping[str, str]) -> None:
        """Put aside what is no plain file, with the reason."""
        taken = self.intake.reject(path, error, metadata)
        today = PurePath(leaving.today())
        try:
            leaving.move_strange(
                self.places.inbox, self.relative(path), self.places.rejected, today, leaving.note_of(taken)
            )
        except FileNotFoundError:
            return
        self.settling.forget(path)

    def moved(self, scan: TakenScan, relative: PurePath, place: Path, root: Path) -> TakenScan:
        """Note where a file lies now, and when it is looked at again."""
        found = FileSignature.of(place.lstat())
        at = datetime.now(UTC) + timedelta(seconds=self.rules.recheck)
        scan = replace(scan.moved(str(relative), PurePath(place.relative_to(root)), found), check_at=at)
        self.rows.change(scan)
        return scan

    def record(self, scan: TakenScan, newer: list[Path] | None = None) -> TakenScan:
        """Write down what was taken, and whether it is a later version of what was taken before under this name.

        `newer` are copies of the files of a scan that was received, in order.
        """
        before = self.rows.latest(scan.ident)
        scan = replace(scan, id=self.rows.add(scan))
        if before is not None and before.batch and scan.batch and before.batch != scan.batch:
            version = self._version(before, scan, newer or [])
            if version is not None:
                self.link(version)
        if before is not None and before.id is not None and not before.has_left:
            self.rows.remove(before.id)  # as what it was, it never left
        return scan

    def _version(self, before: TakenScan, scan: TakenScan, newer: list[Path]) -> ScanVersion | None:
        """What the scan taken before is to this one; None where they have nothing to do with each other."""
        found: tuple[str, bool] | None = None
        if scan.outcome != "received" or before.outcome == "duplicate":
            return None
        if not before.has_left:
            found = "changed_in_inbox", _same_files(before, scan)
        elif versions.holds_all(before.sha256s, scan.sha256s):
            found = "grown", True
        elif before.outcome == "received" and len(before.files) == len(newer) == 1:
            found = self._saved_anew(before, scan, newer[0])
        return ScanVersion(before.batch, scan.batch, *found, at=datetime.now(UTC)) if found else None

    def _saved_anew(self, before: TakenScan, scan: TakenScan, newer: Path) -> tuple[str, bool] | None:
        """Whether a file that came under the name of one that had left is that one, saved anew: reason and certainty."""
        is_late = (datetime.now(UTC) - before.taken_at).total_seconds() > self.rules.version
        if is_late or before.files[0].place is None:
            return None
        try:
            share = versions.share_within(self.places.of(before.outcome) / before.files[0].place, newer)
        except OSError:  # emptied by hand
            return None
        if not versions.is_hint(share):
            return None
        pages = [self.intake.arrivals.pages_of(one.batch) for one in (before, scan)]
        return versions.verdict(share, has_more_pages=pages[0] < pages[1])


def _same_files(before: TakenScan, scan: TakenScan) -> bool:
    """Whether the files of the scan are those that were taken before, with other content: the same files on the disk."""
    now = {file.name: file.signature.inode for file in scan.files if file.signature}
    return all(file.signature is not None and now.get(file.name) == file.signature.inode for file in before.files)


def new_scan(
    ident: str,
    keeper: str,
    name: str,
    profile: str,
    metadata: Mapping[str, str],
    taken: IntakeResult,
    files: list[TakenFile],
) -> TakenScan:
    """What was taken just now, before anything of it has left the inbox."""
    metadata = {what: written(value) for what, value in metadata.items()}
    return TakenScan(
        ident, keeper, written(name), profile, metadata, taken.outcome, taken.batch, tuple(files), datetime.now(UTC)
    )
