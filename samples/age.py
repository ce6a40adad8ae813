"""Make a clean sheet look like a scan of an old one. Pixels in, pixels out; the only place here that knows cv2.

Layers are multiplied as ink and light multiply on paper; then the whole sheet is turned by its skew in one resampling,
and by quarter turns without any. Every number comes from the generator that is passed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Layer = NDArray[np.float32]
Box = tuple[float, float, float, float]
Range = tuple[float, float]

YELLOW = (1.0, 0.955, 0.83)  # red, green, blue of old paper against its lightness
WHITE = (1.0, 1.0, 0.99)


@dataclass(frozen=True)
class Wear:
    """How far a sheet has aged, as ranges to draw from. Lengths are in pixels at 200 dpi."""

    skew: Range  # degrees either way
    paper: Range  # lightness of the paper, 0 to 1
    shade: float  # how far the light falls off, 0 to 1
    ink: float  # the weakest ink, 0 to 1
    blur: float
    noise: float  # grey levels
    through: Range  # strength of the other side showing through
    stains: int
    folds: int
    edges: int  # sides with a dark scanner edge
    holes: bool
    tint: tuple[float, float, float] = WHITE


WEAR = {
    "clean": Wear((0, 0), (0.985, 0.995), 0.0, 1.0, 0.0, 0.0, (0, 0), 0, 0, 0, False),
    "office": Wear((0.3, 1.5), (0.93, 0.97), 0.05, 0.85, 0.35, 1.6, (0.0, 0.06), 0, 1, 1, False),
    "aged": Wear((1.2, 4.0), (0.82, 0.90), 0.14, 0.68, 0.5, 2.6, (0.07, 0.13), 2, 2, 2, True, YELLOW),
    "poor": Wear((3.0, 6.0), (0.70, 0.79), 0.24, 0.60, 0.75, 4.2, (0.10, 0.17), 4, 3, 3, True, YELLOW),
}


@dataclass(frozen=True)
class Scan:
    """A scan, grey (height, width) or RGB (height, width, 3), and how the drawn sheet lies in it."""

    pixels: Pixels
    skew_ccw: float
    turn_ccw: int
    place: NDArray[np.float64]  # 2 x 3: from the drawn sheet to the scan

    def box(self, box: Box) -> tuple[int, int, int, int]:
        """The upright box around a drawn box (x, y, width, height), in whole pixels of the scan."""
        x, y, width, height = box
        corners = np.array([[x, y], [x + width, y], [x, y + height], [x + width, y + height]])
        moved = corners @ self.place[:, :2].T + self.place[:, 2]
        low, high = np.floor(moved.min(axis=0)), np.ceil(moved.max(axis=0))
        return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])


def age(
    sheet: Pixels,
    wear: Wear,
    chance: np.random.Generator,
    *,
    dpi: int,
    colour: bool = False,
    turn: int = 0,
    marks: Pixels | None = None,
    back: Pixels | None = None,
    skew: float | None = None,
) -> Scan:
    """Age a grey sheet.

    `turn` is 0, 90, 180 or 270 degrees counter-clockwise. `marks` is an RGB sheet of stamp and signature, `back` the
    grey sheet that shows through mirrored. `skew` in degrees counter-clockwise overrides the one drawn from `wear`.
    """
    size, scale = sheet.shape[:2], dpi / 200
    if skew is None:
        skew = round(float(chance.uniform(*wear.skew) * chance.choice([-1, 1])), 2) + 0.0  # never -0.0
    page = _print(sheet, wear, chance)[:, :, None]
    if marks is not None:
        page = page * _stamped(marks, chance)
    if back is not None:
        page = page * _through(back, wear, chance, scale)[:, :, None]
    page = page * _paper(size, wear, chance, scale)[:, :, None] * np.array(wear.tint, np.float32)
    if not colour:
        page = page @ np.array([0.299, 0.587, 0.114], np.float32)
    if wear.blur:
        page = _blurred(page, wear.blur * scale)
    lid = 0.97 if wear.edges == 0 else float(chance.uniform(0.07, 0.14))
    place = _placing(size, skew, wear, chance, scale)
    moved = cv2.warpAffine(page, place, size[::-1], flags=cv2.INTER_LINEAR, borderValue=(lid,) * 3)
    page = _edged(np.asarray(moved, np.float32), wear, chance, lid, scale)
    pixels = np.rot90(_sensed(page, wear, chance), turn // 90)
    return Scan(np.ascontiguousarray(pixels), skew, turn, _turned(place, turn, size))


def bilevel(pixels: Pixels, threshold: int = 170) -> Pixels:
    """Black and white only, as old scanners delivered: 0 and 255."""
    return np.where(pixels < threshold, 0, 255).astype(np.uint8)


def field(chance: np.random.Generator, size: tuple[int, ...], cells: int, low: float, high: float) -> Layer:
    """Smooth chance over a sheet of (height, width): `cells` blobs across, values about from `low` to `high`."""
    seeds = chance.uniform(low, high, (cells * 3 // 2 + 2, cells + 2)).astype(np.float32)
    return np.clip(np.asarray(cv2.resize(seeds, size[:2][::-1], interpolation=cv2.INTER_CUBIC), np.float32), low, high)


def _blurred(layer: Layer, sigma: float) -> Layer:
    return np.asarray(cv2.GaussianBlur(layer, (0, 0), sigma), np.float32)


def _print(sheet: Pixels, wear: Wear, chance: np.random.Generator) -> Layer:
    """The ink of the text, stronger here and weaker there, as light that comes back: 0 black, 1 paper."""
    density = field(chance, sheet.shape, 9, wear.ink, 1.0) * 0.93
    return 1 - (1 - sheet.astype(np.float32) / 255) * density


def _stamped(marks: Pixels, chance: np.random.Generator) -> Layer:
    """Stamp and signature with the gaps that a dry pad leaves."""
    size = marks.shape[:2]
    cover = field(chance, size, 60, 0.55, 1.1) * field(chance, size, 7, 0.72, 1.0)
    speck = field(chance, size, 260, 0.0, 1.0)
    cover = np.clip(cover, 0, 0.95) * np.where(speck < 0.1, 0.4, 1.0).astype(np.float32)
    return np.asarray(1 - (1 - marks.astype(np.float32) / 255) * cover[:, :, None], np.float32)


def _through(back: Pixels, wear: Wear, chance: np.random.Generator, scale: float) -> Layer:
    """What stands on the other side, mirrored and diffused by the paper."""
    strength = chance.uniform(*wear.through)
    soft = _blurred(np.ascontiguousarray(back[:, ::-1]).astype(np.float32) / np.float32(255), 1.6 * scale)
    return np.asarray(1 - (1 - soft) * field(chance, back.shape, 5, strength * 0.6, strength * 1.25), np.float32)


def _paper(size: tuple[int, ...], wear: Wear, chance: np.random.Generator, scale: float) -> Layer:
    """The sheet itself: lightness, uneven light, mottling, folds, stains and punch holes."""
    paper = np.full(size[:2], chance.uniform(*wear.paper), np.float32)
    if wear.shade:
        x = np.linspace(-1, 1, size[1], dtype=np.float32) * chance.choice([-1, 1])
        y = np.linspace(-1, 1, size[0], dtype=np.float32) * chance.choice([-1, 1])
        paper *= 1 - wear.shade * (0.35 * np.clip(x, 0, 1)[None, :] + 0.25 * np.clip(y, 0, 1)[:, None])
        paper *= field(chance, size, 4, 1 - wear.shade * 0.45, 1.0)
        paper *= field(chance, size, 40, 1 - wear.shade * 0.12, 1.0)
    for _ in range(wear.folds):
        paper *= _fold(size, chance, scale, 0.05 + wear.shade * 0.5)
    for _ in range(wear.stains):
        paper *= _stain(size, chance, scale)
    if wear.holes:
        _punch(paper, chance, scale)
    return paper


def _fold(size: tuple[int, ...], chance: np.random.Generator, scale: float, depth: float) -> Layer:
    """One crease across the sheet: a thin dark line with a soft shadow on one side."""
    height, width = size[:2]
    middle = height * float(chance.choice([1 / 3, 1 / 2, 2 / 3])) + chance.normal(0, 12 * scale)
    steps = np.linspace(0, width, 24)
    heights = middle + np.cumsum(chance.normal(0, 0.7 * scale, steps.size))
    line = np.stack([steps, heights], axis=1).round().astype(np.int32)
    crease = np.zeros((height, width), np.float32)
    cv2.polylines(crease, [line], False, (1.0,), max(1, round(scale)), cv2.LINE_AA)
    soft = _blurred(crease, 1.1 * scale) * 1.6 + _blurred(crease, 9 * scale) * 6
    return np.asarray(1 - np.clip(soft, 0, 1) * depth * field(chance, size, 8, 0.2, 1.0), np.float32)


def _stain(size: tuple[int, ...], chance: np.random.Generator, scale: float) -> Layer:
    """A dried spill: a shape with a wandering outline, hardly darker inside, darker at its rim."""
    height, width = size[:2]
    radius = float(chance.uniform(70, 230)) * scale
    y, x = np.ogrid[:height, :width]
    centre = (chance.uniform(0, width), chance.uniform(0, height))
    across, down = x - centre[0], (y - centre[1]) * chance.uniform(0.75, 1.3)
    angle, far = np.arctan2(down, across), np.hypot(across, down) / radius
    for waves in range(2, 9):
        far = far * (1 + 0.22 / waves * chance.uniform(-1, 1) * np.cos(waves * angle + chance.uniform(0, 6.28)))
    inside = 1 / (1 + np.exp(np.clip((far - 1) * 22, -30, 30)))
    rim = np.exp(-(((far - 0.94) / 0.055) ** 2))
    strength = chance.uniform(0.05, 0.11)
    return np.asarray(1 - strength * inside - strength * 0.6 * rim, np.float32)


def _punch(paper: Layer, chance: np.random.Generator, scale: float) -> None:
    """Two filing holes at the left, 80 mm apart, with the dark lid behind them."""
    mm = 200 / 25.4 * scale
    x, middle = (11 + chance.uniform(-2, 2)) * mm, paper.shape[0] / 2 + chance.normal(0, 6) * mm
    for y in (middle - 40 * mm, middle + 40 * mm):
        hole = np.zeros_like(paper)
        cv2.circle(hole, (round(x), round(y)), round(2.8 * mm), (1.0,), -1, cv2.LINE_AA)
        paper *= 1 - hole * 0.86
        paper *= 1 - _blurred(hole, 3 * scale) * 0.12


def _placing(
    size: tuple[int, ...], skew: float, wear: Wear, chance: np.random.Generator, scale: float
) -> NDArray[np.float64]:
    """Where the sheet lies on the glass: turned by `skew` about its middle and a little pushed."""
    place = np.asarray(cv2.getRotationMatrix2D((size[1] / 2, size[0] / 2), skew, 1.0), np.float64)
    if wear.edges:
        place[:, 2] += chance.normal(0, 4 * scale, 2)
    return place


def _turned(place: NDArray[np.float64], turn: int, size: tuple[int, ...]) -> NDArray[np.float64]:
    """`place` followed by quarter turns counter-clockwise, as `np.rot90` makes them."""
    height, width = size[:2]
    for _ in range(turn // 90):
        place = np.array([place[1], [0, 0, width] - place[0]])
        height, width = width, height
    return place


def _edged(page: Layer, wear: Wear, chance: np.random.Generator, lid: float, scale: float) -> Layer:
    """Dark strips where the glass shows beside the sheet, of uneven width."""
    sides: list[int] = chance.permutation(4)[: wear.edges].tolist()
    for side in sides:
        view: Any = np.rot90(page, side)  # a view: painting its top rows paints that side of the page
        depth, slope = chance.uniform(3, 14) * scale, chance.normal(0, 6) * scale
        reach = depth + slope * np.linspace(-1, 1, view.shape[1]) + chance.normal(0, 0.6, view.shape[1])
        rows = np.arange(int(40 * scale))[:, None]
        dark = np.clip((reach[None, :] - rows) / 2, 0, 1).astype(np.float32)
        if page.ndim == 3:
            dark = dark[:, :, None]
        view[: rows.size] = view[: rows.size] * (1 - dark) + lid * dark
    return page


def _sensed(page: Layer, wear: Wear, chance: np.random.Generator) -> Pixels:
    """What the sensor makes of it: soft noise, the same in every colour, and 8 bits."""
    if wear.noise:
        grain = chance.standard_normal(page.shape[:2], np.float32)
        grain = _blurred(grain, 0.8) * np.float32(wear.noise * 2.3 / 255)
        page = page + (grain[:, :, None] if page.ndim == 3 else grain)
    return np.clip(page * 255, 0, 255).round().astype(np.uint8)
