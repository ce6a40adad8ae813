"""Reading pages: errors, speed, memory and size, beside OCRmyPDF and plain Tesseract in the same run.

All read the same pages with the same language data on the same number of processes, one program after the other. What a
program does is in `programs`, what is counted in `scoring`, how it is told in `report` and `charts`.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import programs, report, scoring, sheets
from bench.programs import OCRMYPDF, OURS, PLAIN, TRIED, TUNED, Outcome, Reading
from bench.report import Cost, Score, SetResult
from bench.sheets import Sheet

_LEVELS = ("clean", "office", "aged", "poor", "real")
_DOCS = Path(__file__).resolve().parent.parent / "docs"


@dataclass(frozen=True, slots=True)
class PageScore:
    """One page by one program; None where the page has nothing to measure. `skew` is told only of a page turned right."""

    file: str
    level: str
    cer: float
    cer_digits: float
    wer: float
    numbers: float | None
    turned_right: bool | None
    skew: float | None


def run(*, every: int, write: bool, details: Path | None) -> str:
    """Measure every set that is there; returns the tables as Markdown, or puts them into docs/benchmarks.md."""
    results, pages = [], {}
    for name, known in sheets.sets().items():
        chosen = known[::every]
        outcomes = {program: _read(program, name, chosen) for program in (OURS, OCRMYPDF, TUNED, PLAIN)}
        pages[name] = {program: _scored(chosen, outcome.readings) for program, outcome in outcomes.items()}
        costs = {program: _cost(outcome) for program, outcome in outcomes.items()}
        results.append(SetResult(name, len(chosen), _by_level(pages[name]), costs))
    if details:
        figures = {name: {by: [asdict(page) for page in own] for by, own in one.items()} for name, one in pages.items()}
        details.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    tables = report.tables(results, every=every)
    if write:
        from bench import charts  # noqa: PLC0415 - loads matplotlib, which a run without pictures can do without

        pictures = charts.draw(results, _DOCS / "images")
        report.put(_DOCS / "benchmarks.md", "ocr", tables + report.shown(pictures))
    return tables


def trial(*, every: int) -> str:
    """OCRmyPDF with each set of options on some pages of every set: how its tuned ones were found."""
    rows = ["| options | pages | CER | CER, digits folded | WER | numbers | turns right | CPU s a page |"]
    rows.append("|" + "---|" * 8)
    known = [sheet for one in sheets.sets().values() for sheet in one[::every]]
    for name, options in TRIED.items():
        sys.stderr.write(f"OCRmyPDF {name}: {len(known)} pages …\n")
        outcome = programs.by_ocrmypdf(known, options)
        score = _mean(_scored(known, outcome.readings))
        rows.append(
            f"| {name} | {len(known)} | {score.cer:.4f} | {score.cer_digits:.4f} | {score.wer:.4f} | "
            f"{report.share(score.numbers)} | {report.share(score.turns)} | {outcome.usage.cpu / len(known):.1f} |"
        )
        sys.stderr.write(rows[-1] + "\n")
    return "\n".join(rows) + "\n"


def _read(program: str, name: str, chosen: Sequence[Sheet]) -> Outcome:
    sys.stderr.write(f"{name}: {len(chosen)} pages by {program} …\n")
    outcome = programs.read_by(program, chosen)
    sys.stderr.write(f"  {outcome.usage.seconds:.0f} s\n")
    return outcome


def _scored(known: Iterable[Sheet], readings: Iterable[Reading]) -> list[PageScore]:
    return [_score(sheet, reading) for sheet, reading in zip(known, readings, strict=True)]


def _score(sheet: Sheet, reading: Reading) -> PageScore:
    right = None if sheet.turn is None else reading.turn == sheet.turn
    return PageScore(
        file=sheet.path.name,
        level=sheet.level,
        cer=scoring.cer(sheet.text, reading.text),
        cer_digits=scoring.cer(sheet.text, reading.text, digits=True),
        wer=scoring.wer(sheet.text, reading.text),
        numbers=scoring.numbers_found(sheet.text, reading.text),
        turned_right=right,
        skew=abs(reading.skew - sheet.skew) if right and sheet.skew is not None else None,
    )


def _by_level(pages: dict[str, list[PageScore]]) -> dict[str, dict[str, Score]]:
    """By level, then by program; "all" where there is more than one level."""
    there = [level for level in _LEVELS if any(page.level == level for page in pages[OURS])]
    levels = there if len(there) == 1 else [*there, "all"]
    return {
        level: {
            program: _mean([page for page in own if level in ("all", page.level)]) for program, own in pages.items()
        }
        for level in levels
    }


def _mean(pages: Sequence[PageScore]) -> Score:
    skews = [page.skew for page in pages if page.skew is not None]
    return Score(
        pages=len(pages),
        cer=statistics.fmean(page.cer for page in pages),
        cer_median=statistics.median(page.cer for page in pages),
        cer_digits=statistics.fmean(page.cer_digits for page in pages),
        wer=statistics.fmean(page.wer for page in pages),
        numbers=_fmean(page.numbers for page in pages),
        turns=_fmean(page.turned_right for page in pages),
        skew=_fmean(skews),
        worst_skew=max(skews, default=None),
    )


def _fmean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.fmean(known) if known else None


def _cost(outcome: Outcome) -> Cost:
    count, usage = len(outcome.readings), outcome.usage
    stages: dict[str, float] = {}
    for reading in outcome.readings:
        for stage, seconds in reading.seconds.items():
            stages[stage] = stages.get(stage, 0.0) + seconds / count
    size = None if outcome.pdf_bytes is None else outcome.pdf_bytes / count
    return Cost(60 * count / usage.seconds, usage.cpu / count, usage.peak, size, stages)
