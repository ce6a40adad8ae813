"""How the house is, for `status`, the operator's page and the status page: inbox, parts, counts, newest troubles."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.db.scanning import ScanningRepository
from pipeline.errors import AbhilekhError
from pipeline.errors.disk import disk_state
from pipeline.model.contract import version_json

if TYPE_CHECKING:
    from pipeline.app.container import Container

_MOST_VERSIONS = 20
_PARTS = ("watcher", "workers", "web")


class Health:
    """How an installation is: its inbox, its parts, its rows."""

    def __init__(self, container: Container) -> None:
        self.container = container

    def status(self) -> dict[str, Any]:
        """`status --json`: with the files that wait in the inbox and the newest troubles."""
        container = self.container
        return {
            **self.arriving(),  # first: what leaves the inbox is a batch by then, so nothing is passed over between the two
            **container.records.counts(),
            "troubles": container.records.troubles(),
            "versions": [
                version_json(one) for one in ScanningRepository(container.database).versions(None, _MOST_VERSIONS)
            ],
            "inbox_folder": str(container.settings.inbox),
        }

    def arriving(self) -> dict[str, Any]:
        """The inbox, what waits in it, and how the parts are."""
        told = self.container.records.part_states()
        beating = {part["part"]: part["state"] for part in told}
        full = disk_state(self.container.settings.home)  # then no part can write its sign of life
        silent = full.reason if full else "not running"
        parts = {"store": self._store_health(), "database": self._database_health()}
        parts.update({name: beating.get(name, silent) for name in _PARTS})
        return {"inbox": inbox_count(self.container.settings.inbox), "parts": parts, **_waiting(told)}

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


def _waiting(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The files that watchers told to wait, those that wait longest first; watchers of one inbox tell the same ones."""
    from pipeline.ingest.reasons import next_in_words

    counts: dict[str, int] = {}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for part in parts:
        inbox = part.get("inbox", "")
        counts[inbox] = max(counts.get(inbox, 0), part.get("waiting_files", 0))
        for one in part.get("waiting", ()):
            since, at = datetime.fromisoformat(one["since"]), one["next_at"] and datetime.fromisoformat(one["next_at"])
            english, hindi = next_in_words(one["next"], at)
            seen = found.get((inbox, one["name"]))
            if seen is None or since < seen["since"]:
                words = {"next_en": english, "next_hi": hindi}
                found[inbox, one["name"]] = {**one, "since": since, "next_at": at, **words}
    return {"waiting_files": sum(counts.values()), "waiting": sorted(found.values(), key=lambda one: one["since"])}


def inbox_count(inbox: Path) -> int:
    """Files that lie in the inbox."""
    with suppress(OSError):
        return sum(1 for path in inbox.rglob("*") if path.is_file() and not path.name.startswith("."))
    return 0
