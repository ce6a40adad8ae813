"""The same bytes give the same page: nothing depends on memory, on what was read before, on hash seeds or on threads.

Each process reads drawn pages step by step and whole (`reading_probe`), under another fill of fresh memory
(`MALLOC_PERTURB_` of glibc), another order, another hash seed and another number of threads; all tell the same hashes.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from samples import truth

ROOT = Path(__file__).parents[2]
PIPELINE = ROOT / "pipeline"
DPI = 200
Pixels = np.ndarray[Any, np.dtype[np.uint8]]


# --- pages ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Small pages with what the steps look for: seals at the edges, a signature, rules, a table, colour, a lean, damage."""
    folder = tmp_path_factory.mktemp("pages")
    letter = truth.load()["letters"][0]
    whole = np.asarray(cv2.imread(str(truth.SCANS / letter["file"]), cv2.IMREAD_GRAYSCALE), np.uint8)
    text = np.ascontiguousarray(cv2.resize(whole, None, fx=0.67, fy=0.67, interpolation=cv2.INTER_AREA)[120:760])
    drawn = {
        "sealed": sealed(text),
        "signed": signed(text),
        "table": table(text),
        "coloured": coloured(text),
        "leaning": cv2.warpAffine(
            text, cv2.getRotationMatrix2D((700, 300), 2.2, 1), text.shape[::-1], borderMode=cv2.BORDER_REPLICATE
        ),
    }
    made = []
    for name, image in drawn.items():
        pixels = image if image.ndim == 2 else image[..., ::-1]
        Image.fromarray(np.ascontiguousarray(pixels)).save(folder / f"{name}.png", dpi=(DPI, DPI))
        made.append(folder / f"{name}.png")
    fax = folder / "damaged.tif"
    Image.fromarray(text > 128).save(fax, compression="group4", dpi=(DPI, DPI))
    damaged = bytearray(fax.read_bytes())
    damaged[4000:4040] = bytes(40)  # among the coded rows
    fax.write_bytes(damaged)
    Image.fromarray(drawn["signed"]).save(folder / "drawn.pdf", resolution=DPI, quality=80)
    return [*made, fax, folder / "drawn.pdf"]


def ring(page: Pixels, x: int, y: int, radius: int, ink: int | tuple[int, int, int]) -> None:
    for r, thick in ((radius, 3), (radius - 7, 2), (int(radius * 0.6), 2)):
        cv2.circle(page, (x, y), r, ink, thick, cv2.LINE_AA)


