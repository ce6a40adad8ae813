"""Numbers as the places and sizes of bars and points in an SVG. The SVG itself is drawn by templates, with classes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600.0, 120.0  # of the drawing inside its frame, in the SVG's own units
_GAP = 0.25  # of a bar's share of the width, left free
_MOST_LABELS = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; `label` is empty where there is no room for every one's."""

    x: float
    y: float
    width: float
    height: float
    name: str
    label: str
    value: float

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 2)


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, and the values of the lines behind them with their heights."""

    bars: tuple[Bar, ...]
    lines: tuple[tuple[float, float], ...]
    width: float = WIDTH
    height: float = HEIGHT


def bars(values: Sequence[tuple[str, float]], *, top: float | None = None) -> Chart:
    """Bars for named values, from 0 up to `top`, or to a round number above the greatest value."""
    most = top or round_above(max((value for _, value in values), default=0))
    share = WIDTH / max(len(values), 1)
    every = max(math.ceil(len(values) / _MOST_LABELS), 1)
    made = [
        Bar(
            x=round(place * share + share * _GAP / 2, 2),
            y=round(HEIGHT - HEIGHT * min(value, most) / most, 2),
            width=round(share * (1 - _GAP), 2),
            height=round(HEIGHT * min(value, most) / most, 2),
            name=name,
            label=name if (len(values) - 1 - place) % every == 0 else "",
            value=value,
        )
        for place, (name, value) in enumerate(values)
    ]
    return Chart(tuple(made), ((most, 0.0), (most / 2, HEIGHT / 2)))


def round_above(value: float) -> float:
    """The least of 2, 4, 10, 20, 40, 100 … that is not below the value: halves of it are round as well."""
    step = 1.0
    while True:
        for factor in (2, 4, 10):
            if value <= step * factor:
                return step * factor
        step *= 10
