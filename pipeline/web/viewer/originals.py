"""The scan as it came in, to be saved: the file itself for who may see every page of it, else a PDF of the pages that they
may see (`viewer.excerpt`)."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from pipeline.model.accounts import PageOffices, Person, allowed_pages
from pipeline.model.batch import Batch
from pipeline.model.roles import Right
from pipeline.model.scan import Source
from pipeline.viewer import excerpt
from pipeline.web import downloads
from pipeline.web.rendering import NO_STORE
from pipeline.web.security.page_permissions import OfficesOf, scan_name
from pipeline.web.services import SearchServices
from pipeline.web.viewer.lookup import page_for
from pipeline.web.viewer.service import ViewerApi


@dataclass(frozen=True, slots=True)
class Original:
    """The scanned file that holds a page: its pages by their numbers in the scan, and those that the person may see."""

    batch: Batch
    file: Source
    pages: tuple[int, ...]
    allowed: tuple[int, ...]

    @property
    def is_whole(self) -> bool:
        return self.pages == self.allowed


def original_of(person: Person, batch: Batch, offices: PageOffices, page: int) -> Original:
    """`page` is the number of a page of the scan. Where several files were gathered into one, its own file counts."""
    places = list(batch.source.places())
    file = next(one for number, one, _ in places if number == page)
    pages = tuple(number for number, one, _ in places if one is file)
    return Original(batch, file, pages, allowed_pages(person, Right.VIEW, offices, pages))


def download(
    person: Person, services: SearchServices, viewing: ViewerApi, offices_of: OfficesOf, ident: str, page: int
) -> Response:
    """The file that holds page `page` of a document, or the PDF that stands for it. Raises `NotFoundError`."""
    page_ref = page_for(person, viewing, ident, page)
    batch, offices = services.batch_of(viewing.opened(ident, page).document), offices_of(page_ref.batch)
    found = original_of(person, batch, offices, page_ref.source_page)
    if found.is_whole:
        file = found.file
        return downloads.attachment(services, file.original_key, file.media_type.value, file.name, file.bytes)
    scan = PurePath(scan_name(person, Right.VIEW, offices, batch)).stem
    return _part(viewing.excerpt(batch, found.allowed), scan, found.allowed)


def _part(path: Path, scan: str, pages: Sequence[int]) -> Response:
    headers = {"Content-Disposition": downloads.disposition(excerpt.name_of(scan, pages))} | NO_STORE
    gone = BackgroundTask(shutil.rmtree, path.parent, ignore_errors=True)
    return FileResponse(path, media_type=downloads.PDF, headers=headers, background=gone)
