"""Reading PDFs with pikepdf: is one whole, how many pages, how large, at what resolution scanned, and what else it holds.

Writing our own PDF/A lives in `searchable`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pikepdf

from pipeline.errors import EncryptedScanError, IncompleteScanError, UnreasonableScanError
from pipeline.formats import pdf_shown
from pipeline.formats.frames import POINTS, Frame, area, common
from pipeline.formats.pdf_shown import DAMAGE
from pipeline.formats.resolution import Resolution

_TAIL = 2048  # bytes at the end in which %%EOF is looked for
_MOST_DRAWING = 64 << 20  # bytes of drawing instructions on a page; a scanned page has a hundred
_LEAST_SHOWN = 0.25  # share of the sheet: a crop box that hides more is not believed, for better show too much
_ACTIVE = {"/JavaScript": "javascript", "/Launch": "launch_action"}
_SHOWING = frozenset(  # operators that place images and text and leave colours alone
    ("q", "Q", "cm", "Do", "BT", "ET", "Tr", "Tf", "Tz", "Tc", "Tw", "TL", "Ts", "Td", "TD", "Tm", "T*", "Tj", "TJ")
)


def count_whole_pages(path: Path, name: str) -> int:
    """The number of pages, every page object resolved and its contents read.

    Raises `EncryptedScanError` when a password is needed, `IncompleteScanError` when the file is cut short or damaged,
    `UnreasonableScanError` when a page's contents unpack to what no page needs; memory is the caller's to bound.
    A file whose cross-reference table is merely wrong, as some scanners write it, is accepted when it ends as a PDF
    ends and repairs to all the pages its page tree announces.
    """
    try:
        return _count(path, name, repair=False)
    except pikepdf.PasswordError as error:  # not a PdfError
        raise EncryptedScanError(name=name) from error
    except DAMAGE as error:
        if not _ends_like_a_pdf(path):
            raise IncompleteScanError(name=name, cause="the end of the PDF is missing") from error
    try:
        return _count(path, name, repair=True)
    except pikepdf.PasswordError as error:
        raise EncryptedScanError(name=name) from error
    except DAMAGE as error:
        raise IncompleteScanError(name=name, cause=str(error).removeprefix(f"{path}: ")) from error


def _count(path: Path, name: str, *, repair: bool) -> int:
    with pikepdf.open(path, attempt_recovery=repair, suppress_warnings=True) as document:
        announced = int(document.Root.Pages.get("/Count", 0))
        found, seen = 0, set[tuple[int, int]]()
        for page in document.pages:
            found += 1
            for stream in _not_yet(seen, _contents(page)):
                size = len(memoryview(stream.get_stream_buffer()))
                if size > _MOST_DRAWING:
                    cause = f"page {found}: its contents unpack to {size >> 20} MB, the limit is {_MOST_DRAWING >> 20}"
                    raise UnreasonableScanError(name=name, cause=cause)
            for image in _not_yet(seen, page.get_images().values()):
                image.get_raw_stream_buffer()
        if found < announced:
            raise pikepdf.PdfError(f"{found} of {announced} pages are there")
        return found


def _contents(page: pikepdf.Page) -> Iterator[pikepdf.Object]:
    found = page.obj.get("/Contents")
    if isinstance(found, pikepdf.Stream):
        yield found
    elif isinstance(found, pikepdf.Array):
        yield from (part for part in found.as_list() if isinstance(part, pikepdf.Stream))


def _not_yet(seen: set[tuple[int, int]], objects: Iterator[pikepdf.Object]) -> Iterator[pikepdf.Object]:
    """Those not met before: thousands of pages may share one stream."""
    for found in objects:
        if found.objgen not in seen:
            seen.add(found.objgen)
            yield found


def _ends_like_a_pdf(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(max(path.stat().st_size - _TAIL, 0))
        return b"%%EOF" in stream.read()


@dataclass(frozen=True, slots=True)
class PdfSheet:
    """What a PDF says of a page, before any turn: width and height in inches on paper, and in inches as drawn.

    The two differ where the page has a unit of its own. `scan` has the pixels of the scan that the page is to each inch of
    the sheet as it is stated, before any turn; None where the page is drawn by letters and lines. `is_cropped`: the crop box
    is to be shown, not the media box. `is_sure`: a size is given at all, and no other than this one can be meant. `frame` is
    the part of the page that is shown: left, bottom, right and top in the PDF's units. `turns` are quarters, clockwise.
    """

    width: float = 8.27
    height: float = 11.69
    unit: float = 1.0
    scan: Resolution | None = None
    is_cropped: bool = False
    is_sure: bool = False
    frame: Frame | None = None
    turns: int = 0

    @property
    def longest(self) -> float:
        """The longer side, in inches."""
        return max(self.width, self.height)


def sheet(path: Path, number: int) -> PdfSheet:
    """Page `number` (from 1); an A4 sheet, not sure, where it cannot be told."""
    stat = path.stat()
    return _sheet_of(path, number, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=16)
def _sheet_of(path: Path, number: int, mtime_ns: int, size: int) -> PdfSheet:
    """Only the page that is asked about: each page is worked on in a process of its own, which needs no other."""
    try:
        with pikepdf.open(path, suppress_warnings=True) as document:
            return _sheet(document.pages[number - 1])
    except DAMAGE:
        return PdfSheet()


def _sheet(page: pikepdf.Page) -> PdfSheet:
    try:
        media, unit = _corners(page.mediabox), float(page.obj.get("/UserUnit", 1))
        shown = common(media, _corners(page.cropbox))
        is_cropped = shown != media and area(shown) >= _LEAST_SHOWN * area(media)
        frame = shown if is_cropped else media
        left, bottom, right, top = frame
        width, height = (right - left) / POINTS * unit, (top - bottom) / POINTS * unit
        to_unit = pdf_shown.shown(page).scan(frame)
        scan = to_unit.times(POINTS / unit) if to_unit is not None else None
        turns = pdf_shown.turns(page)
    except DAMAGE:
        return PdfSheet()
    if width <= 0 or height <= 0:
        return PdfSheet()
    return PdfSheet(width, height, unit, scan, is_cropped, is_sure=True, frame=frame, turns=turns)


def _corners(box: pikepdf.Array) -> Frame:
    """A rectangle may be given by any two opposite corners (ISO 32000-1, 7.9.5)."""
    x1, y1, x2, y2 = (float(value) for value in box.as_list())
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def is_one_bit(path: Path, number: int) -> bool:
    """Whether page `number` (from 1) shows nothing but images of one grey bit a pixel, and perhaps text.

    Drawn at its own resolution such a page still gets grey edges, since poppler resamples it by a fraction of a pixel;
    so only the file can tell. A colour set, a line drawn or an image of another sort makes it False, and so does damage.
    """
    try:
        with pikepdf.open(path, suppress_warnings=True) as document:
            page = document.pages[number - 1]
            shown = page.resources.get("/XObject", pikepdf.Dictionary())
            objects = [held for _, held in shown.items()]
            return bool(objects) and all(_is_one_grey_bit(held) for held in objects) and _shows_images_only(page)
    except DAMAGE:
        return False


def _is_one_grey_bit(image: pikepdf.Object) -> bool:
    if image.get("/Subtype") != "/Image":
        return False
    if image.get("/ImageMask", False):
        return "/SMask" not in image
    space, bits = image.get("/ColorSpace"), int(image.get("/BitsPerComponent", 0))
    kind = space[0] if isinstance(space, pikepdf.Array) else space
    return bits == 1 and str(kind) in ("/DeviceGray", "/CalGray") and "/SMask" not in image


def _shows_images_only(page: pikepdf.Page) -> bool:
    return all(str(step.operator) in _SHOWING for step in pikepdf.parse_content_stream(page))


def extras(path: Path) -> tuple[str, ...]:
    """What the PDF holds besides pages, of `attachments`, `javascript` and `launch_action`. Nothing of it is run."""
    found: set[str] = set()
    try:
        with pikepdf.open(path, suppress_warnings=True) as document:
            for held in document.objects:
                _note_extras(held, found)
    except DAMAGE:
        pass  # what the damaged part holds, nobody can run
    return tuple(sorted(found))


def _note_extras(held: pikepdf.Object, found: set[str]) -> None:
    """Look through an object and what lies in it directly; what it refers to is met by itself."""
    waiting = [held]
    while waiting:
        value = waiting.pop()
        if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
            action = _ACTIVE.get(str(value.get("/S")))
            if action or "/JS" in value:
                found.add(action or "javascript")
            if "/EF" in value or value.get("/Type") == "/EmbeddedFile":
                found.add("attachments")
            children = [child for _, child in value.items()]
        elif isinstance(value, pikepdf.Array):
            children = list(value.as_list())
        else:
            continue
        waiting += [child for child in children if isinstance(child, pikepdf.Object) and not child.is_indirect]
