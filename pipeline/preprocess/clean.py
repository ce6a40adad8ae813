"""The page made fit for reading: paper even and white, surround, seals, signatures and rules painted over.

This image is for Tesseract alone; the page that people look at keeps all of it. Nothing is binarised, blurred or scaled:
each of these made real scans worse.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.model.page import Box, ReadingStep, Table
from pipeline.preprocess import seals, signatures
from pipeline.preprocess.imaging import Image, boxes, grey, parted, shape_in, shrink
from pipeline.preprocess.ink import MARK_LEVEL
from pipeline.preprocess.lines import find_lines
from pipeline.preprocess.open_tables import find_open_tables
from pipeline.preprocess.outline import MASK_LONGEST, paper_mask, surround
from pipeline.preprocess.paper import flatten
from pipeline.preprocess.rules import RuledLines, erase_table, find_rules, find_tables

# Set by hand; what the whole gains is measured in decision 9. Grey levels are those of an even page, with its paper at 255.
_HOLE = (0.14, 0.6)  # inches, across
_FILLED = 0.65  # share of its box that a hole fills; a disc fills 0.79
_WITHIN = 0.6  # of a hole's width: the side of a square that goes into it; into a disc one of 0.7 does
_COARSE_DPI = 150  # rules, seals and strokes are looked for at about this resolution
_INK = 120  # grey level below which a pixel is surely writing
_SAMPLED = 3  # pixels: of every third row every third tells the writing's level
_LEVEL_AT = 40  # percentile of the surely written pixels at which the writing's level is taken
_BESIDE_RULE = 3  # pixels at 150 dpi on either side of a table's rule that are its own
_BLACK = 70  # grey level below which ink is black whatever lies over it
_COLOURED = 0.09  # of full scale, between the strongest and the weakest channel, from which ink may be coloured
_SATURATED = 0.24  # of how dark the darker one is: it is so from there, faint or firm
_STRIDE, _AROUND = 3, 12  # pixels: how far apart those are that tell whether there is colour; of the page around them
_PAPER_STRIDE = 16  # pixels: how far apart those are whose median is the paper's colour
_EDGE = np.ones((5, 5), np.uint8)  # two pixels on every side of coloured ink, which is blurred into the paper
_MOST_COLOURED = 0.35  # share of the ink; a letter typed in blue keeps its text


@dataclass(frozen=True, slots=True)
class ReadingPage:
    """What is handed to recognition: grey pixels, (height, width); the tables among them; the boxes of all lines of ink;
    and how many seals and strokes of a pen were painted over."""

    pixels: Image
    tables: tuple[Table, ...]
    lines: tuple[Box, ...]
    seals: int
    strokes: int


def for_reading(page: Image, dpi: int, leave_out: Collection[ReadingStep] = ()) -> ReadingPage:
    """The upright page, grey or BGR, made fit for Tesseract; without the steps in `leave_out`."""
    taken = frozenset(ReadingStep) - frozenset(leave_out)
    flat = even(page, taken)
    factor = max(round(dpi / _COARSE_DPI), 1)
    coarse_dpi = dpi / factor
    small = signatures.reduced(flat, factor)
    tables: tuple[Table, ...] = ()
    cut = False
    if ReadingStep.RULES in taken:
        rules = find_rules(small, coarse_dpi)
        cut = rules.any
        small = _without_rules(flat, small, rules)
        if ReadingStep.TABLES in taken:
            tables = _tables(flat, small, rules, coarse_dpi, factor)
    found = seals.find_seals(small, coarse_dpi, cut=cut) if ReadingStep.SEALS in taken else []
    _remove_seals(flat, found, dpi, factor)
    if found or tables:
        small = signatures.reduced(flat, factor)
    if ReadingStep.HOLES in taken:
        _fill_holes(flat, small, coarse_dpi, factor)
    strokes = signatures.paint_over(flat, small, dpi, factor) if ReadingStep.SIGNATURES in taken else []
    lines = tuple(box.scaled(factor) for box in find_lines(small, coarse_dpi))
    return ReadingPage(flat, tables, lines, len(found), len(strokes))


def _without_rules(flat: Image, small: Image, rules: RuledLines) -> Image:
    """Paint the rules out of the page, in place; returns the reduced page without them."""
    if not rules.any:
        return small
    gone = np.asarray(rules.all * np.uint8(255), np.uint8)
    cv2.max(flat, cv2.resize(gone, flat.shape[1::-1], interpolation=cv2.INTER_NEAREST), flat)
    return np.asarray(cv2.max(small, gone), np.uint8)


def _tables(flat: Image, small: Image, rules: RuledLines, coarse_dpi: float, factor: int) -> tuple[Table, ...]:
    """The tables, from top to bottom, in pixels of the page; what is left of their rules is painted out in place."""
    ruled = find_tables(rules, coarse_dpi)
    for table in ruled:
        erase_table(flat, table.scaled(factor), _BESIDE_RULE * factor)
    found_open = find_open_tables(small, rules, ruled, coarse_dpi)
    return tuple(table.scaled(factor) for table in sorted([*ruled, *found_open], key=lambda table: table.box.y))


def _remove_seals(flat: Image, found: Sequence[seals.Seal], dpi: int, factor: int) -> None:
    """Paint the seals out of the page, in place."""
    if not found:
        return
    sample = flat[::_SAMPLED, ::_SAMPLED]
    dark = sample[sample < _INK]
    writing = float(np.percentile(dark, _LEVEL_AT)) if dark.size else 0.0
    for seal in found:
        seals.remove(flat, seal.scaled(factor), dpi, writing)


def _fill_holes(flat: Image, small: Image, dpi: float, factor: int) -> None:
    """Paint punch holes and blots over, in place: filled shapes as high and as wide as no stroke of type is. They are
    looked for on `small`, a `factor`-th of the size, and there at half size."""
    coarse, times = dpi / 2, 2 * factor
    least, most = (size * coarse for size in _HOLE)
    dark = (parted(small, 2) < _INK).astype(np.uint8)
    within = int(least * _WITHIN)
    if not cv2.erode(dark, np.ones((within, within), np.uint8)).any():
        return
    found, edges = boxes(dark)
    large = (found[:, 2:].min(1) >= least) & (found[:, 2:].max(1) <= most)
    for (x, y, width, height), edge in zip(found[large].tolist(), edges[large].tolist(), strict=True):
        if cv2.countNonZero(shape_in(dark, (x, y, width, height), edge)) > _FILLED * width * height:
            top, left = max(y - 1, 0) * times, max(x - 1, 0) * times
            flat[top : (y + height + 1) * times, left : (x + width + 1) * times] = 255


def even(page: Image, taken: Collection[ReadingStep] = frozenset(ReadingStep)) -> Image:
    """The page, grey or BGR, as grey with even white paper: the surround painted over, coloured ink removed, uneven
    light and yellowing divided away. `taken` are the steps that are taken."""
    plain = grey(page)
    mask = paper_mask(shrink(plain, MASK_LONGEST)) if ReadingStep.SURROUND in taken else None
    bounded = mask is not None and mask.any() and not mask.all()
    flat = flatten(plain, surround(mask, plain.shape[1::-1]) if mask is not None and bounded else None)
    if page.ndim == 3 and ReadingStep.COLOURED_INK in taken:  # noqa: PLR2004
        _remove_colour(flat, page)
    return flat


def _remove_colour(flat: Image, page: Image) -> None:
    """Paint coloured ink (stamps, notes in blue or red) out of the even page, in place, unless the text itself is coloured.

    `page` is the same page in BGR. Colour is measured against the paper's own; a look at some of the pixels tells where it
    has to be looked for.
    """
    paper = np.maximum(np.median(page[::_PAPER_STRIDE, ::_PAPER_STRIDE].reshape(-1, 3), axis=0), 1)
    glanced = _coloured(page[::_STRIDE, ::_STRIDE], flat[::_STRIDE, ::_STRIDE], paper)
    if not cv2.countNonZero(glanced):
        return
    x, y, width, height = (side * _STRIDE for side in cv2.boundingRect(glanced))
    rows = slice(max(y - _AROUND, 0), y + height + _AROUND)
    columns = slice(max(x - _AROUND, 0), x + width + _AROUND)
    part = flat[rows, columns]
    coloured = _coloured(page[rows, columns], part, paper)
    if cv2.countNonZero(coloured) < _MOST_COLOURED * np.count_nonzero(flat < MARK_LEVEL):
        edges = cv2.dilate(coloured, _EDGE) > 0
        part[(coloured > 0) | (edges & (part > _INK))] = 255


def _coloured(page: Image, flat: Image, paper: npt.NDArray[np.float64]) -> Image:
    """255 where there is coloured ink on BGR pixels whose paper is `paper`, else 0; `flat` is the same as even grey."""
    blue, green, red = (cv2.convertScaleAbs(page[..., channel], alpha=255 / paper[channel]) for channel in range(3))
    weak = cv2.min(cv2.min(blue, green), red)
    spread = cv2.subtract(cv2.max(cv2.max(blue, green), red), weak)
    least = cv2.max(cv2.convertScaleAbs(cv2.bitwise_not(weak), alpha=_SATURATED), np.full_like(weak, 255 * _COLOURED))
    is_ink = cv2.inRange(np.ascontiguousarray(flat), _BLACK + 1, MARK_LEVEL - 1)
    return np.asarray(cv2.bitwise_and(cv2.compare(spread, least, cv2.CMP_GT), is_ink), np.uint8)
