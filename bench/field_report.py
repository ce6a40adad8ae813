"""The figures of `fields` as Markdown: by field and level, and how far each confidence can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.model.document import SURE_FROM

LEVELS = ("clean", "office", "aged", "poor")
BANDS = ((0.0, 0.5), (0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 1.01))
SURE = 0.9


@dataclass(frozen=True, slots=True)
class Reported:
    """A field of one letter: what is true of it (None: it has none), what was reported (None: nothing) and how surely."""

    name: str
    level: str
    font: str
    confidence: float | None
    right: bool
    expected: str | None
    value: str | None
    scan: str

    @property
    def line(self) -> str:
        sure = "–" if self.confidence is None else f"{self.confidence:.2f}"
        return f"{self.scan} {self.level} {self.font} {self.name} {sure}: {self.expected!r} read {self.value!r}"


@dataclass(frozen=True, slots=True)
class FileScore:
    """A whole file: its number right on every document, letters cut at their first page, documents too many."""

    level: str
    number: bool
    cut: int
    letters: int
    extra: int
    dates: int

    @property
    def is_right(self) -> bool:
        return self.number and self.cut == self.letters and not self.extra and self.dates == self.letters


@dataclass(frozen=True, slots=True)
class OtherScore:
    """A page that is no letter: its kind, and how surely each field was reported of it that it has not."""

    kind: str
    confidences: tuple[float, ...]


def others_table(others: Sequence[OtherScore]) -> str:
    """Fields reported of pages that have none, by how surely."""
    if not others:
        return ""
    rows = [
        "",
        f"| pages that are no letters | pages | fields | of {SURE_FROM} or more | of {SURE} or more |",
        "|" + "---|" * 5,
    ]
    for kind in (*sorted({one.kind for one in others}), "all"):
        ones = [one for one in others if kind in (one.kind, "all")]
        given = [confidence for one in ones for confidence in one.confidences]
        counts = [sum(confidence >= least for confidence in given) for least in (0, SURE_FROM, SURE)]
        rows.append(f"| {kind} | {len(ones)} | {' | '.join(map(str, counts))} |")
    return "\n".join(rows) + "\n"


def by_field(found: Sequence[Reported]) -> dict[str, list[Reported]]:
    names = dict.fromkeys(one.name for one in found)
    return {name: [one for one in found if one.name == name] for name in names}


def tables(found: Sequence[Reported], files: Sequence[FileScore], seed: int, own_fonts: bool) -> str:
    """Everything that was measured."""
    letters = len({one.scan for one in found})
    fonts = len({one.font for one in found})
    rows = [
        f"{letters} letters in {fonts} fonts and {len(files)} files, seed {seed}"
        f"{', fonts of a folder' if own_fonts else ', installed fonts'}.",
        "",
    ]
    rows += [*_right(found), "", *_believed(found), ""]
    return "\n".join([*rows, *(_files(files) if files else [])]) + "\n"


def _right(found: Sequence[Reported]) -> list[str]:
    """The share of letters on which the field is right, of those that have it."""
    rows = [
        "| right | " + " | ".join(LEVELS) + " | all | reported where there is none |",
        "|" + "---|" * (len(LEVELS) + 3),
    ]
    for name, ones in by_field(found).items():
        true = [one for one in ones if one.expected is not None]
        cells = [_share([one.right for one in true if one.level == level]) for level in LEVELS]
        rows.append(
            f"| {name} | {' | '.join(cells)} | {_share([one.right for one in true])} | {len(ones) - len(true)} |"
        )
    return rows


def _believed(found: Sequence[Reported]) -> list[str]:
    """Of the fields reported with a confidence in each band, the share that is right, with how many there are."""
    bands = [f"{low:.2f} to {min(high, 1.0):.2f}" for low, high in BANDS]
    rows = [f"| confidence | {' | '.join(bands)} | 0.90 or more |", "|" + "---|" * (len(BANDS) + 2)]
    for name, ones in [*by_field(found).items(), ("all", list(found))]:
        spans = [*BANDS, (SURE, 1.01)]
        rows.append(f"| {name} | {' | '.join(_band(ones, *span) for span in spans)} |")
    return rows


def _band(ones: Sequence[Reported], low: float, high: float) -> str:
    inside = [one.right for one in ones if one.confidence is not None and low <= one.confidence < high]
    return f"{_share(inside)} of {len(inside)}" if inside else "–"


def _files(files: Sequence[FileScore]) -> list[str]:
    rows = [
        "| whole files | files | number on every document | letters cut | documents too many | dates |",
        "|" + "---|" * 6,
    ]
    for level in (*LEVELS, "all"):
        ones = [file for file in files if level in (file.level, "all")]
        if ones:
            letters = sum(one.letters for one in ones)
            cut, dates = (sum(one.cut for one in ones) / letters, sum(one.dates for one in ones) / letters)
            rows.append(
                f"| {level} | {len(ones)} | {_share([one.number for one in ones])} | {cut:.3f} | "
                f"{sum(one.extra for one in ones)} | {dates:.3f} |"
            )
    return rows


def _share(ones: Sequence[bool]) -> str:
    return f"{sum(ones) / len(ones):.3f}" if ones else "–"
