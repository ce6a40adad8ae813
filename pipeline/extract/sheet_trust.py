"""What a separator sheet may settle: whether this installation printed it, and whether whoever scanned it may scan for the
office that it names.

A sheet that may not settle anything still cuts the scan; its documents wait for a person, flagged with the reason. Nothing
is looked up here: who may scan for which office is told by whoever calls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.extract.ranges import sheet_code
from pipeline.extract.sheets import SheetCode, signature_of
from pipeline.model.page import ReadPage

UNSIGNED = "sheet_unsigned"  # flag: the sheet has no signature of this installation
OFFICE = "sheet_office"  # flag: it names an office that is not in the register, or not for whoever scanned it
FAULTS = (UNSIGNED, OFFICE)

Verify = Callable[[str, str], bool]  # a payload and its signature


@dataclass(frozen=True, slots=True)
class SheetCheck:
    """How the sheets of one batch are checked. `verify` is None where the installation has never signed anything; `may_scan`
    tells of a page of the batch, by its number, whether whoever brought it may scan for an office."""

    office: str | None
    verify: Verify | None
    may_scan: Callable[[int, str], bool]

    def fault(self, page: ReadPage) -> str | None:
        """What keeps a page, if it is a sheet, from settling anything."""
        code = sheet_code(page)
        if code is None:
            return None
        if not self._is_signed(page, code):
            return UNSIGNED
        if code.office and code.office != self.office and not self.may_scan(page.source_page, code.office):
            return OFFICE
        return None

    def _is_signed(self, page: ReadPage, code: SheetCode) -> bool:
        signed = [found for text in page.codes if (found := signature_of(text)) is not None]
        return self.verify is not None and any(self.verify(payload, signature) for payload, signature in signed)


def flagged(page: ReadPage, fault: str | None) -> ReadPage:
    """The page with this fault of its sheet and no other; what was found earlier is forgotten."""
    flags = tuple(flag for flag in page.flags if flag not in FAULTS)
    return replace(page, flags=(*flags, fault) if fault else flags)


def fault_on(page: ReadPage) -> str | None:
    return next((flag for flag in page.flags if flag in FAULTS), None)
