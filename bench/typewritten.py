"""Typewritten letters, ribbon and carbon copies, read by us and by plain Tesseract. All are drawn (`typewriter`)."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image

from bench import programs, report, scoring
from bench.programs import OURS, PLAIN, Reading
from bench.report import head, line
from bench.sheets import Sheet
from bench.typewriter import COPIES, DPI, FACES, typed
from samples.age import WEAR, age
from samples.invent import invent_letter
from samples.letters import Letter

_LEVELS = ("office", "aged")  # of the paper, by turns; the ink is the typewriter's own
_QUALITY = 75  # of the JPEG


def run(*, pages: int, seed: int, write: bool) -> str:
    """Type so many letters in each kind of copy, have them read, and return the table as Markdown, or put it into
    docs/benchmarks.md as well."""
    rows = head(
        ["copy", "pages", *(f"{what}, {name}" for what in ("CER", "numbers") for name in (OURS, PLAIN)), "flags"]
    )
    with tempfile.TemporaryDirectory(prefix="abhilekh-") as folder:
        for copy in COPIES:
            sheets = [_sheet(copy, number, seed, Path(folder)) for number in range(pages)]
            ours, plain = (programs.read_by(name, sheets).readings for name in (OURS, PLAIN))
            known = [sheet.text for sheet in sheets]
            cers = [f"{scoring.mean_cer(known, [read.text for read in found]):.4f}" for found in (ours, plain)]
            numbers = [_numbers(sheets, found) for found in (ours, plain)]
            flags = ", ".join(sorted({flag for reading in ours for flag in reading.flags}))
            rows.append(line([copy, str(pages), *cers, *numbers, flags]))
            sys.stderr.write(rows[-1] + "\n")
    table = f"{pages} letters, seed {seed}, {datetime.now(UTC):%-d %B %Y}.\n\n" + "\n".join(rows) + "\n"
    if write:
        report.put(report.BENCHMARKS, "typewriter", table)
    return table


def wording(letter: Letter) -> str:
    """The letter as somebody types it: every part on a line of its own."""
    number, day = f"{letter.label} {letter.file_no}", f"{letter.date_label} {letter.date_text}"
    subject, signed = f"{letter.subject_label} {letter.subject}", f"({letter.signed_by})"
    rows = [*letter.head, number, day, letter.to_label, *letter.to, subject, *letter.body, signed, letter.signatory]
    return "\n".join(row for row in rows if row)


def _sheet(copy: str, number: int, seed: int, folder: Path) -> Sheet:
    chance = np.random.default_rng([seed, number, list(COPIES).index(copy)])
    letter = invent_letter(number, seed)
    pixels, text = typed(wording(letter), FACES[number % len(FACES)], COPIES[copy], chance)
    level = _LEVELS[number % len(_LEVELS)]
    scan = age(pixels, replace(WEAR[level], ink=1.0, through=(0.0, 0.0)), chance, dpi=DPI)
    path = folder / f"{copy}-{number}.jpg"
    Image.fromarray(scan.pixels).save(path, quality=_QUALITY, dpi=(DPI, DPI))
    return Sheet(path, level, text, DPI, 0, scan.skew_ccw)


def _numbers(sheets: Sequence[Sheet], found: Sequence[Reading]) -> str:
    """Numbers right of those there are, over all the pages."""
    counted = [scoring.numbers_right(sheet.text, read.text) for sheet, read in zip(sheets, found, strict=True)]
    return f"{sum(right for right, _ in counted)} of {sum(there for _, there in counted)}"
