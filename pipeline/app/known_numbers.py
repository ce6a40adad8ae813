"""What an installation knows of a written file number: by its register, and by what its documents were filed under."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pipeline.extract import file_number
from pipeline.model.batch import Batch
from pipeline.model.document import KnownNumber
from pipeline.model.register import FileMatch

if TYPE_CHECKING:
    from pipeline.app.container import Container


def finder(container: Container, office: str | None = None) -> Callable[[str], list[FileMatch]]:
    """Return a function that finds the files of the register that a written number may mean, surest first."""

    def find(written: str) -> list[FileMatch]:
        number = file_number.parse(written)
        return container.register.find(office, number) if number else []

    return find


def known_to(container: Container, batch: Batch) -> Callable[[str], KnownNumber]:
    """Return a function that finds what the batch's office knows of a written number: by the register, and by what other
    batches were filed under."""

    def look_up(written: str) -> KnownNumber:
        number = file_number.parse(written)
        if number is None:
            return KnownNumber(False)
        matches = finder(container, batch.office)(written)
        if any(match.by == "strict" for match in matches):
            return KnownNumber(True)
        others = {match.file.number for match in matches}
        return KnownNumber(
            container.records.is_filed_under(number.key, batch.office, besides=batch.id),
            others.pop() if len(others) == 1 else None,
        )

    return look_up
