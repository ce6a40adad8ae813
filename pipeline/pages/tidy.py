"""Make one page upright: measure, decide, apply once. The measuring itself lives in `imaging`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.model import Geometry, PageImage
from pipeline.pages import imaging

_BLANK_SHARE = 1.5e-5  # share of the page's pixels; a single digit as page number has about twice this
_LEAST_SKEW = 0.05  # degrees below which resampling costs more than it mends
_SURE_OF_TURN = 0.5  # confidence from which no second opinion is asked

SecondOpinion = Callable[[Path], imaging.Measure]


@dataclass(frozen=True, slots=True)
class Tidiness:
    """Thresholds for `tidy`; confidences from 0 to 1."""

    min_rotation_confidence: float
    min_skew_confidence: float
    view_quality: int


def tidy(
    scan: imaging.Image, number: int, dpi: int, folder: Path, *, limits: Tidiness, second_opinion: SecondOpinion | None
) -> PageImage:
    """Measure the page, decide what to undo, and write its two images: one for reading, one for looking.

    Doubt leaves the page as it was and flags it; the confidences are recorded all the same. `second_opinion` is asked
    for the quarter turn where the page's own shape does not settle it; it gets the path of a reduced copy. There is
    none where recognition is switched off.
    """
    depth = imaging.ink(imaging.shrink(imaging.grey(scan), imaging.MEASURE_HEIGHT))
    blank = imaging.written_share(depth) < _BLANK_SHARE
    geometry = Geometry(applied=False) if blank else _measure(scan, depth, number, folder, second_opinion)
    geometry = _decide(geometry, limits)
    page = _apply(scan, geometry) if geometry.applied else scan
    viewing = folder / f"{number:06d}.jpg"
    viewing.write_bytes(imaging.encode_jpeg(_for_looking(page), limits.view_quality))
    reading = folder / f"{number:06d}-reading.png"
    if not blank:
        reading.write_bytes(imaging.encode_png(imaging.for_reading(imaging.grey(page))))
    height, width = page.shape[:2]
    flags = () if blank else _doubts(geometry, limits)
    return PageImage(number, str(reading), str(viewing), width, height, dpi, geometry, blank, flags)


def _measure(
    scan: imaging.Image, depth: imaging.Ink, number: int, folder: Path, second_opinion: SecondOpinion | None
) -> Geometry:
    turn, skew = imaging.quarter_turn(depth)
    if second_opinion and turn.confidence < _SURE_OF_TURN:
        asked = folder / f"{number:06d}-turn.png"
        asked.write_bytes(imaging.encode_png(imaging.shrink(imaging.grey(scan), 1600)))
        answer = second_opinion(asked)
        asked.unlink(missing_ok=True)
        if answer.confidence > turn.confidence:
            if answer.value != turn.value and (answer.value - turn.value) % 180:
                skew = imaging.skew(imaging.ink(imaging.turned(_reduced(scan), int(answer.value))))
            turn = answer
    return Geometry(int(turn.value), turn.confidence, skew.value, skew.confidence)


def _reduced(scan: imaging.Image) -> imaging.Image:
    return imaging.shrink(imaging.grey(scan), imaging.MEASURE_HEIGHT)


def _decide(measured: Geometry, limits: Tidiness) -> Geometry:
    """Keep what is believed; an angle or turn in doubt is set back to none, with its confidence left to tell why."""
    rotated = measured.rotated if measured.rotation_confidence >= limits.min_rotation_confidence else 0
    skew = measured.skew_degrees if measured.skew_confidence >= limits.min_skew_confidence else 0.0
    applied = rotated != 0 or abs(skew) >= _LEAST_SKEW
    return Geometry(rotated, measured.rotation_confidence, skew, measured.skew_confidence, applied)


def _doubts(geometry: Geometry, limits: Tidiness) -> tuple[str, ...]:
    """What a person should look at: a turn or a lean that was not believed."""
    turn = () if geometry.rotation_confidence >= limits.min_rotation_confidence else ("orientation_doubtful",)
    lean = () if geometry.skew_confidence >= limits.min_skew_confidence else ("skew_doubtful",)
    return turn + lean


def _apply(scan: imaging.Image, geometry: Geometry) -> imaging.Image:
    """Quarter turn without resampling, then the lean in one resampling of the original pixels."""
    upright = imaging.turned(scan, geometry.rotated)
    if abs(geometry.skew_degrees) < _LEAST_SKEW:
        return upright
    return imaging.levelled(upright, geometry.skew_degrees)


def _for_looking(page: imaging.Image) -> imaging.Image:
    return page if imaging.has_colour(page) else imaging.grey(page)
