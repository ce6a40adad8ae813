"""What a visitor may do with single pages of a scan. A scan may hold documents of several offices, so that nothing here
asks whose scan it is: `model.accounts.allowed_pages` decides page by page.

Rights to a route as a whole are in `permissions`; which office a page belongs to is in `db.page_offices`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import Annotated, cast

from fastapi import Depends, Request

from pipeline.errors import NotFoundError
from pipeline.model.accounts import PageOffices, Person, allowed_pages
from pipeline.model.batch import Batch
from pipeline.model.roles import Right

OfficesOf = Callable[[str], PageOffices]  # by the id of a batch; raises `NotFoundError`


def of(request: Request) -> OfficesOf:
    return cast(OfficesOf, request.app.state.services.page_offices)


ThePageOffices = Annotated[OfficesOf, Depends(of)]


def require_page(person: Person, right: Right, offices_of: OfficesOf, batch: str, page: int) -> PageOffices:
    """The offices of a scan of which the person may have this page.

    Raises `NotFoundError` with the same words for a batch that is not there, a page that is not there, and a page of
    another office.
    """
    hidden = NotFoundError(what="page", name=f"{batch}/{page}"[:200])
    try:
        offices = offices_of(batch)
    except NotFoundError:
        raise hidden from None
    if not allowed_pages(person, right, offices, [page]):
        raise hidden
    return offices


def may_see_all(person: Person, right: Right, offices: PageOffices, pages: Iterable[int]) -> bool:
    """Whether the person may have every one of these pages."""
    wanted = tuple(pages)
    return len(allowed_pages(person, right, offices, wanted)) == len(wanted)


def scan_name(person: Person, right: Right, offices: PageOffices, batch: Batch) -> str:
    """What a scan is called. The name that its scanner or operator gave is shown to the batch's own office, and to who may
    see every page; others, who have some document of it, see the batch's id."""
    if person.may(right, offices.batch_office) or may_see_all(person, right, offices, range(1, offices.pages + 1)):
        return batch.source.name
    return f"{batch.id}{PurePath(batch.source.name).suffix}"
