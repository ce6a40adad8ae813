"""Runs an export: a file, an office or everything, written into a folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.db.exports import ExportRepository, ExportScope
from pipeline.extract import file_number
from pipeline.model.register import RegisterFile
from pipeline.preservation.export import export
from pipeline.preservation.export.model import ExportDependencies, Exported, ExportFormat

if TYPE_CHECKING:
    from pipeline.app.container import Container


def run(
    container: Container, form: ExportFormat, scope: ExportScope, target: Path, *, tell: Callable[[int, int], None]
) -> Exported:
    """Export `scope` into the folder `target`; `tell` takes how many of how many documents are done."""

    def registered(office: str, key: str) -> list[RegisterFile]:
        number = file_number.parse(key)
        found = container.register.find(office, number) if number else []
        return [match.file for match in found if match.file.key == key]

    scratch = container.scratch / f"{os.getpid()}-export"
    try:
        dependencies = ExportDependencies(
            container.store, container.records, ExportRepository(container.database), registered, scratch
        )
        return export(form, scope, target, dependencies, tell=tell)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
