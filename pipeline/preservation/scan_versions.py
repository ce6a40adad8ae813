"""Versions of scans, kept for good: a sealed object in the store first, the rows after; and back from the store.

Which scan is a version of which is found out in `ingest`; what follows for a batch is in `db.scan_versions`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog

from pipeline.db.scan_versions import Versions
from pipeline.errors import NotFoundError, ObjectMissingError
from pipeline.model.scan import ScanVersion, StoredObject
from pipeline.storage import Store, keys
from pipeline.storage.manifest import sealed, unsealed

log = structlog.get_logger()


class ScanVersions:
    """Links scans that are versions of each other. `store` is opened when it is first needed."""

    def __init__(self, store: Callable[[], Store], rows: Versions) -> None:
        self.store = store
        self.rows = rows

    def link(self, version: ScanVersion) -> None:
        """Keep a link, and let it take effect. Raises `NotFoundError` for an unknown batch, and what the store raises."""
        stored = self.store().put_bytes(_key(version), write(version), "application/json")
        self.rows.commit(version, stored)
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
        """Commit all that is stored, in its order, while rows are rebuilt; returns the keys of what is damaged."""
        found, damaged = [], []
        store = self.store()
        for info in store.list(keys.VERSIONS):
            try:
                data = store.get(info.key)
                version = read(data)
                if _key(version) != info.key:
                    raise ValueError(f"it is {_key(version)}")
                found.append((version, StoredObject(info.key, hashlib.sha256(data).hexdigest(), len(data))))
            except (ValueError, ObjectMissingError) as error:
                log.warning("version", key=info.key, cause=str(error))
                damaged.append(info.key)
        stood = {version.newer: version.at for version, _ in sorted(found, key=_time) if version.certain}
        for version, stored in sorted(found, key=_time):
            is_over = version.certain and version.older in stood and stood[version.older] > version.at
            try:
                self.rows.commit(version, stored, is_over=is_over)
            except NotFoundError as error:  # its batch is damaged, and named for that
                log.warning("version", key=stored.key, cause=error.text("en"))
        return damaged


def _time(pair: tuple[ScanVersion, StoredObject]) -> datetime:
    return pair[0].at


def _key(version: ScanVersion) -> str:
    return keys.version(version.older, int(version.at.timestamp() * 1e6))


def write(version: ScanVersion) -> bytes:
    return sealed(
        {
            "older": version.older,
            "newer": version.newer,
            "reason": version.reason,
            "certain": version.certain,
            "at": version.at.isoformat(),
        }
    )


def read(data: bytes) -> ScanVersion:
    """The inverse of `write`. Raises `ValueError` for a damaged one."""
    found: dict[str, Any] = unsealed(data)
    try:
        return ScanVersion(
            str(found["older"]),
            str(found["newer"]),
            str(found["reason"]),
            bool(found["certain"]),
            datetime.fromisoformat(found["at"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"the version lacks something: {error!r}") from error
