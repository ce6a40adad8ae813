"""Separator sheets, printed, damaged and looked at again: how many are read; what looking costs elsewhere."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections import Counter
from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np

from bench import sheets as pages
from bench.drawing import Chance, Pixels
from pipeline.extract.sheets import PURPOSE, SheetCode, SheetPart, decode
from pipeline.model.signature import KEY_BYTES, Signer
from pipeline.preprocess import imaging
from pipeline.preprocess.codes import find_codes
from pipeline.workflow import printing
from samples.age import WEAR, age

CODES = (
    SheetCode("एफ 19-76/2019/1/4", "tehsil-ashta", "2", SheetPart.NOTING),
    SheetCode("पं.भ./स्था./निर्माण-प्रकोष्ठ/41/2012-13", "छिन्दवाड़ा", "", SheetPart.CORRESPONDENCE),
    SheetCode("F.No. 11013/4/2018-Estt", "", "1"),
)
DAMAGES = (
    "as scanned",
    "any angle",
    "blurred",
    "noisy",
    "faded",
    "stamped",
    "torn",
    "jpeg q30",
    "aged",
    "poor",
    "all of it",
    "beyond",
)
_RESOLUTIONS = (150, 300)
_PAPER = 235


def run(*, sheets: int) -> str:
    """Print, damage and look; returns the tables as Markdown."""
    imaging.one_thread()
    drawn: Counter[tuple[str, int]] = Counter()
    read: Counter[tuple[str, int]] = Counter()
    wrong, times = 0, list[float]()
    for number in range(sheets):
        kind, dpi, code, pixels = case(number)
        began = time.process_time()
        found = [decode(code.text) for code in find_codes(pixels)]
        times.append(time.process_time() - began)
        drawn[kind, dpi] += 1
        read[kind, dpi] += found == [code]
        wrong += any(other not in (code, None) for other in found)
    rows = [f"### {sheets} damaged sheets\n", "| damage | read at 150 dpi | read at 300 dpi |", "|---|---|---|"]
    for kind in DAMAGES:
        cells = " | ".join(f"{read[kind, dpi]} of {drawn[kind, dpi]}" for dpi in _RESOLUTIONS)
        rows.append(f"| {kind} | {cells} |")
    rows.append(
        f"\nRead: {read.total()} of {drawn.total()}; read as another sheet: {wrong}; {1000 * np.mean(times):.1f} ms a sheet."
    )
    return "\n".join(rows) + "\n\n" + _letters()


def case(number: int) -> tuple[str, int, SheetCode, Pixels]:
    """The damaged sheet of this number: its damage, its resolution, what its code says, and its grey pixels."""
    chance = np.random.default_rng([43, number])
    kind = DAMAGES[number % len(DAMAGES)]
    dpi = _RESOLUTIONS[number // len(DAMAGES) % len(_RESOLUTIONS)]
    code = CODES[number // len(DAMAGES) // len(_RESOLUTIONS) % len(CODES)]
    return kind, dpi, code, damaged(_printed(dpi)[CODES.index(code)], kind, chance, dpi)


def damaged(page: Pixels, kind: str, chance: Chance, dpi: int) -> Pixels:
    """The page after one kind of damage, or after all that a sheet can meet at once."""
    mm, worst = dpi / 25.4, kind in ("all of it", "beyond")
    if kind in ("aged", "poor"):
        return age(page, WEAR[kind], chance, dpi=dpi, turn=int(chance.integers(4)) * 90).pixels
    page = np.minimum(page, _PAPER)
    if kind == "stamped" or worst:
        page = _stamped(page, chance, mm)
    if kind in ("torn", "beyond"):
        page = _torn(page, chance)
    page = _turned(page, float(chance.uniform(0, 360) if kind == "any angle" or worst else chance.uniform(-3, 3)))
    if kind == "faded" or worst:  # to 40 % of the contrast, in the middle of the greys; or to a fifth
        page = (90 + (0.2 if kind == "beyond" else 0.4) * page).astype(np.uint8)
    if kind == "blurred" or worst:
        page = np.asarray(cv2.GaussianBlur(page, (0, 0), (0.15 if worst else 0.3) * mm), np.uint8)
    if kind == "noisy" or worst:
        grain = chance.standard_normal(page.shape, np.float32) * (12 if worst else 35)
        page = np.clip(page + grain, 0, 255).astype(np.uint8)
    if kind == "jpeg q30" or worst:
        data = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 30])[1]
        page = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    return page


@cache
def _printed(dpi: int) -> list[Pixels]:
    """The sheets of `CODES` as a clean scan."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sheets.pdf"
        shown = [printing.PrintedSheet(code, "सीमांकन एवं अतिक्रमण के सम्बन्ध में") for code in CODES]
        path.write_bytes(printing.printed(shown, partial(Signer(bytes(KEY_BYTES)).sign, PURPOSE)))
        subprocess.run(["pdftoppm", "-r", str(dpi), "-gray", "-png", str(path), str(path.with_suffix(""))], check=True)
        found = sorted(path.parent.glob("*.png"))
        return [np.asarray(cv2.imread(str(one), cv2.IMREAD_GRAYSCALE), np.uint8) for one in found]


def _stamped(page: Pixels, chance: Chance, mm: float) -> Pixels:
    """A dark round seal, 40 mm across, over one of the codes in the corners or over the middle one."""
    height, width = page.shape
    places = ((0.17, 0.13), (0.83, 0.87), (0.5, 0.57))
    across, down = places[int(chance.integers(len(places)))]
    seal = page.copy()
    cv2.circle(seal, (round(across * width), round(down * height)), round(20 * mm), (70,), -1, cv2.LINE_AA)
    return np.minimum(page, seal)


def _torn(page: Pixels, chance: Chance) -> Pixels:
    """A corner torn off, with the dark lid behind it: a third of each side."""
    height, width = page.shape
    x, y = (0, width)[int(chance.integers(2))], (0, height)[int(chance.integers(2))]
    corner = np.array([[x, y], [x, abs(y - height * 0.35)], [abs(x - width * 0.45), y]], np.int32)
    return np.asarray(cv2.fillPoly(page.copy(), [corner], (30,)), np.uint8)


def _turned(page: Pixels, degrees: float) -> Pixels:
    height, width = page.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(page, matrix, (width, height), borderValue=(_PAPER,)), np.uint8)


def _letters() -> str:
    """What looking for codes costs on pages that have none, and whether one is seen there."""
    rows = ["| pages without a code | pages | mean ms | worst ms | codes seen |", "|---|---|---|---|---|"]
    for name, found in pages.sets().items():
        times, seen = [], 0
        for sheet in found:
            pixels = np.asarray(cv2.imread(str(sheet.path), cv2.IMREAD_UNCHANGED), np.uint8)
            times.append(min(_timed(pixels)[0] for _ in range(3)))
            seen += _timed(pixels)[1]
        rows.append(f"| {name} | {len(found)} | {1000 * np.mean(times):.1f} | {1000 * max(times):.1f} | {seen} |")
    return "\n".join(rows) + "\n"


def _timed(pixels: Pixels) -> tuple[float, int]:
    began = time.process_time()
    found = find_codes(pixels)
    return time.process_time() - began, len(found)
