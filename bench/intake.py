"""Taking scans in: a burst of many small files against a plain loop that only uploads them, and the memory of a long PDF.

Both run the real command on a home of their own. Recognition is off for the burst, so that intake, storage and filing
are what is measured; it is on for the long PDF.
"""

from __future__ import annotations

import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from PIL import Image, ImageDraw

from pipeline.settings import StoreSettings
from pipeline.storage.opening import open_store
from samples import truth
from samples.signing import sign_in

_COMMAND = [sys.executable, "-m", "pipeline.cli"]
_LETTER = truth.SCANS / "letters" / "letter-01-clean.jpg"


def burst(count: int) -> str:
    """Drop `count` one-page files at once; returns a Markdown paragraph."""
    with _home() as home:
        folder = home / "made"
        folder.mkdir()
        files = [_small_page(folder / f"scan-{number:05d}.png", number) for number in range(count)]
        began = time.monotonic()
        _upload(files, home / "plain")
        plain = time.monotonic() - began
        seconds, status = _drop(home, folder)
    filed = status["pages"] == count and status["rejected"] == status["failed"] == 0
    said = "every one filed once" if filed else f"NOT ALL FILED {status}"
    return (
        f"Burst of {count} one-page files, recognition off: {said}; "
        f"{count / seconds * 60:.0f} files a minute; a loop that only uploads them {count / plain * 60:.0f}; "
        f"ratio {plain / seconds:.2f}\n"
    )


def long_pdf(pages: int) -> str:
    """Digitise a PDF of `pages` pages with 2 workers; returns its time and the peak memory of all processes."""
    with _home() as home:
        path = home / "long.pdf"
        _long_pdf(path, pages)
        environment = _environment(home) | {"ABHILEKH_WORK__WORKERS": "2"}
        began = time.monotonic()
        with subprocess.Popen(
            [*_COMMAND, "ingest", "--json", str(path)], env=environment, stdout=subprocess.PIPE
        ) as process:
            peak = _watch_memory(process)
            row = json.loads(process.communicate()[0])
        seconds = time.monotonic() - began
    return (
        f"PDF of {pages} pages, 2 workers: {row['status']}, {pages / seconds * 60:.0f} pages a minute, "
        f"peak of the whole process tree {peak / 2**20:.0f} MiB (proportional set size)\n"
    )


@contextmanager
def _home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="abhilekh-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, "ABHILEKH_HOME": str(home / "home"), "ABHILEKH_WEB__PORT": "0"}


def _small_page(path: Path, number: int) -> Path:
    page = Image.new("L", (310, 438), 245)
    draw = ImageDraw.Draw(page)
    for line in range(8):
        draw.text((30, 40 + line * 30), f"{number:05d} {random.Random(number * 8 + line).random():.10f}", fill=20)
    page.save(path)
    return path


def _upload(files: list[Path], home: Path) -> None:
    opened = open_store(StoreSettings(), home)
    try:
        for path in files:
            opened.store.put_file(f"plain/{path.name}", path, "image/png")
    finally:
        opened.close()


def _drop(home: Path, folder: Path) -> tuple[float, dict[str, int]]:
    """Move the folder's files into the inbox of a running installation; returns seconds until all are filed, and status."""
    environment = _environment(home) | {"ABHILEKH_OCR__ENABLED": "false", "ABHILEKH_INTAKE__SETTLE_SECONDS": "0.3"}
    process = subprocess.Popen([*_COMMAND, "up"], env=environment, start_new_session=True, stdout=subprocess.DEVNULL)
    try:
        while not (home / "home" / "run" / "web").exists():
            time.sleep(0.2)
        expected = len(list(folder.iterdir()))
        began = time.monotonic()
        for path in folder.iterdir():
            path.rename(home / "home" / "inbox" / path.name)
        address = (home / "home" / "run" / "web").read_text(encoding="utf-8").strip()
        cookies = sign_in(address, home / "home")
        while True:
            time.sleep(2)
            status: dict[str, int] = httpx.get(f"{address}/api/v1/status", cookies=cookies).json()
            if status["pages"] + status["rejected"] >= expected and not status["inbox"] + status["working"]:
                return time.monotonic() - began, status
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _long_pdf(path: Path, pages: int) -> None:
    """Pages of a few lines of real writing each, no two alike."""
    import img2pdf  # noqa: PLC0415 - a development tool

    chance = random.Random(pages)
    with Image.open(_LETTER) as letter:
        grey = letter.convert("L")
    images = []
    for _ in range(pages):
        strip = grey.crop((180, top := chance.randrange(900, 1700), 2300, top + 330)).resize((1060, 165))
        data = io.BytesIO()
        strip.save(data, "JPEG", quality=70, dpi=(150, 150))
        images.append(data.getvalue())
    path.write_bytes(img2pdf.convert(images))


def _watch_memory(process: subprocess.Popen[bytes]) -> int:
    """The most memory, in bytes, that the process and all that descend from it held at once."""
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(_memory(pid) for pid in _family(process.pid)))
        time.sleep(0.5)
    return peak


def _family(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError, ValueError):
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    found, queue = [], [pid]
    while queue:
        found.append(queue[0])
        queue += children.get(queue.pop(0), [])
    return found


def _memory(pid: int) -> int:
    """Proportional set size: memory that processes share counts once."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
