"""Gather what a scanner wrote page by page: wait until a group is complete, take it as one batch, clear it away.

A group is complete when each of its files has held still and its profile's rule is met: the marker has come, or nothing
has changed for so long. Its pages are proven one by one. One that does not open whole is waited for, and after
`reject_after` seconds set aside alone with the reason, its bytes kept; the others are taken. A page that comes after its
group was taken is a group of its own. What makes this safe against crashes and second watchers is the `slip`.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from pipeline.errors import HeldElsewhereError, IncompleteScanError, InputError
from pipeline.ingest.intake import Intake, Places, clear, move_into, today
from pipeline.ingest.profiles import Place, Profile, place_of
from pipeline.ingest.reasons import reason_of
from pipeline.ingest.settle import Settling
from pipeline.ingest.slip import Slip, left_over, slip_of
from pipeline.model import Source

log = structlog.get_logger()

_LASTING = ("office", "operator")  # folders of these stand for a desk, and stay when they are empty
_LONGEST_NAME = 80  # characters of a group's name in its folder's; in Devanagari three bytes each


@dataclass(frozen=True, slots=True)
class Lot:
    """Files that become one batch: one alone, or the pages of a group in order, and the markers that end it.

    A late marker makes a lot without pages.
    """

    profile: Profile
    key: tuple[str, str, str]
    name: str
    told: Mapping[str, str]
    pages: tuple[Path, ...]
    markers: tuple[Path, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        return self.pages + self.markers

    @property
    def is_group(self) -> bool:
        return self.profile.group != "file"


def sort_into_lots(inbox: Path, paths: Iterable[Path], profiles: Sequence[Profile]) -> list[Lot]:
    """Every file of the inbox in the lot it belongs to; the lots in order of their first file.

    What is no plain file belongs to no group: it goes alone, and is rejected.
    """
    found: dict[tuple[str, ...], list[tuple[Place, Path]]] = {}
    for path in paths:
        is_plain = path.is_file() and not path.is_symlink()
        place = place_of(profiles if is_plain else (), path.relative_to(inbox))
        found.setdefault(place.key, []).append((place, path))
    return [_lot(members) for members in found.values()]


def _lot(members: list[tuple[Place, Path]]) -> Lot:
    first = members[0][0]
    pages = sorted((m for m in members if not m[0].is_marker), key=lambda m: (m[0].order, m[1].name))
    told = pages[0][0].told if pages else first.told
    markers = tuple(path for place, path in members if place.is_marker)
    return Lot(first.profile, first.key, first.group, told, tuple(path for _, path in pages), markers)


class Gatherer:
    """Takes groups in. `settling` is the watcher's: it knows how long each file has held still."""

    def __init__(self, places: Places, intake: Intake, settling: Settling, *, reject_after: float) -> None:
        self.places = places
        self.intake = intake
        self.settling = settling
        self.reject_after = reject_after

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
        another watcher takes it."""
        with slip_of(self.places.inbox, lot.key, self.intake.register.alone) as slip:
            if slip is None:
                raise HeldElsewhereError(name=lot.name)
            if slip.is_committed:
                self._clear(slip, self._has_hash)
                return
            before = {path: _signature(path) for path in lot.files}
            checked = self._check(lot)
            if checked is None:
                return
            good, bad = checked
            if good or lot.markers:
                self._commit(lot, good, slip)
                self._clear(slip, lambda path, sha256: _signature(path) == before.get(path))
            for path, error in bad.items():
                clear(path, self.intake.reject(path, error, lot.told), self.places)
            self._remove_empty(self._folders(lot))

    def finish(self) -> None:
        """Clear what a watcher that has died had committed and not cleared."""
        for slip in left_over(self.places.inbox, self.intake.register.alone):
            if slip.is_committed:
                try:
                    self._clear(slip, self._has_hash)
                except OSError as error:
                    log.warning("group waits to be cleared", reason=str(error))
            elif not any((self.places.inbox / page).exists() for page in slip.pages):
                slip.tear_up()

    def _check(self, lot: Lot) -> tuple[dict[Path, Source], dict[Path, InputError]] | None:
        """The pages that open whole and those that will not; None where one may still be growing."""
        good: dict[Path, Source] = {}
        bad: dict[Path, InputError] = {}
        for path in lot.pages:
            moment = time.monotonic()
            try:
                good[path] = self.intake.check(path)
            except IncompleteScanError as error:
                if self.settling.still_for(path, moment) < self.reject_after:
                    if self.settling.waits_for(path, reason_of(error)):
                        log.info("file waits: it may still be growing", file=path.name, reason=error.text("en"))
                    self.settling.look_again_later(path, moment)
                    return None
                bad[path] = error
            except InputError as error:
                bad[path] = error
        return good, bad

    def _commit(self, lot: Lot, good: Mapping[Path, Source], slip: Slip) -> None:
        """Write down what is taken, commit it, and write down where its files go."""
        inbox = self.places.inbox
        fixed = {inbox / name: sha256 for name, sha256 in slip.pages.items()}
        again = bool(fixed) and all(path in good and good[path].sha256 == sha256 for path, sha256 in fixed.items())
        pages = {path: good[path] for path in (fixed if again else good)}
        slip.fix({_below(path, inbox): source.sha256 for path, source in pages.items()})
        outcome = "received"
        if pages:
            taken = self.intake.keep(
                list(pages), list(pages.values()), name=lot.name, told=lot.told, profile=lot.profile.name
            )
            outcome = "received" if again else taken.outcome
        markers = {_below(path, inbox): _sha256(path) for path in lot.markers}
        folders = [_below(folder, inbox) for folder in self._folders(lot)]
        slip.commit(markers, self._free_place(outcome, lot.name), folders)

    def _free_place(self, outcome: str, name: str) -> tuple[str, str]:
        """A folder of its own among those set aside today."""
        to = "duplicates" if outcome == "duplicate" else "done"
        root, day = self._root(to), today()
        short, place, count = name[:_LONGEST_NAME], f"{day}/{name[:_LONGEST_NAME]}", 1
        while root is not None:
            try:
                (root / place).mkdir(parents=True)
                break
            except FileExistsError:
                count += 1
                place = f"{day}/{short}-{count}"
        return to, place

    def _root(self, to: str) -> Path | None:
        return self.places.duplicates if to == "duplicates" else self.places.done

    def _clear(self, slip: Slip, is_same: Callable[[Path, str], bool]) -> None:
        """Move every file on the slip away that is still the same; a new one under an old name stays."""
        to, place = slip.to
        root = self._root(to)
        for name, sha256 in slip.leaving.items():
            path = self.places.inbox / name
            if not is_same(path, sha256):
                continue
            if root is None:
                path.unlink()
            else:
                move_into(path, root / place)
            self.settling.forget(path)
        self._remove_empty(self.places.inbox / folder for folder in slip.folders)
        slip.tear_up()

    def _has_hash(self, path: Path, sha256: str) -> bool:
        return path.is_file() and not path.is_symlink() and _sha256(path) == sha256

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

    def _remove_empty(self, folders: Iterable[Path]) -> None:
        with suppress(OSError):  # one that is not empty ends it
            for folder in folders:
                folder.rmdir()


def _below(path: Path, inbox: Path) -> str:
    return str(path.relative_to(inbox))


def _signature(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is written to or exchanged; None of one that is gone."""
    try:
        stat = path.lstat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
