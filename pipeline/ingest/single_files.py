"""Take files that are batches of their own, one at a time: prove, keep, commit, and only then have them leave the inbox."""

from __future__ import annotations

import time
from pathlib import Path, PurePath

import structlog

from pipeline.errors import HeldElsewhereError, IncompleteScanError, InputError, NotAFileError
from pipeline.files import sha256_of_file
from pipeline.ingest import leaving
from pipeline.ingest.groups import Lot
from pipeline.ingest.intake import IntakeResult
from pipeline.ingest.reasons import reason_of
from pipeline.ingest.slip import ident_of
from pipeline.ingest.snapshot import workspace
from pipeline.ingest.take_file import Copied, Taking, new_scan
from pipeline.ingest.taken_files import TakenScan

log = structlog.get_logger()


class Singles:
    """Takes single files in."""

    def __init__(self, taking: Taking) -> None:
        self.taking = taking

    def take(self, lot: Lot) -> None:
        """Take a file in and clear it away. Raises as `Intake.take_all` does, and `HeldElsewhereError` while another program
        has it or writes to it."""
        (path,) = lot.files
        moment = time.monotonic()
        try:
            self._take(path, lot)
        except NotAFileError as error:
            if self.taking.is_patient(path, error):
                self._wait(path, error, moment)
            else:
                self.taking.set_strange_aside(path, error, lot.metadata)

    def reject(self, path: Path, error: InputError, lot: Lot) -> None:
        """Reject a file that was found wanting before, its bytes being kept."""
        with self.taking.open(path) as descriptor, workspace(self.taking.places.scratch) as folder:
            copied = self.taking.copy(path, descriptor, lot.profile, folder) if descriptor is not None else None
            if copied is not None and descriptor is not None:
                self._leave(path, descriptor, self._rejected(path, copied, error, lot), error)

    def _take(self, path: Path, lot: Lot) -> None:
        moment = time.monotonic()
        with self.taking.open(path) as descriptor, workspace(self.taking.places.scratch) as folder:
            copied = self.taking.copy(path, descriptor, lot.profile, folder) if descriptor is not None else None
            if copied is None or descriptor is None:
                return
            try:
                self._leave(path, descriptor, self._received(path, copied, lot), None)
            except IncompleteScanError as error:
                if not self.taking.settling.has_been_still(path, self.taking.rules.reject_after):
                    self._wait(path, error, moment)
                    return
                self._leave(path, descriptor, self._rejected(path, copied, error, lot), error)
            except InputError as error:
                self._leave(path, descriptor, self._rejected(path, copied, error, lot), error)

    def _wait(self, path: Path, error: InputError, moment: float) -> None:
        if self.taking.settling.waits_for(path, reason_of(error)):
            log.info("file waits: it may still be growing", file=ascii(path.name), reason=error.text("en"))
        self.taking.settling.look_again_later(path, moment)

    def _received(self, path: Path, copied: Copied, lot: Lot) -> TakenScan:
        """Commit the batch of a file, unless that had happened before and the file could not leave."""
        taking, copy = self.taking, copied.copy.path
        source = taking.intake.check(copy, path.name)
        before = taking.rows.latest(_ident(copied.relative, lot))
        if before is not None and not before.has_left and before.sha256s == (source.sha256,):
            return before
        taken = taking.intake.keep([copy], [source], name=path.name, metadata=lot.metadata, profile=lot.profile.name)
        return self._record(path, copied, source.sha256, taken, lot)

    def _rejected(self, path: Path, copied: Copied, error: InputError, lot: Lot) -> TakenScan:
        copy = copied.copy.path
        taken = self.taking.intake.reject(copy, error, lot.metadata, name=path.name)
        return self._record(path, copied, sha256_of_file(copy), taken, lot)

    def _record(self, path: Path, copied: Copied, sha256: str, taken: IntakeResult, lot: Lot) -> TakenScan:
        ident, files = _ident(copied.relative, lot), [copied.taken(sha256)]
        scan = new_scan(ident, self.taking.keeper, path.name, lot.profile.name, lot.metadata, taken, files)
        return self.taking.record(scan, [copied.copy.path])

    def _leave(self, path: Path, descriptor: int, scan: TakenScan, error: InputError | None) -> None:
        """Have the file leave the inbox if it is still what was taken; else it stays, and is taken again."""
        taking = self.taking
        file = scan.files[0]
        if not leaving.is_unchanged(descriptor, file.sha256, None):
            log.info("file changed while it was taken: it is taken again", file=ascii(path.name))
            raise HeldElsewhereError(name=path.name)
        root, today = taking.places.of(scan.outcome), PurePath(leaving.today())
        relative = taking.relative(path)
        place = leaving.move_taken(taking.places.inbox, relative, descriptor, root, today)
        if error is not None:
            leaving.write_note(root, today, place.name, leaving.note_of(IntakeResult("rejected", scan.batch, error)))
        taking.moved(scan, relative, place, root)
        taking.settling.forget(path)


def _ident(relative: PurePath, lot: Lot) -> str:
    """The name of a file in the rows, also of a page that leaves its group alone."""
    return ident_of((*lot.key, str(relative)))
