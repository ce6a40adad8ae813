"""The document, page or file that an address names, if the person may see it; others are as if they were not there."""

from __future__ import annotations

from dataclasses import replace

from pipeline.errors import NotFoundError
from pipeline.model.accounts import Person
from pipeline.model.document import Document
from pipeline.model.roles import Right
from pipeline.model.viewer import FileView, OpenDocument, PageRef
from pipeline.web.addresses import NO_OFFICE
from pipeline.web.security import permissions
from pipeline.web.services import SearchServices
from pipeline.web.viewer.service import ViewerApi

_MOST_PAGES = 1_000_000


def document_for(person: Person, services: SearchServices, ident: str) -> Document:
    """One document, whole. Raises `NotFoundError`, also where it belongs to an office closed to the person."""
    document = services.document(ident)
    permissions.require(person, Right.VIEW, document.value("office"), what="document", name=ident)
    return document


def document_open_for(person: Person, viewing: ViewerApi, ident: str, number: int) -> OpenDocument:
    """A document, open at a page. Raises `NotFoundError`."""
    pages_for(person, viewing, ident)  # first: whether a page is there must not show where the document is closed
    _require_number(ident, number)
    return viewing.opened(ident, number)


def page_for(person: Person, viewing: ViewerApi, ident: str, number: int) -> PageRef:
    """One page's image and place. Raises `NotFoundError`."""
    _require_number(ident, number)
    page_ref = viewing.page_ref(ident, number)
    permissions.require(person, Right.VIEW, page_ref.office, what="page", name=f"{ident}/{number}")
    return page_ref


def _require_number(ident: str, number: int) -> None:
    """Raise `NotFoundError` for a number that no page can have, nor a database hold."""
    if not 0 < number <= _MOST_PAGES:
        raise NotFoundError(what="page", name=f"{ident}/{number}"[:200])


def pages_for(person: Person, viewing: ViewerApi, ident: str) -> tuple[PageRef, ...]:
    """All pages of a document, at least one. Raises `NotFoundError`."""
    page_refs = viewing.page_refs(ident)
    if not page_refs:
        raise NotFoundError(what="document", name=ident)
    permissions.require(person, Right.VIEW, page_refs[0].office, what="document", name=ident)
    return page_refs


def file_for(person: Person, viewing: ViewerApi, office: str, key: str) -> FileView:
    """A file with those of its documents that the person may see. Raises `NotFoundError` where that leaves nothing."""
    found = viewing.file(None if office == NO_OFFICE else office, key)
    parts = tuple(part for part in found.parts if person.may(Right.VIEW, part.office))
    of_register = found.held_by is not None and person.may(Right.VIEW, found.held_by.code)
    if not parts and not of_register:
        raise NotFoundError(what="file", name=key)
    if of_register:
        return replace(found, parts=parts)
    return replace(found, parts=parts, volumes=(), figures=None, held_by=None)
