"""The text that a PDF page already carries: its words with their places and fonts, by PDFium.

The file is opened in a process of its own (`isolation`), bound in memory and time. Whether the text is any good is
decided in `ocr/text_layer_assessment`; the invisible text that we write ourselves is made in `invisible_text`.
"""

from __future__ import annotations

import logging
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

from pipeline.errors import SlowPageError
from pipeline.formats import pdf
from pipeline.formats.frames import Frame, area, common
from pipeline.formats.isolation import Apart, Bounds, DiedError
from pipeline.formats.pdf_characters import Char, Piece, ShownSheet, angle_of, characters, pieces
from pipeline.formats.pdf_words import frame_of, in_words
from pipeline.model.page import Box, Geometry, Layer, LayerWord

log = logging.getLogger(__name__)  # to stderr, from a worker process

PDFIUM = Apart(__name__)  # the process apart in which PDFium works, here and in `pdfium_page`
_BOUNDS = Bounds(memory_mb=512, cpu_seconds=20, seconds=1200.0)  # honest pages take a hundredth of that
_MOST_CHARS = 60_000  # of one page; closely set pages have 8,000
_QUARTER = 90  # degrees
_UNITS = 100_000  # to one sheet
# Set by hand; decision 13 has what the whole finds.
_MARGIN = 0.02  # share of the sheet by which a word's middle may lie beside it
_UPRIGHT = 8.0  # degrees by which the line of a word may rise or fall
_SCANNED = 0.5  # share of the sheet under images from which they are what it shows, and text on top or beneath
_MOST_PICTURES = 0.2  # share of the sheet under pictures up to which a page is a typed one with pictures on it
_DRAWN_LETTERS = re.compile(r"Fd\d+|\?")  # fonts made of a scan's own letters, or without a name: their text was read


def text_layer(path: Path, number: int, drawn: tuple[int, int], geometry: Geometry) -> Layer | None:
    """The text of page `number` (from 1), in pixels of the upright page image; None where it cannot be had.

    `drawn` is width and height of the page as it was drawn, `geometry` what was done to make it upright. Raises
    `SlowPageError` when it takes too much processor time, `TimeoutError` when the process that reads it hangs.
    """
    sheet = pdf.sheet(path, number)
    if sheet.frame is None:
        return None
    try:
        found = PDFIUM.call(_read, path, number, sheet.frame, bounds=_BOUNDS)
    except DiedError as error:
        if error.out_of_time:
            raise SlowPageError(page=number, seconds=_BOUNDS.cpu_seconds) from error
        cause: Exception = error
    except TimeoutError:  # an OSError, and no fault of the page's
        raise
    except (OSError, MemoryError, ValueError, RuntimeError) as error:
        cause = error
    else:
        return _upright(found, drawn, geometry)
    log.info("page %d: its text layer cannot be read: %s", number, cause)
    return None


def start() -> None:
    """Start the process apart now, so that processes forked from this one share it."""
    PDFIUM.start()


def _read(path: Path, number: int, frame: Frame) -> Layer:
    """The page's text in hundred-thousandths of the sheet, so turned that the writing is upright; done apart."""
    document = pypdfium2.PdfDocument(path)
    page = document[number - 1]
    text = page.get_textpage()
    count = pdfium.FPDFText_CountChars(text.raw)
    if count > _MOST_CHARS:
        raise ValueError(f"{count} letters; the limit is {_MOST_CHARS}")
    turns = Counter(round(angle_of(text, index) / _QUARTER) * _QUARTER % 360 for index in range(count))
    sheet = ShownSheet(frame, max(turns, key=lambda turn: turns[turn], default=0))
    placed, images = pieces(page, sheet)
    chars = list(characters(text, count, sheet))
    telling = {char.holder for char in chars}
    free = [piece.frame for piece in placed if piece.holder not in telling]
    words = [_word(group, frame_of(group, free), line, sheet) for group, line in in_words(chars, free)]
    whole = (0.0, 0.0, sheet.width, sheet.height)
    share = sum(area(common(image.frame, whole)) for image in images) / area(whole)
    letters = [char for char in chars if not char.text.isspace()]
    is_scan = 2 * _unseen(letters, placed, images if share >= _SCANNED else []) > len(letters)
    is_typed = not is_scan and share <= _MOST_PICTURES
    pictures = [_box(common(image.frame, whole), sheet) for image in images] if is_typed else []
    return Layer(tuple(words), is_scan=is_scan, turn=(sheet.turn - page.get_rotation()) % 360, pictures=tuple(pictures))


