"""What a page of a PDF shows: its images with the pixels they have on the sheet, and whether more is drawn beside them.

The drawing instructions are followed as far as images need (ISO 32000-1, 8.3 and 8.8), those of form XObjects with them.
Nothing is drawn here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import pikepdf

from pipeline.formats.frames import Frame, area, common
from pipeline.formats.resolution import Resolution

Matrix = tuple[float, float, float, float, float, float]

DAMAGE = (pikepdf.PdfError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RuntimeError)
PLAIN: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
LONGEST_DRAWING = 1 << 20  # bytes of drawing instructions; those of a scan with its invisible text are a tenth of that
_DEEPEST_FORM, _DEEPEST_PAGE = 8, 64  # levels of forms in forms, and of the tree that a page hangs in
_MOST_FORMS = 200  # shown on one page
_UNSEEN = (3, 7)  # text rendering modes: nothing filled or stroked
_TEXT = frozenset(("Tj", "TJ", "'", '"'))
_PAINTING = frozenset(("f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh"))
_INLINE = "INLINE IMAGE"  # what pikepdf calls it

# Set by hand.
_PAGE_OF_TYPE, _LINE_OF_TYPE = 200, 12  # letters, beside images: what a letter has at least, and what a small one
_PAGE_OF_PATHS, _LINE_OF_PATHS = 400, 40  # paths that are painted, where letters are drawn as such
_MOST_OF_SHEET = 0.5  # share of the sheet under images from which it is a scan, unless there is a page of type
_LEAST_SHARE, _LEAST_BITS = 0.25, 0.02  # of the sheet, under images of one resolution that counts; bits are letters
_LEAST_IMAGE = 0.02  # share of the sheet; where no image has more, they are ornaments
_SAME = 1.05  # times: resolutions of parts of one scan


@dataclass(frozen=True, slots=True)
class ShownImage:
    """An image as it is shown: its frame on the sheet, and its pixels to a unit of the PDF, across and along the sheet
    before any turn. `is_bits`: of one bit a pixel."""

    frame: Frame
    density: Resolution
    is_bits: bool


@dataclass(slots=True)
class PageContent:
    """What a page shows: images, letters that can be seen (about, for fonts differ in bytes a letter), painted paths."""

    images: list[ShownImage] = field(default_factory=list)
    letters: int = 0
    paths: int = 0
    forms: int = 0

    def scan(self, frame: Frame) -> Resolution | None:
        """The density of the scan that this part of the page is; None where it is drawn by letters and lines, so that it
        has no density of its own."""
        sheet = area(frame)
        placed = [(area(common(image.frame, frame)) / sheet, image) for image in self.images] if sheet > 0 else []
        covered = sum(share for share, _ in placed)
        if covered < _LEAST_IMAGE or self.letters >= _PAGE_OF_TYPE or self.paths >= _PAGE_OF_PATHS:
            return None
        if covered < _MOST_OF_SHEET and (self.letters >= _LINE_OF_TYPE or self.paths >= _LINE_OF_PATHS):
            return None
        return _finest(placed)


def _finest(placed: Sequence[tuple[float, ShownImage]]) -> Resolution:
    """The highest density of images that together are a part of the sheet worth it; else that of the largest."""
    for _, image in sorted(placed, key=lambda one: -one[1].density.larger):
        least = image.density.larger / _SAME
        alike = [(share, other) for share, other in placed if least <= other.density.larger <= image.density.larger]
        bits = sum(share for share, other in alike if other.is_bits)
        if sum(share for share, _ in alike) >= _LEAST_SHARE or bits >= _LEAST_BITS:
            return image.density
    return max(placed, key=lambda one: one[0])[1].density


def shown(page: pikepdf.Page) -> PageContent:
    """What the page shows. A page whose drawing instructions are longer than those of any scan counts as drawn."""
    found = PageContent()
    try:
        if drawing_length(page) <= LONGEST_DRAWING:
            _follow(page, page.resources, PLAIN, found, 0)
        else:
            found.paths = _PAGE_OF_PATHS
    except DAMAGE:
        pass  # what comes after the damaged place, no program draws as it was meant
    except MemoryError:
        found.paths = _PAGE_OF_PATHS
    return found


def _follow(
    holder: pikepdf.Page | pikepdf.Object, resources: pikepdf.Object, matrix: Matrix, found: PageContent, depth: int
) -> None:
    """Go through the instructions of a page or a form, whose resources and matrix these are."""
    objects = resources.get("/XObject", pikepdf.Dictionary())
    unseen, held = False, list[tuple[Matrix, bool]]()
    for step in pikepdf.parse_content_stream(holder):
        name, given = str(step.operator), step.operands
        if name == "q":
            held.append((matrix, unseen))
        elif name == "Q" and held:
            matrix, unseen = held.pop()
        elif name == "cm":
            matrix = within(given, matrix)
        elif name == "Tr":
            unseen = int(given[0]) in _UNSEEN
        elif name in _TEXT and not unseen:
            found.letters += _letters(given[-1])
        elif name in _PAINTING:
            found.paths += 1
        elif name == "Do":
            _show(objects.get(str(given[0])), resources, matrix, found, depth)
        elif name == _INLINE and isinstance(step, pikepdf.ContentStreamInlineImage):
            picture = step.iimage
            found.images.append(_placed(picture.width, picture.height, matrix, is_bits=picture.bits_per_component == 1))


def _show(
    held: pikepdf.Object | None, resources: pikepdf.Object, matrix: Matrix, found: PageContent, depth: int
) -> None:
    """Note an image, or what a form shows."""
    if held is None:
        return
    if held.get("/Subtype") == "/Image":
        is_bits = bool(held.get("/ImageMask", False)) or int(held.get("/BitsPerComponent", 8)) == 1
        found.images.append(_placed(int(held.Width), int(held.Height), matrix, is_bits=is_bits))
    elif held.get("/Subtype") == "/Form" and depth < _DEEPEST_FORM and found.forms < _MOST_FORMS:
        found.forms += 1
        if len(held.read_bytes()) > LONGEST_DRAWING:
            found.paths = _PAGE_OF_PATHS
            return
        inner = within(held.Matrix.as_list(), matrix) if "/Matrix" in held else matrix
        _follow(held, held.get("/Resources", resources), inner, found, depth + 1)


def _letters(text: pikepdf.Object) -> int:
    """Bytes of the text of one instruction, a string or an array with strings in it."""
    parts: Iterable[object] = text.as_list() if isinstance(text, pikepdf.Array) else [text]
    return sum(len(bytes(part)) for part in parts if isinstance(part, pikepdf.String))


def _placed(width: int, height: int, matrix: Matrix, *, is_bits: bool) -> ShownImage:
    """The image that the matrix lays on the sheet; of one that lies on its side its rows run along."""
    a, b, c, d, e, f = matrix
    wide, high = math.hypot(a, b), math.hypot(c, d)
    if width <= 0 or height <= 0 or wide <= 0 or high <= 0:
        raise ValueError("an image without extent")
    own = width / wide, height / high
    xs, ys = (e, e + a, e + c, e + a + c), (f, f + b, f + d, f + b + d)
    frame = (min(xs), min(ys), max(xs), max(ys))
    return ShownImage(frame, Resolution(*(own if abs(a) >= abs(b) else own[::-1])), is_bits)


def within(given: Iterable[object], outer: Matrix) -> Matrix:
    """The matrix of a `cm` inside of `outer` (ISO 32000-1, 8.3.4)."""
    a, b, c, d, e, f = (float(str(value)) for value in given)
    p, q, r, s, t, u = outer
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def drawing_length(page: pikepdf.Page) -> int:
    """Bytes of the page's own drawing instructions, unpacked."""
    return sum(len(stream.read_bytes()) for stream in _streams(page))


def _streams(page: pikepdf.Page) -> Iterator[pikepdf.Object]:
    contents = page.obj.get("/Contents")
    if isinstance(contents, pikepdf.Array):
        yield from contents.as_list()
    elif contents is not None:
        yield contents


def turns(page: pikepdf.Page) -> int:
    """Quarter turns, clockwise; a page has those of what it hangs under (ISO 32000-1, 7.7.3.4)."""
    held: pikepdf.Object | None = page.obj
    for _ in range(_DEEPEST_PAGE):
        if held is None or "/Rotate" in held:
            break
        held = held.get("/Parent")
    return int(held.Rotate) // 90 % 4 if held is not None and "/Rotate" in held else 0
