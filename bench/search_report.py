"""The figures of `search` as Markdown, and their place in the document. Nothing is measured here."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench import report

if TYPE_CHECKING:
    from bench.search import Built, Figures

_DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


def tables(
    built: Built,
    others: Mapping[str, Built],
    figures: Mapping[str, Mapping[str, Figures]],
    latency: Mapping[str, float],
) -> str:
    """One rate of misread letters: what was found, and what it cost."""
    lines = [f"**{built.pages:,} pages, {built.rate:.0%} of letters misread**", ""]
    lines += _head(
        ["questions", "searcher", "n", "recall@10", "precision@10", "precision@5", "hit@10", "MRR", "p50 ms"]
    )
    for kind in next(iter(figures.values())):
        for name, found in figures.items():
            lines.append(_found(kind, name, found[kind]))
    lines += ["", *_head(["searcher", "built, pages/s", "index, MB", "index : text"])]
    for name, cost in {"Abhilekh": built, **others}.items():
        rate, share = cost.pages / cost.seconds, cost.bytes / cost.text_bytes
        lines.append(f"| {name} | {rate:,.0f} | {cost.bytes / 1e6:,.0f} | {share:.2f} |")
    lines += ["", f"Abhilekh, {latency['questions']:.0f} mixed questions with every tier: "
              f"p50 {latency['p50']:.0f} ms, p95 {latency['p95']:.0f} ms, p99 {latency['p99']:.0f} ms by the clock; "
              f"processor time p50 {latency['cpu p50']:.0f} ms, p95 {latency['cpu p95']:.0f} ms, "
              f"p99 {latency['cpu p99']:.0f} ms. Memory of the process, at most: {built.memory / 1e6:,.0f} MB."]  # fmt: skip
    return "\n".join(lines)


def _found(kind: str, name: str, found: Figures) -> str:
    values = (found.recall, found.precision, found.at_five, found.hit, found.reciprocal)
    means = " | ".join(_mean(value) for value in values)
    return f"| {kind} | {name} | {len(found.ms)} | {means} | {statistics.median(found.ms):.1f} |"


def _mean(values: Sequence[float]) -> str:
    return f"{statistics.fmean(values):.3f}" if values else "–"


def _head(names: Sequence[str]) -> list[str]:
    return [f"| {' | '.join(names)} |", "|" + "---|" * len(names)]


def put(pages: int, text: str) -> None:
    """Into docs/benchmarks.md, between the marks for so many pages."""
    report.put(_DOCUMENT, f"search {pages}", text)
