"""The skew of a page: how far its writing leans. What is done about it is decided in `upright`.

The row profile of the page turned by any angle is summed from vertical strips, each shifted by its share of the slope.
Shifts are made on the strips' spectra, where a shift is a change of phase: no pixel is interpolated, so no angle is
favoured, and only the frequencies that tell something are looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.preprocess.imaging import Measure
from pipeline.preprocess.ink import Ink

Profile = npt.NDArray[np.float32]
Energies = npt.NDArray[np.float64]

MOST_DEGREES = 12.0
LEAST_ENERGY = 1e-12  # in place of 0 under a fraction of energies
# Set by hand, and measured together (docs/benchmarks.md, "Geometry"). Pixels are those at `imaging.MEASURE_HEIGHT`.
_STRIP = 8  # width of a strip in pixels
_ROOM = 8  # pixels more than the largest shift, so that nothing shifted runs into the other end
_LEAST_KEPT = 8  # frequencies that are summed, at least, however small the page
_LEAST_INK = 50.0  # sum of the ink below which there is nothing to measure
_COARSE_STRIPS = 2  # strips taken together in the coarse search
# Coarse to fine: reach and step in degrees, and the shortest period, in pixels, that is looked at. A stroke's edge is two
# pixels wide; a period p over a line of length w narrows the peak to about p / w radians.
_COARSE = (MOST_DEGREES, 0.4, 8.0)
_FINER = ((1.5, 0.15, 6.0), (0.2, 0.04, 3.0))
_FEW = 32  # frequencies whose phases are worked out; the others are products of these and of every 32nd
_NEAR_DEGREES = 2.0  # what is so near the peak is part of it


@dataclass(frozen=True, slots=True)
class Spectra:
    """Row spectra of a page's vertical strips: shape (strips, frequencies). `length` is that of the padded strips,
    `height` of the page; `places` the strips' middles from the page's, in pixels."""

    values: npt.NDArray[np.complex64]
    places: npt.NDArray[np.float32]
    length: int
    height: int

    def joined(self, count: int) -> Spectra:
        """The same with `count` strips taken together, for coarse looks."""
        whole = len(self.values) // count * count
        if not whole:
            return self
        values = self.values[:whole].reshape(-1, count, self.values.shape[1]).sum(1)
        return Spectra(values, self.places[:whole].reshape(-1, count).mean(1), self.length, self.height)


def spectra(depth: Ink, *, steep: bool = False) -> Spectra | None:
    """The strips of what `ink` gave, or with `steep` of the same turned by 90° counter-clockwise; None where there is too
    little to measure."""
    height, width = depth.shape[::-1] if steep else depth.shape
    if width < 2 * _STRIP or height < 2 * _STRIP or float(depth.sum()) < _LEAST_INK:
        return None
    whole = width // _STRIP * _STRIP
    if steep:
        strips = cv2.resize(depth[:whole], (height, whole // _STRIP), interpolation=cv2.INTER_AREA)[:, ::-1]
    else:
        strips = cv2.resize(depth[:, :whole], (whole // _STRIP, height), interpolation=cv2.INTER_AREA).T
    room = int(width * np.tan(np.radians(MOST_DEGREES))) + _ROOM
    length = cv2.getOptimalDFTSize(height + room)
    values = np.fft.rfft(strips, length, axis=1).astype(np.complex64)
    places = ((np.arange(len(strips)) + 0.5) * _STRIP - width / 2).astype(np.float32)
    return Spectra(values, places, length, height)


def profile(found: Spectra, degrees: float) -> Profile:
    """The page's row profile were it turned by -`degrees`: shape (height,)."""
    moved = np.einsum(
        "sk,sk->k", found.values, _phases(found, float(np.tan(np.radians(degrees))), found.values.shape[1])
    )
    return np.fft.irfft(moved, found.length)[: found.height].astype(np.float32)


