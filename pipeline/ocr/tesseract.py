"""The border to Tesseract, through pytesseract. No other module calls either.

Files are handed over by path: pytesseract would write arrays to disk again, at twice the cost. One thread a process:
`one_thread_each` must have run in the process that reads.
"""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytesseract

from pipeline.errors import MissingPartError, UnreadablePageError
from pipeline.model import Box

# Debian's and upstream's hin.traineddata carry `tessedit_char_blacklist 1`: with it the digit 1 is never read.
_KEEP_EVERY_DIGIT = "-c tessedit_char_blacklist="
_PACKAGES = {"hin": "tesseract-ocr-hin", "eng": "tesseract-ocr-eng", "osd": "tesseract-ocr-osd"}
_WORD_LEVEL = "5"
_NO_DATA = re.compile(r"opening data file|loading language|load any languages", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Recognised:
    """A word as Tesseract gives it: `line` is (block, paragraph, line), `confidence` 0…1."""

    text: str
    box: Box
    confidence: float
    line: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Turn:
    """Tesseract's opinion of a page's quarter turn: degrees counter-clockwise found in the scan, confidence 0…1."""

    value: float
    confidence: float


def one_thread_each() -> None:
    """Keep Tesseract from starting threads in this process's children: they fight over the cores."""
    os.environ["OMP_THREAD_LIMIT"] = "1"


@cache
def languages_installed() -> frozenset[str]:
    """Names of the language data that Tesseract finds. Raises `MissingPartError` when it cannot be run."""
    try:  # pytesseract's own list leaves out script data (Devanagari)
        listing = subprocess.run(
            [pytesseract.pytesseract.tesseract_cmd, "--list-langs"],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise MissingPartError(part="Tesseract", cause=error, fix="Run: apt-get install tesseract-ocr") from error
    return frozenset(listing.stdout.splitlines()[1:])


def version() -> str:
    languages_installed()
    return str(pytesseract.get_tesseract_version())


def resolve_languages(wanted: str) -> str:
    """The installed names for `wanted` ("a+b"): Debian keeps script data with or without the folder `script/`.

    Raises `MissingPartError` naming the package to install.
    """
    installed, chosen = languages_installed(), []
    for name in wanted.split("+"):
        bare = name.removeprefix("script/")
        found = next((candidate for candidate in (name, bare, f"script/{bare}") if candidate in installed), None)
        if found is None:
            package = _PACKAGES.get(
                bare, "tesseract-ocr-script-deva" if bare == "Devanagari" else f"tesseract-ocr-{bare}"
            )
            raise MissingPartError(
                part=f"Tesseract language data {name}", cause="not installed", fix=f"Run: apt-get install {package}"
            )
        chosen.append(found)
    return "+".join(chosen)


def recognise(path: Path, number: int, *, languages: str, page_mode: int, dpi: int, timeout: float) -> list[Recognised]:
    """The words on the page image at `path`, in reading order; `number` is used in messages.

    Raises `UnreadablePageError` when Tesseract fails or takes longer than `timeout` seconds.
    """
    try:
        table = pytesseract.image_to_data(
            str(path), lang=languages, config=f"--psm {page_mode} --dpi {dpi} {_KEEP_EVERY_DIGIT}", timeout=timeout
        )
    except pytesseract.TesseractError as error:
        if _NO_DATA.search(str(error.message)):  # no fault of the page's
            raise MissingPartError(
                part=f"Tesseract language data {languages}", cause=str(error.message)[:200], fix="Run: abhilekh doctor"
            ) from error
        raise UnreadablePageError(page=number, cause=str(error.message)[:200]) from error
    except RuntimeError as error:  # how pytesseract says that the time is up
        raise UnreadablePageError(page=number, cause=f"recognition took longer than {timeout:.0f} s") from error
    rows = csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [_word(row) for row in rows if row["level"] == _WORD_LEVEL and (row["text"] or "").strip()]


def _word(row: dict[str, str]) -> Recognised:
    box = Box(*(int(row[name]) for name in ("left", "top", "width", "height")))
    line = (int(row["block_num"]), int(row["par_num"]), int(row["line_num"]))
    return Recognised(row["text"].strip(), box, min(max(float(row["conf"]) / 100, 0.0), 1.0), line)


def turn_of(path: Path) -> Turn:
    """Which way up the page is, by Tesseract's orientation detection; confidence 0 where it cannot tell.

    On Devanagari its own confidence is low but right from about 0.5 up (on its open scale), so 1.0 counts as sure.
    """
    try:
        answer = pytesseract.image_to_osd(str(path), config="--psm 0", timeout=60)
    except (pytesseract.TesseractError, RuntimeError):  # "Too few characters", or the time is up
        return Turn(0.0, 0.0)
    found = re.search(r"Rotate: (\d+)", answer)  # clockwise, to undo the turn: "Orientation" counts the other way
    sure = re.search(r"Orientation confidence: ([\d.]+)", answer)
    if not found or not sure:
        return Turn(0.0, 0.0)
    return Turn(float(found[1]), min(float(sure[1]), 1.0))
