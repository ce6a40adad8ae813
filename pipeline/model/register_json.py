"""A file of the register as JSON, and back: what `file show` prints and what the objects of the register hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from pipeline.model.json_values import JsonObject
from pipeline.model.register import (
    CountUnit,
    FileEvent,
    FileState,
    RecordClass,
    RegisterEvent,
    RegisterFile,
    ShelfPlace,
)


def file_json(file: RegisterFile) -> JsonObject:
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


def event_json(event: RegisterEvent) -> JsonObject:
    """What happened to a file as JSON; its details are under `told`, their name in objects since the first version."""
    found = asdict(event)
    return {("told" if name == "details" else name): value for name, value in found.items()}


def event_from(found: Mapping[str, Any]) -> RegisterEvent:
    """The inverse of `event_json`."""
    return RegisterEvent(**{("details" if name == "told" else name): value for name, value in found.items()})


def file_event_json(event: FileEvent) -> dict[str, Any]:
    """An event of a file's history as JSON; its details are under `told`, as in `event_json`."""
    found = asdict(event)
    return {("told" if name == "details" else name): value for name, value in found.items()}
