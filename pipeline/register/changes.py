"""The object that a change of the register is kept as.

Who makes a change is in `register.registrar`; how it is taken back from the store, in `rebuild`.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from pipeline.model.register import Office, RegisterChange
from pipeline.model.register_json import event_from, event_json, file_from, file_json
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
            "events": [event_json(event) for event in change.events],
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
            events=tuple(event_from(event) for event in found["events"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the change lacks something: {error!r}") from error
