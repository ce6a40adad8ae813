"""Ruled lines: where they run, and the tables they make.

Devanagari hangs from headlines, so that a horizontal rule must be longer than a long word, and a vertical one taller than
a letter with its matras.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.model.page import Box, Table
from pipeline.preprocess.imaging import Image, boxes, parted, shape_in
from pipeline.preprocess.ink import STROKE_LEVEL

Mask = npt.NDArray[np.uint8]

# Set by hand; what taking rules out gains is measured in decision 9.
_HORIZONTAL, _VERTICAL = 1.4, 0.45  # inches
_LEAST_TABLE = (1.2, 0.4)  # inches, width and height
_SHARE_OF_TABLE = (0.5, 0.4)  # of its width, its height, that a rule between rows, between columns runs through
_TALLEST_ROW = 1.2  # inches, of most rows of a table; taller cells are a frame, or the margin of a noting sheet
_FAINT_LEVEL = 185  # grey level below which a pixel may be ink of a worn rule; what shows through is lighter
_WHITE = (4, 8)  # pixels from a piece of a worn rule on either side: white but for what crosses the rule
_WANDER, _THICK = 5, 5  # pixels by which one piece may stand higher than the next; that a worn rule is thick at most
_SLOPE = 0.01  # of its length that a rule may lean or bend
_PIECES_OF_TABLE = 0.5  # of a table's width or height, that pieces cover where a worn rule runs through it
_MOST_OF_FRAME = 4  # rules down that a frame with margins has, at most
_CELL, _FULL = 8, 255  # pixels of a run that are looked at together, and their mean where all are ink
_SAME_RULE = 8  # pixels between the two edges of one thick rule
_JOINED = 5  # pixels: rules that leave a gap of no more between them make one net
_LEAST_RULES = (2, 5)  # across or down, and both together
_LEAST_BOUNDS = 3  # of two rows, and of two columns, with those that no rule marks
_OPEN = (0.12, 0.16)  # inches that rules reach beyond the last one they cross where there is a row, a column, still
_SPREAD = 5  # pixels across a rule over which it may spread


class _Broken(NamedTuple):
    """How long pieces of a worn rule are at least, the gaps between them at most, the whole rule, and the rules that cross
    it at least, in inches; and the share of its way that is inked. Stems of letters that stand one below the other from
    line to line cover less than half of the way."""

    piece: float
    gap: float
    length: float
    crossing: float
    inked: float


_ACROSS, _DOWN = _Broken(0.06, 0.25, 1.4, 0.25, 0.55), _Broken(0.1, 0.25, 0.6, 0.4, 0.55)


@dataclass(frozen=True, slots=True)
class RuledLines:
    """Masks (0 or 1) of the horizontal and the vertical rules of a page, and of all pieces, `across` and `down`, that may be
    parts of one."""

    horizontal: Mask
    vertical: Mask
    across: Mask
    down: Mask

    @property
    def any(self) -> bool:
        return bool(self.horizontal.any() or self.vertical.any())

    @property
    def all(self) -> Mask:
        """Both, a pixel wider on every side."""
        return np.asarray(cv2.dilate(self.horizontal | self.vertical, np.ones((3, 3), np.uint8)), np.uint8)


def find_rules(flat: Image, dpi: float) -> RuledLines:
    """The rules of a grey page with even paper, (height, width), of about 150 dots per inch; gaps of worn ones closed."""
    dark = (flat < STROKE_LEVEL).astype(np.uint8)
    half = (parted(np.asarray(dark * np.uint8(255), np.uint8), 2) > 0).astype(np.uint8) * np.uint8(255)
    long, tall = round(_HORIZONTAL * dpi), round(_VERTICAL * dpi)
    across, down = _runs(dark, half, (1, long)), _runs(dark, half, (tall, 1))
    faint = (flat < _FAINT_LEVEL).astype(np.uint8)
    pieces, joined = _broken(faint, dpi, _ACROSS)
    pieces_down, joined_down = _broken(np.ascontiguousarray(faint.T), dpi, _DOWN)
    return RuledLines(across | joined, down | joined_down.T, pieces, pieces_down.T)


def _broken(ink: Mask, dpi: float, size: _Broken) -> tuple[Mask, Mask]:
    """Pieces of rules along the second axis of `ink`, and the rules that hang together of them, their gaps closed.

    A piece has white on both sides, but for what crosses it: headlines have letters below them, and stems beside them.
    """
    crossing = _opened(ink, (round(size.crossing * dpi), 1))
    near, far = _WHITE
    beside = np.zeros((2 * far + 1, 1), np.uint8)
    beside[: far - near + 1] = beside[far + near :] = 1
    taken = np.asarray(cv2.dilate(ink & ~crossing, beside), np.uint8)
    pieces = _opened(ink & ~taken, (1, round(size.piece * dpi)))
    rules = np.zeros_like(ink)
    if not pieces.any():
        return pieces, rules
    thin = np.ones((_WANDER, 1), np.uint8)
    link = np.ones((1, round(size.gap * dpi)), np.uint8)
    closed = np.asarray(cv2.morphologyEx(cv2.dilate(pieces, thin), cv2.MORPH_CLOSE, link), np.uint8)
    found, edges = boxes(closed)
    long = found[:, 2] >= size.length * dpi
    for (x, y, width, height), edge in zip(found[long].tolist(), edges[long].tolist(), strict=True):
        if height > _WANDER + _THICK + _SLOPE * width:
            continue
        inside = (slice(y, y + height), slice(x, x + width))
        ours = shape_in(closed, (x, y, width, height), edge)
        if np.count_nonzero((pieces[inside] & ours).any(0)) >= size.inked * width:
            narrow = cv2.erode(ours, thin, borderType=cv2.BORDER_CONSTANT, borderValue=0)
            rules[inside] |= np.asarray(narrow, np.uint8)
    return pieces, rules


def _opened(mask: Mask, shape: tuple[int, int]) -> Mask:
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones(shape, np.uint8)), np.uint8)


def _runs(dark: Mask, half: Mask, shape: tuple[int, int]) -> Mask:
    """The runs of `dark` that are as long as `shape` (rows, columns); most pages have none, which `half`, the same at half
    the size (0 or 255), tells in a fraction of the time: taken eight pixels of a run together, all of them are ink."""
    tall, wide = (max(side // 2 // _CELL - 1, 1) for side in shape)
    cell = _CELL if shape[0] > 1 else 1, _CELL if shape[1] > 1 else 1
    height, width = half.shape[0] // cell[0], half.shape[1] // cell[1]
    if not (height and width):
        return np.zeros_like(dark)
    cells = cv2.resize(half[: height * cell[0], : width * cell[1]], (width, height), interpolation=cv2.INTER_AREA)
    whole = (cells == _FULL).astype(np.uint8)
    eroded = cv2.erode(whole, np.ones((tall, wide), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    along = 1 if shape[1] > 1 else 0
    held = np.flatnonzero(eroded.any(axis=along))  # of the rows or columns of `half`
    found = np.zeros_like(dark)
    if not held.size:
        return found
    both = (2 * held[:, None] + np.arange(2)).ravel()
    there = (both, slice(None)) if along else (slice(None), both)
    opened = cv2.morphologyEx(np.ascontiguousarray(dark[there]), cv2.MORPH_OPEN, np.ones(shape, np.uint8))
    found[there] = opened
    return found


def find_tables(rules: RuledLines, dpi: float) -> list[Table]:
    """Rules that hang together and make two rows of two columns or more, in the pixels of the masks; from top to bottom.

    A frame about the page, or one with a margin, is no table: what stands in it is read as a page.
    """
    if not rules.horizontal.any() or not rules.vertical.any():
        return []
    net = np.asarray(cv2.dilate(rules.horizontal | rules.vertical, np.ones((_JOINED, _JOINED), np.uint8)), np.uint8)
    tables = []
    for (x, y, width, height), edge in zip(*(found.tolist() for found in boxes(net)), strict=True):
        if width < _LEAST_TABLE[0] * dpi or height < _LEAST_TABLE[1] * dpi:
            continue
        inside = (slice(y, y + height), slice(x, x + width))
        ours = shape_in(net, (x, y, width, height), edge)
        across, down = rules.horizontal[inside] & ours, rules.vertical[inside] & ours
        rows = _places(across, rules.across[inside], 1, _SHARE_OF_TABLE[0])
        columns = _places(down, rules.down[inside], 0, _SHARE_OF_TABLE[1])
        if len(rows) < _LEAST_RULES[0] or len(columns) < _LEAST_RULES[0] or len(rows) + len(columns) < _LEAST_RULES[1]:
            continue
        rows, columns = (
            _closed(rows, _reaching(down, columns, 1), _OPEN[0] * dpi),
            _closed(columns, _reaching(across, rows, 0), _OPEN[1] * dpi),
        )
        is_grid = len(rows) >= _LEAST_BOUNDS and len(columns) >= _LEAST_BOUNDS
        is_low = float(np.median(np.diff(rows))) <= _TALLEST_ROW * dpi or len(columns) > _MOST_OF_FRAME
        if is_grid and is_low:
            tables.append(_table([x + column for column in columns], [y + row for row in rows]))
    return sorted(tables, key=lambda table: (table.box.y, table.box.x))


def _table(columns: Sequence[int], rows: Sequence[int]) -> Table:
    """The table as far as it has rows and columns: what else hangs on its rules is read with the page."""
    box = Box(columns[0], rows[0], columns[-1] - columns[0], rows[-1] - rows[0])
    return Table(box, tuple(columns), tuple(rows))


def _reaching(rules: Mask, places: Sequence[int], axis: int) -> tuple[int, int]:
    """From where to where half of the rules reach, which lie at these places along `axis`."""
    ends = []
    for place in places:
        there = slice(max(place - _SPREAD, 0), place + _SPREAD + 1)
        inked = np.flatnonzero((rules[there] if axis == 0 else rules[:, there]).any(axis))
        ends.append((int(inked[0]), int(inked[-1])) if inked.size else (rules.shape[1 - axis] - 1, 0))
    begins, stops = zip(*ends, strict=True)
    return int(np.median(begins)), int(np.median(stops))


def _closed(places: Sequence[int], ends: tuple[int, int], least: float) -> list[int]:
    """The places of rules, and the ends of the rules that cross them where those reach `least` pixels further: there a
    row or a column has no rule on its outer side."""
    first = [ends[0]] if places[0] - ends[0] > least else []
    return [*first, *places, *([ends[1]] if ends[1] - places[-1] > least else [])]


def erase_table(page: Image, table: Table, reach: int) -> None:
    """Paint over what is left of a table's rules on a grey page with even paper, in place: dark runs within `reach` pixels
    of a rule's place that go no further to either side, as a letter that touches the rule would."""
    box = table.box
    for y in table.rows:
        _erase_along(page[max(y - 2 * reach, 0) : y + 2 * reach + 1, box.x : box.x + box.w], reach)
    for x in table.columns:
        _erase_along(page[box.y : box.y + box.h, max(x - 2 * reach, 0) : x + 2 * reach + 1].T, reach)


