"""Many small scans that read quickly, and the office whose parts are made to fail."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import SCANS, Running, short_folder

LETTER = SCANS / "letters" / "letter-01-clean.jpg"
_BAND = 330  # pixels: some three lines of writing


def small_scans(folder: Path, count: int, *, seed: int, pages: int = 1) -> list[Path]:
    """`count` TIFFs, no two alike, of `pages` strips of a letter each: real writing, read in a fraction of a second."""
    places = [(top, more) for top in range(900, 1700) for more in range(9)]
    drawn = iter(random.Random(seed).sample(places, count * pages))
    made = []
    with Image.open(LETTER) as letter:
        grey = letter.convert("L")
    for number in range(count):
        strips = []
        for _ in range(pages):
            top, more = next(drawn)
            strips.append(grey.crop((180, top, 2300, top + _BAND)).resize((1060, _BAND // 2 + more)))
        path = folder / f"नस्ती-{seed}-{number:04d}.tif"
        strips[0].save(path, save_all=True, append_images=strips[1:], dpi=(150, 150), compression="tiff_deflate")
        made.append(path)
    return made


@pytest.fixture
def fresh() -> Iterator[Running]:
    """An installation of its own for each test, not started; stopped and removed afterwards."""
    quick = {
        "ABHILEKH_INTAKE__SETTLE_SECONDS": "0.3",
        "ABHILEKH_INTAKE__RESCAN_SECONDS": "1",
        "ABHILEKH_INTAKE__REJECT_AFTER_SECONDS": "3",
        "ABHILEKH_WORK__LEASE_SECONDS": "3",
        "ABHILEKH_WORK__RETRY_SECONDS": "1",
    }
    import shutil

    office = Running(short_folder(), quick)
    yield office
    if office.process is not None and office.process.poll() is None:
        office.stop()
    shutil.rmtree(office.home, ignore_errors=True)
