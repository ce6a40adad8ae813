"""What the review page shows of a document: its fields with their readings and cut-outs, its pages with the fields' spots.

Values in, values out; the routes are in `routes` and `actions`, the HTML in `templates/review`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.locale import N_
from pipeline.model.document import SURE_FROM, Document, Field
from pipeline.model.page import PERSON, Box, ReadPage
from pipeline.model.review import CONFLICTS, CORRECTABLE, DATE_IMPOSSIBLE, MAIN_FIELDS, Correction
from pipeline.web.labels import FIELDS, MORE_FIELDS

_MARGIN = 0.5  # of a cut-out, in heights of its box
LABELS = {
    **FIELDS,
    **MORE_FIELDS,
    "office": N_("Office"),
    "volume": N_("Volume"),
    "part": N_("Part"),
    "kind": N_("Kind"),
}
REASONS = {
    "no_number": N_("no file number"),
    "number_doubtful": N_("file number doubtful"),
    "numbers_differ": N_("several file numbers"),
    "kind_unknown": N_("kind unknown"),
    "date_impossible": N_("the date that was read cannot be"),
    "field_doubtful": N_("a field is doubtful"),
    "second_person": N_("waits for a second person"),
    "unread": N_("a page was not read"),
    "unreadable": N_("a page could not be drawn"),
    "timed_out": N_("a page took too long"),
    "not_all_read_again": N_("not every unsure line was read twice"),
    "orientation_doubtful": N_("which way is up is doubtful"),
    "skew_doubtful": N_("the skew is doubtful"),
    "spread": N_("two pages in one scan"),
    "low_confidence": N_("much was read with doubt"),
    "not_machine_read": N_("handwriting or a picture"),
    "partly_not_machine_read": N_("partly handwriting"),
    "unread_ink": N_("something like writing was not read"),
    "show_through": N_("the back shows through"),
    "sheets_disagree": N_("separator sheets disagree"),
    "sheet_unsigned": N_("separator sheet without our signature"),
    "sheet_office": N_("separator sheet of an office that this scan may not be filed for"),
    "javascript": N_("the PDF holds scripts"),
    "launch_action": N_("the PDF wants to start a program"),
    "attachments": N_("the PDF holds attachments"),
    "rescan_wanted": N_("a rescan is requested"),
    "blank_said": N_("a page was marked as blank"),
    "not_blank": N_("a page was marked as not blank"),
    "replaced": N_("another scan stands for a page"),
    "blank_seen": N_("a blank page was confirmed"),
}
ACTIONS = {
    "accepted": N_("accepted"),
    "seen": N_("accepted by the first of two persons"),
    "corrected": N_("corrected"),
    "split": N_("split"),
    "merged": N_("joined"),
    "reordered": N_("pages put into another order"),
    "moved": N_("moved to another file"),
    "page": N_("annotated a page"),
    "rescan": N_("requested a rescan"),
    "undone": N_("undone"),
}


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """A field to be checked: its value, how sure the machine was, and the cut-out of where it stands."""

    name: str
    label: str
    value: str
    confidence: float
    by_person: bool
    page: int | None = None
    box: Box | None = None
    cut: Box | None = None

    @property
    def look(self) -> str:
        """`person`, `sure`, `doubt`, or `none` where nothing was found."""
        if self.by_person:
            return "person"
        if not self.value:
            return "none"
        return "sure" if self.confidence >= SURE_FROM else "doubt"


def entries(document: Document) -> list[FieldEntry]:
    """The main fields, found or not, and every other one that was found."""
    names = [name for name in CORRECTABLE if name in MAIN_FIELDS or name in document.fields]
    return [_entry(document, name) for name in names if name in LABELS]


def _entry(document: Document, name: str) -> FieldEntry:
    field = document.fields.get(name)
    if field is None and name == "date" and DATE_IMPOSSIBLE in document.fields:
        field = replace(document.fields[DATE_IMPOSSIBLE], value="")  # where to look for the date
    if field is None:
        return FieldEntry(name, LABELS[name], "", 0.0, False)
    place = _place(document, field)
    if place is None or field.box is None:
        return FieldEntry(name, LABELS[name], field.value, field.confidence, field.by == PERSON)
    number, page = place
    return FieldEntry(
        name, LABELS[name], field.value, field.confidence, field.by == PERSON, number, field.box, _cut(field.box, page)
    )


def _place(document: Document, field: Field) -> tuple[int, ReadPage] | None:
    found = enumerate(document.pages, start=1)
    return next(((number, page) for number, page in found if page.source_page == field.source_page), None)


def _cut(box: Box, page: ReadPage) -> Box:
    margin = round(box.h * _MARGIN)
    left, top = max(box.x - margin, 0), max(box.y - margin, 0)
    right, bottom = min(box.x + box.w + margin, page.width), min(box.y + box.h + margin, page.height)
    return Box(left, top, max(right - left, 1), max(bottom - top, 1))


def conflicts(document: Document) -> list[Field]:
    """Other file numbers found for the document: in the register, on the page, on its sheet, in a folder's name."""
    return [document.fields[name] for name in CONFLICTS if name in document.fields]


def impossible_date(document: Document) -> str:
    """What was read as the document's date and can be none; "" where there is nothing such, or a person gave a date."""
    field = document.fields.get(DATE_IMPOSSIBLE)
    return field.value if field is not None and "date" not in document.fields else ""


def changes(correction: Correction, ident: str) -> list[tuple[str, str, str | None]]:
    """What a correction changed of this document: label, value before, value after (None: the machine's reading)."""
    before = {snapshot.document: snapshot for snapshot in correction.before}.get(ident)
    found: list[tuple[str, str, str | None]] = []
    for after in correction.documents:
        if after.document != ident:
            continue
        for name, value in after.fields.items():
            was = before.was.get(name, "") if before else ""
            if (value or "") != was and name in LABELS:
                found.append((LABELS[name], was, value))
    return found
