"""A file of the register as commands and API show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from pipeline.model.register import Figures, FileDocument, FileEvent, RegisterFile
from pipeline.model.register_json import file_event_json, file_json


@dataclass(frozen=True, slots=True)
class RegisterFileView:
    """A file as the register shows it: with the day from which it may be weeded, None where it never may or nobody knows."""

    file: RegisterFile
    weeding_due: date | None

    def json(self) -> dict[str, Any]:
        return {**file_json(self.file), "weeding_due": self.weeding_due.isoformat() if self.weeding_due else None}


@dataclass(frozen=True, slots=True)
class FullRegisterFileView:
    """A file with its figures, its documents and its history, the oldest event first."""

    view: RegisterFileView
    figures: Figures
    documents: Sequence[FileDocument]
    events: Sequence[FileEvent]

    def json(self) -> dict[str, Any]:
        return {
            **self.view.json(),
            "figures": self.figures.json(),
            "documents": [asdict(document) for document in self.documents],
            "events": [file_event_json(event) for event in self.events],
        }
