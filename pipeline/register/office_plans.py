"""What a list of offices would change in the register. Files are the business of `register.plans`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pipeline.model.register import Office, RegisterEvent
from pipeline.register.cells import CellFault
from pipeline.register.lists import ReadList
from pipeline.register.plans import PARENT_LOOP, TWICE, UNKNOWN_OFFICE, ImportPlan


def plan_offices(read: ReadList, register: Iterable[Office]) -> ImportPlan:
    """What a list of offices changes. A parent may stand in the register, or anywhere in the list."""
    plan = ImportPlan(bad=list(read.bad))
    before = {office.code: office for office in register}
    after = dict(before)
    for entry in read.entries:
        code = entry.values["code"]
        given: dict[str, Any] = {name: value for name, value in entry.values.items() if name != "code"}
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
