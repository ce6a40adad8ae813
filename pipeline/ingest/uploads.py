"""Uploads on the disk: bytes that come in pieces, each piece written and flushed before it counts.

An upload is a folder under the home: `told.json` describes what is to come, `data/` holds the file under its own name, and
`result.json` says at the end what became of it. How far an upload has come is the length of its file, so that there is
nothing to be lost beside the bytes themselves. What is done with a whole file is in `pipeline.scanning.receiving`.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, NotRequired, TypedDict, cast

from pipeline.errors import (
    DiskFullError,
    HeldElsewhereError,
    NotFoundError,
    TooManyUploadsError,
    UploadChangedError,
    UploadOffsetError,
    UploadTooLargeError,
)
from pipeline.files import flush, replace_whole, try_lock
from pipeline.model.json_values import JsonObject

_IDENT = re.compile(r"[0-9a-f]{32}")
_LONGEST_NAME = 180  # bytes; a day's folder may add a number to it
_KEPT_SIGNS = "\u200c\u200d"  # joiners, which Devanagari needs
_FOREIGN = '/\\:*?"<>|'
_MB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be sent: the largest file, how many at once from one person, and for how many hours a half one is kept."""

    max_mb: int
    in_flight: int
    keep_hours: float
    min_free_mb: int


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody sends. `bytes` is None while its length is unknown.

    `metadata` is what its sender entered: office, file_no, operator. `replaces` names the page that it is to
    replace, if it is one: batch, page, reason. `token` is whatever lets the sender know the same file again.
    """

    id: str
    name: str
    by: str
    bytes: int | None
    made_at: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    profile: str = "generic"
    sha256: str | None = None
    token: str = ""
    replaces: Mapping[str, str] | None = None


class UploadResult(TypedDict):
    """What became of an upload: `outcome` is received, duplicate or rejected; a rejected one has its error besides, with
    advice in both languages."""

    outcome: str
    batch: str
    code: NotRequired[str]
    en: NotRequired[str]
    hi: NotRequired[str]


@dataclass(frozen=True, slots=True)
class UploadProgress:
    """An upload, how many of its bytes are on the disk, and what became of it once that is known."""

    upload: Upload
    offset: int
    result: UploadResult | None = None

    @property
    def is_whole(self) -> bool:
        return self.offset == self.upload.bytes


def _upload_json(upload: Upload) -> JsonObject:
    """An upload as its file has it, where the metadata has stood under `told` since the first version."""
    return {("told" if name == "metadata" else name): value for name, value in asdict(upload).items()}


def _upload_from(written: JsonObject) -> Upload:
    """The inverse of `_upload_json`."""
    found: dict[str, Any] = {("metadata" if name == "told" else name): value for name, value in written.items()}
    return Upload(**found)


class Uploads:
    """All uploads of one installation. Safe to use from many threads and processes."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder = folder
        self.limits = limits

    def begin(self, wanted: Upload) -> Upload:
        """Make room for a file. Raises `UploadTooLargeError`, `TooManyUploadsError`, `DiskFullError`."""
        upload = replace(
            wanted, id=secrets.token_hex(16), name=plain_name(wanted.name), made_at=datetime.now(UTC).isoformat()
        )
        self._require_room_for(upload)
        place = self.folder / upload.id
        (place / "data").mkdir(parents=True, mode=0o700)
        (place / "data" / upload.name).touch(mode=0o600)
        _write_whole(place / "told.json", _upload_json(upload))
        return upload

    def _require_room_for(self, upload: Upload) -> None:
        if upload.bytes is not None and upload.bytes > self.limits.max_mb * _MB:
            raise UploadTooLargeError(name=upload.name, limit=self.limits.max_mb)
        open_ones = [standing for standing in self.all() if standing.result is None]
        mine = sum(1 for standing in open_ones if standing.upload.by == upload.by)
        if mine >= self.limits.in_flight:
            raise TooManyUploadsError(count=mine)
        promised = sum(max((one.upload.bytes or 0) - one.offset, 0) for one in open_ones) + (upload.bytes or 0)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        free = shutil.disk_usage(self.folder).free
        if free - promised < self.limits.min_free_mb * _MB:
            raise DiskFullError(folder=self.folder, free=free // _MB)

    def standing(self, ident: str) -> UploadProgress:
        """How far an upload has come. Raises `NotFoundError`, also for one that was cleared away."""
        place = self._place(ident)
        written, result = _read_whole(place / "told.json"), _read_whole(place / "result.json")
        if written is None:
            raise NotFoundError(what="upload", name=ident)
        upload = _upload_from(written)
        file = place / "data" / upload.name
        offset = file.stat().st_size if file.exists() else (upload.bytes or 0)
        return UploadProgress(upload, offset, cast(UploadResult | None, result))

    def all(self) -> list[UploadProgress]:
        """Every upload that is there, the newest first."""
        found = []
        for place in self.folder.iterdir() if self.folder.is_dir() else ():
            if _IDENT.fullmatch(place.name):
                with suppress(NotFoundError):
                    found.append(self.standing(place.name))
        return sorted(found, key=lambda standing: standing.upload.made_at, reverse=True)

    def file(self, upload: Upload) -> Path:
        """Where the bytes lie."""
        return self._place(upload.id) / "data" / upload.name

    @contextmanager
    def writing(self, ident: str, offset: int, *, sha256: bytes | None = None) -> Iterator[Writing]:
        """Write on from `offset`; what was written counts when the block ends. Where the sender gives the piece's SHA-256,
        all of it counts or nothing.

        Raises `UploadOffsetError`, `UploadTooLargeError`, `UploadChangedError`, and `HeldElsewhereError` while another
        piece is being written.
        """
        with self.alone(ident):
            standing = self.standing(ident)
            if standing.result is not None or standing.is_whole or offset != standing.offset:
                raise UploadOffsetError(offset=standing.offset)
            most = self.limits.max_mb * _MB if standing.upload.bytes is None else standing.upload.bytes
            with self.file(standing.upload).open("r+b") as file:
                file.seek(offset)
                piece = Writing(file, standing.upload.name, offset, most, self.limits.max_mb)
                try:
                    yield piece
                finally:
                    self._settle(piece, offset, sha256)
            if sha256 is not None and piece.digest.digest() != sha256:
                raise UploadChangedError(name=standing.upload.name)

    def _settle(self, piece: Writing, offset: int, sha256: bytes | None) -> None:
        if sha256 is not None and piece.digest.digest() != sha256:
            piece.file.truncate(offset)
        flush(piece.file)

    def seal(self, ident: str) -> Upload:
        """Declare an upload of unknown length whole."""
        standing = self.standing(ident)
        upload = replace(standing.upload, bytes=standing.offset)
        _write_whole(self._place(ident) / "told.json", _upload_json(upload))
        return upload

    def conclude(self, upload: Upload, result: UploadResult) -> None:
        """Say what became of it."""
        _write_whole(self._place(upload.id) / "result.json", dict(result))

    def remove(self, ident: str) -> None:
        """Forget an upload with all its bytes."""
        place = self._place(ident)
        (place / "told.json").unlink(missing_ok=True)  # first: from now on it is not there
        shutil.rmtree(place, ignore_errors=True)

    def sweep(self) -> list[str]:
        """Remove what was abandoned or concluded long ago; returns the names of the abandoned files."""
        limit = time.time() - timedelta(hours=self.limits.keep_hours).total_seconds()
        gone = []
        for place in list(self.folder.iterdir()) if self.folder.is_dir() else ():
            with suppress(OSError, HeldElsewhereError), self._held(place):
                if _touched(place) >= limit:
                    continue
                known = _read_whole(place / "told.json")
                concluded = (place / "result.json").exists()
                if known is not None and not concluded:
                    if self.standing(place.name).is_whole:  # it waits for the store, not for its sender
                        continue
                    gone.append(str(known["name"]))
                shutil.rmtree(place, ignore_errors=True)
        return gone

    def alone(self, ident: str) -> Any:
        """Hold an upload against every other thread and process. Raises `HeldElsewhereError`."""
        return self._held(self._place(ident))

    @contextmanager
    def _held(self, place: Path) -> Iterator[None]:
        with (place / "lock").open("wb") as lock:
            try:
                ours = try_lock(lock)
            except OSError as error:
                raise HeldElsewhereError(name=place.name) from error
            if not ours:
                raise HeldElsewhereError(name=place.name)
            yield

    def _place(self, ident: str) -> Path:
        """The folder of an upload; an id is hex digits and nothing else, so that it leads nowhere."""
        if not _IDENT.fullmatch(ident) or not (self.folder / ident).is_dir():
            raise NotFoundError(what="upload", name=ident)
        return self.folder / ident


class Writing:
    """A piece on its way to the disk."""

    def __init__(self, file: BinaryIO, name: str, offset: int, most: int, limit_mb: int) -> None:
        self.file = file
        self.name = name
        self.offset = offset
        self.most = most
        self.limit_mb = limit_mb
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> None:
        """Raises `UploadTooLargeError` for more than was announced, before anything of it is written."""
        if self.offset + len(data) > self.most:
            raise UploadTooLargeError(name=self.name, limit=self.limit_mb)
        self.file.write(data)
        self.digest.update(data)
        self.offset += len(data)


def plain_name(name: str) -> str:
    """A file name without folders, control characters, or signs that lead elsewhere; never empty, hidden or too long."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(
        "-" if char in _FOREIGN else char
        for char in last
        if char in _KEPT_SIGNS or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    ).strip(" .")
    stem, dot, suffix = kept.rpartition(".")
    if not dot or len(suffix.encode()) > _LONGEST_NAME // 4:
        stem, dot, suffix = kept, "", ""
    room = _LONGEST_NAME - len((dot + suffix).encode())
    return stem.encode()[:room].decode("utf-8", "ignore").strip() + dot + suffix or "scan"


def _write_whole(path: Path, content: Mapping[str, Any]) -> None:
    """Write a small JSON file that is there whole or not at all, after a power cut too."""
    replace_whole(path, json.dumps(content, ensure_ascii=False))


def _read_whole(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _touched(place: Path) -> float:
    """When anything in the folder changed last; its lock does not count."""
    times = [path.stat().st_mtime for path in place.rglob("*") if path.is_file() and path.name != "lock"]
    return max(times, default=place.stat().st_mtime)
