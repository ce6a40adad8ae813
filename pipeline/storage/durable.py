"""What the bundled server leaves to luck at a power cut: its indexes, which it writes but does not sync.

Measured with strace: with `fsync=true` SeaweedFS syncs a volume's `.dat` before it answers, but neither the volume's
`.idx` nor the filer's journal (`filerldb2/*/*.log`); without either the object cannot be found again. Its files are
ours to sync, though: `Settler` does so after each put. `volumes_to_mend` finds the volumes whose index is behind their
data, as a kill in mid-write leaves them. Starting and calling the server does not live here.
"""

from __future__ import annotations

import struct
import threading
import time
from contextlib import suppress
from pathlib import Path

from pipeline.files import sync

_PATTERNS = ("*.idx", "*.vif", "filerldb2/*/*.log", "filerldb2/*/MANIFEST-*", "filerldb2/*/CURRENT")
_ENTRY = struct.Struct(">Q I B i")  # needle id, offset in units of 8 bytes (low 32 bits, then the high 8), size
_UNIT, _HEADER, _TRAILER = 8, 16, 12  # a needle: header, data, checksum and time, padding of 1 to 8 bytes

_Signature = tuple[int, int]


class Settler:
    """Call it after a put: it returns when everything written to the server's indexes so far is on the disk.

    Only files that changed are synced, and threads that wait together are served by one round. What was there before
    the settler was made is for those who put it to sync.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._mutex = threading.Lock()
        self._synced = self._signatures()
        self._round_began = 0

    def __call__(self) -> None:
        asked = time.monotonic_ns()
        with self._mutex:
            if self._round_began > asked:  # a round that began after our put has ended: it covered us
                return
            began = time.monotonic_ns()
            self._sync()
            self._round_began = began

    def _sync(self) -> None:
        now = self._signatures()
        changed = [path for path, signature in now.items() if self._synced.get(path) != signature]
        fresh = {path.parent for path in changed if path not in self._synced}
        for path in (*changed, *fresh):
            with suppress(FileNotFoundError):  # compacted away meanwhile, into a file that the server does sync
                sync(path)
        self._synced = now

    def _signatures(self) -> dict[Path, _Signature]:
        found: dict[Path, _Signature] = {}
        for pattern in _PATTERNS:
            for path in self._data.glob(pattern):
                with suppress(FileNotFoundError):
                    stat = path.stat()
                    found[path] = (stat.st_size, stat.st_mtime_ns)
        return found


def volumes_to_mend(data: Path) -> list[Path]:
    """The `.idx` files that end before their `.dat` does, and were not rebuilt since the last write."""
    return [index for index in sorted(data.glob("*.idx")) if _is_behind(index, index.with_suffix(".dat"))]


def _is_behind(index: Path, volume: Path) -> bool:
    if not volume.exists():
        return False
    index_stat, volume_stat = index.stat(), volume.stat()
    if index_stat.st_mtime_ns > volume_stat.st_mtime_ns:
        return False
    if index_stat.st_size < _ENTRY.size:
        return volume_stat.st_size > _UNIT  # more than the superblock
    with index.open("rb") as file:
        file.seek((index_stat.st_size // _ENTRY.size - 1) * _ENTRY.size)
        _, low, high, size = _ENTRY.unpack(file.read(_ENTRY.size))
    used = _HEADER + max(size, 0) + _TRAILER
    end = (high << 32 | low) * _UNIT + used + _UNIT - used % _UNIT
    return bool(end < volume_stat.st_size)
