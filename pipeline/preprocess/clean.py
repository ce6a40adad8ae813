"""The page made fit for reading: paper even and white, surround, seals, signatures and rules painted over.

This image is for Tesseract alone; the page that people look at keeps all of it. Nothing is binarised, blurred or scaled:
each of these made real scans worse.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.model.page import Box, ReadingStep, Table
from pipeline.preprocess import seals, signatures
from pipeline.preprocess.bands import find_bands, turn_bands
from pipeline.preprocess.coloured_ink import Stamp, lift_stamps
from pipeline.preprocess.imaging import Image, boxes, grey, parted, shape_in, shrink
from pipeline.preprocess.lines import find_lines
from pipeline.preprocess.open_tables import by_lines, find_open_tables
from pipeline.preprocess.outline import MASK_LONGEST, paper_mask, surround
from pipeline.preprocess.paper import flatten
from pipeline.preprocess.rules import erase_table, find_rules, find_tables

# Set by hand; what the whole gains is measured in decision 9. Grey levels are those of an even page, with its paper at 255.
_HOLE = (0.14, 0.6)  # inches, across
_FILLED = 0.65  # share of its box that a hole fills; a disc fills 0.79
_WITHIN = 0.6  # of a hole's width: the side of a square that goes into it; into a disc one of 0.7 does
_COARSE_DPI = 150  # rules, seals and strokes are looked for at about this resolution
_INK = 120  # grey level below which a pixel is surely writing
_SAMPLED = 3  # pixels: of every third row every third tells the writing's level
_LEVEL_AT = 40  # percentile of the surely written pixels at which the writing's level is taken
_RULE_ROOM = 4  # pixels at 150 dpi beyond a table's box in which its outer rules may lie
_ROOM = 4  # pixels about a word within which ink is its own
_BESIDE_RULE = 3  # pixels at 150 dpi on either side of a table's rule that are its own


@dataclass(frozen=True, slots=True)
class ReadingPage:
    """What is handed to recognition: grey pixels, (height, width), of `dpi`; the tables among them; how many seals and
    strokes of a pen were painted over; and the coloured stamps that were lifted off the writing."""

    pixels: Image
    tables: tuple[Table, ...]
    seals: int
    strokes: int
    dpi: int
    stamps: tuple[Stamp, ...] = ()

    def unread_lines(self, words: Iterable[Box]) -> tuple[Box, ...]:
        """The boxes of the lines of ink that lie under none of these words and in no table, from top to bottom."""
        left = self.pixels.copy()
        for box in [*words, *(table.box for table in self.tables)]:
            left[max(box.y - _ROOM, 0) : box.y + box.h + _ROOM, max(box.x - _ROOM, 0) : box.x + box.w + _ROOM] = 255
        return find_lines(left, self.dpi)


def for_reading(page: Image, dpi: int, leave_out: Collection[ReadingStep] = ()) -> ReadingPage:
    """The upright page, grey or BGR, made fit for Tesseract; without the steps in `leave_out`."""
    taken = frozenset(ReadingStep) - frozenset(leave_out)
    plain = grey(page)
    if ReadingStep.BANDS in taken and (bands := find_bands(plain, dpi)):
        plain = turn_bands(plain, bands, dpi)
    flat = even(plain, bounded=ReadingStep.SURROUND in taken)
    is_grey = page.ndim == 2  # noqa: PLR2004
    stamps = () if is_grey or ReadingStep.COLOURED_INK not in taken else lift_stamps(flat, page, dpi)
    factor = max(round(dpi / _COARSE_DPI), 1)
    coarse_dpi = dpi / factor
    small = signatures.reduced(flat, factor)
    tables: tuple[Table, ...] = ()
    if ReadingStep.TABLES in taken:
        tables = _tables(flat, small, coarse_dpi, factor)
        small = signatures.reduced(flat, factor) if tables else small
    found = seals.find_seals(small, coarse_dpi, cut=bool(tables)) if ReadingStep.SEALS in taken else []
    _remove_seals(flat, found, dpi, factor)
    if found:
        small = signatures.reduced(flat, factor)
    if ReadingStep.HOLES in taken:
        _fill_holes(flat, small, coarse_dpi, factor)
    strokes = signatures.paint_over(flat, small, dpi, factor) if ReadingStep.SIGNATURES in taken else []
    return ReadingPage(flat, tables, len(found), len(strokes), dpi, stamps)


def _tables(flat: Image, small: Image, coarse_dpi: float, factor: int) -> tuple[Table, ...]:
    """The tables, from top to bottom, in pixels of the page; their rules are painted out in place.

    Rules outside of tables stay: they part columns and boxes, and Tesseract finds these by them.
    """
    rules = find_rules(small, coarse_dpi)
    if not rules.any:
        return ()
    gone = np.asarray(rules.all * np.uint8(255), np.uint8)
    without = np.asarray(cv2.max(small, gone), np.uint8)
    ruled = [by_lines(without, table, coarse_dpi) for table in find_tables(rules, coarse_dpi)]
    tables = sorted([*ruled, *find_open_tables(without, rules, ruled, coarse_dpi)], key=lambda table: table.box.y)
    for table in tables:
        x, y = max(table.box.x - _RULE_ROOM, 0), max(table.box.y - _RULE_ROOM, 0)
        own = gone[y : table.box.y + table.box.h + _RULE_ROOM, x : table.box.x + table.box.w + _RULE_ROOM]
        part = flat[y * factor :, x * factor :][: own.shape[0] * factor, : own.shape[1] * factor]
        cv2.max(part, cv2.resize(own, part.shape[1::-1], interpolation=cv2.INTER_NEAREST), part)
    for table in ruled:
        erase_table(flat, table.scaled(factor), _BESIDE_RULE * factor)
    return tuple(table.scaled(factor) for table in tables)


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


def even(page: Image, *, bounded: bool = True) -> Image:
    """The page, grey or BGR, as grey with even white paper: the surround painted over if `bounded`, uneven light and
    yellowing divided away."""
    plain = grey(page)
    mask = paper_mask(shrink(plain, MASK_LONGEST)) if bounded else None
    outside = surround(mask, plain.shape[1::-1]) if mask is not None and mask.any() and not mask.all() else None
    return flatten(plain, outside)
