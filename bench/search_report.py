"""The figures of `search` as Markdown, and their place in the document. Nothing is measured here."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench import report, search_load

if TYPE_CHECKING:
    from bench.search import Built, Figures
    from bench.search_load import Load

_DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


def tables(
    title: str,
    built: Built,
    others: Mapping[str, Built],
    figures: Mapping[str, Mapping[str, Figures]],
    load: Load,
) -> str:
    """What was found, and what it cost; of an index that was there before it is not told how fast it was built."""
    lines = [f"**{title}**", ""]
    lines += _head(
        [
            "questions",
            "searcher",
            "n",
            "recall@10",
            "precision@10",
            "precision@5",
            "hit@10",
            "MRR",
            "p50 ms",
            "p95 ms",
            "p99 ms",
        ]
    )
    for kind in next(iter(figures.values())):
        for name, found in figures.items():
            lines.append(_found(kind, name, found[kind]))
    lines += ["", *_head(["searcher", "built, pages/s", "index, MB", "index : text"])]
    for name, cost in {"Abhilekh": built, **others}.items():
        rate = f"{cost.pages / cost.seconds:,.0f}" if cost.seconds else "–"
        lines.append(f"| {name} | {rate} | {cost.bytes / 1e6:,.1f} | {cost.bytes / cost.text_bytes:.2f} |")
    return "\n".join([*lines, "", _load_line(load)])


def _load_line(load: Load) -> str:
    """What the searching process took."""
    clock, cpu = search_load.quantiles(load.ms), search_load.quantiles(load.cpu)
    return (
        f"Abhilekh, {len(load.ms)} mixed questions with every tier, while two writers add pages: "
        f"p50 {clock[0]:.0f} ms, p95 {clock[1]:.0f} ms, p99 {clock[2]:.0f} ms by the clock; "
        f"processor time p50 {cpu[0]:.0f} ms, p95 {cpu[1]:.0f} ms, p99 {cpu[2]:.0f} ms. "
        f"Memory of the searching process, at most: {load.memory / 1e6:,.0f} MB. "
        f"{len(load.seen)} pages were added, each found after {statistics.median(load.seen):.2f} s, "
        f"at most {max(load.seen):.2f} s."
    )


def _found(kind: str, name: str, found: Figures) -> str:
    values = (found.recall, found.precision, found.at_five, found.hit, found.reciprocal)
    means = " | ".join(_mean(value) for value in values)
    times = " | ".join(f"{ms:.1f}" for ms in search_load.quantiles(found.ms))
    return f"| {kind} | {name} | {len(found.ms)} | {means} | {times} |"


def _mean(values: Sequence[float]) -> str:
    return f"{statistics.fmean(values):.3f}" if values else "–"


def _head(names: Sequence[str]) -> list[str]:
    return [f"| {' | '.join(names)} |", "|" + "---|" * len(names)]


def put(name: str, text: str) -> None:
    """Into docs/benchmarks.md, between the marks of this name."""
    report.put(_DOCUMENT, f"search {name}", text)
