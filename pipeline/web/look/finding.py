"""The document or page that an address names, if the person may see it; others are as if they were not there."""

from __future__ import annotations

from pipeline.errors import NotFoundError
from pipeline.model import Document, ReadPage
from pipeline.people import Person, Right
from pipeline.web import gate
from pipeline.web.library import Library


def document_for(person: Person, library: Library, ident: str) -> Document:
    """One document, whole. Raises `NotFoundError`, also where it belongs to an office closed to the person."""
    document = library.document(ident)
    gate.require(person, Right.LOOK, document.value("office"), what="document", name=ident)
    return document


def page_of(document: Document, number: int) -> ReadPage:
    """A page by its number inside the document, from 1. Raises `NotFoundError`."""
    if not 1 <= number <= len(document.pages):
        raise NotFoundError(what="page", name=f"{document.id}/{number}")
    return document.pages[number - 1]
