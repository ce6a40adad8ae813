"""The searchable PDF: memory and time of a long document, and a page of black and white as JPEG and as Group 4."""

from __future__ import annotations

import io
import multiprocessing
import random
import re
import tempfile
import time
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.formats import bilevel, searchable
from pipeline.model.page import Box, Word
from samples import truth

_LETTER = truth.SCANS / "letters" / "letter-01-clean.jpg"
_PAGE_BYTES = 400 * 1024
_WORDS_A_PAGE = 300
_INK = 150  # grey level below which a scanner set to black and white would see ink


def run(pages: int) -> str:
    """Write a document of `pages` pages of 400 KiB and 300 words each in a fresh process; returns Markdown lines."""
    return _long_document(pages) + _black_and_white()


def _long_document(pages: int) -> str:
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_write_long, args=(pages, sender))
    process.start()
    seconds, grown, size = receiver.recv()
    process.join()
    return (
        f"Document of {pages} pages, {_PAGE_BYTES // 1024} KiB of JPEG and {_WORDS_A_PAGE} words each: "
        f"{size / 2**20:.0f} MiB written in {seconds:.0f} s, memory grew by {grown / 2**20:.0f} MiB at most\n"
    )


def _write_long(pages: int, sender: Connection) -> None:
    with tempfile.TemporaryDirectory(prefix="abhilekh-") as folder:
        path = Path(folder) / "long.pdf"
        about = searchable.About("Long", datetime(2026, 1, 1, tzinfo=UTC))
        searchable.write([_page(0)], about, path)  # what one page costs is there before
        before, began = _highest(), time.monotonic()
        searchable.write((_page(number) for number in range(pages)), about, path)
        sender.send((time.monotonic() - began, _highest() - before, path.stat().st_size))


def _page(number: int) -> searchable.PdfPage:
    """A small JPEG filled up to its size with bytes that cannot be compressed: the writer does not look inside."""
    target = io.BytesIO()
    Image.new("L", (16, 16)).save(target, "JPEG")
    jpeg = target.getvalue()
    jpeg += random.Random(number).randbytes(_PAGE_BYTES - len(jpeg))
    words = [
        Word(f"शब्द{number:04d}{at:03d}", Box(100 + at % 10 * 130, 100 + at // 10 * 60, 100, 40), 0.9, at // 10, 0, 0)
        for at in range(_WORDS_A_PAGE)
    ]
    return searchable.PdfPage(jpeg, 1654, 2339, 200, words)


def _highest() -> int:
    """The most memory this process has held, in bytes."""
    found = re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(found[0]) * 1024


def _black_and_white() -> str:
    with Image.open(_LETTER) as image:
        scan = np.where(np.asarray(image.convert("L")) < _INK, 0, 255).astype(np.uint8)
    jpeg = io.BytesIO()
    Image.fromarray(scan).save(jpeg, "JPEG", quality=80, optimize=True)
    began = time.monotonic()
    is_seen = bilevel.is_bilevel(scan)
    deciding = time.monotonic() - began
    sizes = [len(jpeg.getvalue()), len(bilevel.encode_png(scan)), len(bilevel.encode_g4(scan))]
    jpeg_kb, png_kb, g4_kb = (size / 1024 for size in sizes)
    return (
        f"A4 letter of black and white, 300 dpi: JPEG of quality 80 {jpeg_kb:.0f} KiB, PNG of one bit {png_kb:.0f} KiB, "
        f"CCITT Group 4 {g4_kb:.0f} KiB, ratio {sizes[0] / sizes[2]:.0f}; "
        f"{'told' if is_seen else 'NOT TOLD'} in {deciding * 1000:.0f} ms\n"
    )
