"""The figures of `real` as Markdown tables. Nothing is measured here."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.programs import OCRMYPDF, OURS
from bench.report import head, line

_ASKED_RATIO = 0.85  # of our mean to the best peer's
_ASKED_PAGE = 0.005  # that no page may be worse by than the best peer of that page
_ASKED_SPEED = 2.0  # times OCRmyPDF's pages a minute
_HARM = 0.003  # of CER on a page, from which a step does it harm


@dataclass(frozen=True, slots=True)
class PageFigures:
    """One page by one program. `cer` is None where nobody typed the page's text; `rows` are those of a known table."""

    name: str
    colour: bool
    cer: float | None
    numbers_right: int
    numbers: int
    rows_whole: int
    rows: int
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProgramFigures:
    """One program on all pages: pages a minute by the clock, and processor seconds a page."""

    pages: Sequence[PageFigures]
    pages_a_minute: float
    cpu: float

    def mean(self, *, colour: bool | None = None) -> float | None:
        """Mean CER over the pages, or over those in colour or in grey alone; None where there is none."""
        known = [page.cer for page in self.pages if page.cer is not None and colour in (None, page.colour)]
        return statistics.fmean(known) if known else None

    @property
    def numbers(self) -> tuple[int, int]:
        """Numbers right, and numbers there are."""
        return sum(page.numbers_right for page in self.pages), sum(page.numbers for page in self.pages)

    @property
    def rows(self) -> tuple[int, int]:
        """Rows of tables that are whole, and rows there are."""
        return sum(page.rows_whole for page in self.pages), sum(page.rows for page in self.pages)


def tables(figures: Mapping[str, ProgramFigures], left_out: Mapping[str, ProgramFigures]) -> str:
    """Pages and programs, what is asked and whether it holds, and each step left out; under a line of what was run."""
    cores = len(os.sched_getaffinity(0))
    ours = figures[OURS]
    says = f"{len(ours.pages)} pages, {cores} cores, {datetime.now(UTC):%-d %B %Y, %H:%M} UTC. Of each page its CER."
    parts = [says, "\n".join(_pages(figures))]
    if len(figures) > 1:
        parts.append("\n".join(_asked(figures)))
    if left_out:
        parts += ["\n".join(_steps(ours, left_out)), _harm(ours, left_out)]
    return "\n\n".join(parts) + "\n"


def _pages(figures: Mapping[str, ProgramFigures]) -> list[str]:
    ours, peers = figures[OURS], [name for name in figures if name != OURS]
    compared = ["to the best peer"] if peers else []
    rows = head(["page", *figures, *compared, "flags"])
    for place, page in enumerate(ours.pages):
        cers = [one.pages[place].cer for one in figures.values()]
        worse = [_difference(page.cer, _least(cers[1:]))] if peers else []
        rows.append(line([_titled(page), *map(_cer, cers), *worse, ", ".join(page.flags)]))
    for title, colour in (("mean, grey", False), ("mean, colour", True), ("mean", None)):
        means = [one.mean(colour=colour) for one in figures.values()]
        worse = [_difference(means[0], _least(means[1:]))] if peers else []
        rows.append(line([title, *map(_cer, means), *worse, ""]))
    blank = [""] * (len(compared) + 1)
    rows.append(line(["numbers right", *(_of(*one.numbers) for one in figures.values()), *blank]))
    rows.append(line(["rows of tables whole", *(_of(*one.rows) for one in figures.values()), *blank]))
    rows.append(line(["pages a minute", *(f"{one.pages_a_minute:.1f}" for one in figures.values()), *blank]))
    rows.append(line(["CPU s a page", *(f"{one.cpu:.2f}" for one in figures.values()), *blank]))
    return rows


