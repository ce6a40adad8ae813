"""Change the register: check what may be changed, and add the change to the journal (`register.changes`).

Looking things up is the business of `db.register`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pipeline.db.register import RegisterRepository
from pipeline.errors import (
    AlreadyRegisteredError,
    FiguresDifferError,
    FileClosedError,
    FileOpenError,
    FileUnknownError,
    RegisterValueError,
)
from pipeline.extract.file_number import FileNumber
from pipeline.model.register import (
    CountUnit,
    Figures,
    FileState,
    FileValues,
    Ident,
    Office,
    RegisterChange,
    RegisterEvent,
    RegisterFile,
)
from pipeline.register import changes as register_changes
from pipeline.register.cells import CellFault
from pipeline.register.lists import ReadList
from pipeline.register.office_plans import office_event, parent_fault, plan_offices
from pipeline.register.plans import (
    NOT_BY_LIST,
    ImportPlan,
    changes,
    event,
    new_file,
    plan_files,
    with_values,
)
from pipeline.storage import Store


@dataclass(frozen=True, slots=True)
class RegisterDraft:
    """What a change is to hold. Without an event nothing is stored."""

    offices: Sequence[Office] = ()
    files: Sequence[RegisterFile] = ()
    events: Sequence[RegisterEvent] = ()


class Registrar:
    """Changes the register. Every method raises `RegisterBusyError`, and what store and database raise."""

    def __init__(self, store: Store, register: RegisterRepository) -> None:
        self.register = register
        self.journal = register_changes.journal_of(store, register)

    # --- offices -------------------------------------------------------------------------------------------------

    def put_office(self, office: Office, *, by: str, change: bool) -> None:
        """Enter an office, or change it. Raises `AlreadyRegisteredError`, and `RegisterValueError` for its parent."""

        def decide(at: datetime) -> RegisterDraft:
            known = {found.code: found for found in self.register.offices()}
            before = known.get(office.code)
            if before and not change:
                raise AlreadyRegisteredError(name=office.code)
            fault = parent_fault(office, known | {office.code: office})
            if fault:
                raise value_error("parent", office.parent or "", fault)
            return (
                RegisterDraft(offices=[office], events=[office_event(before, office)])
                if office != before
                else RegisterDraft()
            )

        self._change(by, decide)

    def import_offices(self, read: ReadList, *, by: str, all_or_nothing: bool) -> ImportPlan:
        """Import the good lines of a list; with `all_or_nothing` none when one is bad."""
        return self._import(lambda at: plan_offices(read, self.register.offices()), by, all_or_nothing)

    # --- files ---------------------------------------------------------------------------------------------------

    def add_file(self, office: str, number: FileNumber, volume: str, values: FileValues, *, by: str) -> RegisterFile:
        """Enter a file. Raises `OfficeUnknownError`, `AlreadyRegisteredError`, and `RegisterValueError` for a closed one."""
        new = new_file(office, number, volume)

        def decide(at: datetime) -> RegisterDraft:
            self.register.office(office)
            if self._standing(new.ident):
                raise AlreadyRegisteredError(name=number.written)
            after = _edited(new, values, by, at)
            return RegisterDraft(files=[after], events=[event("created", after, {"state": str(after.state)})])

        return self._change(by, decide).files[0]

    def set_file(self, ident: Ident, values: FileValues, *, by: str) -> RegisterFile:
        """Change values of a file. Opening and closing it is refused with `RegisterValueError`."""
        return self._edit(ident, by, "changed", lambda before, at: _edited(before, values, by, at))

    def import_files(self, read: ReadList, *, office: str | None, by: str, all_or_nothing: bool) -> ImportPlan:
        """Import the good lines of a list; with `all_or_nothing` none when one is bad."""
        return self._import(lambda at: self.plan(read, office=office, by=by, at=at), by, all_or_nothing)

    def plan(self, read: ReadList, *, office: str | None, by: str, at: datetime) -> ImportPlan:
        return plan_against(self.register, read, office=office, by=by, at=at)

    # --- pages ---------------------------------------------------------------------------------------------------

    def count(self, ident: Ident, pages: int, unit: CountUnit, *, by: str) -> RegisterFile:
        """Record how many pages somebody counted. Raises `FileClosedError`."""

        def edited(before: RegisterFile, at: datetime) -> RegisterFile:
            require_open(before)
            return replace(before, pages_counted=pages, count_unit=unit, counted_by=by, counted_at=at)

        return self._edit(ident, by, "counted", edited)

    def note(
        self, ident: Ident, *, missing: Sequence[int] | None, replaced: Sequence[str] | None, by: str, reason: str
    ) -> RegisterFile:
        """Record pages that are missing in the paper, and scans that were replaced; the lists replace earlier ones."""

        def edited(before: RegisterFile, at: datetime) -> RegisterFile:
            require_open(before)
            after = before if missing is None else replace(before, missing=tuple(sorted(set(missing))))
            return after if replaced is None else replace(after, replaced=tuple(sorted(set(replaced))))

        return self._edit(ident, by, "noted", edited, reason)

    def close(self, ident: Ident, *, by: str, signed_by: str = "", reason: str = "") -> RegisterFile:
        """Close a file. Raises `FiguresDifferError` unless its figures agree or somebody signs for them, with a reason."""

        def decide(at: datetime) -> RegisterDraft:
            before = self._required(ident)
            require_open(before)
            figures = self.register.figures(before)
            if not figures.agree and not (signed_by and reason):
                raise differing(before, figures)
            after = replace(before, state=FileState.CLOSED)
            return RegisterDraft(files=[after], events=[event("closed", after, figures.json(), reason, signed_by)])

        return self._change(by, decide).files[0]

    def reopen(self, ident: Ident, *, by: str, reason: str) -> RegisterFile:
        """Open a closed file again. Raises `FileOpenError`."""

        def decide(at: datetime) -> RegisterDraft:
            before = self._required(ident)
            if before.state is not FileState.CLOSED:
                raise FileOpenError(number=before.number)
            after = replace(before, state=FileState.OPEN)
            return RegisterDraft(
                files=[after], events=[event("reopened", after, self.register.figures(before).json(), reason)]
            )

        return self._change(by, decide).files[0]

    # --- how a change is kept ------------------------------------------------------------------------------------

    def _import(self, plan: Callable[[datetime], ImportPlan], by: str, all_or_nothing: bool) -> ImportPlan:
        made: list[ImportPlan] = []

        def decide(at: datetime) -> RegisterDraft:
            made.append(plan(at))
            if all_or_nothing and made[0].bad:
                return RegisterDraft()
            return RegisterDraft(made[0].offices, list(made[0].files.values()), made[0].events)

        self._change(by, decide)
        return made[0]

    def _edit(
        self,
        ident: Ident,
        by: str,
        what: str,
        edited: Callable[[RegisterFile, datetime], RegisterFile],
        reason: str = "",
    ) -> RegisterFile:
        standing: list[RegisterFile] = []

        def decide(at: datetime) -> RegisterDraft:
            before = self._required(ident)
            after = edited(before, at)
            standing.append(after)
            details = {"changed": changes(before, after)}
            return (
                RegisterDraft(files=[after], events=[event(what, after, details, reason)])
                if details["changed"]
                else RegisterDraft()
            )

        self._change(by, decide)
        return standing[0]

    def _change(self, by: str, decide: Callable[[datetime], RegisterDraft]) -> RegisterChange:
        """Decide and write while nobody else does. What raises in `decide` leaves everything as it was."""
        with self.journal.writing() as writer:
            at = datetime.now(UTC)
            draft = decide(at)
            change = RegisterChange(
                writer.next_number, at, by, tuple(draft.offices), tuple(draft.files), tuple(draft.events)
            )
            if change.events:
                writer.append(change)
            return change

    def _required(self, ident: Ident) -> RegisterFile:
        found = self._standing(ident)
        if found is None:
            raise FileUnknownError(number=ident[1], near="—")
        return found

    def _standing(self, ident: Ident) -> RegisterFile | None:
        return self.register.file(ident)


def plan_against(
    register: RegisterRepository, read: ReadList, *, office: str | None, by: str, at: datetime
) -> ImportPlan:
    """What a list of files would change in the register as it stands."""
    named = {entry.values.get("office") or office for entry in read.entries}
    files = register.files(named.pop()) if len(named) == 1 else register.files()
    offices = [found.code for found in register.offices()]
    return plan_files(read, files, offices, office=office, by=by, at=at)


def value_error(column: str, value: str, fault: CellFault) -> RegisterValueError:
    return RegisterValueError(column=column, value=value, cause=fault.cause, fix=fault.fix)


def require_open(file: RegisterFile) -> None:
    if file.state is FileState.CLOSED:
        raise FileClosedError(number=file.number)


def differing(file: RegisterFile, figures: Figures) -> FiguresDifferError:
    counted = "—" if figures.expected is None else figures.expected
    return FiguresDifferError(number=file.number, counted=counted, found=figures.found, noted=figures.noted)


def _edited(before: RegisterFile, values: FileValues, by: str, at: datetime) -> RegisterFile:
    after = with_values(before, values, by=by, at=at)
    if (before.state is FileState.CLOSED) != (after.state is FileState.CLOSED):
        raise value_error("state", str(after.state), NOT_BY_LIST)
    if (before.pages_counted, before.count_unit) != (after.pages_counted, after.count_unit):
        require_open(before)
    return after
