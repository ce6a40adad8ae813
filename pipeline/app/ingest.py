"""Builds what takes scans in: intake, the watcher of the inbox, and the folders that scans go through."""

from __future__ import annotations

import shutil
import socket
from typing import TYPE_CHECKING

from pipeline.db.inbox import SlipRows, TakenRows
from pipeline.errors import DiskFullError
from pipeline.ingest.file_lease import share_of
from pipeline.ingest.intake import Intake, Places
from pipeline.ingest.originals import OriginalStore
from pipeline.ingest.take_file import InboxRecords, IntakeRules
from pipeline.ingest.taken_files import ScanCodec
from pipeline.ingest.watch import Watcher, WatchTiming

if TYPE_CHECKING:
    from pipeline.app.container import Container


def places(container: Container) -> Places:
    """The folders that scans go through."""
    home = container.settings.home
    return Places(
        container.settings.inbox,
        home / "done",
        home / "duplicates",
        home / "rejected",
        scratch=container.scratch / "inbox",
        keep_done=container.settings.intake.keep_done,
    )


def make_folders(container: Container) -> None:
    """Make the folders that scans go through; an inbox that is configured may be a share, and is not made for it.

    A bad scanner profile is refused here, before anything runs.
    """
    _ = container.profiles
    container.places.make()
    if container.settings.intake.inbox is None:
        container.settings.inbox.mkdir(parents=True, exist_ok=True)


def require_room(container: Container) -> None:
    """Raise `DiskFullError` when the home's disk has less room than work may use."""
    home = container.settings.home
    free = shutil.disk_usage(home).free // 2**20
    if free < container.settings.intake.min_free_mb:
        raise DiskFullError(folder=home, free=free)


def intake(container: Container) -> Intake:
    """What takes single files in."""
    originals = OriginalStore(container.store)
    return Intake(container.prove, originals, container.arrivals, office=container.settings.office)


def watcher(container: Container) -> Watcher:
    """The watcher of the inbox; its folders are made."""
    timing = container.settings.intake
    make_folders(container)
    return Watcher(
        container.places,
        intake(container),
        WatchTiming(timing.rescan_seconds, timing.threads),
        IntakeRules(
            settle=timing.settle_seconds,
            unleased_settle=timing.unleased_settle_seconds,
            reject_after=timing.reject_after_seconds,
            recheck=timing.recheck_seconds,
            version=timing.version_seconds,
        ),
        _records(container),
        beat=lambda note, inbox: container.beat("watcher", note, inbox=inbox),
        require_room=lambda: require_room(container),
        profiles=container.profiles,
    )


def _records(container: Container) -> InboxRecords:
    """Where the watcher records what it takes and has taken."""
    host, inbox = socket.gethostname(), container.settings.inbox
    name = container.settings.intake.inbox_name or share_of(inbox) or f"{host}:{inbox}"
    return InboxRecords(
        SlipRows(container.database, name),
        TakenRows(container.database, name, ScanCodec()),
        container.scan_versions().link,
        inbox=name,
        keeper=f"{host}:{container.settings.home}",
    )
