"""Which quarter turn brings a page upright. What is done about it is decided in `upright`."""

from __future__ import annotations

import numpy as np

from pipeline.preprocess.imaging import Measure, ramp
from pipeline.preprocess.ink import Ink
from pipeline.preprocess.skew import LEAST_ENERGY, Profile, coarse, fine, profile, spectra

# Between these the confidence of a quarter turn grows from 0 to 1. Measured (decision 4): Devanagari in twelve fonts 0.50 to
# 0.97 and 2.0 to 3.0; Latin small letters in two dozen fonts -0.58 to 0.67 and 1.2 to 1.9.
_ONE_SIDED = (0.2, 0.5)
_HEADLINE = (1.75, 2.05)
# Lines in a row profile. Set by hand.
_INKED = 0.04  # of the densest row's ink: rows with more are part of a line
_LEAST_LINE = 6  # pixels at `imaging.MEASURE_HEIGHT`: lower is no line of writing
_MOST_LINE = 0.1  # of the page's height: higher is none either
_BODY = 0.15  # of the line's densest row: rows with less are the tips of letters, and do not count as its others
_AXIS = 2  # times the share by which the projections differ is the confidence in the axis
_NOTHING = Measure(0.0, 0.0)


def quarter_turn(depth: Ink) -> tuple[Measure, Measure]:
    """The quarter turn found in the scan (0, 90, 180, 270 counter-clockwise) and the skew once it is undone.

    Which way the lines run is decided by the stronger of the two coarse projections; up from down by the headline (शिरोरेखा):
    in upright Devanagari the densest row of a line has more ink just below it than above. The confidence is the weakest
    of these: how far the projections differ, how one-sided the ink is, and whether there is a headline at all. Latin
    letters have none, and lean either way with the typeface: they come out in doubt.
    """
    level, steep = spectra(depth), spectra(depth, steep=True)
    if level is None or steep is None:
        return _NOTHING, _NOTHING
    across, along = coarse(level), coarse(steep)
    strengths = float(across[1].max()) / level.length, float(along[1].max()) / steep.length
    upright = strengths[0] >= strengths[1]
    axis = 1.0 - min(strengths) / max(*strengths, LEAST_ENERGY)
    best, found = (level, across) if upright else (steep, along)
    skew = fine(best, *found)
    balance, headline = _headline(profile(best, skew.value))
    # Turned by 90° counter-clockwise, a page whose lines run upwards reads along them or upside down.
    turn = (0 if balance >= 0 else 180) if upright else (270 if balance >= 0 else 90)
    one_sided, has_headline = ramp(abs(balance), *_ONE_SIDED), ramp(headline, *_HEADLINE)
    return Measure(turn, round(min(axis * _AXIS, one_sided, has_headline, 1.0), 3)), skew


def _headline(rows: Profile) -> tuple[float, float]:
    """Of a row profile: on which side of the densest rows the ink lies (+1: all below, -1: all above), and how many times
    denser those rows are than the lines' others. Weighted by the lines' ink; zeros where no line is as high as writing."""
    inked = rows > _INKED * rows.max()
    edges = np.flatnonzero(np.diff(np.concatenate(([0], inked.astype(np.int8), [0]))))
    balance, headline, weight = 0.0, 0.0, 0.0
    for top, bottom in zip(edges[::2], edges[1::2], strict=True):
        if not _LEAST_LINE <= bottom - top <= _MOST_LINE * len(rows):
            continue
        line = rows[top:bottom].astype(np.float64)
        total, peak = float(line.sum()), int(line.argmax())
        above, below = float(line[: max(peak - 1, 0)].sum()), float(line[peak + 2 :].sum())
        if above + below > 0:
            body = float(np.median(line[line > _BODY * line.max()]))
            balance += (below - above) / (above + below) * total
            headline += float(line.max()) / body * total
            weight += total
    return (balance / weight, headline / weight) if weight else (0.0, 0.0)
