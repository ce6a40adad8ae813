"""Rows of the register as values, and values as the columns of rows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pipeline.db.tables import FileRow, OfficeRow, RegisterEventRow
from pipeline.model.register import (
    CountUnit,
    FileEvent,
    FileState,
    Office,
    RecordClass,
    RegisterChange,
    RegisterFile,
    ShelfPlace,
)
from pipeline.model.register_json import event_json


def office_from(row: OfficeRow) -> Office:
    return Office(row.code, row.name_hi, row.name_en, row.parent)


def file_values(file: RegisterFile) -> dict[str, Any]:
    values = {name: getattr(file, name) for name in RegisterFile.__slots__ if name != "place"}
    values |= asdict(file.place)
    values["missing"], values["replaced"] = list(file.missing), list(file.replaced)
    values["record_class"] = file.record_class and str(file.record_class)
    return values | {"count_unit": str(file.count_unit), "state": str(file.state)}


def file_from(row: FileRow) -> RegisterFile:
    plain = (
        "office",
        "number",
        "key",
        "core",
        "ocr",
        "volume",
        "subject",
        "year",
        "branch",
        "retention_years",
        "closed_on",
        "weed_on",
        "pages_counted",
        "counted_by",
        "counted_at",
    )
    return RegisterFile(
        **{name: getattr(row, name) for name in plain},
        record_class=RecordClass(row.record_class) if row.record_class else None,
        place=ShelfPlace(row.room, row.rack, row.shelf, row.bundle),
        count_unit=CountUnit(row.count_unit),
        missing=tuple(row.missing),
        replaced=tuple(row.replaced),
        state=FileState(row.state),
    )


def event_values(change: RegisterChange) -> list[dict[str, Any]]:
    return [
        {
            **event_json(event),
            "change": change.number,
            "line": line,
            "at": change.at,
            "by": change.by,
        }
        for line, event in enumerate(change.events, start=1)
    ]


def event_from(row: RegisterEventRow) -> FileEvent:
    return FileEvent(row.change, row.at, row.by, row.what, row.details, row.reason, row.signed_by)
