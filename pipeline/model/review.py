"""The nouns of review: corrections of documents and pages, and the reasons of doubt.

A correction is one action of one person. It holds for every document it touches which pages make it, in which order, and
which values a person gave it, so that it stands whatever a later machine run makes of the batch. How corrections are
applied is in `review.corrected`, how they are stored in `review.corrections`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from pipeline.model.document import SURE_FROM, Document, DocumentKind, DocumentState
from pipeline.model.json_values import JsonObject
from pipeline.model.page import NO_DOUBT, PERSON

RESCAN_WANTED = "rescan_wanted"  # flag of a page that a person wants scanned again
DUPLICATE = "replaced"  # flag of a page that another scan of the same sheet stands for
BLANK_SEEN = "blank_seen"  # flag of a page whose blankness a person confirmed
BLANK_ANNOTATED = "blank_said"  # flag of a page that a person found blank where the machine had not
NOT_BLANK = "not_blank"  # flag of a page that a person found not to be blank where the machine had
PAGE_FLAGS = (RESCAN_WANTED, DUPLICATE, BLANK_SEEN, BLANK_ANNOTATED, NOT_BLANK)
MAIN_FIELDS = ("file_no", "letter_no", "date", "subject", "sender", "recipient")
CORRECTABLE = (
    *MAIN_FIELDS,
    "reference_no",
    "reference_date",
    "signatory",
    "designation",
    "endorsement_no",
    "endorsement_date",
    "office",
    "volume",
    "part",
)
DATES = ("date", "reference_date", "endorsement_date")
CONFLICTS = ("file_no_registered", "number_on_page", "number_on_sheet", "file_no_told")  # other numbers found for it
DATE_IMPOSSIBLE = "date_impossible"  # field: what the paper has as its date, and no paper can bear
_VERSION_CHARS = 12
_PER_REASON = 0.05  # how much each reason adds to the doubt of the least sure field


class ReviewAction(StrEnum):
    """What a person did, as the history names it."""

    ACCEPTED = "accepted"
    SEEN = "seen"  # accepted by the first of two persons
    CORRECTED = "corrected"
    SPLIT = "split"
    MERGED = "merged"
    REORDERED = "reordered"
    MOVED = "moved"
    PAGE = "page"  # blank or not, a duplicate or not
    RESCAN = "rescan"
    UNDONE = "undone"


class DoubtReason(StrEnum):
    """Why a document waits; a page's flags stand beside these under their own names."""

    NO_NUMBER = "no_number"
    NUMBER_DOUBTFUL = "number_doubtful"
    NUMBERS_DIFFER = "numbers_differ"
    KIND_UNKNOWN = "kind_unknown"
    DATE_IMPOSSIBLE = "date_impossible"
    FIELD_DOUBTFUL = "field_doubtful"
    SECOND_PERSON = "second_person"


@dataclass(frozen=True, slots=True)
class DocumentSnapshot:
    """What stands of one document: its pages in order, by their numbers in the scanned file, and its state.

    `fields` has a value for each field that was set, the document's `kind` among them; "" means that there is none, None
    that the machine's reading stands. `was` has the displayed values, where this is the state before a correction.
    """

    document: str
    pages: tuple[int, ...]
    state: DocumentState
    fields: Mapping[str, str | None] = field(default_factory=dict)
    was: Mapping[str, str] = field(default_factory=dict)


PageFlags = Mapping[int, Mapping[str, bool]]  # of each page spoken of, which of `PAGE_FLAGS` it has and which not


@dataclass(frozen=True, slots=True)
class Correction:
    """One action of one person in one batch. `number` counts from 1; `before` and `pages_before` are what stood until then.

    `document` is the one that was in front of the person. `undoes` is the number of the correction that this one undoes.
    """

    batch: str
    number: int
    at: datetime
    by: str
    action: ReviewAction
    document: str
    documents: tuple[DocumentSnapshot, ...] = ()
    pages: PageFlags = field(default_factory=dict)
    before: tuple[DocumentSnapshot, ...] = ()
    pages_before: PageFlags = field(default_factory=dict)
    reason: str = ""
    undoes: int | None = None

    @property
    def touches(self) -> frozenset[str]:
        """The documents that this is history of."""
        return frozenset({self.document, *(snapshot.document for snapshot in (*self.documents, *self.before))})


@dataclass(frozen=True, slots=True)
class Conflict:
    """A correction that could not be followed to the letter: which, and the pages that are no longer there."""

    number: int
    document: str
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """How much a document needs a person: from 0, with the reasons; flags of its pages are named as they are."""

    score: float
    reasons: tuple[str, ...]


