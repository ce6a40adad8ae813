"""Refuse to review documents of offices where the person may not. Such documents are as if they were not there."""

from __future__ import annotations

from pipeline.errors import NotFoundError
from pipeline.model.accounts import Person
from pipeline.model.document import Document
from pipeline.model.review import Correction
from pipeline.model.roles import Right
from pipeline.review.effects import Effect

NO_OFFICE = "—"  # in messages


def require(person: Person, document: Document) -> None:
    """Raise `NotFoundError` unless the person may review this document's office."""
    if not person.may(Right.REVIEW, document.value("office")):
        raise NotFoundError(what="document", name=document.id)


def require_offices(person: Person, correction: Correction, effect: Effect) -> None:
    """Raise `NotFoundError` where a correction touches a page of an office that the person may not review, or puts one into
    such an office. What it makes is looked at, and not what it names: undoing and the machine's readings have offices as
    well."""
    for document in effect.before.values():
        if not person.may(Right.REVIEW, document.value("office")):
            raise NotFoundError(what="document", name=correction.document)
    office_of = {page.source_page: one.value("office") for one in effect.before.values() for page in one.pages}
    for document in effect.made:
        office = document.value("office")
        is_new = any(office_of.get(page.source_page) != office for page in document.pages)
        if is_new and not person.may(Right.REVIEW, office):
            raise NotFoundError(what="office", name=office or NO_OFFICE)