def _asked(figures: Mapping[str, ProgramFigures]) -> list[str]:
    """What is asked of the figures, what they are, and whether that is met."""
    ours, peers = figures[OURS], {name: one for name, one in figures.items() if name != OURS}
    rows = head(["asked", "measured", "met"])
    for title, colour in (("grey", False), ("colour", True)):
        mean, best = ours.mean(colour=colour), _least([one.mean(colour=colour) for one in peers.values()])
        if mean is not None and best:
            asked = f"mean CER, {title}: at most {_ASKED_RATIO} of the best peer's"
            rows.append(line([asked, f"{mean / best:.2f}", _yes(mean <= _ASKED_RATIO * best)]))
    worse = _worse_than_peers(ours, peers.values())
    measured = ", ".join(f"{name} {difference:+.4f}" for name, difference in worse.items()) or "none"
    rows.append(line([f"no page more than {_ASKED_PAGE} worse than its best peer", measured, _yes(not worse)]))
    right, most = ours.numbers[0], max(one.numbers[0] for one in peers.values())
    rows.append(line(["at least as many numbers right as any peer", f"{right} to {most}", _yes(right >= most)]))
    if OCRMYPDF in peers:
        speed = ours.pages_a_minute / peers[OCRMYPDF].pages_a_minute
        asked = f"at least {_ASKED_SPEED:g} times OCRmyPDF's pages a minute"
        rows.append(line([asked, f"{speed:.2f}", _yes(speed >= _ASKED_SPEED)]))
        spent = ours.cpu / peers[OCRMYPDF].cpu
        rows.append(line(["processor time a page, to OCRmyPDF's", f"{spent:.2f}", ""]))
    return rows


def _worse_than_peers(ours: ProgramFigures, peers: Iterable[ProgramFigures]) -> dict[str, float]:
    """The pages that are worse than their best peer by more than is asked, with how much."""
    others = list(peers)
    worse = {}
    for place, page in enumerate(ours.pages):
        best = _least([one.pages[place].cer for one in others])
        if page.cer is not None and best is not None and page.cer - best > _ASKED_PAGE:
            worse[page.name] = page.cer - best
    return worse


def _steps(ours: ProgramFigures, left_out: Mapping[str, ProgramFigures]) -> list[str]:
    """CER with each step left out, less that with all of them: below 0 the step harms the page."""
    rows = head(["without", "all steps", *left_out])
    for place, page in enumerate(ours.pages):
        if page.cer is not None:
            cells = [_change(page.cer, one.pages[place].cer) for one in left_out.values()]
            rows.append(line([_titled(page), _cer(page.cer), *cells]))
    for title, colour in (("mean, grey", False), ("mean, colour", True)):
        mean = ours.mean(colour=colour)
        if mean is not None:
            cells = [_change(mean, one.mean(colour=colour)) for one in left_out.values()]
            rows.append(line([title, _cer(mean), *cells]))
    rows.append(line(["numbers right", *(_of(*one.numbers) for one in (ours, *left_out.values()))]))
    rows.append(line(["rows of tables whole", *(_of(*one.rows) for one in (ours, *left_out.values()))]))
    rows.append(line(["CPU s a page", *(f"{one.cpu:.2f}" for one in (ours, *left_out.values()))]))
    return rows


def _harm(ours: ProgramFigures, left_out: Mapping[str, ProgramFigures]) -> str:
    """A line of the steps without which some page has less errors, by more than `_HARM`."""
    found = []
    for step, one in left_out.items():
        for page, other in zip(ours.pages, one.pages, strict=True):
            if page.cer is not None and other.cer is not None and page.cer - other.cer > _HARM:
                found.append(f"{step} on {page.name} ({page.cer - other.cer:.4f})")
    return f"Steps that make a page worse by more than {_HARM}: {', '.join(found) or 'none'}."


def _titled(page: PageFigures) -> str:
    return f"{page.name}, colour" if page.colour else page.name


def _least(values: Sequence[float | None]) -> float | None:
    return min((value for value in values if value is not None), default=None)


def _cer(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _difference(own: float | None, other: float | None) -> str:
    return "–" if own is None or other is None else f"{own - other:+.4f}"


def _change(all_on: float, without: float | None) -> str:
    """What leaving a step out changes; empty where nothing, bold where the page is better off without it."""
    if without is None or without == all_on:
        return ""
    told = f"{without - all_on:+.4f}"
    return f"**{told}**" if all_on - without > _HARM else told


def _of(right: int, there: int) -> str:
    return f"{right} of {there} ({right / there:.3f})" if there else "–"


def _yes(holds: bool) -> str:
    return "yes" if holds else "**no**"
