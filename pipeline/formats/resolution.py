"""The resolution of a page: what can be believed of what a file states, and what its pixels are on plausible paper.

Nothing here looks at pixels. How high the letters are is measured elsewhere; what they tell is decided here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

PLAUSIBLE_DPI = range(100, 1201)  # what a file states is believed only within it
LEAST_DPI = 50  # what pixels may be on paper: a page of less has no letters

# What programs write that know nothing of a resolution: of a screen, and of no unit.
_WITHOUT_MEANING = (72, 96)
_NEARLY = 0.5  # dots per inch by which one of these may be missed
_LONGEST_SCANNED = 18.0  # inches: A3 and a double foolscap; what is longer is scanned by a device for plans
_OF_PLANS, _OF_OFFICES = 200, 600  # dots per inch that it has at least, and that an office's scanner has at most
_SMALL_SHEET = 6.5  # inches: what is shorter is less than half of an A4 sheet
_LONGEST_SHEET, _SHORTEST_SHEET = 50.0, 2.0  # inches: a plan of A0, and a slip; a page that is said to be beyond is not

# Inches, the shorter side first. The sheets that offices write on, then those beside which a scan of them may be mistaken:
# half of an A4 sheet, and the ledger's, A3 and a double foolscap.
_A4 = (8.27, 11.69)
_WRITTEN_ON = (_A4, (8.5, 14.0), (8.5, 13.0), (8.5, 11.0))
_OTHERS = ((11.69, 16.54), (13.5, 17.0), (5.83, 8.27))
_USUAL_DPI = (300, 200, 150, 600, 400, 240, 100, 75, 96, 72)  # of scanners, the most usual first
_ALIKE = 0.025  # share of a sheet's side by which a scan of it may miss it; two usual resolutions are further apart
_SAME_SHAPE = 0.01  # share by which a sheet's shape may be missed

# Of unequal resolutions, the larger over the smaller: a fax at 204 by 196 is 1.04, one at 204 by 98 is 2.08, and no device
# has more than 4.
_LEAST_UNEQUAL, _MOST_UNEQUAL = 1.02, 4.2
_STRETCHED = 1.15  # up to here a scan of a sheet was but fitted to a page of another shape

# Height of the usual letter or joined word of a page, in inches: less than the smallest print, more than a poster has;
# and that of an office letter, where it is 0.14 to 0.19 in Devanagari and 0.06 in English, which has no headline.
_LOW_LETTERS, _HIGH_LETTERS, _USUAL_LETTERS = 0.04, 0.5, 0.12


@dataclass(frozen=True, slots=True)
class Resolution:
    """Dots per inch, or to another unit of length, across and along the page; 0 where nothing is stated."""

    across: float = 0.0
    along: float = 0.0

    @property
    def is_unequal(self) -> bool:
        low, high = sorted((self.across, self.along))
        return low > 0 and _LEAST_UNEQUAL <= high / low <= _MOST_UNEQUAL

    @property
    def larger(self) -> float:
        return max(self.across, self.along)

    def times(self, factor: float) -> Resolution:
        return Resolution(self.across * factor, self.along * factor)

    def turned(self, quarters: int) -> Resolution:
        """The resolution of the page after so many quarter turns."""
        return Resolution(self.along, self.across) if quarters % 2 else self


def squared(width: int, height: int, stated: Resolution) -> tuple[int, int]:
    """The size in pixels at which a page of `width` by `height` has as many dots to an inch across as along, the larger of
    the two that are stated. Its own size where they are equal or nothing is stated; and where its pixels as they are have
    the shape of a sheet, while those made square would not, or the sheet was but stretched a little to fit another one."""
    if not stated.is_unequal:
        return width, height
    wide = round(width * stated.larger / stated.across)
    high = round(height * stated.larger / stated.along)
    is_stretched = stated.larger <= _STRETCHED * min(stated.across, stated.along)
    if _is_sheet_shaped(width, height) and (is_stretched or not _is_sheet_shaped(wide, high)):
        return width, height
    return wide, high


def _is_sheet_shaped(width: int, height: int) -> bool:
    shape = max(width, height) / min(width, height)
    return any(abs(shape * short / long - 1) <= _SAME_SHAPE for short, long in _WRITTEN_ON)


def dots_per_inch(
    width: int, height: int, stated: float, *, default: int, letters: float = 0.0, has_sheet: bool = False
) -> int:
    """The resolution of a page of square pixels, `width` by `height`, of which `stated` is said.

    `letters` is how high its letters are, in pixels; 0 where that is not known. `has_sheet` says that the page is stated
    as a sheet of a size, as in a PDF; then a resolution of a screen counts, too, where that is a sheet that offices write
    on. `default` is told where nothing else can be said.
    """
    found = list(_on_paper(width, height))
    if _is_believed(width, height, stated, has_sheet=has_sheet) and _fits_letters(letters, stated):
        long = max(width, height) / stated
        is_usual = stated <= _OF_OFFICES and (stated >= _OF_PLANS or long <= _LONGEST_SCANNED)
        if not found or (is_usual and (long >= _SMALL_SHEET or not letters)):
            return round(stated)
        found.append(round(stated))  # a plan, or a slip: there may be an error, and its letters tell
    if letters:
        found = sorted(found, key=lambda dpi: abs(math.log(letters / dpi / _USUAL_LETTERS)))
    guessed = found[0] if found else round(max(width, height) / _A4[1])
    return guessed if LEAST_DPI <= guessed < PLAUSIBLE_DPI.stop else default


def _is_believed(width: int, height: int, stated: float, *, has_sheet: bool) -> bool:
    if stated <= 0:
        return False
    short, long = sorted((width / stated, height / stated))
    if round(stated) in PLAUSIBLE_DPI:
        return long <= _LONGEST_SHEET and short >= _SHORTEST_SHEET / 2 and long >= _SHORTEST_SHEET
    is_screen = any(abs(stated - of_screen) <= _NEARLY for of_screen in _WITHOUT_MEANING)
    if stated < LEAST_DPI or stated > PLAUSIBLE_DPI.stop or (is_screen and not has_sheet):
        return False
    return any(_is_near(short, long, sheet) for sheet in (*_WRITTEN_ON, *_OTHERS))


def _fits_letters(letters: float, dpi: float) -> bool:
    return letters <= 0 or _LOW_LETTERS <= letters / dpi <= _HIGH_LETTERS


def _is_near(short: float, long: float, sheet: tuple[float, float]) -> bool:
    return abs(short / sheet[0] - 1) <= _ALIKE and abs(long / sheet[1] - 1) <= _ALIKE


def _on_paper(width: int, height: int) -> Iterator[int]:
    """The usual resolutions at which these pixels are a sheet of paper, the most likely first."""
    short, long = sorted((width, height))
    likely = [(sheet, dpi) for sheet in _WRITTEN_ON for dpi in _USUAL_DPI]
    for sheet, dpi in likely + [(sheet, dpi) for dpi in _USUAL_DPI for sheet in _OTHERS]:
        if _is_near(short / dpi, long / dpi, sheet):
            yield dpi
