"""Make one page upright: measure, decide, apply once. The measuring itself lives in the modules beside.

What is known of a page already, because nothing it depends on has changed or because a person set it, is only applied.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.model.page import NEGATIVE, PERSON, Box, Geometry, PageImage, ReadingStep
from pipeline.preprocess import imaging
from pipeline.preprocess.blank import is_blank
from pipeline.preprocess.clean import ReadingPage, for_reading
from pipeline.preprocess.imaging import Image, Measure
from pipeline.preprocess.ink import Ink, ink
from pipeline.preprocess.negative import black_on_white
from pipeline.preprocess.orientation import quarter_turn
from pipeline.preprocess.orientation_trial import TryLines, turn_by_reading
from pipeline.preprocess.outline import MASK_LONGEST, sheet_box
from pipeline.preprocess.show_through import SHOW_THROUGH, show_through
from pipeline.preprocess.skew import skew
from pipeline.preprocess.spread import gutter
from pipeline.settings import PageSettings

MEASURING = 6  # to be raised whenever the measures of a page may come out otherwise than before

# Set by hand.
_LEAST_SKEW = 0.05  # degrees below which resampling costs more than it mends
_SURE_OF_TURN = 0.5  # confidence from which no line is read for a trial
_SURE_OF_SPREAD = 0.5  # confidence from which an outline, and a spread, count
_SET = 1.0  # the confidence of what a person has set
_MOST_MEASURED = 0.999  # measured confidences stay below that

Encode = Callable[[Image], bytes]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Thresholds of `preprocess_page`; confidences from 0 to 1; and the steps that are not taken."""

    min_rotation_confidence: float
    min_skew_confidence: float
    view_quality: int
    leave_out: frozenset[ReadingStep] = frozenset()

    @classmethod
    def of(cls, settings: PageSettings) -> Thresholds:
        rotation, skewed = settings.min_rotation_confidence, settings.min_skew_confidence
        return cls(rotation, skewed, settings.view_quality, frozenset(settings.leave_out))


@dataclass(frozen=True, slots=True)
class KnownGeometry:
    """What is known of a page before: how it lies, and whether it is blank. `measured_from` is what it would be measured
    from now; where it equals that of the geometry, nothing is measured. `written`: a person says that it is not blank."""

    measured_from: str = ""
    geometry: Geometry | None = None
    blank: bool = False
    written: bool = False

    @property
    def still_holds(self) -> bool:
        if self.geometry is None or (self.written and self.blank):  # of a blank page nothing more was measured
            return False
        return bool(self.measured_from) and self.geometry.measured_from == self.measured_from


def fingerprint(sha256: str, page: int, settings: PageSettings, *, asked: bool) -> str:
    """What the geometry of a page depends on, as 32 hex digits: the measuring code, the settings that matter to it, and
    page `page` (from 1) of the file with this SHA-256. `asked`: whether lines may be read for a trial."""
    matters = (settings.default_dpi, settings.max_dpi, settings.min_rotation_confidence, settings.min_skew_confidence)
    deskewing = ReadingStep.DESKEW not in settings.leave_out
    basis = "|".join(str(value) for value in (MEASURING, *matters, deskewing, asked, sha256, page))
    return hashlib.sha256(basis.encode("ascii")).hexdigest()[:32]


def preprocess_page(
    scan: Image,
    number: int,
    dpi: int,
    folder: Path,
    *,
    limits: Thresholds,
    try_lines: TryLines | None,
    known: KnownGeometry | None = None,
    bilevel: Encode | None = None,
    lap: Callable[[str], None] = lambda stage: None,
) -> tuple[PageImage, ReadingPage | None]:
    """Measure the page, decide what to undo, and make its two images: a file for people, and pixels for reading, if any.

    A blank page is not read, a negative made black on white. Doubt leaves the page as it was and flags it; the
    confidences are recorded all the same. `try_lines` reads some lines for a trial where the page's own shape does not
    tell its quarter turn; there is none where recognition is switched off. `known` saves the measuring. `bilevel`
    encodes a scan of black and white as PNG; the page image is then that, unless a JPEG is smaller. `lap` is called
    after each stage with its name.
    """
    known = known or KnownGeometry()
    scan, negative = black_on_white(scan)
    if known.still_holds and known.geometry is not None:
        geometry, blank = known.geometry, known.blank
    else:
        geometry, blank = _measured(scan, dpi, limits, try_lines, known)
        geometry = replace(geometry, measured_from=known.measured_from)
    lap("measure")
    scan = scan if imaging.has_colour(scan) else imaging.grey(scan)  # before anything is done to three channels
    page = _apply(scan, geometry) if geometry.applied else scan
    lap("apply")
    viewing = _write_for_people(page, folder / f"{number:06d}", limits.view_quality, bilevel)
    lap("encode")
    height, width = page.shape[:2]
    reading = None if blank else for_reading(page, dpi, limits.leave_out)
    flags: tuple[str, ...] = (NEGATIVE,) if negative else ()
    flags += () if reading is None else _doubts(geometry, limits) + _shown_through(reading, dpi)
    image = PageImage(number, str(viewing), width, height, dpi, geometry, blank, flags)
    lap("clean")
    return image, reading