def _unseen(chars: Sequence[Char], texts: Sequence[Piece], images: Sequence[Piece]) -> int:
    """How many letters are drawn invisibly, or beneath one of the images, or are a scan's own shapes, so that some program
    has read them."""
    places = {piece.holder: piece.place for piece in texts}
    last = max((image.place for image in images), default=-1)
    count = 0
    for char in chars:
        place = places.get(char.holder, last)
        count += (
            char.hidden
            or (last >= 0 and _DRAWN_LETTERS.fullmatch(char.font) is not None)
            or (place < last and any(_is_beneath(char, place, image) for image in images))
        )
    return count


def _is_beneath(char: Char, place: int, image: Piece) -> bool:
    x, y = (char.frame[0] + char.frame[2]) / 2, (char.frame[1] + char.frame[3]) / 2
    left, bottom, right, top = image.frame
    return place < image.place and left <= x <= right and bottom <= y <= top


def _word(chars: Sequence[Char], frame: Frame, line: int, sheet: ShownSheet) -> LayerWord:
    """The word with its box in hundred-thousandths of the upright sheet."""
    fonts = [char.font for char in chars]
    text = "".join(char.text for char in chars)
    font = max(fonts, key=fonts.count)
    return LayerWord(text, _box(frame, sheet), font, line, chars[0].hidden, chars[0].angle)


def _box(frame: Frame, sheet: ShownSheet) -> Box:
    """The frame in hundred-thousandths of the upright sheet, from its left top corner."""
    left, bottom, right, top = frame
    x, w = (round(value / sheet.width * _UNITS) for value in (left, right - left))
    y, h = (round(value / sheet.height * _UNITS) for value in (sheet.height - top, top - bottom))
    return Box(x, y, w, h)


def _upright(found: Layer, drawn: tuple[int, int], geometry: Geometry) -> Layer:
    """The layer in pixels of the page image, made upright as the image was; words that lie beside the sheet or run in
    another direction are left out, and counted."""
    turn, degrees = (geometry.rotated, geometry.skew_degrees) if geometry.applied else (0, 0.0)
    width, height = drawn if turn % 180 == 0 else drawn[::-1]
    placed = [_placed(word, width, height, degrees) for word in found.words] if turn == found.turn else []
    kept = tuple(word for word in placed if word is not None)
    letters = sum(len(word.text) for word in found.words)
    share = 1 - sum(len(word.text) for word in kept) / letters if letters else 0.0
    pictures = [_placed(LayerWord("", box), width, height, degrees) for box in found.pictures if turn == found.turn]
    return replace(
        found,
        words=kept or found.words,  # without any kept, they tell that there were some
        strays=share,
        pictures=tuple(picture.box for picture in pictures if picture is not None),
    )


def _placed(word: LayerWord, width: int, height: int, degrees: float) -> LayerWord | None:
    w, h = word.box.w * width / _UNITS, word.box.h * height / _UNITS
    x, y = word.box.x * width / _UNITS + w / 2, word.box.y * height / _UNITS + h / 2
    x, y = _deskewed(x, y, width, height, degrees)
    beside = _MARGIN * max(width, height)
    is_on = -beside < x < width + beside and -beside < y < height + beside
    if not is_on or min(_off(word.angle), _off(word.angle - degrees)) > _UPRIGHT:
        return None
    box = Box(round(x - w / 2), round(y - h / 2), max(round(w), 1), max(round(h), 1))
    return replace(word, box=box, angle=0.0)


def _off(angle: float) -> float:
    return abs((angle + 180) % 360 - 180)


def _deskewed(x: float, y: float, width: int, height: int, degrees: float) -> tuple[float, float]:
    """Where a point comes to lie when a skew of `degrees` is undone about the middle of the page."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    dx, dy = x - (width - 1) / 2, y - (height - 1) / 2
    return cos * dx - sin * dy + (width - 1) / 2, sin * dx + cos * dy + (height - 1) / 2