def _erase_along(band: Image, reach: int) -> None:
    """The rule lies in the middle of the band and runs along its second axis; `reach` pixels either side are its own."""
    middle = band.shape[0] // 2
    inner = band[max(middle - reach, 0) : middle + reach + 1]
    above, below = band[: max(middle - reach, 0)], band[middle + reach + 1 :]
    crossed = (above.min(0, initial=255) < STROKE_LEVEL) | (below.min(0, initial=255) < STROKE_LEVEL)
    inner[:, ~crossed] = 255


def _places(rules: Mask, pieces: Mask, axis: int, least: float) -> list[int]:
    """Where rules run: the middles of the stretches along which more than a share `least` of the way is set across, or
    that much more of it with pieces; what is set beside counts, for a rule leans a little."""
    beside, length = np.ones((_SPREAD, 1) if axis == 1 else (1, _SPREAD), np.uint8), rules.shape[axis]
    whole, worn = (cv2.dilate(mask, beside).sum(axis, dtype=np.int32) for mask in (rules, rules | pieces))
    set_there = ((whole > least * length) | (worn > _PIECES_OF_TABLE * length)).astype(np.int8)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], set_there, [0])))).tolist()
    found: list[int] = []
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        middle = (begin + end - 1) // 2
        if found and middle - found[-1] < _SAME_RULE:
            found[-1] = (found[-1] + middle) // 2
        else:
            found.append(middle)
    return found
