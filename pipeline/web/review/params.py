"""Filters of the review queue, carried in the address from document to document; and the marks of a page, each with its
flags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request

from pipeline.db.review_queue import ReviewFilter
from pipeline.model.document import DocumentKind, DocumentState
from pipeline.model.review import BLANK_ANNOTATED, BLANK_SEEN, NOT_BLANK

PAGE_FLAGS = {  # how a reviewer marks a page, and the flags that follow
    "blank": {BLANK_ANNOTATED: True, NOT_BLANK: False},
    "blank_seen": {BLANK_SEEN: True, NOT_BLANK: False},
    "not_blank": {NOT_BLANK: True, BLANK_ANNOTATED: False, BLANK_SEEN: False},
}
_NAMES = {"office": "office", "file": "file_key", "kind": "kind", "reason": "reason", "state": "state"}
_LONGEST = 200


def read(parameters: Mapping[str, str]) -> ReviewFilter:
    """Parse the queue filters; invalid values are ignored."""
    given = {field: parameters.get(name, "")[:_LONGEST] for name, field in _NAMES.items()}
    state = given["state"] if given["state"] in set(DocumentState) else DocumentState.NEEDS_REVIEW
    kind = given["kind"] if given["kind"] in set(DocumentKind) else None
    return ReviewFilter(given["office"] or None, given["file_key"] or None, kind, given["reason"] or None, state)


def trail(wanted: ReviewFilter, **instead: str | None) -> str:
    """The query string of these filters, some of them with another value."""
    given = {name: getattr(wanted, field) for name, field in _NAMES.items()} | instead
    if given["state"] == DocumentState.NEEDS_REVIEW:
        del given["state"]
    return urlencode({name: str(value) for name, value in given.items() if value})


def of(request: Request) -> ReviewFilter:
    return read(request.query_params)


TheWanted = Annotated[ReviewFilter, Depends(of)]
