"""The document, page or file that an address names, if the person may see it; others are as if they were not there."""

from __future__ import annotations

from dataclasses import replace

from pipeline.errors import NotFoundError
from pipeline.looking.model import FileView, Leaf, Opened
from pipeline.model import Document
from pipeline.people.model import Person, Right
from pipeline.web import gate
from pipeline.web.library import Library
from pipeline.web.look.viewing import Viewing

_MOST_PAGES = 1_000_000
NO_OFFICE = "-"  # in addresses, for documents whose office nobody has said


def document_for(person: Person, library: Library, ident: str) -> Document:
    """One document, whole. Raises `NotFoundError`, also where it belongs to an office closed to the person."""
    document = library.document(ident)
    gate.require(person, Right.LOOK, document.value("office"), what="document", name=ident)
    return document


def opened_for(person: Person, viewing: Viewing, ident: str, number: int) -> Opened:
    """A document, open at a page. Raises `NotFoundError`."""
    leaves_for(
        person, viewing, ident
    )  # first: of a page that is not there nothing is told where the document is closed
    _require_number(ident, number)
    return viewing.opened(ident, number)


def leaf_for(person: Person, viewing: Viewing, ident: str, number: int) -> Leaf:
    """One page's image and place. Raises `NotFoundError`."""
    _require_number(ident, number)
    leaf = viewing.leaf(ident, number)
    gate.require(person, Right.LOOK, leaf.office, what="page", name=f"{ident}/{number}")
    return leaf


def _require_number(ident: str, number: int) -> None:
    """Raise `NotFoundError` for a number that no page can have, nor a database hold."""
    if not 0 < number <= _MOST_PAGES:
        raise NotFoundError(what="page", name=f"{ident}/{number}"[:200])


def leaves_for(person: Person, viewing: Viewing, ident: str) -> tuple[Leaf, ...]:
    """All pages of a document, at least one. Raises `NotFoundError`."""
    leaves = viewing.leaves(ident)
    if not leaves:
        raise NotFoundError(what="document", name=ident)
    gate.require(person, Right.LOOK, leaves[0].office, what="document", name=ident)
    return leaves


def file_for(person: Person, viewing: Viewing, office: str, key: str) -> FileView:
    """A file with those of its documents that the person may see. Raises `NotFoundError` where that leaves nothing."""
    found = viewing.file(None if office == NO_OFFICE else office, key)
    parts = tuple(part for part in found.parts if person.may(Right.LOOK, part.office))
    of_register = found.held_by is not None and person.may(Right.LOOK, found.held_by.code)
    if not parts and not of_register:
        raise NotFoundError(what="file", name=key)
    if of_register:
        return replace(found, parts=parts)
    return replace(found, parts=parts, volumes=(), figures=None, held_by=None)
