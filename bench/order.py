"""The same pages in several orders, on a quiet and on a busy machine: whether each is read the same, byte for byte.

The pages go through the pool of the product. A page may come out otherwise only where a flag says so.
"""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bench import sheets
from bench.report import head, line
from bench.sheets import Sheet
from pipeline import settings
from pipeline.model.page import TIMED_OUT
from pipeline.model.scan import MediaType
from pipeline.workflow.page_worker import PageJob, PageResult
from pipeline.workflow.pool import PagePool

_TOLD_BY = {TIMED_OUT, "not_all_read_again"}  # flags of a page that another run may read otherwise
_BATCH_DAY = date(2026, 1, 1)  # no paper is younger; of every run the same, as of a batch
_BUSY = "while True: pass"
_PARTS = ("text", "words", "confidence", "geometry", "flags", "image")


@dataclass(frozen=True, slots=True)
class Run:
    """One run over all pages: the seed of its order, the processes that read, and the programs that compute beside them."""

    order: int
    processes: int
    beside: int

    @property
    def title(self) -> str:
        return f"order {self.order}, {'busy' if self.beside else 'quiet'}"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What must be the same in every run, part by part (`_PARTS`) as SHA-256, and whether a flag says that it may not be."""

    parts: dict[str, str]
    flagged: bool


def run(*, pages: int, orders: int) -> str:
    """Read `pages` pages in `orders` orders, each quiet and busy, and tell what differs from the first run."""
    chosen, beside = chosen_pages(pages), len(os.sched_getaffinity(0))
    runs = [run for order in range(1, orders + 1) for run in (Run(order, 1, 0), Run(order, 2, beside))]
    first: dict[Path, Fingerprint] = {}
    rows = head(["run", "processes", "programs beside", "seconds", "differ", "of these flagged"])
    differing: dict[str, list[str]] = {}
    for one in runs:
        began = time.monotonic()
        found = _read(chosen, one)
        seconds = time.monotonic() - began
        first = first or found
        differ = {path: differing_parts(first[path], found[path]) for path in found}
        differ = {path: parts for path, parts in differ.items() if parts}
        flagged = sum(found[path].flagged or first[path].flagged for path in differ)
        cells = [one.title, str(one.processes), str(one.beside), f"{seconds:.0f}", str(len(differ)), str(flagged)]
        rows.append(line(cells))
        sys.stderr.write(rows[-1] + "\n")
        for path, parts in differ.items():
            says = f"{', '.join(parts)}{' (flagged)' if found[path].flagged or first[path].flagged else ''}"
            differing.setdefault(path.name, []).append(f"{one.title}: {says}")
    told = "".join(f"- {name}: {'; '.join(where)}\n" for name, where in sorted(differing.items()))
    return "\n".join([f"{len(chosen)} pages.\n", *rows, ""]) + (
        f"\nDifferent from the first run:\n\n{told}" if told else ""
    )


def chosen_pages(count: int) -> list[Path]:
    """So many pages, none twice: of the real ones, the samples and ../shared/letters in turn, as far as they are there."""
    known = sheets.sets()
    by_set: list[Sequence[Sheet]] = [sheets.real(), known.get("samples", []), known.get("../shared/letters", [])]
    longest = max(len(one) for one in by_set)
    return [one[place].path for place in range(longest) for one in by_set if place < len(one)][:count]


def differing_parts(one: Fingerprint, other: Fingerprint) -> list[str]:
    """The parts of a page that are not the same in two runs."""
    return [part for part in _PARTS if one.parts[part] != other.parts[part]]


def fingerprint(result: PageResult) -> Fingerprint:
    """What a run made of one page."""
    page = result.page
    parts = {
        "text": page.text,
        "words": page.words,
        "confidence": page.confidence,
        "geometry": page.geometry,
        "flags": page.flags,
        "image": Path(result.image).read_bytes(),
    }
    return Fingerprint({name: _digest(part) for name, part in parts.items()}, bool(_TOLD_BY & set(page.flags)))


def _digest(part: object) -> str:
    data = part if isinstance(part, bytes) else repr(part).encode()
    return hashlib.sha256(data).hexdigest()


def _read(paths: Sequence[Path], run: Run) -> dict[Path, Fingerprint]:
    """Every page of this run, by its path."""
    ordered = random.Random(run.order).sample(paths, len(paths))
    work = settings.WorkSettings()
    pool = PagePool(run.processes, memory_mb=work.page_memory_mb, page_seconds=work.page_seconds)
    found = {}
    with tempfile.TemporaryDirectory(prefix="abhilekh-") as folder, _busy(run.beside), pool:
        jobs = [_job(path, number, Path(folder)) for number, path in enumerate(ordered, start=1)]
        for result in pool.work(jobs):
            place = result.page.source_page - 1
            found[ordered[place]] = fingerprint(result)
    return found


def _job(path: Path, number: int, folder: Path) -> PageJob:
    own = folder / str(number)
    own.mkdir()
    kind = MediaType.PNG if path.suffix == ".png" else MediaType.JPEG
    pages, ocr = settings.PageSettings(), settings.OcrSettings()
    return PageJob(str(path), kind, 1, number, str(own), pages, ocr, today=_BATCH_DAY)


@contextmanager
def _busy(programs: int) -> Iterator[None]:
    """So many programs that compute without end, as long as this lasts."""
    started = [subprocess.Popen([sys.executable, "-c", _BUSY]) for _ in range(programs)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()
