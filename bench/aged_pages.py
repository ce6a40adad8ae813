"""Invented letters drawn as aged and poor scans, and read by the real page work: text for measuring search, with its truth.

What was read stays in a folder, for the next time. How letters look is in `samples`; nothing is measured here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline import settings
from pipeline.model.scan import MediaType
from pipeline.workflow.page_worker import PageJob
from pipeline.workflow.pool import PagePool
from samples.age import WEAR
from samples.draw import JPEG_QUALITY, scan_letter
from samples.invent import invent_letter
from samples.press import start_press

_SEED = 23  # of letters that are no samples
_LEVELS = ("aged", "poor")


@dataclass(frozen=True, slots=True)
class AgedPage:
    """A page: what stands on it, and what was read."""

    number: int
    level: str
    true: str
    read: str


def pages(count: int, folder: Path, processes: int = 2) -> list[AgedPage]:
    """So many pages, every other one aged, the others poor; drawn and read where `folder` does not have them."""
    kept = folder / f"aged-{_SEED}-{count}.json"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        found = list(_read(_drawn(count, folder, processes), folder, processes))
        kept.write_text(json.dumps([asdict(page) for page in found], ensure_ascii=False, indent=1), encoding="utf-8")
    return [AgedPage(**row) for row in json.loads(kept.read_text(encoding="utf-8"))]


def _drawn(count: int, folder: Path, processes: int) -> list[AgedPage]:
    numbers = [list(range(first + 1, count + 1, processes)) for first in range(processes)]
    with ProcessPoolExecutor(processes, mp_context=get_context("forkserver")) as pool:
        parts = pool.map(_draw, [some for some in numbers if some], [folder] * processes)
        return sorted((page for part in parts for page in part), key=lambda page: page.number)


def _draw(numbers: Sequence[int], folder: Path) -> list[AgedPage]:
    found = []
    with start_press() as press:
        for number in numbers:
            letter = replace(invent_letter(number, _SEED), level=_LEVELS[number % len(_LEVELS)], turn=0)
            behind = invent_letter(number + 1, _SEED) if WEAR[letter.level].through[1] else None
            drawn, scan = scan_letter(press, letter, np.random.default_rng([_SEED, number]), behind=behind)
            Image.fromarray(scan.pixels).save(
                _path(folder, number), quality=JPEG_QUALITY[letter.level], dpi=(letter.dpi, letter.dpi)
            )
            found.append(AgedPage(number, letter.level, drawn.text, ""))
    return found


def _path(folder: Path, number: int) -> Path:
    return folder / f"aged-{number}.jpg"


def _read(drawn: Sequence[AgedPage], folder: Path, processes: int) -> Iterator[AgedPage]:
    """The same pages with what was read of them; their scans are taken away."""
    work, by_number = settings.WorkSettings(), {page.number: page for page in drawn}
    jobs = [
        PageJob(
            str(_path(folder, number)),
            MediaType.JPEG,
            1,
            number,
            str(folder),
            settings.PageSettings(),
            settings.OcrSettings(),
        )
        for number in by_number
    ]
    with PagePool(processes, memory_mb=work.page_memory_mb, page_seconds=work.page_seconds) as pool:
        for result in pool.work(jobs):
            number = result.page.source_page
            Path(result.image).unlink()
            _path(folder, number).unlink()
            yield replace(by_number[number], read=result.page.text)
