"""What a list changes in the register: created, updated, unchanged and refused lines, decided without writing anything.

How a list is read is the business of `records`; the writing, of `register.registrar`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pipeline.extract.file_number import FileNumber
from pipeline.model.register import FileState, Ident, Keyed, Office, RegisterEvent, RegisterFile
from pipeline.model.register_json import file_json
from pipeline.register.cells import CellFault
from pipeline.register.lists import BadLine, ListEntry, ReadList

_PLACE = ("room", "rack", "shelf", "bundle")
_COUNT = ("pages_counted", "count_unit")

NO_OFFICE = CellFault(
    "no_office",
    "the line names no office",
    "पंक्ति में कार्यालय नहीं है",
    "Fill the column in, or give --office.",
    "कॉलम भरें, या --office दें।",
)
UNKNOWN_OFFICE = CellFault(
    "unknown_office",
    "the register has no office of that code",
    "पंजी में इस कोड का कार्यालय नहीं है",
    "Enter the office first: abhilekh office add.",
    "पहले कार्यालय दर्ज करें: abhilekh office add।",
)
TWICE = CellFault(
    "twice",
    "an earlier line says something else of it",
    "पहले की किसी पंक्ति में इसके बारे में कुछ और लिखा है",
    "Leave one of the lines, or give each volume its number.",
    "एक ही पंक्ति रखें, या हर भाग का क्रमांक दें।",
)
NOT_BY_LIST = CellFault(
    "not_by_list",
    "closing a file and opening it again have commands of their own",
    "नस्ती बंद करने और फिर खोलने के लिए अलग कमांड हैं",
    "Use abhilekh file close or abhilekh file reopen.",
    "abhilekh file close या abhilekh file reopen चलाएँ।",
)
COUNT_STANDS = CellFault(
    "count_stands",
    "the file is closed and its count stands",
    "नस्ती बंद है; उसकी गणना नहीं बदलती",
    "Open it again first: abhilekh file reopen.",
    "पहले उसे फिर खोलें: abhilekh file reopen।",
)
PARENT_LOOP = CellFault(
    "parent_loop",
    "the office would stand above itself",
    "कार्यालय स्वयं अपने ऊपर आ जाएगा",
    "Name another parent.",
    "कोई दूसरा मूल कार्यालय लिखें।",
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
        self.bad.append(_told(entry, read, column, fault))

    def json(self) -> dict[str, Any]:
        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": len({bad.line for bad in self.bad}),
            "bad_lines": [bad.json() for bad in sorted(self.bad, key=lambda bad: bad.line)],
            "warnings": [warning.json() for warning in self.warnings],
        }


def _told(entry: ListEntry, read: ReadList, column: str, fault: CellFault) -> BadLine:
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
    plan, known = ImportPlan(bad=list(read.bad)), set(offices)
    standing = {file.ident: file for file in register}
    alike = _Alike(standing.values())
    for entry in read.entries:
        of = entry.values.get("office") or office
        if not of or of not in known:
            plan.refuse(entry, read, "office", UNKNOWN_OFFICE if of else NO_OFFICE)
            continue
        number: FileNumber = entry.values["number"]
        ident = (of, number.key, entry.values.get("volume", ""))
        before = standing.get(ident)
        base = before or new_file(of, number, ident[2])
        after = with_values(base, entry.values, by=by, at=at)
        fault = _objection(before, after, listed=ident in plan.files)
        if fault:
            plan.refuse(entry, read, *fault)
        elif before is None:
            plan.created += 1
            plan.events.append(event("created", after, {"state": str(after.state)}))
            plan.warnings.extend(_told(entry, read, "number", near_fault(near)) for near in alike.others(of, number))
        elif after != before:
            plan.updated += 1
            plan.events.append(event("changed", after, {"changed": changes(before, after)}))
        else:
            plan.unchanged += 1
        if not fault and after != before:
            standing[ident] = after
            alike.add(after)
        if not fault:
            plan.files[ident] = after
    written = {(e.office, e.key, e.volume) for e in plan.events}
    plan.files = {ident: file for ident, file in plan.files.items() if ident in written}
    return plan


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


def with_values(file: RegisterFile, values: Mapping[str, Any], *, by: str, at: datetime) -> RegisterFile:
    """The file with the values of a line or of a command. Who counted is only noted where the count is another one.

    Its number stays as it is written in the register: two spellings of one key are no difference.
    """
    place = replace(file.place, **{name: values[name] for name in _PLACE if name in values})
    own = {name: value for name, value in values.items() if name not in ("office", "number", "volume", *_PLACE)}
    if "count_unit" in own and not own["count_unit"]:
        del own["count_unit"]
    if "state" in own and not own["state"]:
        del own["state"]
    after = replace(file, place=place, **own)
    if any(getattr(after, name) != getattr(file, name) for name in _COUNT):
        is_counted = after.pages_counted is not None
        after = replace(after, counted_by=by if is_counted else "", counted_at=at if is_counted else None)
    return after


def changes(before: RegisterFile, after: RegisterFile) -> dict[str, list[Any]]:
    """What differs: from what to what, as JSON."""
    old, new = file_json(before), file_json(after)
    return {name: [old[name], new[name]] for name in old if old[name] != new[name]}


def event(
    what: str, file: RegisterFile, details: Mapping[str, Any], reason: str = "", signed_by: str = ""
) -> RegisterEvent:
    return RegisterEvent(what, file.office, file.key, file.volume, details, reason, signed_by)


def near_fault(near: RegisterFile) -> CellFault:
    return CellFault(
        "alike",
        f"perhaps the same file as “{near.number}”, which stands in the register",
        f"शायद यह वही नस्ती है जो पंजी में “{near.number}” के रूप में दर्ज है",
        "Compare the two files; the line was taken.",
        "दोनों नस्तियाँ मिलाएँ; पंक्ति ले ली गई है।",
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


def plan_offices(read: ReadList, register: Iterable[Office]) -> ImportPlan:
    """What a list of offices changes. A parent may stand in the register, or anywhere in the list."""
    plan = ImportPlan(bad=list(read.bad))
    before = {office.code: office for office in register}
    after = dict(before)
    for entry in read.entries:
        code = entry.values["code"]
        given = {name: value for name, value in entry.values.items() if name != "code"}
        found = replace(after.get(code, Office(code)), **given)
        if code in after and found != after[code] and after[code] != before.get(code):
            plan.refuse(entry, read, "code", TWICE)
        else:
            after[code] = found
    _refuse_parents(plan, read, before, after)
    refused = {bad.line for bad in plan.bad}
    seen: set[str] = set()
    for entry in read.entries:
        code = entry.values["code"]
        if entry.line in refused:
            continue
        if code in seen or after[code] == before.get(code):
            plan.unchanged += 1
            continue
        seen.add(code)
        plan.created += code not in before
        plan.updated += code in before
        plan.offices.append(after[code])
        plan.events.append(office_event(before.get(code), after[code]))
    return plan


def _refuse_parents(plan: ImportPlan, read: ReadList, before: Mapping[str, Office], after: dict[str, Office]) -> None:
    """Refuse lines whose parent is not there, until no refused office is anybody's parent."""
    refused = {bad.line for bad in plan.bad}
    left = [entry for entry in read.entries if entry.line not in refused]
    while True:
        faults = [(entry, fault) for entry in left if (fault := parent_fault(after[entry.values["code"]], after))]
        if not faults:
            return
        for entry, fault in faults:
            plan.refuse(entry, read, "parent", fault)
        for code in {entry.values["code"] for entry, _ in faults}:
            after.pop(code)
            if code in before:
                after[code] = before[code]
        gone = {entry.values["code"] for entry, _ in faults}
        left = [entry for entry in left if entry.values["code"] not in gone]


def parent_fault(office: Office, offices: Mapping[str, Office]) -> CellFault | None:
    """What is wrong with the parent of an office; `offices` holds every office by its code."""
    seen: set[str] = set()
    above = office.parent
    while above is not None and above not in seen:
        if above == office.code:
            return PARENT_LOOP
        if above not in offices:
            return UNKNOWN_OFFICE
        seen.add(above)
        above = offices[above].parent
    return None


def office_event(before: Office | None, after: Office) -> RegisterEvent:
    return RegisterEvent("office_changed" if before else "office_created", after.code)
