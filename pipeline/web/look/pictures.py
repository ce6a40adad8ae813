"""Pictures of pages: smaller copies, cut-outs, and the page as it lies in its scan.

Only these sizes can be had, so that nobody keeps the machine busy with making others. The making is `looking.viewing`'s.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from pipeline.errors import NotFoundError
from pipeline.looking.model import Cut, Leaf
from pipeline.model import Box
from pipeline.web import downloads
from pipeline.web.gate import Looker
from pipeline.web.library import PageNumber, TheLibrary
from pipeline.web.look.finding import leaf_for
from pipeline.web.look.viewing import TheViewing, Viewing

router = APIRouter(include_in_schema=False)

THUMB, SMALL, MIDDLE = 160, 480, 1200
WIDTHS = (THUMB, SMALL, MIDDLE)  # pixels
CUT_WIDTH = 900  # pixels, at most
Pixels = Annotated[int, Query(ge=0, le=100_000)]


@router.get("/documents/{ident}/pages/{number}/image")
def page_image(
    request: Request,
    ident: str,
    number: PageNumber,
    person: Looker,
    library: TheLibrary,
    viewing: TheViewing,
    width: Pixels = 0,
) -> Response:
    """The image of a page, as it was read, or a copy of about that width. `v` in the address names its version."""
    leaf = leaf_for(person, viewing, ident, number)
    if not leaf.image_key:
        raise NotFoundError(what="page", name=f"{ident}/{number}")
    chosen = next((one for one in WIDTHS if one >= width), 0) if width else 0
    if not chosen or chosen >= leaf.width:
        return downloads.image(request, library, leaf.image_key, leaf.version)
    return picture(request, viewing, leaf, Cut(width=chosen))


@router.get("/documents/{ident}/pages/{number}/cut")
def cut_out(
    request: Request, ident: str, number: PageNumber, person: Looker, viewing: TheViewing, x: Pixels, y: Pixels, w: Pixels,
    h: Pixels,
) -> Response:  # fmt: skip
    """A cut-out of the page: a box in pixels of its image, clipped to it, at most `CUT_WIDTH` wide."""
    leaf = leaf_for(person, viewing, ident, number)
    left, right = min(x, max(leaf.width - 1, 0)), min(x + w, leaf.width)
    seen = max(right - left, 1)  # never drawn larger: a strip one pixel wide would become an image of gigabytes
    return picture(request, viewing, leaf, Cut(Box(left, y, seen, h), min(seen, CUT_WIDTH)))


@router.get("/documents/{ident}/pages/{number}/scan")
def page_as_scanned(request: Request, ident: str, number: PageNumber, person: Looker, viewing: TheViewing) -> Response:
    """The page as it lies in the scan that came in: not turned, not levelled, not cleaned."""
    leaf = leaf_for(person, viewing, ident, number)
    mark = f"as scanned {leaf.batch} {leaf.source_page}"
    return downloads.kept(request, mark, lambda: Response(viewing.as_scanned(leaf), media_type="image/jpeg"))


def picture(request: Request, viewing: Viewing, leaf: Leaf, wanted: Cut) -> Response:
    """A piece or a smaller copy of the image of a page that the visitor may see."""
    mark = f"{leaf.image_key} {leaf.version} {wanted}"
    return downloads.kept(request, mark, lambda: Response(viewing.picture(leaf, wanted), media_type="image/jpeg"))


def levels(leaf: Leaf) -> list[dict[str, object]]:
    """The copies of a page's image from small to whole, as a viewer that zooms takes them."""
    address = f"/documents/{leaf.document}/pages/{leaf.number}/image?v={leaf.version}"
    smaller = [width for width in WIDTHS[2:] if width < leaf.width]
    found: list[dict[str, object]] = [
        {"url": f"{address}&width={width}", "width": width, "height": round(leaf.height * width / leaf.width)}
        for width in smaller
    ]
    return [*found, {"url": address, "width": leaf.width, "height": leaf.height}]
