"""What was taken out of the inbox, file by file: from where, as which batch, and where the file lies now.

By it a file that changes after it was taken is known as a new version of the same scan (see `recheck`, `versions`).
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from datetime import datetime
from pathlib import PurePath

from pipeline.ingest.safe_paths import from_text, to_text
from pipeline.ingest.snapshot import FileSignature
from pipeline.model.inbox import TakenColumns, TakenFileColumns


@dataclass(frozen=True, slots=True)
class TakenFile:
    """One file: its path in the inbox, and what was taken of it. `place` is its folder and name below that of its outcome,
    once it has left, and `signature` how it was then."""

    name: str
    sha256: str
    bytes: int
    place: str | None = None
    signature: FileSignature | None = None


@dataclass(frozen=True, slots=True)
class TakenScan:
    """The files of one batch, in page order. `ident` names the group they were in the inbox, `keeper` the folder that has
    them now. `checks` counts how often they were looked at since; `check_at` is None when they are not looked at again."""

    ident: str
    keeper: str
    name: str
    profile: str
    metadata: dict[str, str]
    outcome: str
    batch: str
    files: tuple[TakenFile, ...]
    taken_at: datetime
    check_at: datetime | None = None
    checks: int = 0
    id: int | None = None

    @property
    def has_left(self) -> bool:
        """Whether the files have left the inbox, all of them."""
        return all(file.place is not None for file in self.files)

    @property
    def sha256s(self) -> tuple[str, ...]:
        return tuple(file.sha256 for file in self.files)

    def moved(self, name: str, place: PurePath, signature: FileSignature) -> TakenScan:
        """The same after one of its files has left the inbox."""
        files = [
            replace(file, place=str(place), signature=signature) if file.name == name else file for file in self.files
        ]
        return replace(self, files=tuple(files))


class ScanCodec:
    """A scan as the columns of its row, and back."""

    def columns(self, scan: TakenScan) -> TakenColumns:
        return {
            "ident": scan.ident,
            "keeper": scan.keeper,
            "name": scan.name,
            "profile": scan.profile,
            "scan_metadata": dict(scan.metadata),
            "outcome": scan.outcome,
            "batch_id": scan.batch,
            "files": [_file_columns(file) for file in scan.files],
            "taken_at": scan.taken_at,
            "check_at": scan.check_at,
            "checks": scan.checks,
        }

    def scan(self, columns: TakenColumns) -> TakenScan:
        files = tuple(
            TakenFile(
                str(from_text(file["name"])),
                file["sha256"],
                file["bytes"],
                str(from_text(file["place"])) if file["place"] else None,
                FileSignature(*file["signature"]) if file["signature"] else None,
            )
            for file in columns["files"]
        )
        return TakenScan(
            ident=columns["ident"],
            keeper=columns["keeper"],
            name=columns["name"],
            profile=columns["profile"],
            metadata=columns["scan_metadata"],
            outcome=columns["outcome"],
            batch=columns["batch_id"],
            files=files,
            taken_at=columns["taken_at"],
            check_at=columns["check_at"],
            checks=columns["checks"],
            id=columns["id"],
        )


def _file_columns(file: TakenFile) -> TakenFileColumns:
    return {
        "name": to_text(file.name),
        "sha256": file.sha256,
        "bytes": file.bytes,
        "place": to_text(file.place) if file.place else None,
        "signature": list(astuple(file.signature)) if file.signature else None,
    }
