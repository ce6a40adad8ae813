"""Gather what a scanner wrote page by page: wait until a group is complete, take it as one batch, clear it away.

A group is complete when each of its files has held still and its profile's rule is met: the marker has come, or nothing
has changed for so long. Its pages are copied and proven one by one. One that does not open whole is waited for, and after
`reject_after` seconds set aside alone with the reason, its bytes kept; the others are taken. A page that comes after its
group was taken is a group of its own. What makes this safe against crashes and second watchers is the `slip`; what makes it
safe against whoever else writes into the inbox is in `taking`.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath

import structlog

from pipeline.db.inbox import SlipRows
from pipeline.errors import HeldElsewhereError, IncompleteScanError, InputError, NotAFileError
from pipeline.files import sha256_of
from pipeline.ingest import leaving, safe_paths
from pipeline.ingest.groups import Lot
from pipeline.ingest.intake import IntakeResult
from pipeline.ingest.reasons import reason_of
from pipeline.ingest.single_files import Singles
from pipeline.ingest.slip import Slip, left_over, report_strays, slip_of
from pipeline.ingest.snapshot import workspace
from pipeline.ingest.take_file import Copied, Taking, new_scan
from pipeline.ingest.taken_files import TakenScan
from pipeline.model.scan import Source

log = structlog.get_logger()

_LASTING = ("office", "operator")  # folders of these belong to a workplace, and stay when they are empty
_LONGEST_NAME = 80  # characters of a group's name in its folder's; in Devanagari three bytes each


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a group that was copied and proven: its path in the inbox, its copy, what it is."""

    path: Path
    file: Copied
    source: Source


