"""Plan what a list of files changes in the register: created, updated, unchanged and refused lines. Nothing is written.

How a list is read is the business of `register.lists`; the writing, of `register.registrar`; lists of offices, of
`register.office_plans`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from pipeline.extract.file_number import FileNumber
from pipeline.locale import Message
from pipeline.model.json_values import JsonObject, JsonValue
from pipeline.model.register import FileState, FileValues, Ident, Keyed, Office, RegisterEvent, RegisterFile
from pipeline.model.register_json import file_json
from pipeline.register.cells import CellFault
from pipeline.register.lists import BadLine, ListEntry, ReadList

_PLACE = ("room", "rack", "shelf", "bundle")
_COUNT = ("pages_counted", "count_unit")

NO_OFFICE = CellFault(
    "no_office",
    Message("the line names no office"),
    Message("Fill the column in, or give --office."),
)
UNKNOWN_OFFICE = CellFault(
    "unknown_office",
    Message("the register has no office of that code"),
    Message("Enter the office first: abhilekh office add."),
)
TWICE = CellFault(
    "twice",
    Message("an earlier line says something else of it"),
    Message("Leave one of the lines, or give each volume its number."),
)
NOT_BY_LIST = CellFault(
    "not_by_list",
    Message("closing a file and opening it again have commands of their own"),
    Message("Use abhilekh file close or abhilekh file reopen."),
)
COUNT_STANDS = CellFault(
    "count_stands",
    Message("the file is closed and its count stands"),
    Message("Open it again first: abhilekh file reopen."),
)
PARENT_LOOP = CellFault(
    "parent_loop",
    Message("the office would stand above itself"),
    Message("Name another parent."),
)


@dataclass(slots=True)
class ImportPlan:
    """What is to be written, and the account of every line."""

    offices: list[Office] = field(default_factory=list)
    files: dict[Ident, RegisterFile] = field(default_factory=dict)
    events: list[RegisterEvent] = field(default_factory=list)
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    bad: list[BadLine] = field(default_factory=list)
    warnings: list[BadLine] = field(default_factory=list)

    def refuse(self, entry: ListEntry, read: ReadList, column: str, fault: CellFault) -> None:
        self.bad.append(_bad_line(entry, read, column, fault))

    def json(self) -> JsonObject:
        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": len({bad.line for bad in self.bad}),
            "bad_lines": [bad.json() for bad in sorted(self.bad, key=lambda bad: bad.line)],
            "warnings": [warning.json() for warning in self.warnings],
        }


def _bad_line(entry: ListEntry, read: ReadList, column: str, fault: CellFault) -> BadLine:
    return BadLine(entry.line, read.headers.get(column, column), entry.written.get(column, ""), fault)


def plan_files(
    read: ReadList,
    register: Iterable[RegisterFile],
    offices: Iterable[str],
    *,
    office: str | None,
    by: str,
    at: datetime,
) -> ImportPlan:
    """What the list changes in `register`; lines without an office belong to `office`. `by` counted what it counts."""
    planner = _FilePlanner(read, register, offices, by=by, at=at)
    for entry in read.entries:
        planner.take(entry, entry.values.get("office") or office)
    return planner.plan


class _FilePlanner:
    """Takes the lines of a list one after the other, each on the register as the lines before it leave it."""

    def __init__(
        self, read: ReadList, register: Iterable[RegisterFile], offices: Iterable[str], *, by: str, at: datetime
    ) -> None:
        self.plan = ImportPlan(bad=list(read.bad))
        self._read, self._by, self._at = read, by, at
        self._offices = set(offices)
        self._standing = {file.ident: file for file in register}
        self._listed: set[Ident] = set()
        self._alike = _Alike(self._standing.values())

    def take(self, entry: ListEntry, office: str | None) -> None:
        """Plan what a line changes in the register of `office`, or refuse the line."""
        if not office or office not in self._offices:
            self.plan.refuse(entry, self._read, "office", UNKNOWN_OFFICE if office else NO_OFFICE)
            return
        number = cast(FileNumber, entry.values["number"])
        ident = (office, number.key, entry.values.get("volume", ""))
        before = self._standing.get(ident)
        after = with_values(before or new_file(office, number, ident[2]), entry.values, by=self._by, at=self._at)
        if fault := _objection(before, after, listed=ident in self._listed):
            self.plan.refuse(entry, self._read, *fault)
            return
        self._listed.add(ident)
        if before is None:
            self._create(entry, after, number)
        elif after != before:
            self._update(before, after)
        else:
            self.plan.unchanged += 1

    def _create(self, entry: ListEntry, after: RegisterFile, number: FileNumber) -> None:
        near = self._alike.others(after.office, number)
        self.plan.created += 1
        self.plan.warnings += [_bad_line(entry, self._read, "number", near_fault(one)) for one in near]
        self._put(after, event("created", after, {"state": str(after.state)}))

    def _update(self, before: RegisterFile, after: RegisterFile) -> None:
        self.plan.updated += 1
        self._put(after, event("changed", after, {"changed": changes(before, after)}))

    def _put(self, after: RegisterFile, happened: RegisterEvent) -> None:
        self.plan.events.append(happened)
        self.plan.files[after.ident] = after
        self._standing[after.ident] = after
        self._alike.add(after)


def _objection(before: RegisterFile | None, after: RegisterFile, *, listed: bool) -> tuple[str, CellFault] | None:
    """The column and the reason why a line cannot be taken."""
    if before is None or after == before:
        return None
    if listed:
        return "number", TWICE
    if (before.state is FileState.CLOSED) != (after.state is FileState.CLOSED):
        return "state", NOT_BY_LIST
    counted = [(file.pages_counted, file.count_unit) for file in (before, after)]
    if before.state is FileState.CLOSED and counted[0] != counted[1]:
        return "pages_counted", COUNT_STANDS
    return None


def new_file(office: str, number: FileNumber, volume: str) -> RegisterFile:
    return RegisterFile(office, number.written, number.key, number.core, number.ocr, volume)


def with_values(file: RegisterFile, values: FileValues, *, by: str, at: datetime) -> RegisterFile:
    """The file with the values of a line or of a command. Who counted is only noted where the count is another one.

    Its number stays as it is written in the register: two spellings of one key are no difference.
    """
    given: dict[str, Any] = dict(values)
    place = replace(file.place, **{name: given[name] for name in _PLACE if name in given})
    own = {name: value for name, value in given.items() if name not in ("office", "number", "volume", *_PLACE)}
    if "count_unit" in own and not own["count_unit"]:
        del own["count_unit"]
    if "state" in own and not own["state"]:
        del own["state"]
    after = replace(file, place=place, **own)
    if any(getattr(after, name) != getattr(file, name) for name in _COUNT):
        is_counted = after.pages_counted is not None
        after = replace(after, counted_by=by if is_counted else "", counted_at=at if is_counted else None)
    return after


def changes(before: RegisterFile, after: RegisterFile) -> dict[str, list[JsonValue]]:
    """What differs: from what to what, as JSON."""
    old, new = file_json(before), file_json(after)
    return {name: [old[name], new[name]] for name in old if old[name] != new[name]}


def event(what: str, file: RegisterFile, details: JsonObject, reason: str = "", signed_by: str = "") -> RegisterEvent:
    return RegisterEvent(what, file.office, file.key, file.volume, details, reason, signed_by)


def near_fault(near: RegisterFile) -> CellFault:
    return CellFault(
        "alike",
        Message("perhaps the same file as “{number}”, which stands in the register", number=near.number),
        Message("Compare the two files; the line was taken."),
    )


class _Alike:
    """Finds files of an office whose number shares digits or look-alike letters with another, but not the key."""

    def __init__(self, files: Iterable[RegisterFile]) -> None:
        self._by: dict[tuple[str, str, str], dict[str, RegisterFile]] = defaultdict(dict)
        for file in files:
            self.add(file)

    def add(self, file: RegisterFile) -> None:
        for name in _names(file.office, file):
            self._by[name].setdefault(file.key, file)

    def others(self, office: str, number: Keyed) -> list[RegisterFile]:
        found = {key: file for name in _names(office, number) for key, file in self._by.get(name, {}).items()}
        return [file for key, file in sorted(found.items()) if key != number.key]


def _names(office: str, number: Keyed) -> Iterator[tuple[str, str, str]]:
    for how, value in (("core", number.core), ("ocr", number.ocr)):
        if value:
            yield office, how, value
