"""Documents cut from a batch: kind, state, and fields with their confidence and place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import NotRequired, TypedDict

from pipeline.model.page import MACHINE, Box, ReadPage

# Confidence below which a word, a field or a page is in doubt, and a person looks. Set by hand; how often fields of each
# confidence are right is in docs/benchmarks.md ("Fields").
SURE_FROM = 0.6


class DocumentState(StrEnum):
    NEEDS_REVIEW = "needs_review"
    FILED = "filed"
    REVIEWED = "reviewed"


class DocumentKind(StrEnum):
    COVER = "cover"
    NOTING = "noting"
    LETTER = "letter"
    ORDER = "order"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Field:
    """Something read off a page: the value, how sure we are (0…1), and where it stands.

    `by` is `machine`, or `person` where a person set it; `machine` then keeps what had been read, if anything was. An empty
    value set by a person means that there is no such field.
    """

    value: str
    confidence: float
    source_page: int | None = None
    box: Box | None = None
    by: str = MACHINE
    machine: Field | None = None


class StoredField(TypedDict):
    """A field as the row of its document holds it; rows of earlier versions lack `by` and `machine`."""

    value: str
    confidence: float
    source_page: int | None
    box: Mapping[str, int] | None
    by: NotRequired[str]
    machine: NotRequired[StoredField | None]


@dataclass(frozen=True, slots=True)
class Document:
    """One letter, noting part or cover: consecutive pages of a batch and the fields found on them."""

    id: str
    batch: str
    kind: DocumentKind
    pages: tuple[ReadPage, ...]
    fields: dict[str, Field] = field(default_factory=dict)
    file_key: str | None = None
    state: DocumentState = DocumentState.FILED
    pdf_key: str = ""

    def value(self, name: str) -> str | None:
        found = self.fields.get(name)
        return (found.value or None) if found else None

    @property
    def date(self) -> date | None:
        value = self.value("date")
        return date.fromisoformat(value) if value else None

    def with_pdf(self, key: str) -> Document:
        return replace(self, pdf_key=key)


@dataclass(frozen=True, slots=True)
class KnownNumber:
    """What the office knows of a number that was read: whether just this file is in the register or has been filed before,
    and, where it is not, the one number of the register that differs from it only in look-alikes or letters."""

    is_known: bool
    perhaps: str | None = None
