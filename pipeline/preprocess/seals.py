"""Round office seals over text: found as rings, and removed so that the text under them can be read.

A ring is looked for only where something stands that is taller than writing. Its centre is a candidate of Hough's
transform (J. Illingworth and J. Kittler, "The adaptive Hough transform", IEEE PAMI 9, 1987; OpenCV's gradient variant),
settled by the share of the circle that is inked, which a line of writing never reaches.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.preprocess.imaging import Image, boxes, parted, shape_in, shapes
from pipeline.preprocess.ink import MARK_LEVEL
from pipeline.preprocess.rules import Mask

# Set by hand; what removing seals gains is measured in decision 9, with the share of a ring that is inked. Grey levels are
# those of an even page, with its paper at 255.
_RADIUS = (8 / 25.4, 26 / 25.4)  # inches
_LEVELS = (185, 150)  # grey levels below which a pixel may belong to a seal: stamped faintly, stamped firmly
_TALL, _WIDE = 0.9, 0.35  # of the least radius: what is lower or narrower is writing
# Hough's transform, on the copy of 75 dpi: pixels to a cell of the centres' grid, and between two centres; Canny's upper
# threshold; votes that make a centre.
_GRID, _APART, _CANNY, _VOTES = 1.5, 10, 150, 35
_QUARTER_INKED = 60  # grey level of the copy at half size from which a quarter of a pixel's square is ink
_CANDIDATES, _LOOKED_AT = 60, 4  # of Hough's centres: glanced at, and looked at closely
_LEAST_INKED, _SURELY_INKED = 0.55, 0.7  # share of a circle: to be looked at closely, to be a ring
_ABOVE, _BESIDE = 0.45, (5, 12)  # by how much that share is above those of circles so many pixels smaller or larger
_DIRECTIONS = 360
_REACH = (
    1.15  # of the largest radius: how far about a centre is looked, so that the largest ring has something beside it
)
_FIRST_STEP, _LAST_STEP = 6.0, 0.75  # pixels, of the search for the centre
_RING = 0.6  # share from which a further circle about the same centre is one of the seal's rings
_PEAK = 4  # pixels: the ring is where no circle so near is inked more
_RINGS_BONUS = 0.1  # that two rings and more about one centre add to the inked share, so that they go before one
# Of the removal. Widths are inches on either side of a ring.
_AROUND, _RING_WIDTH, _SEAM = (
    0.025,
    0.016,
    0.02,
)  # the part of the page that is looked at; a ring's own ink; its soft edge
_LEVEL_AT = 40  # percentile of the seal's pixels at which its level is taken
_LIGHTER = 25  # grey levels by which a seal must be lighter than the writing for its ink to tell
_BETWEEN = 0.6  # of the way from the writing's level to the seal's: darker is writing
_INK = 170  # grey level below which a pixel is left of either
_ON_RINGS, _BETWEEN_RINGS = 0.7, 0.97  # share of a shape on the rings, between them, from which it belongs to the seal
_LARGEST_LETTER = 0.17  # inches: of what stands between the rings, no letter of the seal is larger
_GROWN = np.ones((5, 5), np.uint8)  # two pixels on every side, for the soft edge of ink


@dataclass(frozen=True, slots=True)
class Seal:
    """A round seal: its centre and the radii of its rings, from the inmost, in pixels."""

    x: float
    y: float
    radii: tuple[float, ...]

    def scaled(self, factor: float) -> Seal:
        return Seal(self.x * factor, self.y * factor, tuple(radius * factor for radius in self.radii))


def find_seals(flat: Image, dpi: float, *, cut: bool) -> list[Seal]:
    """The round seals on a grey page with even paper, (height, width), of about 150 dots per inch. `cut` says that rules
    have been painted over."""
    for level in _LEVELS:
        seals = _at_level((flat < level).astype(np.uint8), dpi, cut=cut)
        if seals:
            return seals
    return []


def _at_level(dark: Mask, dpi: float, *, cut: bool) -> list[Seal]:
    half = parted(np.asarray(dark * np.uint8(255), np.uint8), 2)
    fits: list[tuple[float, Seal]] = []
    for x, y in _centres(half, dpi / 2, cut=cut):
        if _is_apart(2 * x, 2 * y, [seal for _, seal in fits], dpi):
            fit = _fit(dark, half, x, y, dpi)
            fits += [] if fit is None else [fit]
    seals: list[Seal] = []
    for _, seal in sorted(fits, key=lambda fit: -fit[0]):
        if _is_apart(seal.x, seal.y, seals, dpi):
            seals.append(seal)
    return seals


def _is_apart(x: float, y: float, seals: list[Seal], dpi: float) -> bool:
    return all(np.hypot(seal.x - x, seal.y - y) > _RADIUS[0] * dpi for seal in seals)


def _centres(half: Image, dpi: float, *, cut: bool) -> list[tuple[float, float]]:
    """Where a ring may have its centre, the likeliest first. A faint ring is broken in many places, and more so where rules
    were cut out. `half` is ink (255) on the page at half size, grey at its edges, `dpi` its resolution."""
    least = _RADIUS[0] * dpi
    whole = (half > 0).astype(np.uint8)
    if cut:
        whole = np.asarray(cv2.morphologyEx(whole, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)
    found, edges = boxes(whole)
    tall = (found[:, 3] > _TALL * least) & (found[:, 2] > _WIDE * least)
    shown = np.zeros_like(half)
    for (x, y, width, height), edge in zip(found[tall].tolist(), edges[tall].tolist(), strict=True):
        inside = (slice(y, y + height), slice(x, x + width))
        cv2.copyTo(half[inside], shape_in(whole, (x, y, width, height), edge), shown[inside])
    rated = _glance(half, shown, dpi) if tall.any() else []
    closest = sorted((rate for rate in rated if rate[0] >= _LEAST_INKED), reverse=True)[:_LOOKED_AT]
    return [(x, y) for _, x, y in closest]


def _glance(half: Image, shown: Image, dpi: float) -> list[tuple[float, float, float]]:
    """Centres of circles among the tall shapes, each with the inked share of its best circle."""
    least, most = (radius * dpi for radius in _RADIUS)
    circles = cv2.HoughCircles(
        cv2.GaussianBlur(shown, (3, 3), 0),
        cv2.HOUGH_GRADIENT,
        _GRID,
        _APART,
        param1=_CANNY,
        param2=_VOTES,
        minRadius=int(least),
        maxRadius=int(most),
    )
    if circles is None:
        return []
    inked = _half_inked(half)
    return [(_best(inked, x, y, dpi, 2), x, y) for x, y, _ in circles[0][:_CANDIDATES].tolist()]


def _half_inked(half: Image) -> Mask:
    return np.asarray((half > _QUARTER_INKED).astype(np.uint8), np.uint8)


def _fit(dark: Mask, half: Image, x: float, y: float, dpi: float) -> tuple[float, Seal] | None:
    """The seal about this centre of the half-size copy, moved to where its rings close best: by pixels there, then by less
    on `dark`; and how good it is."""
    least, x, y = _closing(_half_inked(half), x, y, dpi / 2, _FIRST_STEP / 2, _LAST_STEP)
    if least < _SURELY_INKED:
        return None
    best, x, y = _closing(dark, 2 * x, 2 * y, dpi, 2 * _LAST_STEP, _LAST_STEP)
    if best < _SURELY_INKED:
        return None
    share_at = _inked(dark, x, y, _RADIUS[1] * dpi * _REACH, 1)
    if not _stands_out(share_at, round(_RADIUS[0] * dpi)):
        return None
    share_at[: round(_RADIUS[0] * dpi / 2)] = 0
    radii = tuple(
        float(radius)
        for radius in range(1, len(share_at) - 1)
        if share_at[radius] >= _RING and share_at[radius] == share_at[max(radius - _PEAK, 0) : radius + _PEAK + 1].max()
    )
    return (best + (_RINGS_BONUS if len(radii) > 1 else 0.0), Seal(x, y, radii)) if radii else None


def _stands_out(share_at: npt.NDArray[np.float64], least: int) -> bool:
    """Whether the best circle, of a radius from `least` on, is inked far more than those a little smaller and larger: on a
    page full of writing all are inked by half."""
    place = least + int(share_at[least:].argmax())
    beside = [
        share_at[place - _BESIDE[1] : place - _BESIDE[0]],
        share_at[place + _BESIDE[0] + 1 : place + _BESIDE[1] + 1],
    ]
    return bool(share_at[place] - np.median(np.concatenate(beside)) >= _ABOVE)


def _closing(dark: Mask, x: float, y: float, dpi: float, step: float, last: float) -> tuple[float, float, float]:
    """The inked share of the best circle about a centre near this one, and that centre; found by steps that grow shorter."""
    best, seen = _best(dark, x, y, dpi, 1), {(x, y)}
    while step >= last:
        around = [(x + dx, y + dy) for dx in (-step, 0.0, step) for dy in (-step, 0.0, step)]
        rated = [(_best(dark, *at, dpi, 1), at) for at in around if at not in seen]
        seen.update(around)
        share, place = max(rated, default=(0.0, (x, y)))
        if share > best:
            best, (x, y) = share, place
        else:
            step /= 2
    return best, x, y


def _best(dark: Mask, x: float, y: float, dpi: float, slack: int) -> float:
    """The share of the best inked circle about a centre."""
    return float(_inked(dark, x, y, _RADIUS[1] * dpi * _REACH, slack)[round(_RADIUS[0] * dpi) :].max())


def _inked(dark: Mask, x: float, y: float, reach: float, slack: int) -> npt.NDArray[np.float64]:
    """For each radius up to `reach` pixels, the share of the circle that is inked to within `slack` pixels; beyond the page
    nothing is."""
    # Without WARP_FILL_OUTLIERS what lies beyond the page is whatever the memory held before.
    flags = cv2.WARP_POLAR_LINEAR | cv2.INTER_NEAREST | cv2.WARP_FILL_OUTLIERS
    polar = cv2.warpPolar(dark, (int(reach), _DIRECTIONS), (x, y), reach, flags)
    near = cv2.dilate(polar, np.ones((1, 2 * slack + 1), np.uint8))
    return np.asarray(cv2.reduce(near, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S)[0] / _DIRECTIONS, np.float64)


def remove(page: Image, seal: Seal, dpi: float, writing: float) -> None:
    """Paint a seal out of a grey page with even paper, in place. `writing` is the grey level of the page's own ink.

    Where the seal is lighter than the writing, what is dark stays with its edges and all else between the rings goes. Then
    what is left of the rings, and what stands between them and is no larger than a letter, goes by its place alone.
    """
    reach = seal.radii[-1] + dpi * _AROUND
    top, left = max(int(seal.y - reach), 0), max(int(seal.x - reach), 0)
    part = page[top : int(seal.y + reach) + 1, left : int(seal.x + reach) + 1]
    rows, columns = np.ogrid[top : top + part.shape[0], left : left + part.shape[1]]
    distance = np.hypot(columns - seal.x, rows - seal.y)
    rings = np.zeros(part.shape, np.bool_)
    for radius in seal.radii:
        rings |= np.abs(distance - radius) < dpi * _RING_WIDTH
    seam = dpi * _SEAM
    within = (distance > seal.radii[0] - seam) & (distance < seal.radii[-1] + seam)
    stamped = part[rings & (part < MARK_LEVEL)]
    level = float(np.percentile(stamped, _LEVEL_AT)) if stamped.size else 0.0
    if level - writing > _LIGHTER:
        dark = (part < writing + _BETWEEN * (level - writing)).astype(np.uint8)
        core = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
        part[within & (cv2.dilate(core, _GROWN) == 0)] = 255
    labels, stats = shapes((part < _INK).astype(np.uint8))
    count = len(stats)
    area = np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    on_rings = np.bincount(labels[rings], minlength=count) > _ON_RINGS * area
    size = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    between = (np.bincount(labels[within], minlength=count) >= _BETWEEN_RINGS * area) & (size < dpi * _LARGEST_LETTER)
    gone = on_rings | between
    gone[0] = False
    part[(cv2.dilate(gone[labels].astype(np.uint8), _GROWN) > 0) & within] = 255