def _phases(found: Spectra, slope: float, count: int) -> npt.NDArray[np.complex64]:
    """What shifts each strip down by its share of the slope: content leaning counter-clockwise rises to the right."""
    turn = found.places * (slope / found.length)  # by one frequency
    few = np.exp(-2j * np.pi * np.outer(turn, np.arange(_FEW))).astype(np.complex64)
    steps = np.exp(-2j * np.pi * np.outer(turn, np.arange(0, count, _FEW))).astype(np.complex64)
    return np.asarray((steps[:, :, None] * few[:, None, :]).reshape(len(turn), -1)[:, :count], np.complex64)


def energies(found: Spectra, at: Energies, shortest: float) -> Energies:
    """How distinctly lines and gaps stand apart at the angles `at`, which are equally spaced in tangent.

    Postl's criterion, the energy of the profile's slope, over periods from about `shortest` pixels on.
    """
    kept = min(found.values.shape[1], max(int(found.length / shortest), _LEAST_KEPT))
    tangents = np.tan(np.radians(at))
    moved = found.values[:, :kept] * _phases(found, float(tangents[0]), kept)
    onward = _phases(found, float(tangents[1] - tangents[0]), kept)
    frequencies = np.arange(kept) / found.length
    weights = np.square(frequencies) * np.exp(-np.square(frequencies * shortest))
    values = np.zeros(len(at))
    for index in range(len(at)):
        total = moved.sum(0)
        values[index] = float((weights * (np.square(total.real) + np.square(total.imag))).sum())
        moved *= onward
    return values


def coarse(found: Spectra) -> tuple[float, Energies]:
    """The best angle to half a degree, and the energies over the whole reach."""
    reach, step, shortest = _COARSE
    at = _even(0.0, reach, step)
    values = energies(found.joined(_COARSE_STRIPS), at, shortest)
    return _peak(at, values), values


def fine(found: Spectra, near: float, values: Energies) -> Measure:
    """The angle to a hundredth of a degree from a coarse one; no confidence where the peak lies at the end of the reach."""
    if abs(near) >= MOST_DEGREES:
        return Measure(0.0, 0.0)
    best = near
    for reach, step, shortest in _FINER:
        at = _even(best, reach, step)
        best = _peak(at, energies(found, at, shortest))
    return Measure(round(best, 3), round(_contrast(near, values), 3))


def skew(depth: Ink) -> Measure:
    """How far the writing leans: degrees, counter-clockwise positive, to ±12; zero confidence where there are no lines.

    `depth` comes from `ink`. The criterion is that of W. Postl, "Detection of linear oblique structures and skew scan in
    digitized documents", ICPR 1986.
    """
    found = spectra(depth)
    return Measure(0.0, 0.0) if found is None else fine(found, *coarse(found))


def _even(middle: float, reach: float, step: float) -> Energies:
    """Angles around a middle, equally spaced in tangent."""
    count = round(2 * reach / step) + 1
    tangents = np.linspace(np.tan(np.radians(middle - reach)), np.tan(np.radians(middle + reach)), count)
    return np.degrees(np.arctan(tangents))


def _contrast(near: float, values: Energies) -> float:
    """How far the peak stands above all that is not near it, 0…1."""
    at = _even(0.0, *_COARSE[:2])
    others = values[np.abs(at - near) > _NEAR_DEGREES]
    top = max(float(values.max()), LEAST_ENERGY)
    return min(max((top - float(others.max())) / top, 0.0), 1.0)


def _peak(at: Energies, values: Energies) -> float:
    """The place of the maximum, refined by a parabola through it and its neighbours."""
    i = int(values.argmax())
    if i in (0, len(values) - 1):
        return float(at[i])
    left, middle, right = values[i - 1 : i + 2]
    bend = left - 2 * middle + right
    return float(at[i]) if bend == 0 else float(at[i] + 0.5 * (left - right) / bend * (at[i + 1] - at[i]))
