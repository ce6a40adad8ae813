"""The programs that are measured beside each other, each reading the same pages on the same number of processes.

Each runs as a command of its own, so that what it costs can be told (`usage`). What is scored is in `ocr`.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import img2pdf
import pikepdf

from bench.sheets import Sheet
from bench.usage import Usage, measured
from pipeline import settings
from pipeline.ocr import program

OURS, PLAIN = "Abhilekh", "plain Tesseract"
OCRMYPDF, TUNED = "OCRmyPDF", "OCRmyPDF, tuned"
BY_DATA = {f"`{data}`": data for data in ("script/Devanagari", "script/Devanagari+hin", "hin")}  # plain Tesseract
_USUAL = ("--deskew", "--rotate-pages", "--clean")
EVERY_DIGIT = "--tesseract-config"  # stands for a file that takes back the data's ban on digits
_TURNING = ("--deskew", "--rotate-pages", "--rotate-pages-threshold", "2", EVERY_DIGIT)
_BEST = (*_TURNING, "--oversample", "400")

# What was tried on a few pages to find `_BEST`: `script/bench ocr --trial`.
TRIED = {
    "usual": _USUAL,
    "without --clean": ("--deskew", "--rotate-pages"),
    "threshold 2": (*_USUAL, "--rotate-pages-threshold", "2"),
    "every digit": (*_USUAL, EVERY_DIGIT),
    "oversample 400": (*_USUAL, "--oversample", "400"),
    "page mode 4": (*_USUAL, "--tesseract-pagesegmode", "4"),
    "Sauvola": (*_USUAL, "--tesseract-thresholding", "sauvola"),
    "threshold 2, every digit, without --clean": _TURNING,
    "the same, oversample 400": _BEST,
}

# The angles stand in OCRmyPDF's log. Where the page's top points is told by an arrow.
_FACING = re.compile(r"^\s*(\d+) .*page is facing (.), confidence [\d.]+ - (will rotate)?", re.MULTILINE)
_DESKEWED = re.compile(r"^\s*(\d+) .*Deskew angle: (-?[\d.]+)", re.MULTILINE)
Changed = Mapping[str, Mapping[str, object]]  # settings that are not the usual ones, by section of the file of settings
_CCW = {"⇧": 0, "⇦": 90, "⇩": 180, "⇨": 270}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a program made of one page: its text, the quarter turn and the skew it undid (degrees, counter-clockwise found
    in the scan); and what only we tell, the processor seconds of each stage and the page's flags."""

    text: str
    turn: int
    skew: float
    seconds: dict[str, float] = field(default_factory=dict)
    flags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a program made of a set, what it cost, and the bytes of the PDF it wrote; None where it writes none."""

    readings: list[Reading]
    usage: Usage
    pdf_bytes: int | None


def read_by(name: str, sheets: Sequence[Sheet]) -> Outcome:
    """Have the program of this name read the pages."""
    if name == OURS:
        return by_abhilekh(sheets, {})
    if name == PLAIN or name in BY_DATA:
        return _by_command("plain", sheets, {"languages": _languages(BY_DATA.get(name))})
    return by_ocrmypdf(sheets, _USUAL if name == OCRMYPDF else _BEST)


def by_abhilekh(sheets: Sequence[Sheet], changed: Changed) -> Outcome:
    """Our own page work under settings that differ from the usual ones."""
    return _by_command("abhilekh", sheets, {"settings": changed})


def _by_command(kind: str, sheets: Sequence[Sheet], given: Mapping[str, object]) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="abhilekh-") as folder:
        job, result, pdf = (Path(folder) / name for name in ("job.json", "result.json", "result.pdf"))
        pages = [{"path": str(sheet.path), "dpi": sheet.dpi} for sheet in sheets]
        job.write_text(json.dumps({**given, "pages": pages}), encoding="utf-8")
        command = [sys.executable, "-m", "bench.reading", kind, str(job), str(result)]
        usage = measured(command, Path(folder) / "log")
        readings = [Reading(**row) for row in json.loads(result.read_text(encoding="utf-8"))]
        return Outcome(readings, usage, pdf.stat().st_size if pdf.exists() else None)


def by_ocrmypdf(sheets: Sequence[Sheet], options: Sequence[str]) -> Outcome:
    """All pages as one PDF, so that its processes have work and it starts once; what is read comes by the sidecar."""
    with tempfile.TemporaryDirectory(prefix="abhilekh-") as name:
        folder = Path(name)
        scan, searchable, text, log = (folder / name for name in ("scan.pdf", "searchable.pdf", "read.txt", "log"))
        _bind(sheets, scan)
        every_digit = folder / "every-digit"
        every_digit.write_text("tessedit_char_blacklist \n", encoding="ascii")
        given = [word for o in options for word in ((o, str(every_digit)) if o == EVERY_DIGIT else (o,))]
        command = [
            sys.executable,
            "-m",
            "ocrmypdf",
            "--jobs",
            str(settings.WorkSettings().processes),
            "--verbose",
            "1",
            "--language",
            _languages(),
            "--no-progress-bar",
            *given,
            "--sidecar",
            str(text),
            str(scan),
            str(searchable),
        ]
        usage = measured(command, log)
        texts = text.read_text(encoding="utf-8").split("\f")
        if len(texts) < len(sheets):
            raise RuntimeError(f"OCRmyPDF's sidecar holds {len(texts)} pages of {len(sheets)}.")
        printed = log.read_text(encoding="utf-8", errors="replace")
        turns = {int(page): _CCW.get(arrow, 0) if will else 0 for page, arrow, will in _FACING.findall(printed)}
        skews = {int(page): -float(angle) for page, angle in _DESKEWED.findall(printed)}
        readings = [
            Reading(texts[place], turns.get(place + 1, 0), skews.get(place + 1, 0.0)) for place in range(len(sheets))
        ]
        return Outcome(readings, usage, searchable.stat().st_size)


def _languages(wanted: str | None = None) -> str:
    """The names that Tesseract knows the data by; of our own usual data where no other is wanted."""
    return program.resolve_languages(wanted or settings.OcrSettings().languages)


def _bind(sheets: Sequence[Sheet], path: Path) -> None:
    """Each page as a PDF of its own, its image as it is, at its own resolution; then all of them as one."""
    with pikepdf.Pdf.new() as bound:
        for sheet in sheets:
            layout = img2pdf.get_fixed_dpi_layout_fun((sheet.dpi, sheet.dpi))
            page = path.with_suffix(".page.pdf")
            page.write_bytes(img2pdf.convert(str(sheet.path), layout_fun=layout))
            with pikepdf.Pdf.open(page) as single:
                bound.pages.extend(single.pages)
        bound.save(path)
