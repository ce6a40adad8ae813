"""The viewer's service as a dependency of routes. No behaviour here; `pipeline.app` builds it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Protocol, cast

from fastapi import Depends, Request

from pipeline.model.batch import Batch
from pipeline.model.viewer import Cut, FileView, OpenDocument, PageRef


class ViewerApi(Protocol):
    """Every call may also raise the TRANSIENT errors of the store and the database. Calls come from several threads."""

    def opened(self, document: str, number: int) -> OpenDocument:
        """A document, open at page `number` from 1. Raises `NotFoundError`."""

    def page_ref(self, document: str, number: int) -> PageRef:
        """One page's image and place. Raises `NotFoundError`."""

    def page_refs(self, document: str) -> tuple[PageRef, ...]:
        """The pages of a document in order; none where there is no such document."""

    def picture(self, page_ref: PageRef, wanted: Cut) -> bytes:
        """A piece or a smaller copy of the page's image, as JPEG. Raises `NotFoundError` where there is no image."""

    def as_scanned(self, page_ref: PageRef) -> bytes:
        """The page as it lies in the original scan, as JPEG."""

    def excerpt(self, batch: Batch, pages: Sequence[int]) -> Path:
        """These pages of a scan as a PDF, alone in a folder that the caller removes."""

    def file(self, office: str | None, key: str) -> FileView:
        """A file by its key, with what the register says of it. Raises `NotFoundError`."""


def of(request: Request) -> ViewerApi:
    return cast(ViewerApi, request.app.state.services.viewing)


TheViewing = Annotated[ViewerApi, Depends(of)]