class Gatherer:
    """Takes groups in."""

    def __init__(self, taking: Taking, singles: Singles, slips: SlipRows) -> None:
        self.taking = taking
        self.singles = singles
        self.slips = slips
        self.places = taking.places
        self.intake = taking.intake
        self.settling = taking.settling
        self.reject_after = taking.rules.reject_after

    def is_ready(self, lot: Lot, settled: Collection[Path], moment: float) -> bool:
        """Whether a lot may be taken now."""
        if any(path not in settled for path in lot.files):
            return False
        rule = lot.profile.complete
        if not lot.is_group or rule is None or (lot.markers and lot.pages):
            return True
        quiet = min(self.settling.still_for(path, moment) for path in lot.files)
        if rule.after_seconds is None:
            return not lot.pages and quiet >= self.reject_after  # a marker whose pages are gone
        return quiet >= rule.after_seconds

    def take(self, lot: Lot) -> None:
        """Take a complete group in and clear it away. Raises as `Intake.take` does, and `HeldElsewhereError` while
        another watcher takes it, or somebody writes to one of its pages."""
        with slip_of(self.slips, self.taking.inbox, lot.key, self.intake.arrivals.alone) as slip:
            if slip is None:
                raise HeldElsewhereError(name=lot.name)
            if slip.is_committed:
                self._clear(slip)
                return
            with workspace(self.places.scratch) as folder:
                checked = self._check(lot, folder)
                if checked is None:
                    return
                good, bad = checked
                if (good or lot.markers) and not self._commit(lot, good, slip):
                    return
            self._clear(slip)
            for path, error in bad.items():
                self._reject(path, error, lot)
            self._remove_empty(self._folders(lot))

    def finish(self) -> None:
        """Clear what a watcher that has died had committed and not cleared."""
        report_strays(self.places.inbox)
        for slip in left_over(self.slips, self.taking.inbox, self.intake.arrivals.alone):
            if slip.is_committed:
                try:
                    self._clear(slip)
                except OSError as error:
                    log.warning("group waits to be cleared", reason=str(error))
            elif not any(self._is_there(page) for page in slip.pages):
                slip.tear_up()

    def _is_there(self, name: str) -> bool:
        return safe_paths.look(self.places.inbox, PurePath(name)) is not None

    def _check(self, lot: Lot, folder: Path) -> tuple[list[Page], dict[Path, InputError]] | None:
        """The pages that open whole and those that will not; None where one may still be growing."""
        good: list[Page] = []
        bad: dict[Path, InputError] = {}
        for path in lot.pages:
            moment = time.monotonic()
            try:
                file = self._copy(path, lot, folder)
                if file is None:
                    return None
                good.append(Page(path, file, self.intake.check(file.copy.path, path.name)))
            except IncompleteScanError as error:
                if self.settling.still_for(path, moment) < self.reject_after:
                    self._wait(path, error, moment)
                    return None
                bad[path] = error
            except NotAFileError as error:
                if self.taking.is_patient(path, error):
                    self._wait(path, error, moment)
                    return None
                bad[path] = error
            except InputError as error:
                bad[path] = error
        return good, bad

    def _wait(self, path: Path, error: InputError, moment: float) -> None:
        if self.settling.waits_for(path, reason_of(error)):
            log.info("file waits: it may still be growing", file=ascii(path.name), reason=error.text("en"))
        self.settling.look_again_later(path, moment)

    def _copy(self, path: Path, lot: Lot, folder: Path) -> Copied | None:
        """A copy; the file itself is let go of, for a group may have many."""
        with self.taking.open(path) as descriptor:
            return self.taking.copy(path, descriptor, lot.profile, folder) if descriptor is not None else None

    def _commit(self, lot: Lot, good: list[Page], slip: Slip) -> bool:
        """Write down what is taken, commit it, and write down where its files go; False where one has changed since."""
        by_name = {str(page.file.relative): page for page in good}
        fixed = slip.pages
        again = bool(fixed) and all(n in by_name and by_name[n].source.sha256 == sha for n, sha in fixed.items())
        pages = [by_name[name] for name in fixed] if again else good
        slip.fix({str(page.file.relative): page.source.sha256 for page in pages})
        scan = self._keep(lot, pages, again=again) if pages else None
        markers = self._markers(lot)
        if markers is None or not all(self._is_same(page) for page in pages):
            log.info("group changed while it was taken: it is taken again", group=ascii(lot.name))
            return False
        outcome = scan.outcome if scan else "received"
        place = leaving.free_folder(self.places.of(outcome), lot.name[:_LONGEST_NAME])
        folders = [self.taking.relative(folder) for folder in self._folders(lot)]
        slip.commit(markers, outcome, place, folders, scan.id if scan else None)
        return True

    def _keep(self, lot: Lot, pages: list[Page], *, again: bool) -> TakenScan:
        """Commit the batch, unless that had happened when a watcher died or a file was busy."""
        before = self.taking.rows.latest(lot.ident)
        files = [page.file.taken(page.source.sha256) for page in pages]
        if before is not None and not before.has_left and before.sha256s == tuple(file.sha256 for file in files):
            return before
        paths, sources = [page.file.copy.path for page in pages], [page.source for page in pages]
        taken = self._known(lot, sources) or self.intake.keep(
            paths, sources, name=lot.name, metadata=lot.metadata, profile=lot.profile.name
        )
        if again:
            taken = IntakeResult("received", taken.batch)
        scan = new_scan(lot.ident, self.taking.keeper, lot.name, lot.profile.name, lot.metadata, taken, files)
        return self.taking.record(scan, paths)

    def _known(self, lot: Lot, sources: list[Source]) -> IntakeResult | None:
        """Pages left over by an earlier version of this program, whose slip in the inbox is no longer read."""
        if not report_strays(self.places.inbox):
            return None
        office = lot.metadata.get("office") or self.intake.office
        batch = self.intake.arrivals.gathered_with([s.sha256 for s in sources], lot.name, lot.profile.name, office)
        return IntakeResult("duplicate", batch) if batch else None

    def _is_same(self, page: Page) -> bool:
        return self.taking.is_unchanged(page.path, page.source.sha256, page.file.copy.signature)

    def _markers(self, lot: Lot) -> dict[str, str] | None:
        """The markers with their SHA-256; None where one is gone, or somebody writes to it."""
        found: dict[str, str] = {}
        for path in lot.markers:
            with self.taking.open(path) as descriptor:
                if descriptor is None:
                    return None
                found[str(self.taking.relative(path))] = sha256_of(descriptor)
        return found

    def _clear(self, slip: Slip) -> None:
        """Move every file on the slip away that is still the same; a new one under an old name stays.

        While somebody writes to one of them, the slip stays as well.
        """
        if not slip.is_committed:
            return
        root, place = self.places.of(slip.outcome), slip.place
        scan = self.taking.rows.get(slip.taken) if slip.taken is not None else None
        is_busy = False
        for name, sha256 in slip.leaving.items():
            relative = PurePath(*safe_paths.names_of(name))
            path = self.places.inbox / relative
            try:
                moved = self._move(path, relative, sha256, root, place)
            except HeldElsewhereError:
                is_busy = True
                continue
            if moved is not None:
                self.settling.forget(path)
                if scan is not None and name in slip.pages:
                    scan = self.taking.moved(scan, relative, moved, root)
        if not is_busy:
            self._remove_empty(slip.folders)
            slip.tear_up()

    def _move(self, path: Path, relative: PurePath, sha256: str, root: Path, place: PurePath) -> Path | None:
        """Move one file; None where it is gone or another one. Raises `HeldElsewhereError` while somebody writes to it."""
        with suppress(NotAFileError, FileNotFoundError), self.taking.open(path) as descriptor:
            if descriptor is not None and leaving.is_unchanged(descriptor, sha256, None):
                return leaving.move_taken(self.places.inbox, relative, descriptor, root, place)
        return None

    def _reject(self, path: Path, error: InputError, lot: Lot) -> None:
        """Set a page aside alone, with the reason."""
        if isinstance(error, NotAFileError):
            self.taking.set_strange_aside(path, error, lot.metadata)
        else:
            self.singles.reject(path, error, lot)

    def _folders(self, lot: Lot) -> list[Path]:
        """The folders the group lies in, the deepest first, that may go when they are empty.

        The profile's own folder stays, and so does one that is named for an office or an operator.
        """
        below = Path(lot.key[1]).parts[len(lot.profile.folder_parts) :]
        top = self.places.inbox.joinpath(*Path(lot.key[1]).parts[: len(lot.profile.folder_parts)])
        meanings = dict(enumerate(lot.profile.subfolders))
        may_go = []
        for depth in range(len(below), 0, -1):
            if meanings.get(depth - 1) in _LASTING:
                break
            may_go.append(top.joinpath(*below[:depth]))
        return may_go

    def _remove_empty(self, folders: Iterable[Path | PurePath]) -> None:
        with suppress(OSError):  # one that is not empty ends it
            for folder in folders:
                inside = folder.relative_to(self.places.inbox) if folder.is_absolute() else folder
                safe_paths.remove_empty(self.places.inbox, PurePath(inside))
