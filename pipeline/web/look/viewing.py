"""What looking may ask of the record room. No behaviour here; `wiring` builds it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Protocol, cast

from fastapi import Depends, Request

from pipeline.looking.model import Cut, FileView, Leaf, Opened
from pipeline.model import Batch


class Viewing(Protocol):
    """Every call may also raise the TRANSIENT errors of the store and the database. Calls come from several threads."""

    def opened(self, document: str, number: int) -> Opened:
        """A document, open at page `number` from 1. Raises `NotFoundError`."""

    def leaf(self, document: str, number: int) -> Leaf:
        """One page's image and place. Raises `NotFoundError`."""

    def leaves(self, document: str) -> tuple[Leaf, ...]:
        """The pages of a document in order; none where there is no such document."""

    def picture(self, leaf: Leaf, wanted: Cut) -> bytes:
        """A piece or a smaller copy of the page's image, as JPEG. Raises `NotFoundError` where there is no image."""

    def as_scanned(self, leaf: Leaf) -> bytes:
        """The page as it lies in the original scan, as JPEG."""

    def excerpt(self, batch: Batch, pages: Sequence[int]) -> Path:
        """These pages of a scan as a PDF, alone in a folder that the caller removes."""

    def file(self, office: str | None, key: str) -> FileView:
        """A file by its key, with what the register says of it. Raises `NotFoundError`."""


def of(request: Request) -> Viewing:
    return cast(Viewing, request.app.state.library.viewing)


TheViewing = Annotated[Viewing, Depends(of)]
