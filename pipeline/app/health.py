"""How an installation is, for `status`, the dashboard and the status page: inbox, parts, counts, newest troubles."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pipeline.db.health import HealthRepository
from pipeline.db.scanning import ScanningRepository
from pipeline.errors import AbhilekhError
from pipeline.errors.disk import disk_state
from pipeline.model.contract import version_json
from pipeline.model.health import InboxStatus, PartState, ReportedFile, SystemStatus, WaitingEntry

if TYPE_CHECKING:
    from pipeline.app.container import Container

_MOST_VERSIONS = 20
_PARTS = ("watcher", "workers", "web")


class Health:
    """How an installation is: its inbox, its parts, its rows."""

    def __init__(self, container: Container) -> None:
        self.container = container

    def status(self) -> SystemStatus:
        """`status --json`: with the files that wait in the inbox and the newest troubles."""
        arriving = (
            self.arriving()
        )  # first: what leaves the inbox is a batch by then, so nothing is passed over between both
        container = self.container
        rows = HealthRepository(container.database)
        versions = ScanningRepository(container.database).versions(None, _MOST_VERSIONS)
        return {
            **arriving,
            **rows.counts(),
            "troubles": rows.troubles(),
            "versions": [version_json(one) for one in versions],
            "inbox_folder": str(container.settings.inbox),
        }

    def arriving(self) -> InboxStatus:
        """The inbox, what waits in it, and how the parts are."""
        states = self.container.heartbeats.states()
        beating = {part["part"]: part["state"] for part in states}
        full = disk_state(self.container.settings.home)  # then no part can write its sign of life
        silent = full.reason if full else "not running"
        parts = {"store": self._store_health(), "database": self._database_health()}
        parts.update({name: beating.get(name, silent) for name in _PARTS})
        count, waiting = _waiting(states)
        inbox = inbox_count(self.container.settings.inbox)
        return {"inbox": inbox, "parts": parts, "waiting_files": count, "waiting": waiting}

    def _database_health(self) -> str:
        """It answers, or we would not have come here; whether it can take anything is asked of its disk."""
        file = self.container.database.file
        state = disk_state(file.parent) if file else None
        return state.reason if state else "ok"

    def _store_health(self) -> str:
        """Whether the store answers; the bundled one is not started for the question."""
        from pipeline.storage.opening import embedded_server

        server = embedded_server(self.container.settings.store, self.container.settings.home)
        if server is not None:
            if (state := server.disk_state()) is not None:
                return state.reason
            return "ok" if server.is_running() else "not running"
        try:
            self.container.store.ping()
        except AbhilekhError as error:
            return error.text("en")
        return "ok"


def _waiting(parts: Sequence[PartState]) -> tuple[int, list[WaitingEntry]]:
    """How many files the watchers let wait, and which, those that wait longest first; watchers of one inbox report the same
    ones."""
    counts: dict[str, int] = {}
    found: dict[tuple[str, str], WaitingEntry] = {}
    for part in parts:
        inbox = part.get("inbox", "")
        counts[inbox] = max(counts.get(inbox, 0), part.get("waiting_files", 0))
        for entry in map(_waiting_entry, part.get("waiting", ())):
            seen = found.get((inbox, entry["name"]))
            if seen is None or entry["since"] < seen["since"]:
                found[inbox, entry["name"]] = entry
    return sum(counts.values()), sorted(found.values(), key=lambda entry: entry["since"])


def _waiting_entry(reported: ReportedFile) -> WaitingEntry:
    """A file that waits as its watcher reported it, with what happens next in words."""
    from pipeline.ingest.reasons import next_in_words

    at = datetime.fromisoformat(reported["next_at"]) if reported["next_at"] else None
    following = next_in_words(reported["next"], at)
    times = {"since": datetime.fromisoformat(reported["since"]), "next_at": at}
    return cast(WaitingEntry, {**reported, **times, "next_en": following.text("en"), "next_hi": following.text("hi")})


def inbox_count(inbox: Path) -> int:
    """Files that lie in the inbox."""
    with suppress(OSError):
        return sum(1 for path in inbox.rglob("*") if path.is_file() and not path.name.startswith("."))
    return 0
