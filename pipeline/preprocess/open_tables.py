"""Tables that are ruled across only, as gazettes print them: columns by the white between them, rows by their lines.

Between two long rules that begin and end at the same places, white runs down through every line of such a table, and
through no lines of prose. Tables ruled both ways are in `rules`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.model.page import Box, Table
from pipeline.preprocess.imaging import Image, boxes
from pipeline.preprocess.ink import STROKE_LEVEL
from pipeline.preprocess.rules import RuledLines

# Set by hand, on the gazette page that decision 9 gives the error rate of.
_ALIKE = 0.25  # inches by which rules of one table may begin or end apart
_LEAST_WIDTH, _TALLEST = 3.0, 11.0  # inches
_LEAST_GAP = 0.12  # inches between columns; words stand nearer, or not one below the other
_LEAST_LINES, _LEAST_COLUMNS = 3, 3
_LEAST_FILLED = 3  # lines that have something in a column, its heading among them
_BETWEEN_LINES = 0.02  # inches of white between two lines, at least
_SPECK = 0.012  # inches of ink in a row or column of pixels that is none
_JOINED = (3, 9)  # pixels, across and along a rule, by which it is widened so that its pieces hang together
_RULED = 0.035  # inches beside a rule that are its own
_TWO_ROWS = 0.3  # inches: a strip lower than that is one row
_NUMBER = 0.6  # inches, of what stands in the first column of a table whose rows no rule parts
_WANDER = 6  # pixels by which a part of a worn rule may stand higher than the next
_BROKEN, _INKED = 0.6, 0.5  # inches between parts of one worn rule, at most; share of its way that is inked
_TOUCHING = 5  # pixels from a table within which a rule is one of its own

Span = tuple[int, int]


def find_open_tables(small: Image, rules: RuledLines, ruled: Sequence[Table], dpi: float) -> list[Table]:
    """The tables on a grey page with even paper and its rules painted over, of about 150 dots per inch, outside of those
    that are `ruled` both ways; in its pixels, from top to bottom."""
    if not rules.horizontal.any():
        return []
    found, _ = boxes(np.asarray(cv2.dilate(rules.horizontal, np.ones(_JOINED, np.uint8)), np.uint8))
    whole = {_whole(rules, Box(*rule), dpi) for rule in found.tolist()}
    across = [
        rule
        for rule in sorted(whole, key=lambda rule: (rule.y, rule.x))
        if rule.w >= _LEAST_WIDTH * dpi and not any(_touches(table.box, rule.x, rule.y) for table in ruled)
    ]
    dark = small < STROKE_LEVEL
    return [table for group in _alike(across, dpi) if (table := _table(dark, group, dpi)) is not None]


def _whole(rules: RuledLines, rule: Box, dpi: float) -> Box:
    """The rule with the pieces at its height to its left and right, where it is worn; as it is where they are few."""
    band = slice(max(rule.y - _WANDER, 0), rule.y + rule.h + _WANDER)
    inked = np.asarray((rules.across[band] | rules.horizontal[band]).any(0), np.bool_)
    gaps = [gap for gap in _runs(~inked, 1) if gap[1] - gap[0] > _BROKEN * dpi]
    left = max((end for _, end in gaps if end <= rule.x + rule.w // 2), default=0)
    right = min((begin for begin, _ in gaps if begin > rule.x + rule.w // 2), default=len(inked))
    ends = left + np.flatnonzero(inked[left:right])
    if not ends.size:
        return rule
    left, right = int(ends[0]), int(ends[-1]) + 1
    if right - left <= rule.w or np.count_nonzero(inked[left:right]) < _INKED * (right - left):
        return rule
    rows = np.flatnonzero(rules.horizontal[band, left:right].any(1))
    top = band.start + int(rows[0])
    return Box(left, top, right - left, int(rows[-1] - rows[0]) + 1)


def _touches(box: Box, x: int, y: int) -> bool:
    across = box.x - _TOUCHING <= x <= box.x + box.w + _TOUCHING
    return across and box.y - _TOUCHING <= y <= box.y + box.h + _TOUCHING


def _alike(across: list[Box], dpi: float) -> Iterator[list[Box]]:
    """Rules one below the other that begin and end at the same places, two or more."""
    waiting = sorted(across, key=lambda rule: (rule.y, rule.x))
    while waiting:
        first = waiting[0]
        group = [
            rule
            for rule in waiting
            if abs(rule.x - first.x) <= _ALIKE * dpi
            and abs(rule.x + rule.w - first.x - first.w) <= _ALIKE * dpi
            and rule.y - first.y <= _TALLEST * dpi
        ]
        waiting = [rule for rule in waiting if rule not in group]
        if len(group) > 1:
            yield group


def _table(dark: npt.NDArray[np.bool_], rules: list[Box], dpi: float) -> Table | None:
    left, right = min(rule.x for rule in rules), max(rule.x + rule.w for rule in rules)
    top, bottom = rules[0].y + rules[0].h, rules[-1].y
    inside = dark[top:bottom, left:right]
    gaps = [
        gap
        for gap in _runs(inside.sum(0) <= _SPECK * dpi, round(_LEAST_GAP * dpi))
        if gap[0] > 0 and gap[1] < right - left
    ]
    lines = _lines(inside, dpi)
    columns = [left, *(left + sum(gap) // 2 for gap in _between_columns(gaps, inside, lines)), right]
    if len(columns) <= _LEAST_COLUMNS or len(lines) < _LEAST_LINES:
        return None
    first = inside[:, : columns[1] - left]
    rows = [lines[0]]
    for line in lines[1:]:
        if first[line[0] : line[1]].any():  # what has nothing in the first column goes on with the row above
            rows.append(line)
        else:
            rows[-1] = (rows[-1][0], line[1])
    bounds = [top, *(top + (above[1] + below[0]) // 2 for above, below in pairwise(rows)), bottom]
    return Table(Box(left, top, right - left, bottom - top), tuple(columns), tuple(bounds))


def by_lines(small: Image, table: Table, dpi: float) -> Table:
    """The ruled table with the rows between which no rule runs: white runs across all of its columns there, and the first
    column, of numbers, begins anew. `small` is the grey page with its rules painted over, `table` in its pixels."""
    edge = round(_RULED * dpi)
    left, right = table.columns[0], table.columns[-1]
    dark = small[:, left:right] < STROKE_LEVEL
    for rule in table.columns:
        dark[:, max(rule - left - edge, 0) : rule - left + edge] = False
    rows = [table.rows[0]]
    for top, bottom in pairwise(table.rows):
        rows.extend(top + edge + bound for bound in _bounds(dark[top + edge : bottom - edge], table, dpi))
        rows.append(bottom)
    return Table(table.box, table.columns, tuple(rows))


def _bounds(strip: npt.NDArray[np.bool_], table: Table, dpi: float) -> list[int]:
    """Where rows meet in a strip between two rules, from its top."""
    if strip.shape[0] < _TWO_ROWS * dpi:
        return []
    cells = [strip[:, begin - table.columns[0] : end - table.columns[0]] for begin, end in pairwise(table.columns)]
    lines = _lines(strip, dpi)
    filled = [[_is_inked(cell[top:bottom], dpi) for cell in cells] for top, bottom in lines]
    opening = [place for place, row in enumerate(filled) if row[0] and 2 * sum(row) > len(cells)]
    widths = [_width(cells[0][slice(*lines[place])]) for place in opening]
    is_alike = all(filled[place] == filled[opening[0]] for place in opening)
    if len(opening) < 2 or max(widths) > _NUMBER * dpi or not (is_alike or len(opening) > 2):  # noqa: PLR2004
        return []
    bounds = []
    for above, below in pairwise(opening):
        gaps = [(lines[at + 1][0] - lines[at][1], lines[at][1], lines[at + 1][0]) for at in range(above, below)]
        _, end, begin = max(gaps)
        bounds.append((end + begin) // 2)
    return bounds


def _is_inked(cell: npt.NDArray[np.bool_], dpi: float) -> bool:
    return int(np.count_nonzero(cell)) > (_SPECK * dpi) ** 2


def _width(cell: npt.NDArray[np.bool_]) -> int:
    places = np.flatnonzero(cell.any(0))
    return int(places[-1] - places[0]) + 1


def _between_columns(gaps: Sequence[Span], inside: npt.NDArray[np.bool_], lines: Sequence[Span]) -> list[Span]:
    """The gaps, those between which hardly a line has ink taken together: what lies there are specks."""
    whole: list[Span] = []
    for gap in gaps:
        if whole:
            column = inside[:, whole[-1][1] : gap[0]]
            if sum(bool(column[top:bottom].any()) for top, bottom in lines) < _LEAST_FILLED:
                whole[-1] = (whole[-1][0], gap[1])
                continue
        whole.append(gap)
    return whole


def _lines(inside: npt.NDArray[np.bool_], dpi: float) -> list[Span]:
    """Lines of writing, from top to bottom; those between which there is no white are one."""
    inked = inside.sum(1) > _SPECK * dpi
    white = _runs(~inked, max(round(_BETWEEN_LINES * dpi), 1))
    edges = [0, *(edge for gap in white for edge in gap), len(inked)]
    return [(top, bottom) for top, bottom in zip(edges[::2], edges[1::2], strict=True) if inked[top:bottom].any()]


def _runs(where: npt.NDArray[np.bool_], least: int) -> list[Span]:
    """Begin and end of the stretches that are True for as long as `least`."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], where.astype(np.int8), [0])))).tolist()
    return [(begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True) if end - begin >= least]