def doubt_of(document: Document) -> Doubt:
    """What is in doubt about a document. Its score is the doubt of its least sure main field, more for each reason."""
    fields = document.fields
    number = fields.get("file_no")
    sure = [fields[name].confidence for name in MAIN_FIELDS if name in fields]
    found: list[str] = []
    if number is None or not number.value:
        found.append(DoubtReason.NO_NUMBER)
        sure.append(0.0)
    elif number.confidence < SURE_FROM or document.file_key is None:
        found.append(DoubtReason.NUMBER_DOUBTFUL)
    if number is not None and number.by != PERSON and any(name in fields for name in CONFLICTS):
        found.append(DoubtReason.NUMBERS_DIFFER)
    if document.kind is DocumentKind.OTHER and "kind" not in fields:
        found.append(DoubtReason.KIND_UNKNOWN)
    if any(fields[name].confidence < SURE_FROM for name in MAIN_FIELDS[1:] if name in fields):
        found.append(DoubtReason.FIELD_DOUBTFUL)
    if DATE_IMPOSSIBLE in fields and "date" not in fields:
        found.append(DoubtReason.DATE_IMPOSSIBLE)
    found += sorted({flag for page in document.pages for flag in page.flags} - NO_DOUBT - {DUPLICATE})
    return Doubt(round(1 - min(sure) + _PER_REASON * len(found), 4), tuple(str(reason) for reason in found))


def snapshot_of(document: Document, fields: Iterable[str] = ()) -> DocumentSnapshot:
    """The document as it stands, in the words of a correction; of its fields, those named."""
    named = sorted(fields)
    found = {name: document.fields.get(name) for name in named}
    values = {name: one.value if one is not None and one.by == PERSON else None for name, one in found.items()}
    pages = tuple(page.source_page for page in document.pages)
    return DocumentSnapshot(
        document.id, pages, document.state, values, {name: display_value(document, name) for name in named}
    )


def display_value(document: Document, name: str) -> str:
    """The value of a field as people see it, `kind` included; "" where there is none."""
    return str(document.kind) if name == "kind" else document.value(name) or ""


def version_of(document: Document) -> str:
    """A mark of how the document stands. A form that carries another one was filled in before something changed."""
    pages: Sequence[object] = [[page.source_page, page.blank, sorted(page.flags)] for page in document.pages]
    fields = {name: [found.value, found.by] for name, found in sorted(document.fields.items())}
    content = json.dumps([document.kind, document.state, pages, fields], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:_VERSION_CHARS]


def correction_json(correction: Correction) -> JsonObject:
    """The correction as its object keeps it."""
    return {
        "batch": correction.batch,
        "number": correction.number,
        "at": correction.at.isoformat(),
        "by": correction.by,
        "deed": str(correction.action),
        "document": correction.document,
        "documents": [_snapshot_json(snapshot) for snapshot in correction.documents],
        "pages": {str(page): dict(flags) for page, flags in correction.pages.items()},
        "before": {
            "documents": [_snapshot_json(snapshot) for snapshot in correction.before],
            "pages": {str(page): dict(flags) for page, flags in correction.pages_before.items()},
        },
        "reason": correction.reason,
        "undoes": correction.undoes,
    }


def correction_from(found: Mapping[str, Any]) -> Correction:
    """The inverse of `correction_json`. Raises `KeyError`, `TypeError` or `ValueError` where it is none."""
    return Correction(
        batch=found["batch"],
        number=found["number"],
        at=datetime.fromisoformat(found["at"]),
        by=found["by"],
        action=ReviewAction(found["deed"]),
        document=found["document"],
        documents=tuple(_snapshot_from(snapshot) for snapshot in found["documents"]),
        pages={int(page): dict(flags) for page, flags in found["pages"].items()},
        before=tuple(_snapshot_from(snapshot) for snapshot in found["before"]["documents"]),
        pages_before={int(page): dict(flags) for page, flags in found["before"]["pages"].items()},
        reason=found["reason"],
        undoes=found["undoes"],
    )


def _snapshot_json(snapshot: DocumentSnapshot) -> JsonObject:
    found: dict[str, Any] = {"document": snapshot.document, "pages": list(snapshot.pages), "state": str(snapshot.state)}
    return found | {"fields": dict(snapshot.fields)} | ({"was": dict(snapshot.was)} if snapshot.was else {})


def _snapshot_from(found: Mapping[str, Any]) -> DocumentSnapshot:
    state, was = DocumentState(found["state"]), dict(found.get("was", {}))
    return DocumentSnapshot(found["document"], tuple(found["pages"]), state, dict(found["fields"]), was)
