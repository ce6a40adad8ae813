"""The figures of `ocr` and `fields` as pictures. The only place here that knows matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from bench.field_report import BANDS, Reported, by_field
from bench.programs import OCRMYPDF, OURS, PLAIN, TUNED
from bench.report import OTHER, STAGES, SetResult

# Okabe and Ito's colours, which colour-blind people tell apart.
_COLOURS = {OURS: "#0072B2", OCRMYPDF: "#E69F00", TUNED: "#D55E00", PLAIN: "#8A8A8A"}
_MARKS = {OURS: "o", OCRMYPDF: "s", TUNED: "D", PLAIN: "^"}
STAGE_COLOURS = {
    "raster": "#56B4E9",
    "codes": "#332288",
    "measure": "#009E73",
    "apply": "#F0E442",
    "clean": "#CC79A7",
    "encode": "#D55E00",
    "ask": "#88CCEE",
    "read": "#0072B2",
    OTHER: "#BBBBBB",
}
_LEAST_CER = 0.001  # the axis knows no zero
_DPI = 110


def draw(results: Sequence[SetResult], folder: Path) -> dict[str, str]:
    """Write the pictures into the folder; returns their file names with what they show."""
    mpl.use("Agg")
    plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "figure.dpi": _DPI})
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {
        "bench-cer.png": (_errors(results), "Character errors by level and program, on a logarithmic axis"),
        "bench-speed.png": (_speed(results), "Pages a minute of each program, as a ratio to plain Tesseract"),
        "bench-stages.png": (_stages(results), "Processor seconds a page: ours by stage, the others whole"),
    }
    for name, (figure, _) in drawn.items():
        figure.savefig(folder / name, facecolor="white")
        plt.close(figure)
    return {name: says for name, (_, says) in drawn.items()}


def _panels(results: Sequence[SetResult], height: float) -> tuple[Figure, list[Axes]]:
    figure, axes = plt.subplots(1, len(results), figsize=(2.9 * len(results) + 1, height), squeeze=False)
    for axis, result in zip(axes[0], results, strict=True):
        axis.set_title(f"{result.name}, {result.pages} pages", fontsize=9)
    return figure, list(axes[0])


def _errors(results: Sequence[SetResult]) -> Figure:
    figure, axes = _panels(results, 3.2)
    every = [score.cer for result in results for level in result.scores.values() for score in level.values()]
    reach = max(min(every), _LEAST_CER) * 0.8, max(every) * 1.25
    for axis, result in zip(axes, results, strict=True):
        levels = list(result.scores)[::-1]
        for name, colour in _COLOURS.items():
            values = [max(result.scores[level][name].cer, _LEAST_CER) for level in levels]
            axis.plot(values, range(len(levels)), _MARKS[name], color=colour, label=name, markersize=7, alpha=0.9)
        axis.set_xscale("log")
        axis.set_xlim(*reach)
        axis.set_yticks(range(len(levels)), levels)
        axis.set_ylim(-0.6, len(levels) - 0.4)
        axis.set_xlabel("CER (left is better)")
        axis.grid(axis="both", which="major", color="#DDDDDD", linewidth=0.6)
        axis.set_axisbelow(True)
    _legend(figure, axes[0])
    return figure


def _speed(results: Sequence[SetResult]) -> Figure:
    figure, axes = _panels(results, 2.6)
    for axis, result in zip(axes, results, strict=True):
        names = list(_COLOURS)[::-1]
        to = result.costs[PLAIN].pages_a_minute
        values = [result.costs[name].pages_a_minute / to for name in names]
        bars = axis.barh(names, values, color=[_COLOURS[name] for name in names])
        axis.bar_label(bars, fmt="%.2f", padding=3)
        axis.set_xlim(0, max(values) * 1.2)
        axis.xaxis.set_major_locator(MaxNLocator(4))
        axis.set_xlabel("pages a minute, plain Tesseract = 1")
        if axis is not axes[0]:
            axis.set_yticks([])
    figure.tight_layout()
    return figure


def _stages(results: Sequence[SetResult]) -> Figure:
    figure, axes = _panels(results, 3.0)
    for axis, result in zip(axes, results, strict=True):
        names = list(_COLOURS)[::-1]
        for place, name in enumerate(names):
            left = 0.0
            for stage, seconds in (result.costs[name].by_stage or {"": result.costs[name].cpu}).items():
                axis.barh(place, seconds, left=left, color=STAGE_COLOURS.get(stage, "#8A8A8A"))
                left += seconds
            axis.annotate(f"{left:.1f}", (left, place), xytext=(3, 0), textcoords="offset points", va="center")
        axis.set_yticks(range(len(names)), names if axis is axes[0] else [""] * len(names))
        axis.set_xlim(0, max(cost.cpu for cost in result.costs.values()) * 1.2)
        axis.set_xlabel("CPU seconds a page")
    patches = [Patch(color=colour, label=STAGES.get(stage, stage)) for stage, colour in STAGE_COLOURS.items()]
    figure.legend(handles=patches, loc="lower center", ncols=len(patches), frameon=False, fontsize=8)
    figure.tight_layout(rect=(0, 0.1, 1, 1))
    return figure


def draw_fields(found: Sequence[Reported], folder: Path) -> dict[str, str]:
    """Write the plot of how far each field's confidence can be believed; returns its file name with what it shows."""
    mpl.use("Agg")
    plt.rcParams.update({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False, "figure.dpi": _DPI})
    fields = {**by_field([one for one in found if one.confidence is not None]), "all": found}
    figure, axes = plt.subplots(2, (len(fields) + 1) // 2, figsize=(14, 4.6), sharex=True, sharey=True)
    for axis, (name, ones) in zip(axes.flat, fields.items(), strict=False):
        _believed(axis, name, [one for one in ones if one.confidence is not None])
    for axis in axes.flat[len(fields) :]:
        axis.set_visible(False)
    figure.supxlabel("confidence that was reported")
    figure.supylabel("share that is right")
    figure.tight_layout()
    figure.savefig(folder / "bench-fields.png", facecolor="white")
    plt.close(figure)
    return {
        "bench-fields.png": "Of each field, the share that is right by the confidence reported; dots grow with their number"
    }


def _believed(axis: Axes, name: str, ones: Sequence[Reported]) -> None:
    axis.plot([0, 1], [0, 1], color="#BBBBBB", linewidth=0.8)
    for low, high in BANDS:
        inside = [one for one in ones if one.confidence is not None and low <= one.confidence < high]
        if inside:
            middle = sum(one.confidence or 0 for one in inside) / len(inside)
            right = sum(one.right for one in inside) / len(inside)
            axis.scatter([middle], [right], s=8 + 3 * len(inside) ** 0.5, color="#0072B2", zorder=3)
    axis.axvline(0.9, color="#D55E00", linewidth=0.6, linestyle=":")
    axis.set_title(f"{name} ({len(ones)})", fontsize=8)
    axis.set_xlim(0.2, 1.03)
    axis.set_ylim(-0.03, 1.05)


def _legend(figure: Figure, axis: Axes) -> None:
    handles, labels = axis.get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=len(labels), frameon=False)
    figure.tight_layout(rect=(0, 0.09, 1, 1))
