"""Drawn letters with the writing of the back showing through: what reading loses by it, and whether the page is flagged.

All of it is drawn: a letter, and another one mirrored and diffused by the paper under it. How letters look is in `samples`,
how a page is told is in `pipeline.preprocess.show_through`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from bench import programs, report, scoring
from bench.report import head, line
from bench.sheets import Sheet
from pipeline.preprocess.show_through import SHOW_THROUGH
from samples.age import WEAR, Pixels, Wear, age
from samples.invent import invent_letter
from samples.press import Press, start_press
from samples.sheet import letter_html

STRENGTHS = (0.0, 0.10, 0.20, 0.33, 0.45)  # darkness of the back's strokes to that of the ink
_LEVELS = ("clean", "office", "aged")
_DIFFUSED = (0.6, 1.4)  # pixels at 200 dpi, sigma: how far the paper spreads what stands on its back
_STROKES = 95  # percentile of what the back darkens at all, taken as the darkness of its strokes
_TRACE = 0.02  # of full darkness; less is no stroke


@dataclass(frozen=True, slots=True)
class Leaf:
    """Both sides of a leaf as drawn, grey; and what stands on the front."""

    front: Pixels
    back: Pixels
    text: str
    level: str
    dpi: int


def run(*, pages: int, seed: int, write: bool) -> str:
    """Draw so many letters at each strength, have them read, and return the table as Markdown, or put it into
    docs/benchmarks.md as well."""
    with tempfile.TemporaryDirectory(prefix="abhilekh-") as name:
        sheets_of = {strength: list[Sheet]() for strength in STRENGTHS}
        for number, leaf in enumerate(leaves(pages, seed)):
            for strength in STRENGTHS:
                chance = np.random.default_rng([seed, number])
                sheets_of[strength].append(_kept(leaf, strength, chance, Path(name) / f"{number}-{strength:.2f}.png"))
        rows = head(["the back's strokes to the ink", "pages", "CER", "plain Tesseract", "flagged"])
        for strength, sheets in sheets_of.items():
            known = [sheet.text for sheet in sheets]
            ours, plain = (programs.read_by(program, sheets).readings for program in (programs.OURS, programs.PLAIN))
            mine, other = (scoring.mean_cer(known, [read.text for read in found]) for found in (ours, plain))
            flagged = sum(SHOW_THROUGH in read.flags for read in ours)
            rows.append(line([f"{strength:.2f}", str(len(sheets)), f"{mine:.4f}", f"{other:.4f}", str(flagged)]))
            sys.stderr.write(rows[-1] + "\n")
    table = f"{pages} letters, seed {seed}, {datetime.now(UTC):%-d %B %Y}.\n\n" + "\n".join(rows) + "\n"
    if write:
        report.put(report.BENCHMARKS, "show-through", table)
    return table


def leaves(pages: int, seed: int) -> Iterator[Leaf]:
    """So many leaves, each with another letter on its back; the same seed gives the same."""
    with start_press() as press:
        for number in range(pages):
            yield _leaf(press, number, seed)


def _leaf(press: Press, number: int, seed: int) -> Leaf:
    front = replace(invent_letter(number, seed), level=_LEVELS[number % len(_LEVELS)], turn=0)
    drawn = press.draw(letter_html(front), front.dpi)
    back = press.draw(letter_html(invent_letter(number + 1, seed + 1)), front.dpi)
    return Leaf(drawn.pixels, back.pixels, drawn.text, front.level, front.dpi)


def scanned(leaf: Leaf, strength: float, chance: np.random.Generator) -> Pixels:
    """The leaf's front as a grey scan, its back showing through with strokes of `strength` of the ink's darkness."""
    sheet = leaf.front.astype(np.float32) / 255
    sigma = float(chance.uniform(*_DIFFUSED)) * leaf.dpi / 200
    behind = cv2.GaussianBlur(1 - leaf.back[:, ::-1].astype(np.float32) / 255, (0, 0), sigma)
    strokes = float(np.percentile(behind[behind > _TRACE], _STROKES))
    sheet *= 1 - np.clip(behind * (strength / strokes), 0, 1)
    own: Wear = replace(WEAR[leaf.level], through=(0.0, 0.0))
    return age((sheet * 255).astype(np.uint8), own, chance, dpi=leaf.dpi).pixels


def _kept(leaf: Leaf, strength: float, chance: np.random.Generator, path: Path) -> Sheet:
    Image.fromarray(scanned(leaf, strength, chance)).save(path, dpi=(leaf.dpi, leaf.dpi))
    return Sheet(path, leaf.level, leaf.text, leaf.dpi)
