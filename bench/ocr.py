"""Reading pages: character errors and pages a minute, against Tesseract on the untouched page.

Both read the same pages with the same language data on the same number of processes, one set after the other. The
character error rate is the edit distance to the truth over the truth's length, after folding white space and danda.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import tempfile
import time
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from pipeline import settings
from pipeline.model import MediaType
from pipeline.ocr import tesseract
from pipeline.page_work import PageJob
from pipeline.pool import PagePool
from samples import truth

_CHECKOUT = Path(__file__).resolve().parent.parent
_BESIDE = _CHECKOUT.parent / "shared" / "letters"
_LEVELS = ("clean", "office", "aged", "poor")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page whose text is known."""

    path: Path
    level: str
    text: str


def run(*, every: int) -> str:
    """Measure every set that is there; returns the tables as Markdown."""
    sets = {"samples": _samples()}
    if _BESIDE.is_dir():
        sets["../shared/letters"] = _beside()
    return "\n".join(_table(name, sheets[::every]) for name, sheets in sets.items())


def _samples() -> list[Sheet]:
    return [Sheet(truth.SCANS / k["file"], k["level"], k["text"]) for k in truth.load()["letters"]]


def _beside() -> list[Sheet]:
    known = json.loads((_BESIDE / "pages.json").read_text(encoding="utf-8"))
    return [Sheet(_BESIDE / "pages" / k["file"], k["level"], k["text"]) for k in known]


def _table(name: str, sheets: Sequence[Sheet]) -> str:
    ours, our_seconds = _timed(_abhilekh, sheets)
    plain, plain_seconds = _timed(_plain, sheets)
    rows = [
        f"### {name}: {len(sheets)} pages\n",
        "| level | pages | Abhilekh CER | plain CER | ratio |",
        "|---|---|---|---|---|",
    ]
    for level in (*_LEVELS, "all"):
        chosen = [i for i, sheet in enumerate(sheets) if level in ("all", sheet.level)]
        if chosen:
            mine = statistics.fmean(_cer(sheets[i].text, ours[i]) for i in chosen)
            other = statistics.fmean(_cer(sheets[i].text, plain[i]) for i in chosen)
            rows.append(f"| {level} | {len(chosen)} | {mine:.4f} | {other:.4f} | {mine / max(other, 1e-9):.2f} |")
    speed = len(sheets) / our_seconds * 60, len(sheets) / plain_seconds * 60
    rows.append(f"\nPages a minute: Abhilekh {speed[0]:.1f}, plain {speed[1]:.1f}, ratio {speed[0] / speed[1]:.2f}\n")
    return "\n".join(rows) + "\n"


def _timed(read: Callable[[Sequence[Sheet]], list[str]], sheets: Sequence[Sheet]) -> tuple[list[str], float]:
    began = time.monotonic()
    return read(sheets), time.monotonic() - began


def _abhilekh(sheets: Sequence[Sheet]) -> list[str]:
    """The pages through our own page work: rasterise, tidy, read."""
    work = settings.WorkSettings()
    with (
        tempfile.TemporaryDirectory() as folder,
        PagePool(work.processes, memory_mb=work.page_memory_mb, page_seconds=work.page_seconds) as pool,
    ):
        jobs = []
        for index, sheet in enumerate(sheets):
            own = Path(folder) / str(index)
            own.mkdir()
            pages, ocr = settings.PageSettings(), settings.OcrSettings()
            jobs.append(PageJob(str(sheet.path), MediaType.JPEG, 1, 1, str(own), pages, ocr))
        found = {Path(result.image).parent.name: result.page.text for result in pool.work(jobs)}
    return [found[str(index)] for index in range(len(sheets))]


def _plain(sheets: Sequence[Sheet]) -> list[str]:
    """The untouched pages through the program itself, same language data, one thread a process."""
    tesseract.one_thread_each()
    languages = tesseract.resolve_languages(settings.OcrSettings().languages)

    def read(sheet: Sheet) -> str:
        command = ["tesseract", str(sheet.path), "-", "-l", languages, "-c", "tessedit_char_blacklist="]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    with ThreadPoolExecutor(settings.WorkSettings().processes) as threads:
        return list(threads.map(read, sheets))


def _cer(known: str, read: str) -> float:
    expected, found = _folded(known), _folded(read)
    return Levenshtein.distance(expected, found) / max(len(expected), 1)


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFC", text).replace("\u200c", "").replace("\u200d", "").replace("|", "।")
    return re.sub(r"\s+", " ", text).strip()
