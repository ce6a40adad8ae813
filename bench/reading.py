"""What is measured of us and of plain Tesseract, as a command of its own: `python -m bench.reading KIND JOB RESULT`.

JOB is JSON: the language data for plain Tesseract, our settings other than the usual ones, and a list of pages (path,
dpi); RESULT takes what was read of them, in the same order.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline import settings
from pipeline.formats import searchable
from pipeline.model.scan import MediaType
from pipeline.workflow.page_worker import PageJob, PageResult
from pipeline.workflow.pool import PagePool

Row = dict[str, Any]


def main() -> None:
    kind, job, result = sys.argv[1:]
    work = json.loads(Path(job).read_text(encoding="utf-8"))
    if kind == "abhilekh":
        read = abhilekh(work["pages"], work["settings"], Path(result).with_suffix(".pdf"))
    else:
        read = plain(work["pages"], work["languages"])
    Path(result).write_text(json.dumps(read, ensure_ascii=False), encoding="utf-8")


def abhilekh(pages: Sequence[Row], changed: Row, pdf: Path) -> list[Row]:
    """Our own page work, rasterising to reading, and the searchable PDF/A of all the pages. `changed` are the settings of
    `[pages]` and `[ocr]` that are not the usual ones."""
    work = settings.WorkSettings()
    results: dict[int, PageResult] = {}
    with PagePool(work.processes, memory_mb=work.page_memory_mb, page_seconds=work.page_seconds) as pool:
        jobs = [_job(number, page, changed, pdf.parent) for number, page in enumerate(pages, start=1)]
        results = {result.page.source_page: result for result in pool.work(jobs)}
    ordered = [results[number] for number in range(1, len(pages) + 1)]
    searchable.write(_sheets(ordered), searchable.About("Bench", datetime(2026, 1, 1, tzinfo=UTC)), pdf)
    return [_row(result) for result in ordered]


def _job(number: int, page: Row, changed: Row, folder: Path) -> PageJob:
    kind = MediaType.PNG if page["path"].endswith(".png") else MediaType.JPEG
    own = folder / f"page-{number}"
    own.mkdir()
    pages = settings.PageSettings(**changed.get("pages", {}))
    return PageJob(page["path"], kind, 1, number, str(own), pages, settings.OcrSettings(**changed.get("ocr", {})))


def _sheets(results: Sequence[PageResult]) -> Iterator[searchable.PdfPage]:
    for result in results:
        page = result.page
        yield searchable.PdfPage(Path(result.image).read_bytes(), page.width, page.height, page.dpi, page.words)


def _row(result: PageResult) -> Row:
    geometry = result.page.geometry
    return {
        "text": result.page.text,
        "turn": geometry.rotated,
        "skew": geometry.skew_degrees,
        "seconds": result.seconds,
        "flags": result.page.flags,
    }


def plain(pages: Sequence[Row], languages: str) -> list[Row]:
    """The untouched pages through the program itself, one thread a process; no digit forbidden, as some data has it."""
    alone = {**os.environ, "OMP_THREAD_LIMIT": "1"}

    def read(page: Row) -> Row:
        command = ["tesseract", page["path"], "-", "-l", languages, "-c", "tessedit_char_blacklist="]
        text = subprocess.run(command, capture_output=True, text=True, check=True, env=alone).stdout
        return {"text": text, "turn": 0, "skew": 0.0}

    with ThreadPoolExecutor(settings.WorkSettings().processes) as threads:
        return list(threads.map(read, pages))


if __name__ == "__main__":
    main()
