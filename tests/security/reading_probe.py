"""Reads page images one after the other in this process and prints what every step gave for each, as hashes.

Run as a program by `test_determinism`, in fresh processes with different memory, hash seeds and thread counts.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.formats.rasterise import rasterise
from pipeline.model.scan import MediaType
from pipeline.preprocess import clean, imaging, seals
from pipeline.preprocess.blank import is_blank, written_share
from pipeline.preprocess.codes import find_codes
from pipeline.preprocess.ink import ink
from pipeline.preprocess.lines import find_lines
from pipeline.preprocess.orientation import quarter_turn
from pipeline.preprocess.outline import paper_mask, sheet_box
from pipeline.preprocess.rules import find_rules, find_tables
from pipeline.preprocess.signatures import reduced
from pipeline.preprocess.skew import skew, spectra
from pipeline.preprocess.spread import gutter
from pipeline.settings import OcrSettings, PageSettings
from pipeline.workflow.page_worker import PageJob, work_page

_COARSE_DPI = 150


def digest(value: object) -> str:
    """A hash of an array's bytes, of bytes, or of what a value shows as."""
    if isinstance(value, np.ndarray):
        data = repr((value.shape, value.dtype.str)).encode() + np.ascontiguousarray(value).tobytes()
    else:
        data = value if isinstance(value, bytes) else repr(value).encode()
    return hashlib.sha256(data).hexdigest()[:16]


def image_steps(path: Path, kind: MediaType) -> Iterator[tuple[str, object]]:
    """Every step on the page's pixels by itself: its name and what it gave."""
    raster = rasterise(path, kind, 1, default_dpi=200, max_dpi=400, max_pixels=10**8, decode=imaging.decode_jpeg)
    scan, dpi = raster.pixels, raster.dpi
    plain = imaging.grey(scan)
    small = imaging.shrink(plain, imaging.MEASURE_HEIGHT)
    depth = ink(small)
    yield "raster", scan
    yield "codes", find_codes(scan)
    yield "ink", depth
    yield "blank", (is_blank(small, depth), written_share(depth))
    yield "turn", quarter_turn(depth)
    yield "skew", skew(depth)
    found = spectra(depth)
    yield "spectra", found.values if found else b""
    yield "outline", (sheet_box(small), digest(paper_mask(small)))
    yield "gutter", gutter(small, None)
    yield "levelled", imaging.deskewed(plain, 1.37)
    yield "resized", imaging.resized(plain, 0.75, 1.2)
    flat = clean.even(scan)
    yield "even", flat
    coarse = reduced(flat, max(round(dpi / _COARSE_DPI), 1))
    rules = find_rules(coarse, dpi)
    yield "rules", (digest(rules.all), find_tables(rules, dpi))
    yield "seals", seals.find_seals(coarse, dpi, cut=False)
    yield "lines", find_lines(flat, dpi)
    reading = clean.for_reading(scan, dpi)
    yield "reading pixels", reading.pixels
    yield (
        "reading shapes",
        (
            reading.tables,
            reading.unread_lines(()),
            reading.seals,
            reading.strokes,
            [(stamp.box, digest(stamp.pixels)) for stamp in reading.stamps],
        ),
    )


def whole_page(path: Path, kind: MediaType, engine: str) -> Iterator[tuple[str, object]]:
    """All that work on a page gives: text, words with boxes and confidences, geometry, flags and the page image."""
    folder = Path(tempfile.mkdtemp())
    pages = PageSettings(default_dpi=200)
    again = "script/Devanagari"  # most lines are read again, too
    ocr = OcrSettings(engine=engine, doubtful_languages=again, doubtful_below=0.97)  # type: ignore[arg-type]
    job = PageJob(str(path), kind, 1, 1, str(folder), pages, ocr, today=date(2026, 1, 1))
    done = work_page(job)
    yield "text", done.page.text
    yield "page", replace(done.page, text="")
    yield "image", Path(done.image).read_bytes()
    shutil.rmtree(folder)


def main(arguments: list[str]) -> None:
    """`engine` and the pages' files, in the order in which they are read."""
    engine, *names = arguments
    told: dict[str, Any] = {}
    for name in names:
        path = Path(name)
        kind = MediaType.PDF if path.suffix == ".pdf" else MediaType.TIFF if path.suffix == ".tif" else MediaType.PNG
        steps = [*image_steps(path, kind), *whole_page(path, kind, engine)]
        told[path.name] = {step: digest(value) for step, value in steps}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
