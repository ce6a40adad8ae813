"""Serve the register to commands and API alike: parse values as people write them, read and import lists, show files.

Who may change what is in `register.registrar`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

from pipeline.db.register import RegisterRepository
from pipeline.errors import FileUnknownError
from pipeline.extract.file_number import FileNumber
from pipeline.model.register import FileValues, Ident, Office, RegisterFile
from pipeline.model.register_views import FullRegisterFileView, RegisterFileView
from pipeline.register import cells, list_reader
from pipeline.register.cells import Refused, clean
from pipeline.register.lists import FILE_COLUMNS, ReadList, file_rows, office_rows
from pipeline.register.office_plans import plan_offices
from pipeline.register.plans import ImportPlan
from pipeline.register.registrar import Registrar, plan_against, value_error


def number(text: str) -> FileNumber:
    """Parse a file number. Raises `RegisterValueError` for text that is none."""
    found: FileNumber = value("number", text)
    return found


def value(name: str, text: str) -> Any:
    """Parse a value of a file as a cell of a list is; an empty text clears it. Raises `RegisterValueError`."""
    column = next(column for column in FILE_COLUMNS if column.name == name)
    if not clean(text) and name != "number":
        return column.empty
    try:
        return column.read(text) if column.read else text
    except Refused as refused:
        raise value_error(name, text, refused.fault) from None


def values(given: Mapping[str, str | None]) -> FileValues:
    """Parse the values that were given; None leaves a value as it is. Raises `RegisterValueError`."""
    return cast(FileValues, {name: value(name, text) for name, text in given.items() if text is not None})


def office(code: str, hindi: str, english: str, parent: str | None) -> Office:
    """Parse an office. Raises `RegisterValueError`."""
    try:
        above = cells.code(parent) if parent else None
        return Office(cells.code(code), clean(hindi), clean(english), above)
    except Refused as refused:
        raise value_error("code", code if not parent else f"{code}, {parent}", refused.fault) from None


def file_view(file: RegisterFile, years: Mapping[str, int]) -> RegisterFileView:
    """A file with the day from which it may be weeded; `years` has the years of retention of each class."""
    return RegisterFileView(file, file.weeding(years))


def full_view(register: RegisterRepository, file: RegisterFile, years: Mapping[str, int]) -> FullRegisterFileView:
    """A file with its figures, its documents and its history."""
    return FullRegisterFileView(
        file_view(file, years), register.figures(file), register.documents(file), register.history(file)
    )


@dataclass(frozen=True, slots=True)
class RegisterService:
    """The register as commands and pages use it. `registrar` opens the store; it is called for changes alone."""

    register: RegisterRepository
    registrar: Callable[[], Registrar]
    years: Mapping[str, int]

    def file(self, ident: Ident) -> RegisterFile:
        """Raises `FileUnknownError`."""
        found = self.register.file(ident)
        if found is None:
            raise FileUnknownError(number=ident[1], near="—")
        return found

    def file_view(self, file: RegisterFile) -> RegisterFileView:
        return file_view(file, self.years)

    def full_view(self, file: RegisterFile) -> FullRegisterFileView:
        return full_view(self.register, file, self.years)

    def alike(self, office: str, written: FileNumber) -> list[str]:
        """Numbers of the office's files that may be the same one, written otherwise."""
        return [match.file.number for match in self.register.find(office, written) if match.by != "strict"]

    def rows_of_files(self, offices: Collection[str] | None) -> Iterator[list[str | int]]:
        """The rows of a list, header first, as `files_list` reads them back."""
        files = (file for file in self.register.files() if offices is None or file.office in offices)

        def due(file: RegisterFile) -> date | None:
            return file.weeding(self.years)

        return file_rows(files, due)

    def rows_of_offices(self, offices: Collection[str] | None) -> Iterator[list[str | int]]:
        return office_rows(one for one in self.register.offices() if offices is None or one.code in offices)

    def take_files(
        self, read: ReadList, office: str | None, *, by: str, dry_run: bool, all_or_nothing: bool
    ) -> ImportPlan:
        """Import a list of files, or with `dry_run` plan what an import would change."""
        if dry_run:
            return plan_against(self.register, read, office=office, by=by, at=datetime.now(UTC))
        return self.registrar().import_files(read, office=office, by=by, all_or_nothing=all_or_nothing)

    def take_offices(self, read: ReadList, *, by: str, dry_run: bool, all_or_nothing: bool) -> ImportPlan:
        if dry_run:
            return plan_offices(read, self.register.offices())
        return self.registrar().import_offices(read, by=by, all_or_nothing=all_or_nothing)


def files_list(path: Path, *, name: str = "") -> ReadList:
    """Read a list of files to its end; `name` names it in errors. Raises what `list_reader.read` raises."""
    return list_reader.read(path, list_reader.FILES, name=name)


def offices_list(path: Path, *, name: str = "") -> ReadList:
    """Read a list of offices, as `files_list`."""
    return list_reader.read(path, list_reader.OFFICES, name=name)
