"""The services that every part of the web asks, and types of parameters that several routes take.

`pipeline.app` gives the real services; the web never learns which store or which engine stands behind them. No
behaviour here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Protocol, cast

from fastapi import Depends, Path, Request
from fastapi import Query as Parameter

from pipeline.model.batch import Batch
from pipeline.model.document import Document
from pipeline.model.health import SystemStatus
from pipeline.model.search import Answer, Query

LARGEST_ROW = 2**63 - 1  # of a row's number, in every database
RowNumber = Annotated[int, Parameter(ge=0, le=LARGEST_ROW)]
PageNumber = Annotated[int, Path(ge=0, le=1_000_000)]  # in addresses; a larger one is no number to the database


class SearchServices(Protocol):
    """Every call may also raise the TRANSIENT errors of the store and the database. Calls come from several threads."""

    def search(self, query: Query) -> Answer:
        """Find pages. The words may be empty when a filter is given."""

    def document(self, ident: str) -> Document:
        """One document, whole. Raises `NotFoundError`."""

    def batch_of(self, document: Document) -> Batch:
        """The batch that the document was cut from."""

    def boxes(self, document: str, page: int, text: str) -> list[list[float]]:
        """Where the words of a query stand on a page: [x, y, w, h] each, as fractions of the page image.

        `page` counts from 1 inside the document, `text` is the query as typed. A page without them gives [].
        """

    def offices(self) -> list[str]:
        """The codes of all offices: of the register, and those that documents name."""

    def office_names(self, code: str) -> dict[str, str]:
        """What the offices of the register are called in a language, by their codes; perhaps nothing."""

    def suggest(self, text: str, offices: frozenset[str] | None = None) -> list[str]:
        """Complete the beginning of a query, for somebody who may see these offices; None stands for all."""

    def places(self, document: str, text: str) -> dict[int, list[list[float]]]:
        """The same for every page of the document that holds any, by its number."""

    def status(self) -> SystemStatus:
        """How work stands: the keys of `status --json` in the contract."""

    def image(self, key: str) -> Iterator[bytes]:
        """The bytes of a stored object, in pieces. Raises `ObjectMissingError`, `StoreUnavailableError`."""


def of(request: Request) -> SearchServices:
    """The services that `create_app` was given."""
    return cast(SearchServices, request.app.state.services)


TheServices = Annotated[SearchServices, Depends(of)]
