"""The register as JSON: what `office show` and `file show` print, and the object that a change of it is kept as.

Who makes a change is in `register.registrar`; how it is taken back from the store, in `rebuild`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from pipeline.model.register import (
    CountUnit,
    FileState,
    Office,
    RecordClass,
    RegisterChange,
    RegisterEvent,
    RegisterFile,
    ShelfPlace,
)
from pipeline.storage import manifest


def write(change: RegisterChange) -> bytes:
    """The change as an object; the same change gives the same bytes."""
    return manifest.sealed(
        {
            "change": change.number,
            "at": change.at.isoformat(),
            "by": change.by,
            "offices": [asdict(office) for office in change.offices],
            "files": [file_json(file) for file in change.files],
            "events": [{**asdict(event), "told": dict(event.told)} for event in change.events],
        }
    )


def read(data: bytes) -> RegisterChange:
    """The inverse of `write`. Raises `ValueError` when the object is damaged or of a kind we do not know."""
    found = manifest.unsealed(data)
    try:
        return RegisterChange(
            number=found["change"],
            at=datetime.fromisoformat(found["at"]),
            by=found["by"],
            offices=tuple(Office(**office) for office in found["offices"]),
            files=tuple(file_from(file) for file in found["files"]),
            events=tuple(RegisterEvent(**event) for event in found["events"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the change lacks something: {error!r}") from error


def file_json(file: RegisterFile) -> dict[str, Any]:
    """A file as JSON, all that the register holds of it."""
    return {
        "office": file.office,
        "number": file.number,
        "key": file.key,
        "core": file.core,
        "ocr": file.ocr,
        "volume": file.volume,
        "subject": file.subject,
        "year": file.year,
        "branch": file.branch,
        "record_class": file.record_class and str(file.record_class),
        "retention_years": file.retention_years,
        "closed_on": _iso(file.closed_on),
        "weed_on": _iso(file.weed_on),
        **asdict(file.place),
        "pages_counted": file.pages_counted,
        "count_unit": str(file.count_unit),
        "counted_by": file.counted_by,
        "counted_at": _iso(file.counted_at),
        "missing": list(file.missing),
        "replaced": list(file.replaced),
        "state": str(file.state),
    }


def file_from(found: Mapping[str, Any]) -> RegisterFile:
    """The inverse of `file_json`."""
    plain = ("office", "number", "key", "core", "ocr", "volume", "subject", "year", "branch", "retention_years")
    return RegisterFile(
        **{name: found[name] for name in plain},
        record_class=RecordClass(found["record_class"]) if found["record_class"] else None,
        closed_on=date.fromisoformat(found["closed_on"]) if found["closed_on"] else None,
        weed_on=date.fromisoformat(found["weed_on"]) if found["weed_on"] else None,
        place=ShelfPlace(*(found[name] for name in ("room", "rack", "shelf", "bundle"))),
        pages_counted=found["pages_counted"],
        count_unit=CountUnit(found["count_unit"]),
        counted_by=found["counted_by"],
        counted_at=datetime.fromisoformat(found["counted_at"]) if found["counted_at"] else None,
        missing=tuple(found["missing"]),
        replaced=tuple(found["replaced"]),
        state=FileState(found["state"]),
    )


def _iso(moment: date | None) -> str | None:
    return moment.isoformat() if moment else None
