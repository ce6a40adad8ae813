"""Documents, files and page images by the IIIF standards, so that any archive's viewer opens them.

Presentation API 3.0 (https://iiif.io/api/presentation/3.0/) for documents and files, Image API 3.0
(https://iiif.io/api/image/3.0/) at level 1 for pages. Values in, values out; the routes are in `iiif_routes`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pipeline.errors import RequestError
from pipeline.locale import LANGUAGES, N_, translations
from pipeline.locale.formatting import script_of
from pipeline.model.document import Document
from pipeline.model.page import Box
from pipeline.model.viewer import Cut, FilePart, FileView, PageRef
from pipeline.web.addresses import MIDDLE, NO_OFFICE, SMALL, THUMB
from pipeline.web.labels import FIELDS, KINDS

PRESENTATION = "http://iiif.io/api/presentation/3/context.json"
IMAGE = "http://iiif.io/api/image/3/context.json"
TILE = 1024
_NUMBER, _FRACTION = r"([0-9]{1,9})", r"([0-9]{1,3}(?:\.[0-9]{1,9})?)"  # more digits are in no image, and in no float
_WHOLE = re.compile(",".join([_NUMBER] * 4))
_SHARE = re.compile("pct:" + ",".join([_FRACTION] * 4))
_SIZE = re.compile(r"(!?)([0-9]{0,9}),([0-9]{0,9})")
_PERCENT = re.compile(f"pct:{_FRACTION}")
_QUALITIES = {"default": False, "color": False, "gray": True}
_TURNS = {"0": 0, "90": 90, "180": 180, "270": 270}
_NOTING, _CORRESPONDENCE = N_("Noting"), N_("Correspondence")

Json = dict[str, Any]


# --- images ----------------------------------------------------------------------------------------------------------


def image_id(base: str, page_ref: PageRef) -> str:
    return f"{base}/iiif/images/{quote(page_ref.document, safe='')}/{page_ref.number}"


def info(base: str, page_ref: PageRef) -> Json:
    """What an image viewer needs to know before it asks for pieces (Image API 3.0, 5)."""
    factors = [1]
    while max(page_ref.width, page_ref.height) / factors[-1] > TILE:
        factors.append(factors[-1] * 2)
    smaller = [width for width in (THUMB, SMALL, MIDDLE) if width < page_ref.width]
    return {
        "@context": IMAGE,
        "id": image_id(base, page_ref),
        "type": "ImageService3",
        "protocol": "http://iiif.io/api/image",
        "profile": "level1",
        "width": page_ref.width,
        "height": page_ref.height,
        "sizes": [
            {"width": width, "height": max(round(page_ref.height * width / page_ref.width), 1)} for width in smaller
        ],
        "tiles": [{"width": TILE, "scaleFactors": factors}],
        "extraQualities": ["color", "gray"],
        "extraFeatures": ["regionByPct", "rotationBy90s", "sizeByConfinedWh", "sizeByPct"],
    }


def wanted(page_ref: PageRef, region: str, size: str, rotation: str, quality: str) -> Cut:
    """What an address of the Image API asks for. Raises `RequestError`, also where it lies beside the image or is larger."""
    box = _region(page_ref, region)
    if box.x >= page_ref.width or box.y >= page_ref.height or not (box.w and box.h):
        raise RequestError(cause=f"the region {region} lies beside the image")
    box = Box(box.x, box.y, min(box.w, page_ref.width - box.x), min(box.h, page_ref.height - box.y))
    if rotation not in _TURNS or quality not in _QUALITIES:
        raise RequestError(cause=f"{rotation}/{quality} is not offered")
    width, height, fit = _size(box, size)
    if width > box.w or height > box.h:
        raise RequestError(cause=f"the size {size} is larger than the region")
    is_whole = (box.w, box.h) == (page_ref.width, page_ref.height)
    return Cut(None if is_whole else box, width, height, _TURNS[rotation], _QUALITIES[quality], fit)


def _region(page_ref: PageRef, region: str) -> Box:
    if region == "full":
        return Box(0, 0, page_ref.width, page_ref.height)
    if region == "square":
        side = min(page_ref.width, page_ref.height)
        return Box((page_ref.width - side) // 2, (page_ref.height - side) // 2, side, side)
    if found := _WHOLE.fullmatch(region):
        return Box(*(int(part) for part in found.groups()))
    if found := _SHARE.fullmatch(region):
        x, y, w, h = (float(part) / 100 for part in found.groups())
        return Box(
            *(round(v) for v in (x * page_ref.width, y * page_ref.height, w * page_ref.width, h * page_ref.height))
        )
    raise RequestError(cause=f"{region} is no region")


def _size(box: Box, size: str) -> tuple[int, int, bool]:
    """Width, height, and whether they are only the most."""
    if size == "max":
        return box.w, box.h, False
    if (found := _PERCENT.fullmatch(size)) and float(found[1]) > 0:
        share = float(found[1]) / 100
        return max(round(box.w * share), 1), max(round(box.h * share), 1), False
    found = _SIZE.fullmatch(size)
    if found is None or not (found[2] or found[3]) or (found[1] and not (found[2] and found[3])):
        raise RequestError(cause=f"{size} is no size")
    width, height = int(found[2] or 0), int(found[3] or 0)
    if found[1]:
        return min(width, box.w), min(height, box.h), True
    if not (width or height):
        raise RequestError(cause=f"{size} is no size")
    return width, height, False


# --- documents and files ---------------------------------------------------------------------------------------------


def of_document(base: str, document: Document, page_refs: Sequence[PageRef]) -> Json:
    """The manifest of a document: a canvas for each page."""
    ident = quote(document.id, safe="")
    name = document.value("subject") or document.value("file_no") or document.id
    values = {label: document.value(field) for field, label in FIELDS.items()}
    found: Json = _manifest(f"{base}/iiif/documents/{ident}/manifest.json", name, values, page_refs, base)
    found["homepage"] = [_page(f"{base}/documents/{ident}", N_("The document in Abhilekh"), "text/html")]
    if document.pdf_key:
        found["rendering"] = [_page(f"{base}/documents/{ident}/pdf", N_("PDF/A, searchable"), "application/pdf")]
    if document.date:
        found["navDate"] = f"{document.date.isoformat()}T00:00:00Z"
    return found


def of_file(base: str, file: FileView, page_refs: Mapping[str, Sequence[PageRef]]) -> Json:
    """The manifest of a file: all pages of its documents, with noting and correspondence as ranges."""
    home = f"/files/{quote(file.office or NO_OFFICE, safe='')}/{quote(file.key)}"
    subject = file.volumes[0].subject if file.volumes else ""
    values = {N_("File number"): file.number, N_("Subject"): subject, N_("Office"): file.office}
    ordered = [page_ref for part in file.parts for page_ref in page_refs[part.id]]
    ident = f"{base}/iiif{home}/manifest.json"
    found = _manifest(ident, f"{file.number} {subject}".strip(), values, ordered, base)
    found["homepage"] = [_page(f"{base}{home}", N_("The file in Abhilekh"), "text/html")]
    sides = ((N_("Cover"), file.covers), (_NOTING, file.noting), (_CORRESPONDENCE, file.correspondence))
    found["structures"] = [
        {
            "id": f"{ident}/ranges/{number}",
            "type": "Range",
            "label": in_both(name),
            "items": [_range(ident, one.part, page_refs[one.part.id], base) for one in paged],
        }
        for number, (name, paged) in enumerate(sides)
        if paged
    ]
    return found


def _range(ident: str, part: FilePart, page_refs: Sequence[PageRef], base: str) -> Json:
    return {
        "id": f"{ident}/ranges/{quote(part.id, safe='')}",
        "type": "Range",
        "label": _as_written(part.subject) if part.subject else in_both(KINDS[part.kind]),
        "items": [{"id": _canvas_id(base, page_ref), "type": "Canvas"} for page_ref in page_refs],
    }


def _manifest(ident: str, name: str, values: Mapping[str, str | None], page_refs: Iterable[PageRef], base: str) -> Json:
    metadata = [{"label": in_both(label), "value": _as_written(value)} for label, value in values.items() if value]
    canvases = [_canvas(base, page_ref, number) for number, page_ref in enumerate(page_refs, start=1)]
    return {
        "@context": PRESENTATION,
        "id": ident,
        "type": "Manifest",
        "label": _as_written(name),
        "metadata": metadata,
        "behavior": ["individuals"],
        "items": canvases,
    }


def _canvas_id(base: str, page_ref: PageRef) -> str:
    return f"{base}/iiif/documents/{quote(page_ref.document, safe='')}/canvases/{page_ref.number}"


def _canvas(base: str, page_ref: PageRef, number: int) -> Json:
    canvas, image = _canvas_id(base, page_ref), image_id(base, page_ref)
    width, height = max(page_ref.width, 1), max(page_ref.height, 1)
    found: Json = {
        "id": canvas,
        "type": "Canvas",
        "label": {"none": [str(number)]},
        "width": width,
        "height": height,
        "items": [],
    }
    if not page_ref.image_key:
        return found
    service = [{"id": image, "type": "ImageService3", "profile": "level1"}]
    whole = {"type": "Image", "format": "image/jpeg", "service": service}
    small = {"width": min(THUMB, width), "height": max(round(height * min(THUMB, width) / width), 1)}
    found["thumbnail"] = [whole | small | {"id": f"{image}/full/{small['width']},/0/default.jpg"}]
    painting = {
        "id": f"{canvas}/image",
        "type": "Annotation",
        "motivation": "painting",
        "body": whole | {"id": f"{image}/full/max/0/default.jpg", "width": width, "height": height},
        "target": canvas,
    }
    found["items"] = [{"id": f"{canvas}/page", "type": "AnnotationPage", "items": [painting]}]
    return found


def _page(address: str, name: str, media_type: str) -> Json:
    return {"id": address, "type": "Text", "label": in_both(name), "format": media_type}


def in_both(name: str) -> dict[str, list[str]]:
    """A name of ours in every language."""
    return {code: [translations(code).gettext(name)] for code in LANGUAGES}


def _as_written(text: str) -> dict[str, list[str]]:
    """What stands on the paper, under its language."""
    return {script_of(text): [text]}
