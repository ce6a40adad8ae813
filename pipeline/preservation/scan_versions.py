"""Links between scans that are versions of each other, kept for good in their journal; and back from the store.

Which scan is a version of which is found out in `ingest`; what follows for a batch is in `db.scan_versions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import structlog

from pipeline.db.locks import alone
from pipeline.db.scan_versions import Versions
from pipeline.errors import BatchBusyError
from pipeline.model.scan import ScanVersion
from pipeline.storage import Store, keys
from pipeline.storage.journal import Committed, Entry, EntryFormat, Journal, exclusively, read_all

log = structlog.get_logger()

_WAIT_SECONDS = 30.0  # how long somebody else's link may take, until it is our turn


class ScanVersions:
    """Links scans that are versions of each other. `store` is opened when it is first needed."""

    def __init__(self, store: Callable[[], Store], rows: Versions) -> None:
        self.store = store
        self.rows = rows

    def journal(self, batch: str = "", fresh: ScanVersion | None = None) -> Journal[ScanVersion]:
        """The journal of all links; `batch` is named where somebody else is linking all the while, `fresh` is the link
        that is about to be added, which nothing can have overtaken."""
        return Journal(
            self.store,
            FORMAT,
            _VersionEntries(self.rows, self._current_since, fresh),
            lambda _: exclusively(
                alone(self.rows.database, "versions", wait_seconds=_WAIT_SECONDS), BatchBusyError(batch=batch)
            ),
        )

    def link(self, version: ScanVersion) -> None:
        """Keep a link, and let it take effect. Raises `NotFoundError` for an unknown batch, `BatchBusyError`, and what the
        store raises."""
        with self.journal(version.older, version).writing(version.older) as writer:
            writer.append(version)
        tell = log.warning if version.certain else log.info
        tell(
            "scan has a newer version" if version.certain else "scan may have a newer version",
            older=version.older,
            newer=version.newer,
            reason=version.reason,
        )

    def restore(self, batch: str) -> None:
        """Have a superseded batch be current again; the one that stands for it stays as well."""
        self.link(ScanVersion(batch, batch, "restored", certain=True, at=datetime.now(UTC)))

    def replay(self) -> list[str]:
        """Commit all links in the order of time while rows are rebuilt; returns the keys of what is damaged.

        A link of a batch that is not there is named in the log alone: that batch is damaged, and named for that.
        """
        entries, damaged = read_all(self.store(), FORMAT)
        entries.sort(key=lambda entry: entry.value.at)
        current_since = _current_since(entry.value for entry in entries)
        rows = _VersionEntries(self.rows, lambda: current_since)
        replace(self.journal(), rows=rows).replay_entries(entries)
        return damaged

    def _current_since(self) -> Mapping[str, datetime]:
        return _current_since(entry.value for entry in read_all(self.store(), FORMAT)[0])


def _current_since(links: Iterable[ScanVersion]) -> dict[str, datetime]:
    """The newest time at which each batch came to stand for another one, by what is stored."""
    found: dict[str, datetime] = {}
    for link in links:
        if link.certain:
            found[link.newer] = max(link.at, found.get(link.newer, link.at))
    return found


@dataclass(frozen=True, slots=True)
class _VersionEntries:
    """Links as the rows of their journal. What was superseded before its batch came to stand again is over: a link that is
    committed late, or while rows are rebuilt, is compared with all that are stored."""

    versions: Versions
    current_since: Callable[[], Mapping[str, datetime]]
    fresh: ScanVersion | None = None

    def committed(self, subject: str) -> Committed:
        return Committed(keys=self.versions.committed(FORMAT.of_subject(subject)))

    def commit(self, entry: Entry[ScanVersion]) -> None:
        version = entry.value
        is_over = False
        if version != self.fresh and version.certain:
            since = self.current_since().get(version.older)
            is_over = since is not None and since > version.at
        self.versions.commit(version, entry.stored, is_over=is_over)


def _key(version: ScanVersion) -> str:
    return keys.version(version.older, int(version.at.timestamp() * 1e6))


def _to_json(version: ScanVersion) -> dict[str, Any]:
    return {
        "older": version.older,
        "newer": version.newer,
        "reason": version.reason,
        "certain": version.certain,
        "at": version.at.isoformat(),
    }


def _from_json(found: dict[str, Any]) -> ScanVersion:
    return ScanVersion(
        str(found["older"]),
        str(found["newer"]),
        str(found["reason"]),
        bool(found["certain"]),
        datetime.fromisoformat(found["at"]),
    )


# A subject is an older batch; without one, all of them.
FORMAT = EntryFormat(keys.VERSIONS, keys.versions_of, _key, _to_json, _from_json)
