"""The border to the program Tesseract, through pytesseract: what it can read, and an `Engine`.

Pages are handed over as files in memory-backed storage: pytesseract would write arrays to disk, at twice the cost. One
thread a process: `one_thread_each` must have run in the process that reads.
"""

from __future__ import annotations

import csv
import io
import os
import re
import resource
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from pathlib import Path

import pytesseract

from pipeline.errors import MissingPartError, SlowPageError, UnreadablePageError
from pipeline.model.page import Box
from pipeline.ocr.engine import Pixels, Recognised

# Debian's and upstream's hin.traineddata carry `tessedit_char_blacklist 1`: with it the digit 1 is never read.
_KEEP_EVERY_DIGIT = "-c tessedit_char_blacklist="
_PACKAGES = {"hin": "tesseract-ocr-hin", "eng": "tesseract-ocr-eng"}
_WORD_LEVEL = "5"
_MEMORY = Path("/dev/shm")  # noqa: S108 - memory-backed storage, where the system has it
_NO_DATA = re.compile(r"opening data file|loading language|load any languages", re.IGNORECASE)


def one_thread_each() -> None:
    """Keep Tesseract from starting threads in this process's children: they fight over the cores."""
    os.environ["OMP_THREAD_LIMIT"] = "1"


@cache
def _listing() -> list[str]:
    """What `tesseract --list-langs` prints: a headline, then a name a line. Raises `MissingPartError`."""
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
    return listing.stdout.splitlines()


def languages_installed() -> frozenset[str]:
    """Names of the language data that Tesseract finds. Raises `MissingPartError` when it cannot be run."""
    return frozenset(_listing()[1:])


def data_folder() -> Path | None:
    """The folder of the language data, as Tesseract names it; None where it does not."""
    named = re.search(r'"([^"]+)"', _listing()[0])
    folder = Path(named[1]) if named else None
    return folder if folder is not None and folder.is_dir() else None


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


class Program:
    """`Engine` by the program."""

    def prepare(self, languages: Sequence[str]) -> None:
        """Nothing: each run of the program loads its own."""

    def read(self, pixels: Pixels, number: int, *, languages: str, page_mode: int, dpi: int) -> list[Recognised]:
        return self.read_pieces([pixels], number, languages=languages, page_mode=page_mode, dpi=dpi)[0]

    def read_pieces(
        self, pieces: Sequence[Pixels], number: int, *, languages: str, page_mode: int, dpi: int
    ) -> list[list[Recognised]]:
        """All in one run of the program, by a list file: it loads its models once."""
        with tempfile.TemporaryDirectory(prefix="abhilekh-", dir=_MEMORY if _MEMORY.is_dir() else None) as name:
            folder = Path(name)
            for count, piece in enumerate(pieces):
                _write_pgm(folder / f"{count}.pgm", piece)
            listing = folder / "list.txt"
            listing.write_text("".join(f"{folder / f'{count}.pgm'}\n" for count in range(len(pieces))), "utf-8")
            table = _table(listing, number, languages, f"--psm {page_mode} --dpi {dpi} {_KEEP_EVERY_DIGIT}")
        found: list[list[Recognised]] = [[] for _ in pieces]
        rows = csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE)
        words = [row for row in rows if row["level"] == _WORD_LEVEL and (row["text"] or "").strip()]
        lines = groupby(words, key=lambda row: [row[name] for name in ("page_num", "block_num", "par_num", "line_num")])
        for line, (_, group) in enumerate(lines):
            for row in group:
                found[int(row["page_num"]) - 1].append(_word(row, line))
        return found


def _write_pgm(path: Path, pixels: Pixels) -> None:
    """Grey pixels as a portable grey map (netpbm, binary): nothing is compressed for a hand-over."""
    height, width = pixels.shape
    path.write_bytes(b"P5 %d %d 255\n" % (width, height) + pixels.tobytes())


def _table(path: Path, number: int, languages: str, options: str) -> str:
    """Tesseract's table of the images that `path` lists. Raises as `Engine.read` does."""
    try:
        return str(pytesseract.image_to_data(str(path), lang=languages, config=options))
    except pytesseract.TesseractError as error:
        if _NO_DATA.search(str(error.message)):  # no fault of the page's
            raise MissingPartError(
                part=f"Tesseract language data {languages}", cause=str(error.message)[:200], fix="Run: abhilekh doctor"
            ) from error
        if -error.status in (signal.SIGXCPU, signal.SIGKILL):  # its limit of processor time, soft or hard
            raise SlowPageError(page=number, seconds=resource.getrlimit(resource.RLIMIT_CPU)[0]) from error
        raise UnreadablePageError(page=number, cause=str(error.message)[:200]) from error


def _word(row: dict[str, str], line: int) -> Recognised:
    box = Box(*(int(row[name]) for name in ("left", "top", "width", "height")))
    return Recognised(row["text"].strip(), box, min(max(float(row["conf"]) / 100, 0.0), 1.0), line)
