"""How well pages are straightened: drawn pages turned by known angles, measured by us and by others in the same run.

The others (jdeskew, deskew, the smallest rectangle around the ink) do not tell quarter turns and get every page upright;
we get it as it lies. A page that we would leave alone for doubt counts with its whole angle. Times are CPU time on one
thread, from the full page to the angle; ours hold everything that is measured of a page.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from deskew import determine_skew
from jdeskew.estimator import get_angle

from bench import drawing
from pipeline.preprocess import imaging
from pipeline.preprocess.blank import is_blank
from pipeline.preprocess.imaging import Image
from pipeline.preprocess.ink import ink
from pipeline.preprocess.orientation import quarter_turn
from pipeline.preprocess.outline import MASK_LONGEST, sheet_box
from pipeline.preprocess.skew import skew
from pipeline.preprocess.spread import gutter
from pipeline.settings import PageSettings

_SURE = 0.5  # confidence of a turn from which nobody else is asked


@dataclass(frozen=True, slots=True)
class Result:
    """One way to measure on one page: the error in degrees, and CPU time in milliseconds."""

    kind: str
    by: str
    error: float
    ms: float
    turn: str = ""  # right, doubt or wrong; ours only


def run(*, pages: int, dpi: int, processes: int, peers: bool = True, deskew_every: int = 1) -> str:
    """Draw and measure; returns the tables as Markdown. `deskew`, which takes seconds a page, gets every so manieth one."""
    with ProcessPoolExecutor(processes, initializer=imaging.one_thread) as pool:
        chunks = pool.map(_measure, range(pages), [dpi] * pages, [peers] * pages, [deskew_every] * pages, chunksize=4)
        results = [result for found in chunks for result in found]
    return _errors(results, pages, dpi) + "\n" + _turns(results)


def _measure(number: int, dpi: int, peers: bool, deskew_every: int) -> list[Result]:
    page = drawing.page(number, dpi=dpi)
    upright = imaging.turned(page.pixels, page.turn)
    others = {"jdeskew": _jdeskew, "minAreaRect": _rectangle} if peers else {}
    if peers and (number // len(drawing.KINDS)) % deskew_every == 0:
        others["deskew"] = _deskew
    results = [_ours(page)]
    for by, angle in others.items():
        found, ms = _timed(angle, upright)
        results.append(Result(page.kind, by, abs(found - page.degrees), ms))
    only, ms = _timed(_skew_only, upright)
    return [*results, Result(page.kind, "Abhilekh, skew only", abs(only - page.degrees), ms)]


def _ours(page: drawing.Page) -> Result:
    limits = PageSettings()
    began = time.thread_time()
    small = imaging.shrink(page.pixels, imaging.MEASURE_HEIGHT)
    depth = ink(small)
    is_blank(small, depth)
    turn, found = quarter_turn(depth)
    upright = imaging.turned(small, int(turn.value))
    if upright.shape[1] < upright.shape[0]:  # as in `upright`
        upright = imaging.shrink(upright, MASK_LONGEST)
    upright = imaging.deskewed(upright, found.value)
    box, _ = sheet_box(upright)
    gutter(upright, box)
    ms = (time.thread_time() - began) * 1000
    believed = found.confidence >= limits.min_skew_confidence and (turn.value - page.turn) % 180 == 0
    verdict = "doubt" if turn.confidence < _SURE else "right" if turn.value == page.turn else "wrong"
    return Result(page.kind, "Abhilekh", abs((found.value if believed else 0.0) - page.degrees), ms, verdict)


def _timed(measure: Callable[[Image], float], page: Image) -> tuple[float, float]:
    began = time.thread_time()
    return measure(page), (time.thread_time() - began) * 1000


def _skew_only(page: Image) -> float:
    return skew(ink(imaging.shrink(page, imaging.MEASURE_HEIGHT))).value


def _jdeskew(page: Image) -> float:
    return -float(get_angle(page, angle_max=12))  # it tells the angle to turn back by


def _deskew(page: Image) -> float:
    """With ten times its usual fineness, which is a degree; it tells the angle to turn back by, or nothing."""
    found = determine_skew(page, min_angle=-12, max_angle=12, min_deviation=0.1)
    return -float(found or 0.0)


def _rectangle(page: Image) -> float:
    """The smallest rectangle around everything dark, after Otsu, as in many a recipe."""
    _, dark = cv2.threshold(page, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    _, _, angle = cv2.minAreaRect(np.asarray(cv2.findNonZero(dark)))
    return float((-angle + 45) % 90 - 45)


def _errors(results: list[Result], pages: int, dpi: int) -> str:
    by = list(dict.fromkeys(result.by for result in results))
    few = sum(result.by == "deskew" for result in results)
    rows = [
        f"### Skew of {pages} drawn pages at {dpi} dpi\n",
        "Error in degrees: mean / median / worst"
        + (f"; deskew on {few} of the pages.\n" if 0 < few < pages else ".\n"),
        "| kind | pages | " + " | ".join(by) + " |",
        "|---|---|" + "---|" * len(by),
    ]
    for kind in (*drawing.KINDS, "all"):
        own = [result for result in results if kind in ("all", result.kind)]
        cells = [_errors_cell(result.error for result in own if result.by == name) for name in by]
        rows.append(f"| {kind} | {sum(result.by == by[0] for result in own)} | " + " | ".join(cells) + " |")
    times = [statistics.fmean(result.ms for result in results if result.by == name) for name in by]
    rows.append("| ms a page | | " + " | ".join(f"{ms:.0f}" for ms in times) + " |")
    return "\n".join(rows) + "\n"


def _errors_cell(errors: Iterable[float]) -> str:
    known: list[float] = list(errors)
    if not known:
        return ""
    return f"{statistics.fmean(known):.3f} / {statistics.median(known):.3f} / {max(known):.3f}"


def _turns(results: list[Result]) -> str:
    rows = [
        "### Quarter turns of the same pages\n",
        "| kind | right | left to recognition | wrong |",
        "|---|---|---|---|",
    ]

    def counts(own: list[Result]) -> Iterator[int]:
        yield from (sum(result.turn == verdict for result in own) for verdict in ("right", "doubt", "wrong"))

    for kind in (*drawing.KINDS, "all"):
        own = [result for result in results if result.turn and kind in ("all", result.kind)]
        rows.append(f"| {kind} | " + " | ".join(str(count) for count in counts(own)) + " |")
    return "\n".join(rows) + "\n"
