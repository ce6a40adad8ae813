"""Draws the invented letters and files of `fields` as scans of all levels, and has them read by the real page work.

Scans and what was read of them stay in a folder, so that a change of `records` alone is measured in a minute; take the
folder away, or its `*.read` files, when the reading itself has changed.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bench.inventing import LEVELS, Bundle, Paper, bundle, letter
from bench.laying import Font, html
from bench.other_papers import other
from bench.wording import Chance
from pipeline import settings
from pipeline.extract.file_number import load_grammar
from pipeline.model.page import ReadPage
from pipeline.model.scan import MediaType
from pipeline.workflow.page_worker import PageJob
from pipeline.workflow.pool import PagePool
from samples.age import WEAR, Pixels, age
from samples.marks import Spot, marks_html
from samples.press import CSS_DPI, Drawn, Press, start_press

_QUALITY = 60
_FILES, _OTHERS = 50_000, 90_000  # the number of a file's chance, and of a page that is no letter, apart from letters
_BACK_THROUGH = (0.06, 0.11)
_STAMPED, _SIGNED = 0.08, 0.6  # shares of letters with a seal over their number; with seal and signature at the name
_STAINS = 1  # on a sheet, at most: they take most of the time
_DPI = (200, 200, 200, 300)


@dataclass(frozen=True, slots=True)
class Job:
    """One scan to draw: a letter, a whole file, or (`other`) a page that is no letter, of this seed and number; `folder`
    takes its pages."""

    seed: int
    number: int
    whole: bool
    fonts: tuple[Font, ...]
    folder: str
    other: bool = False

    @property
    def chance(self) -> Chance:
        return Chance(self.seed, self.number + (_FILES if self.whole else _OTHERS if self.other else 0))

    @property
    def name(self) -> str:
        return f"{'file' if self.whole else 'other' if self.other else 'letter'}-{self.seed}-{self.number:04}"


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan that was drawn: its level and font, its sheets, the page (from 1) on which each begins, and the pages."""

    name: str
    level: str
    font: str
    bundle: Bundle
    starts: tuple[int, ...]
    paths: tuple[str, ...]
    dpi: int


def scans(jobs: Sequence[Job], processes: int) -> list[Scan]:
    """Draw what is not there yet."""
    missing = [job for job in jobs if not _kept(job).exists()]
    chunks = [missing[start::processes] for start in range(processes)]
    with ProcessPoolExecutor(processes, mp_context=get_context("forkserver")) as pool:
        list(pool.map(_draw_all, [chunk for chunk in chunks if chunk]))
    return [_loaded(_kept(job)) for job in jobs]


def read(drawn: Sequence[Scan], processes: int) -> list[list[ReadPage]]:
    """The pages of each scan as the page work reads them."""
    work, grammar = settings.WorkSettings(), load_grammar(settings.CHECKOUT / "config" / "file_numbers.toml")
    places = [(scan, page) for scan in drawn for page in range(len(scan.paths))]
    missing = [place for place in places if not _read_of(*place).exists()]
    jobs = [
        PageJob(
            scan.paths[page],
            MediaType.JPEG,
            1,
            number,
            str(Path(scan.paths[page]).parent),
            settings.PageSettings(),
            settings.OcrSettings(),
            numbers=grammar,
        )
        for number, (scan, page) in enumerate(missing, start=1)
    ]
    with PagePool(processes, memory_mb=work.page_memory_mb, page_seconds=work.page_seconds) as pool:
        for result in pool.work(jobs):
            scan, page = missing[result.page.source_page - 1]
            Path(result.image).unlink()
            _read_of(scan, page).write_bytes(pickle.dumps(replace(result.page, source_page=page + 1)))
    return [[_loaded(_read_of(scan, page)) for page in range(len(scan.paths))] for scan in drawn]


def _loaded(path: Path) -> Any:
    return pickle.loads(path.read_bytes())  # noqa: S301 - a file of our own


def _kept(job: Job) -> Path:
    return Path(job.folder) / f"{job.name}.scan"


def _read_of(scan: Scan, page: int) -> Path:
    return Path(scan.paths[page]).with_suffix(".read")


def _draw_all(jobs: Sequence[Job]) -> None:
    with start_press() as press:
        for job in jobs:
            scan = _draw(press, job)
            _kept(job).write_bytes(pickle.dumps(scan))


def _draw(press: Press, job: Job) -> Scan:
    chance = job.chance
    level, dpi, font = chance.one(LEVELS), chance.one(_DPI), chance.one(job.fonts)
    single = other if job.other else letter
    whole = bundle(chance) if job.whole else Bundle("", (single(chance),), duplex=False)
    starts, paths = list[int](), list[str]()
    for paper in whole.papers:
        starts.append(len(paths) + 1)
        for pixels in _sides(press, paper, font, level, dpi, chance, duplex=whole.duplex):
            path = Path(job.folder) / f"{job.name}-{len(paths) + 1}.jpg"
            Image.fromarray(pixels).save(path, quality=_QUALITY, dpi=(dpi, dpi))
            paths.append(str(path))
    return Scan(job.name, level, font.name, whole, tuple(starts), tuple(paths), dpi)


def _sides(
    press: Press, paper: Paper, font: Font, level: str, dpi: int, chance: Chance, *, duplex: bool
) -> Iterator[Pixels]:
    """The front of a sheet, and its empty back where both sides were scanned."""
    drawn = press.draw(html(paper, font, chance), dpi)
    behind = np.ascontiguousarray(drawn.pixels[::-1]) if WEAR[level].through[1] else None
    marks = _marks(press, paper, drawn, font, dpi, chance)
    wear = replace(WEAR[level], stains=min(WEAR[level].stains, _STAINS))
    yield age(drawn.pixels, wear, chance.numbers, dpi=dpi, marks=marks, back=behind).pixels
    if duplex:
        wear = replace(wear, stains=0, through=_BACK_THROUGH)
        yield age(np.full_like(drawn.pixels, 255), wear, chance.numbers, dpi=dpi, back=drawn.pixels).pixels


def _marks(press: Press, paper: Paper, drawn: Drawn, font: Font, dpi: int, chance: Chance) -> Pixels | None:
    """Seal and signature at the name, or a seal over the number."""
    if drawn.sign is None:
        return None
    name = font.name.removeprefix("W ")
    if paper.kind == "letter" and chance.some(_STAMPED):
        box = next((word.box for word in drawn.words if word.text.startswith(paper.parts["number"].split()[0])), None)
        if box is not None:
            x, y = (box[0] + box[2] / 2) / dpi * CSS_DPI, box[1] / dpi * CSS_DPI
            return press.draw_colour(
                marks_html(chance.numbers, Spot(x + 140, y), "जिला कार्यालय • अभिलेख शाखा •", name), dpi
            )
    if not chance.some(_SIGNED):
        return None
    words = "कार्यालय की मुद्रा • जिला •" if chance.some(0.5) else ""
    return press.draw_colour(marks_html(chance.numbers, Spot(*drawn.sign), words, name), dpi)