def _measured(
    scan: Image, dpi: int, limits: Thresholds, try_lines: TryLines | None, known: KnownGeometry
) -> tuple[Geometry, bool]:
    """The geometry to apply, and whether the page is blank. The turn and the skew that a person has set stand."""
    small = imaging.shrink(imaging.grey(scan), imaging.MEASURE_HEIGHT)
    depth = ink(small)
    blank = not known.written and is_blank(small, depth)
    if known.geometry is not None and known.geometry.set_by == PERSON:
        geometry = _set_by_person(known.geometry, small, limits)
    elif blank:
        geometry = Geometry()
    else:
        geometry = _decide(_measure(scan, dpi, small, depth, try_lines), limits)
    height, width = scan.shape[:2] if geometry.rotated % 180 == 0 else scan.shape[1::-1]
    if width < height:  # no two pages are looked for
        small = imaging.shrink(small, MASK_LONGEST)
    return _outlined(geometry, _apply(small, geometry), width, height, blank=blank), blank


def _measure(scan: Image, dpi: int, small: Image, depth: Ink, try_lines: TryLines | None) -> Geometry:
    turn, found = quarter_turn(depth)
    if try_lines and turn.confidence < _SURE_OF_TURN:
        answer = turn_by_reading(imaging.grey(scan), dpi, found.value, try_lines)
        if answer.confidence > turn.confidence:
            if (answer.value - turn.value) % 180:
                found = skew(ink(imaging.turned(small, int(answer.value))))
            turn = answer
    return Geometry(int(turn.value), turn.confidence, found.value, found.confidence)


def _set_by_person(geometry: Geometry, small: Image, limits: Thresholds) -> Geometry:
    """The turn that a person has set, and the skew: as set, or else measured on the page so turned."""
    if geometry.skew_confidence < _SET:
        found = skew(ink(imaging.turned(small, geometry.rotated)))
        believed = min(found.confidence, _MOST_MEASURED)
        measured = replace(geometry, skew_degrees=found.value, skew_confidence=believed)
        geometry = replace(_decide(measured, limits), set_by=PERSON)
    return replace(geometry, applied=_changes(geometry.rotated, geometry.skew_degrees))


def _decide(measured: Geometry, limits: Thresholds) -> Geometry:
    """Keep what is believed; an angle or turn in doubt is set back to none, with its confidence left to tell why."""
    rotated = measured.rotated if measured.rotation_confidence >= limits.min_rotation_confidence else 0
    believed = measured.skew_confidence >= limits.min_skew_confidence and ReadingStep.DESKEW not in limits.leave_out
    degrees = measured.skew_degrees if believed else 0.0
    return replace(measured, rotated=rotated, skew_degrees=degrees, applied=_changes(rotated, degrees))


def _changes(rotated: int, degrees: float) -> bool:
    return rotated != 0 or abs(degrees) >= _LEAST_SKEW


def _outlined(geometry: Geometry, upright: Image, width: int, height: int, *, blank: bool) -> Geometry:
    """With the sheet's outline and the gutter, found on the reduced upright page, in pixels of the page image."""
    found, sure = sheet_box(upright)
    scale = width / upright.shape[1]
    sheet = found if sure >= _SURE_OF_SPREAD else None
    spread = Measure(0.0, 0.0) if blank else gutter(upright, sheet)
    box = None
    if found is not None and sure > 0:
        x, y, w, h = (round(value * scale) for value in found)
        box = Box(x, y, min(w, width - x), min(h, height - y))
    return replace(
        geometry,
        outline=box,
        outline_confidence=sure,
        gutter=round(spread.value * scale) if spread.confidence >= _SURE_OF_SPREAD else None,
        spread_confidence=spread.confidence,
    )


def _doubts(geometry: Geometry, limits: Thresholds) -> tuple[str, ...]:
    """What a person should look at, a turn or a skew that was not believed; and a scan of two pages, which stays one."""
    turn = () if geometry.rotation_confidence >= limits.min_rotation_confidence else ("orientation_doubtful",)
    skewed = () if geometry.skew_confidence >= limits.min_skew_confidence else ("skew_doubtful",)
    spread = () if geometry.gutter is None else ("spread",)
    return turn + skewed + spread


def _shown_through(reading: ReadingPage, dpi: int) -> tuple[str, ...]:
    return (SHOW_THROUGH,) if show_through(reading.pixels, dpi).endangers_reading else ()


def _apply(scan: Image, geometry: Geometry) -> Image:
    """Quarter turn without resampling, then the skew in one resampling of the original pixels."""
    upright = imaging.turned(scan, geometry.rotated)
    if abs(geometry.skew_degrees) < _LEAST_SKEW:
        return upright
    return imaging.deskewed(upright, geometry.skew_degrees)


def _write_for_people(page: Image, stem: Path, quality: int, bilevel: Encode | None) -> Path:
    suffix, data = _for_people(page, quality, bilevel)
    path = stem.with_suffix(f".{suffix}")
    path.write_bytes(data)
    return path


def _for_people(page: Image, quality: int, bilevel: Encode | None) -> tuple[str, bytes]:
    """The page for people: suffix and bytes."""
    jpeg = imaging.encode_jpeg(page, quality)
    if bilevel is not None:
        png = bilevel(imaging.grey(page))
        if len(png) < len(jpeg):  # a dithered picture has no long runs
            return "png", png
    return "jpg", jpeg