def sealed(text: Pixels) -> Pixels:
    """Seals that reach over the edges of the sheet, where circles about their centres leave it."""
    page = text.copy()
    height, width = page.shape
    ring(page, width - 80, 90, 105, 130)
    ring(page, 95, height - 75, 115, 100)
    ring(page, width // 2, 60, 100, 150)
    return page


def signed(text: Pixels) -> Pixels:
    page = text.copy()
    xs = np.arange(500, 1100, 5)
    ys = 420 + 60 * np.sin(xs / 17) + np.random.default_rng(3).normal(0, 2, len(xs))
    cv2.polylines(page, [np.stack([xs, ys], 1).round().astype(np.int32)], False, 40, 4, cv2.LINE_AA)
    return page


def table(text: Pixels) -> Pixels:
    page = text.copy()
    page[300:560, 150:1350] = 255
    for y in (300, 370, 440, 510):
        page[y : y + 3, 150:1350] = 0
    for x in (150, 500, 900, 1347):
        page[300:513, x : x + 3] = 0
    for row in range(3):
        for column in range(3):
            cell = text[60:105, 300 + 160 * column : 450 + 160 * column]
            page[315 + 70 * row : 360 + 70 * row, 200 + 370 * column : 350 + 370 * column] = cell
    return page


def coloured(text: Pixels) -> Pixels:
    page = cv2.cvtColor(text, cv2.COLOR_GRAY2BGR)
    ring(page, 260, 480, 110, (180, 60, 60))
    cv2.putText(page, "24/7", (900, 200), cv2.FONT_HERSHEY_SIMPLEX, 2, (40, 40, 200), 4, cv2.LINE_AA)
    return page


# --- the same everywhere --------------------------------------------------------------------------------------------


def told(pages: list[Path], engine: str = "auto", **env: str) -> dict[str, dict[str, str]]:
    """What a fresh process tells of these pages, read in this order."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.security.reading_probe", engine, *map(str, pages)],
        cwd=ROOT,
        check=False,
        env={**os.environ, "OMP_THREAD_LIMIT": "1", "PYTHONHASHSEED": "0", **env},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, dict[str, str]] = json.loads(done.stdout)
    return found


def differences(one: dict[str, dict[str, str]], other: dict[str, dict[str, str]]) -> list[tuple[str, str]]:
    """The pages and steps that came out otherwise; of all pages that both tell."""
    return [(page, step) for page in one if page in other for step in one[page] if one[page][step] != other[page][step]]


def test_a_page_is_the_same_in_any_memory_after_any_page_by_any_seed_and_threads(pages: list[Path]) -> None:
    turned = pages[::-1]
    mixed = [*pages[3:], *pages[:3]]
    runs: list[tuple[list[Path], dict[str, str]]] = [
        (pages, {"MALLOC_PERTURB_": "0"}),
        (turned, {"MALLOC_PERTURB_": "85", "PYTHONHASHSEED": "1"}),
        (mixed, {"MALLOC_PERTURB_": "170", "PYTHONHASHSEED": "2", "OMP_THREAD_LIMIT": "4"}),
        (pages[1:2], {"MALLOC_PERTURB_": "0"}),  # and with nothing read before
    ]
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda run: told(run[0], **run[1]), runs))

    assert set(found[0]) == {page.name for page in pages}
    assert [differences(found[0], other) for other in found[1:]] == [[], [], []]


def test_the_program_reads_the_same_in_any_memory(pages: list[Path]) -> None:
    plain, other = (told(pages[2:3], "pytesseract", MALLOC_PERTURB_=fill) for fill in ("0", "170"))

    assert differences(plain, other) == []


# --- calls that read old memory, the clock or chance ----------------------------------------------------------------

# Where a call of this name needs one of these in its arguments, or must not stand at all. What fills only a part of the
# image that it gives leaves old memory in the rest.
NEEDS_FLAG = {"warpPolar": "WARP_FILL_OUTLIERS", "linearPolar": "WARP_FILL_OUTLIERS", "logPolar": "WARP_FILL_OUTLIERS"}
NO_TRANSPARENT_BORDER = {"warpAffine", "warpPerspective", "remap"}
UNFILLED = {"empty", "empty_like", "ndarray"}
BY_CHANCE = {"kmeans", "setRNGSeed", "randu", "randn", "findHomography", "estimateAffine2D", "estimateAffinePartial2D"}
BY_THE_CLOCK = {"monotonic", "time", "perf_counter", "now", "today", "utcnow"}
READING = ("preprocess", "ocr", "formats", "extract", "workflow/page_worker.py")
# Only bound what hangs, say when something was made, or stand in for what `flow` always gives; no text comes from them.
CLOCKS = {
    "formats/isolation.py": {"monotonic"},
    "workflow/page_worker.py": {"_now", "now"},
    "extract/file_number/grammar.py": {"today"},
}


def modules(*places: str) -> Iterator[Path]:
    for place in places:
        path = PIPELINE / place
        yield from sorted(path.rglob("*.py")) if path.is_dir() else (path,)


def calls(path: Path) -> Iterator[tuple[str, ast.Call, set[str]]]:
    """Every call: its name, itself, and the attributes named in the function around it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    scopes = [tree, *(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))]
    around = {id(node): scope for scope in scopes for node in ast.walk(scope)}  # the innermost comes last
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield name, node, {one.attr for one in ast.walk(around[id(node)]) if isinstance(one, ast.Attribute)}


def unsafe(path: Path) -> list[str]:
    """The calls of a module whose outcome depends on memory, chance or the clock."""
    found = []
    own = CLOCKS.get(path.relative_to(PIPELINE).as_posix() if path.is_relative_to(PIPELINE) else "", set())
    for name, node, named in calls(path):
        inside = ast.unparse(node)
        if name in NEEDS_FLAG and NEEDS_FLAG[name] not in named:
            found.append(f"{path.name}:{node.lineno} {name} without {NEEDS_FLAG[name]}")
        if name in NO_TRANSPARENT_BORDER and ("BORDER_TRANSPARENT" in named or "dst=" in inside):
            found.append(f"{path.name}:{node.lineno} {name} into memory that is there")
        if name in UNFILLED or name in BY_CHANCE or (name in BY_THE_CLOCK and name not in own):
            found.append(f"{path.name}:{node.lineno} {name}")
    return found


def test_no_step_calls_what_gives_old_memory_chance_or_the_clock() -> None:
    assert [call for path in modules(*READING) for call in unsafe(path)] == []


@pytest.mark.parametrize(
    "line",
    [
        "polar = cv2.warpPolar(dark, (9, 360), (x, y), 9, cv2.INTER_NEAREST)",
        "turned = cv2.warpAffine(page, m, (9, 9), borderMode=cv2.BORDER_TRANSPARENT)",
        "found = np.empty((3, 3), np.uint8)",
        "ends = time.monotonic() + 180",
        "cv2.findHomography(a, b, cv2.RANSAC)",
    ],
)
def test_the_guard_sees_such_a_call(line: str, tmp_path: Path) -> None:
    (tmp_path / "step.py").write_text(line + "\n", encoding="utf-8")

    assert len(unsafe(tmp_path / "step.py")) == 1
