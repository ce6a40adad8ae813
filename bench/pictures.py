"""Eight pages before and after: the scan, the page for people, the page for Tesseract, side by side in docs/images.

The pages are drawn for it, seeded, from the invented letters of `samples`; the page work is the real one. What is seen on
each is told in docs/reading.md.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image as Picture

from pipeline import settings
from pipeline.formats.rasterise import rasterise
from pipeline.model.scan import MediaType
from pipeline.preprocess.upright import Thresholds, preprocess_page
from samples.age import WEAR, WHITE, YELLOW, Pixels, Wear, age
from samples.letters import Letter, load_letters
from samples.marks import Spot, marks_html
from samples.press import Press, start_press
from samples.sheet import letter_html

_IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
_SEED = 20
_DPI = 200
_TALL = 700  # pixels
_GAP = 12
_MOST_BYTES = 150_000
_LONGEST = 60.0  # processor seconds to draw a page
_OFFICE = replace(WEAR["office"], skew=(0.0, 0.4), through=(0.0, 0.0), edges=0, folds=0)


@dataclass(frozen=True, slots=True)
class Case:
    """A page to draw: which of the letters (from 1), how it has aged, and what is done to it beyond.

    `mark` is where the signature stands, in CSS pixels of the sheet (620 × 877), its seal to the left when `seal`; None
    leaves both out. `part` is the stretch shown of the upright page, from top to bottom as shares of its height.
    """

    name: str
    letter: int
    wear: Wear
    skew: float = 0.0
    turn: int = 0
    colour: bool = False
    mark: tuple[float, float] | None = None
    seal: bool = False
    behind: int | None = None
    part: tuple[float, float] = (0.0, 1.0)


CASES = (
    Case("seal over text", 6, _OFFICE, skew=0.6, colour=True, mark=(400, 390), seal=True, part=(0.28, 0.66)),
    Case("signature over text", 1, _OFFICE, skew=-0.5, mark=(360, 505), part=(0.3, 0.68)),
    Case("ruled table", 14, replace(_OFFICE, folds=1), skew=1.2, part=(0.3, 0.78)),
    Case("yellowed", 8, replace(WEAR["aged"], edges=0, stains=4, tint=YELLOW), skew=0.9, colour=True),
    Case("show-through", 9, replace(_OFFICE, through=(0.3, 0.32), paper=(0.9, 0.92)), skew=-0.7, behind=2),
    Case("leaning, black border", 7, replace(WEAR["poor"], paper=(0.86, 0.88), tint=WHITE), skew=5.4),
    Case("turned by 90 degrees", 3, WEAR["office"], skew=1.1, turn=90),
    Case("faint", 12, replace(_OFFICE, ink=0.3, paper=(0.86, 0.88), noise=3.0, shade=0.1), skew=0.8, part=(0.05, 0.5)),
)


def run() -> str:
    """Draw, work on and write all eight; returns a line a picture."""
    lines = []
    with tempfile.TemporaryDirectory(prefix="abhilekh-") as folder, start_press() as press:
        for number, case in enumerate(CASES, start=1):
            scan = Path(folder) / f"scan-{number}.jpg"
            Picture.fromarray(_draw(press, case, number)).save(scan, quality=80, dpi=(_DPI, _DPI))
            path = _IMAGES / f"before-after-{number}.jpg"
            size = _beside(list(_panels(scan, case)), path)
            lines.append(f"{path.name}: {case.name}, {size / 1024:.0f} KiB")
    return "\n".join(lines) + "\n"


def _draw(press: Press, case: Case, number: int) -> Pixels:
    letters, chance = load_letters(), np.random.default_rng([_SEED, number])
    letter = letters[case.letter - 1]
    drawn = press.draw(letter_html(letter), _DPI)
    back = press.draw(letter_html(letters[case.behind - 1]), _DPI).pixels if case.behind else None
    return age(
        drawn.pixels,
        case.wear,
        chance,
        dpi=_DPI,
        colour=case.colour,
        turn=case.turn,
        marks=_marks(press, letter, case, chance),
        back=back,
        skew=case.skew,
    ).pixels


def _marks(press: Press, letter: Letter, case: Case, chance: np.random.Generator) -> Pixels | None:
    if case.mark is None:
        return None
    words = letter.stamp if case.seal else ""
    return press.draw_colour(marks_html(chance, Spot(*case.mark), words, letter.font), _DPI)


def _panels(scan: Path, case: Case) -> Iterator[Picture.Image]:
    """The scan, the page for people and the page for reading; of each the part that is to be seen."""
    for page in (_opened(scan), *_worked_on(scan)):
        top, bottom = (round(share * page.height) for share in case.part)
        part = page.crop((0, top, page.width, bottom))
        yield part.resize((round(part.width * _tall(case) / part.height), _tall(case)), Picture.Resampling.LANCZOS)


def _worked_on(scan: Path) -> tuple[Picture.Image, Picture.Image]:
    """The two images of the page, as `page_work` makes them; the second it keeps to itself."""
    pages = settings.PageSettings()
    raster = rasterise(
        scan,
        MediaType.JPEG,
        1,
        default_dpi=pages.default_dpi,
        max_dpi=pages.max_dpi,
        max_pixels=int(pages.max_megapixels * 1e6),
        cpu_seconds=_LONGEST,
    )
    limits = Thresholds(pages.min_rotation_confidence, pages.min_skew_confidence, pages.view_quality)
    image, reading = preprocess_page(raster.pixels, 1, raster.dpi, scan.parent, limits=limits, try_lines=None)
    if reading is None:
        raise ValueError(f"{scan} was taken for a blank page.")
    return _opened(Path(image.viewing_path)), Picture.fromarray(reading.pixels).convert("RGB")


def _opened(path: Path) -> Picture.Image:
    with Picture.open(path) as image:
        return image.convert("RGB")


def _tall(case: Case) -> int:
    """Parts are wide: less tall, so that all pictures are about as wide."""
    return round(_TALL * max(case.part[1] - case.part[0], 0.5))


def _beside(panels: list[Picture.Image], path: Path) -> int:
    """Write the panels into one JPEG, of the best quality that keeps to the bytes; returns its size."""
    tall = max(panel.height for panel in panels)
    sheet = Picture.new("RGB", (sum(panel.width + _GAP for panel in panels) + _GAP, tall + 2 * _GAP), "#D5D9DE")
    x = _GAP
    for panel in panels:
        sheet.paste(panel, (x, _GAP + (tall - panel.height) // 2))
        x += panel.width + _GAP
    for quality in range(82, 30, -6):
        sheet.save(path, "JPEG", quality=quality, optimize=True)
        if path.stat().st_size <= _MOST_BYTES:
            break
    return path.stat().st_size
