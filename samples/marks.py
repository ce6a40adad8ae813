"""Stamp and signature as SVG, on a sheet of their own so that they can be coloured and worn apart from the text."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np

from samples.sheet import PAGE

FALLBACK = "'Noto Sans Devanagari'"
INKS = ("#3d3a9e", "#2a4fa8", "#5a3a94")  # stamp pads: blue and violet
PENS = ("#1d2f8c", "#15151a", "#20409a")


@dataclass(frozen=True)
class Spot:
    """Where the signatory's name stands, in CSS pixels: middle of the name, and its top."""

    x: float
    y: float


def marks_html(chance: np.random.Generator, spot: Spot, stamp: str, font: str) -> str:
    """A sheet with a signature over `spot` and, when `stamp` has words, a round stamp to its left."""
    drawn = _signature(chance, spot)
    if stamp:
        drawn += _stamp(chance, spot, stamp, font)
    width, height = PAGE
    return (
        "<!doctype html><meta charset='utf-8'><style>*{margin:0}</style>"
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}'>{drawn}</svg>"
    )


def _stamp(chance: np.random.Generator, spot: Spot, words: str, font: str) -> str:
    ink = INKS[int(chance.integers(0, len(INKS)))]
    x, y = spot.x - chance.uniform(120, 165), spot.y + chance.uniform(8, 30)
    tilt = chance.uniform(-28, 28)
    ring = "M -34 0 a 34 34 0 1 1 68 0 a 34 34 0 1 1 -68 0"
    return (
        f"<g transform='translate({x:.1f} {y:.1f}) rotate({tilt:.1f})' fill='none' stroke='{ink}'>"
        "<circle r='46' stroke-width='1.8'/><circle r='43' stroke-width='.7'/><circle r='28' stroke-width='1'/>"
        f"<path id='ring' d='{ring}' stroke='none'/>"
        f"<text fill='{ink}' stroke='none' font-size='9.6' font-weight='700' font-family=\"'{font}',{FALLBACK}\">"
        f"<textPath href='#ring' textLength='212' lengthAdjust='spacingAndGlyphs'>{escape(words)}</textPath></text>"
        f"<path d='{_star(14)}' fill='{ink}' stroke='none'/></g>"
    )


def _star(radius: float) -> str:
    turns = np.arange(10) * np.pi / 5 - np.pi / 2
    reach = np.where(np.arange(10) % 2 == 0, radius, radius * 0.4)
    corners = zip(reach * np.cos(turns), reach * np.sin(turns), strict=True)
    return "M " + " L ".join(f"{x:.1f} {y:.1f}" for x, y in corners) + " Z"


def _signature(chance: np.random.Generator, spot: Spot) -> str:
    """A tall first stroke, a run of small loops that flattens out, and a line under it."""
    pen = PENS[int(chance.integers(0, len(PENS)))]
    count, height = int(chance.integers(3, 9)), chance.uniform(6, 13)
    x, y = spot.x - 46, spot.y - 15
    rise, bow = chance.uniform(13, 24), chance.uniform(-4, 14)
    points = [(x, y + 5), (x + 7 + bow / 3, y - rise), (x + 12 + bow, y - rise * 0.6), (x + 3, y + 9), (x + 13, y + 3)]
    if chance.integers(0, 2):
        points[:2] = [(x + 30, y - rise * 0.8), (x + 8, y - rise * 0.9), (x - 8, y - 2)]
    for place in range(count):
        tall = height * (1 - 0.8 * place / count) * chance.uniform(0.3, 1.6)
        step = chance.uniform(6, 13)
        x0, foot = points[-1][0], y + chance.uniform(1, 4)
        points += [(x0 + step * 0.9, y - tall), (x0 + step * 0.45, y - tall * 0.4), (x0 + step, foot)]
    points.append((points[-1][0] + chance.uniform(14, 30), y - chance.uniform(2, 10)))
    under = f"M {x + 2:.1f} {y + 12:.1f} Q {x + 50:.1f} {y + chance.uniform(5, 9):.1f} {x + 98:.1f} {y + 7:.1f}"
    line = f"<path d='{under}' stroke-width='1'/>" if chance.integers(0, 2) else ""
    slant = chance.uniform(-14, 2)
    return (
        f"<g transform='rotate({slant:.1f} {spot.x:.0f} {y:.0f})' fill='none' stroke='{pen}' stroke-width='1.25'"
        f" stroke-linecap='round'><path d='{_smooth(points)}'/>{line}</g>"
    )


def _smooth(points: list[tuple[float, float]]) -> str:
    """A Catmull-Rom spline through the points, written as cubic Bézier pieces."""
    path = f"M {points[0][0]:.1f} {points[0][1]:.1f}"
    padded = [points[0], *points, points[-1]]
    for before, start, end, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        first = (start[0] + (end[0] - before[0]) / 6, start[1] + (end[1] - before[1]) / 6)
        second = (end[0] - (after[0] - start[0]) / 6, end[1] - (after[1] - start[1]) / 6)
        path += " C " + ", ".join(f"{x:.1f} {y:.1f}" for x, y in (first, second, end))
    return path
