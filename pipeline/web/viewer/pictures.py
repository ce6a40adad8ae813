"""Pictures of pages: smaller copies, cut-outs, and the page as it lies in its scan.

Only these sizes can be had, so that nobody keeps the machine busy with making others. The making is `viewer.service`'s.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from pipeline.errors import NotFoundError
from pipeline.model.audit import Action
from pipeline.model.page import Box
from pipeline.model.viewer import Cut, PageRef
from pipeline.web import downloads
from pipeline.web.addresses import WIDTHS
from pipeline.web.audited import Recording, audited
from pipeline.web.security.permissions import Looker
from pipeline.web.services import PageNumber, TheServices
from pipeline.web.viewer.lookup import page_for
from pipeline.web.viewer.service import TheViewing, ViewerApi

router = APIRouter(include_in_schema=False)

CUT_WIDTH = 900  # pixels, at most
Pixels = Annotated[int, Query(ge=0, le=100_000)]


@router.get("/documents/{ident}/pages/{number}/image")
@audited(Action.VIEW, Recording.WITH_PAGE)
def page_image(
    request: Request,
    ident: str,
    number: PageNumber,
    person: Looker,
    services: TheServices,
    viewing: TheViewing,
    width: Pixels = 0,
) -> Response:
    """The image of a page, as it was read, or a copy of about that width. `v` in the address names its version."""
    page_ref = page_for(person, viewing, ident, number)
    if not page_ref.image_key:
        raise NotFoundError(what="page", name=f"{ident}/{number}")
    chosen = next((one for one in WIDTHS if one >= width), 0) if width else 0
    if not chosen or chosen >= page_ref.width:
        return downloads.image(request, services, page_ref.image_key, page_ref.version)
    return picture(request, viewing, page_ref, Cut(width=chosen))


@router.get("/documents/{ident}/pages/{number}/cut")
@audited(Action.VIEW, Recording.WITH_PAGE)
def cut_out(
    request: Request,
    ident: str,
    number: PageNumber,
    person: Looker,
    viewing: TheViewing,
    x: Pixels,
    y: Pixels,
    w: Pixels,
    h: Pixels,
) -> Response:
    """A cut-out of the page: a box in pixels of its image, clipped to it, at most `CUT_WIDTH` wide."""
    page_ref = page_for(person, viewing, ident, number)
    left, right = min(x, max(page_ref.width - 1, 0)), min(x + w, page_ref.width)
    seen = max(right - left, 1)  # never drawn larger: a strip one pixel wide would become an image of gigabytes
    return picture(request, viewing, page_ref, Cut(Box(left, y, seen, h), min(seen, CUT_WIDTH)))


@router.get("/documents/{ident}/pages/{number}/scan")
@audited(Action.VIEW, Recording.WITH_PAGE)
def page_as_scanned(request: Request, ident: str, number: PageNumber, person: Looker, viewing: TheViewing) -> Response:
    """The page as it lies in the scan that came in: not turned, not deskewed, not cleaned."""
    page_ref = page_for(person, viewing, ident, number)
    mark = f"as scanned {page_ref.batch} {page_ref.source_page}"
    return downloads.kept(request, mark, lambda: Response(viewing.as_scanned(page_ref), media_type="image/jpeg"))


def picture(request: Request, viewing: ViewerApi, page_ref: PageRef, wanted: Cut) -> Response:
    """A piece or a smaller copy of the image of a page that the visitor may see."""
    mark = f"{page_ref.image_key} {page_ref.version} {wanted}"
    return downloads.kept(request, mark, lambda: Response(viewing.picture(page_ref, wanted), media_type="image/jpeg"))


def levels(page_ref: PageRef) -> list[dict[str, object]]:
    """The copies of a page's image from small to whole, as a viewer that zooms takes them."""
    address = f"/documents/{page_ref.document}/pages/{page_ref.number}/image?v={page_ref.version}"
    smaller = [width for width in WIDTHS[2:] if width < page_ref.width]
    found: list[dict[str, object]] = [
        {"url": f"{address}&width={width}", "width": width, "height": round(page_ref.height * width / page_ref.width)}
        for width in smaller
    ]
    return [*found, {"url": address, "width": page_ref.width, "height": page_ref.height}]
