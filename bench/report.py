"""The figures of `ocr` as Markdown tables, and putting them between two marks of a document. Nothing is measured here."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.programs import OCRMYPDF, OURS, PLAIN, TUNED

STAGES = {
    "raster": "rasterise",
    "codes": "codes",
    "measure": "measure",
    "apply": "turn and level",
    "clean": "clean",
    "encode": "encode",
    "ask": "recognise, for the turn",
    "read": "recognise",
}
BENCHMARKS = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"

READING = ("read", "ask")
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Score:
    """Means over pages; see docs/benchmarks.md for what each is. None where no page told."""

    pages: int
    cer: float
    cer_median: float
    cer_digits: float
    wer: float
    numbers: float | None
    turns: float | None
    skew: float | None
    worst_skew: float | None


@dataclass(frozen=True, slots=True)
class Cost:
    """Pages a minute, processor seconds a page, bytes of the largest process, bytes of PDF a page, and processor seconds a
    page by stage, without what no stage accounts for."""

    pages_a_minute: float
    cpu: float
    peak: int
    pdf: float | None
    stages: dict[str, float]

    @property
    def by_stage(self) -> dict[str, float]:
        """The stages in order, and the rest as `other`; empty where no stage is told."""
        if not self.stages:
            return {}
        unknown = {name: seconds for name, seconds in self.stages.items() if name not in STAGES}
        stages = {name: self.stages[name] for name in STAGES if name in self.stages} | unknown
        return stages | {OTHER: max(self.cpu - sum(stages.values()), 0.0)}

    @property
    def beside_reading(self) -> float | None:
        """The share of processor time that is not recognition."""
        read = [self.stages[stage] for stage in READING if stage in self.stages]
        return 1 - sum(read) / self.cpu if read else None


@dataclass(frozen=True, slots=True)
class SetResult:
    """One set: scores by level and program, costs by program."""

    name: str
    pages: int
    scores: dict[str, dict[str, Score]]
    costs: dict[str, Cost]


def tables(results: Sequence[SetResult], *, every: int) -> str:
    """The tables of all sets, under a line that says what was run."""
    which = "every page" if every == 1 else f"one page in {every}"
    command = "script/bench ocr" + ("" if every == 1 else f" --every {every}")
    cores = len(os.sched_getaffinity(0))
    head = f"`{command}`, {which}, {cores} cores, {datetime.now(UTC):%-d %B %Y, %H:%M} UTC.\n\n"
    return head + "\n".join(_set(result) for result in results)


def _set(result: SetResult) -> str:
    rows = [f"### {result.name}: {result.pages} {'page' if result.pages == 1 else 'pages'}", ""]
    rows += [*_accuracy(result), "", *_ratios(result), "", *_costs(result)]
    if any(cost.stages for cost in result.costs.values()):
        rows += ["", *_stages(result.costs[OURS])]
    return "\n".join(rows) + "\n"


def _accuracy(result: SetResult) -> list[str]:
    heads = ["level", "pages", "program", "CER", "median", "CER, digits folded", "WER", "numbers", "turns right"]
    rows = [*head([*heads, "skew error", "worst"])]
    for level, programs in result.scores.items():
        for name, score in programs.items():
            cells = [level, str(score.pages), name]
            cells += [f"{value:.4f}" for value in (score.cer, score.cer_median, score.cer_digits, score.wer)]
            cells += [share(score.numbers), share(score.turns), share(score.skew), share(score.worst_skew)]
            rows.append(line(cells))
    return rows


def _ratios(result: SetResult) -> list[str]:
    """What we make of errors and time to what each other makes; of errors less than 1 is better, of speed more."""
    others = [name for name in (OCRMYPDF, TUNED, PLAIN) if name in result.costs]
    rows = head(["Abhilekh to", *(f"{name}" for name in others)])
    for level, programs in result.scores.items():
        own = programs[OURS]
        rows.append(line([f"CER, {level}", *(_ratio(own.cer, programs[name].cer) for name in others)]))
    everything = list(result.scores)[-1]
    own, programs = result.scores[everything][OURS], result.scores[everything]
    for title, field in (("CER, digits folded", "cer_digits"), ("WER", "wer")):
        own_value = getattr(own, field)
        cells = (_ratio(own_value, getattr(programs[name], field)) for name in others)
        rows.append(line([f"{title}, {everything}", *cells]))
    costs, mine = result.costs, result.costs[OURS]
    speeds = (_ratio(mine.pages_a_minute, costs[name].pages_a_minute) for name in others)
    rows.append(line(["pages a minute", *speeds]))
    rows.append(line(["CPU seconds", *(_ratio(mine.cpu, costs[name].cpu) for name in others)]))
    rows.append(line(["PDF bytes", *(_ratio(mine.pdf, costs[name].pdf) for name in others)]))
    return rows


def _costs(result: SetResult) -> list[str]:
    rows = head(
        ["program", "pages a minute", "CPU s a page", "not recognition", "largest process, MiB", "PDF KiB a page"]
    )
    for name, cost in result.costs.items():
        size = "–" if cost.pdf is None else f"{cost.pdf / 1024:.0f}"
        cells = [f"{cost.pages_a_minute:.1f}", f"{cost.cpu:.2f}", share(cost.beside_reading)]
        rows.append(line([name, *cells, f"{cost.peak / 2**20:.0f}", size]))
    return rows


def _stages(cost: Cost) -> list[str]:
    stages = cost.by_stage
    rows = head(["Abhilekh, CPU", *(STAGES.get(name, name) for name in stages)])
    rows.append(line(["s a page", *(f"{seconds:.3f}" for seconds in stages.values())]))
    rows.append(line(["share", *(f"{seconds / cost.cpu:.3f}" for seconds in stages.values())]))
    return rows


def share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _ratio(ours: float | None, theirs: float | None) -> str:
    return "–" if ours is None or not theirs else f"{ours / theirs:.2f}"


def head(names: Sequence[str]) -> list[str]:
    """The first two lines of a table."""
    return [line(names), "|" + "---|" * len(names)]


def line(cells: Sequence[str]) -> str:
    """One row of a table."""
    return f"| {' | '.join(cells)} |"


def shown(pictures: dict[str, str]) -> str:
    """The pictures, by file name with what each shows, as Markdown beside docs/images."""
    return "".join(f"\n![{says}](images/{name})\n" for name, says in pictures.items())


def put(document: Path, name: str, text: str) -> None:
    """Put the text between the marks of this name, which the document must hold. Raises `ValueError` when it does not."""
    begin, end = f"<!-- bench {name}: begin -->\n", f"<!-- bench {name}: end -->"
    old = document.read_text(encoding="utf-8")
    if begin not in old or end not in old:
        raise ValueError(f"{document} has no place between {begin.strip()} and {end}.")
    before, rest = old.split(begin, 1)
    document.write_text(f"{before}{begin}\n{text}\n{end}{rest.split(end, 1)[1]}", encoding="utf-8")
