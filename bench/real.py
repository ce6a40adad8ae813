"""Real pages, page by page: each step on and off, beside plain Tesseract and OCRmyPDF, all in one run.

The pages lie beside the checkout and are no part of the project. What a program does is in `programs`, what is counted in
`scoring`, how it is told in `real_report`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import cv2

from bench import programs, real_report, report, scoring, sheets
from bench.programs import BY_DATA, OCRMYPDF, OURS, Changed, Outcome, Reading
from bench.real_report import PageFigures, ProgramFigures
from bench.sheets import Sheet
from bench.usage import Usage
from pipeline.model.page import ReadingStep

_PEERS = (*BY_DATA, OCRMYPDF)
_COLOURED = 16  # grey levels between the strongest and the weakest channel, from which a pixel is not grey
_COLOURED_SHARE = 0.01  # of the pixels; more makes it a page in colour, be it of its paper alone
_READING = {"second look at numbers": "number_languages", "second look at Latin codes": "latin_languages"}
_MISSING = (
    "There are no real pages to read: {folder} holds no *.png or *.jpg. They are no part of the project; put scans there,\n"
    "with what stands on <name>.png typed into <name>.gt.txt, or name another folder with --folder.\n"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What to measure: only the pages of these names (all where none is named), peers and steps or not; and where to."""

    folder: Path
    names: Sequence[str]
    peers: bool
    steps: bool
    write: bool
    details: Path | None


def run(wish: Wish) -> str:
    """Measure and return the tables as Markdown, or put them into docs/benchmarks.md. Without pages, a word about them."""
    pages = _chosen(sheets.real(wish.folder), wish.names)
    if not pages:
        return _MISSING.format(folder=wish.folder)
    figures, left_out = dict[str, ProgramFigures](), dict[str, ProgramFigures]()
    for kind, name, read in _readers(pages, wish):
        outcome = read()
        found = _figures(pages, outcome)
        (left_out if kind == "without" else figures)[name] = found
        sys.stderr.write(f"{kind} {name}: {outcome.usage.seconds:.0f} s, CER {found.mean()}\n")
        if wish.details:  # after every program: a run is long
            _keep(wish.details, f"{kind} {name}", pages, outcome, found)
    tables = real_report.tables(figures, left_out)
    if wish.write:
        report.put(report.BENCHMARKS, "real", tables)
    return tables


def _chosen(pages: Sequence[Sheet], names: Sequence[str]) -> list[Sheet]:
    """The pages of these names, with or without their suffix. Raises `SystemExit` when one is not there."""
    unknown = set(names) - {name for page in pages for name in (page.path.name, page.path.stem)}
    if unknown and pages:
        raise SystemExit(f"no such page: {', '.join(sorted(unknown))}")
    return [page for page in pages if not names or {page.path.name, page.path.stem} & set(names)]


def _steps() -> dict[str, Changed]:
    """The settings that leave each step out: those of the page for reading, then those of reading."""
    steps: dict[str, Changed] = {step.value: {"pages": {"leave_out": (step.value,)}} for step in ReadingStep}
    return steps | {name: {"ocr": {setting: ""}} for name, setting in _READING.items()}


def _readers(pages: Sequence[Sheet], wish: Wish) -> Iterator[tuple[str, str, Callable[[], Outcome]]]:
    """What is to be run, in order: its kind, its name, and how."""
    yield "by", OURS, partial(programs.read_by, OURS, pages)
    for name in _PEERS if wish.peers else ():
        yield "by", name, partial(_peer, name, pages)
    for step, changed in _steps().items() if wish.steps else ():
        yield "without", step, partial(programs.by_abhilekh, pages, changed)


def _peer(name: str, pages: Sequence[Sheet]) -> Outcome:
    """What another program makes of the pages; where it gives all of them up for one, what it makes of each alone.

    A page that it does not finish counts as read without a word. Raises `RuntimeError` when it finishes none.
    """
    try:
        return programs.read_by(name, pages)
    except RuntimeError as error:
        sys.stderr.write(f"{name} gave up; each page alone: {error}\n")
    readings, seconds, cpu, peak = [], 0.0, 0.0, 0
    for page in pages:
        try:
            alone = programs.read_by(name, [page])
        except RuntimeError as error:
            if page is pages[-1] and not cpu:
                raise
            sys.stderr.write(f"{name} does not finish {page.path.name}: {error}\n")
            readings.append(Reading("", 0, 0.0))
            continue
        readings += alone.readings
        seconds, cpu = seconds + alone.usage.seconds, cpu + alone.usage.cpu
        peak = max(peak, alone.usage.peak)
    return Outcome(readings, Usage(seconds, cpu, peak), None)


def _figures(pages: Iterable[Sheet], outcome: Outcome) -> ProgramFigures:
    rows = [_page(page, reading) for page, reading in zip(pages, outcome.readings, strict=True)]
    return ProgramFigures(rows, 60 * len(rows) / outcome.usage.seconds, outcome.usage.cpu / len(rows))


def _page(page: Sheet, reading: Reading) -> PageFigures:
    right, numbers = scoring.numbers_right(page.text, reading.text)
    rows = _rows(page.path)
    return PageFigures(
        name=page.path.stem,
        colour=_has_colour(page.path),
        cer=scoring.cer(page.text, reading.text) if page.text else None,
        numbers_right=right,
        numbers=numbers,
        rows_whole=scoring.rows_whole(rows, reading.text),
        rows=len(rows),
        flags=tuple(reading.flags),
    )


def _rows(path: Path) -> list[list[str]]:
    """The rows of the page's table, each its cells, out of `<name>.rows.txt`; none where there is no such file."""
    typed = path.with_suffix(".rows.txt")
    return [line.split("\t") for line in typed.read_text(encoding="utf-8").splitlines()] if typed.exists() else []


def _has_colour(path: Path) -> bool:
    """Whether the scan itself is in colour, by its pixels, for grey scans are often saved with three channels."""
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None:
        raise ValueError(f"{path} is no image")
    spread = pixels.max(axis=2) - pixels.min(axis=2)
    return bool((spread > _COLOURED).mean() > _COLOURED_SHARE)


def _keep(path: Path, name: str, pages: Sequence[Sheet], outcome: Outcome, figures: ProgramFigures) -> None:
    """Add the figures of every page and what was read to the file, as JSON; the first program begins it anew."""
    kept = {} if name == f"by {OURS}" or not path.exists() else json.loads(path.read_text(encoding="utf-8"))
    kept[name] = {
        "pages_a_minute": figures.pages_a_minute,
        "cpu_seconds_a_page": figures.cpu,
        "pages": {
            page.path.stem: {**asdict(row), "text": reading.text}
            for page, row, reading in zip(pages, figures.pages, outcome.readings, strict=True)
        },
    }
    path.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
