"""Writing of the back that endangers reading is told, and nothing else is taken for it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.preprocess.clean import for_reading
from pipeline.preprocess.imaging import Image
from pipeline.preprocess.show_through import SHOW_THROUGH, show_through
from pipeline.preprocess.upright import Thresholds, preprocess_page
from samples import truth

LETTERS = [row for row in truth.load()["letters"] if row["level"] == "clean" and row["rotated_ccw"] == 0]
FRONT, BACK = LETTERS[0], LETTERS[1]
DPI = FRONT["dpi"]


def sheet(row: truth.LetterTruth) -> Image:
    return np.asarray(cv2.imread(str(truth.SCANS / row["file"]), cv2.IMREAD_GRAYSCALE), np.uint8)


def leaf(strength: float) -> Image:
    """The front of a leaf whose back is written on, and shows with `strength` of its ink's darkness."""
    front = sheet(FRONT)
    back = cv2.resize(sheet(BACK), front.shape[1::-1], interpolation=cv2.INTER_AREA)[:, ::-1]
    behind = cv2.GaussianBlur(255 - back.astype(np.float32), (0, 0), 1.0 * DPI / 200)
    strokes = float(np.percentile(behind[behind > 5], 95))
    return np.asarray(front * (1 - np.clip(behind * strength / strokes, 0, 1)), np.uint8)


def is_told(page: Image) -> bool:
    return show_through(for_reading(page, DPI).pixels, DPI).endangers_reading


@pytest.mark.parametrize("strength", [0.35, 0.4, 0.45])
def test_a_back_that_shows_strongly_is_told(strength: float) -> None:
    assert is_told(leaf(strength))


@pytest.mark.parametrize("strength", [0.0, 0.05, 0.12])
def test_a_back_that_hardly_shows_is_not(strength: float) -> None:
    assert not is_told(leaf(strength))


def test_its_share_and_its_darkness_grow_with_it() -> None:
    weak, strong = (show_through(for_reading(leaf(strength), DPI).pixels, DPI) for strength in (0.28, 0.4))

    assert 0 < weak.share < strong.share
    assert 0.2 < weak.depth < strong.depth < 0.55


def test_a_page_that_is_weak_all_over_is_not_told() -> None:
    weak = np.asarray(255 - (255 - sheet(FRONT).astype(np.float32)) * 0.4, np.uint8)

    assert not is_told(weak)


def test_a_note_in_pencil_and_a_stain_are_not_told() -> None:
    page = sheet(FRONT)
    height, width = page.shape
    noted = cv2.putText(page.copy(), "seen 12/4", (width // 8, height - 60), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 2, 170, 3)
    stain = cv2.circle(np.full_like(page, 255), (width // 2, height // 2), width // 4, 185, -1)

    assert not is_told(np.asarray(noted, np.uint8))
    assert not is_told(np.minimum(page, cv2.GaussianBlur(stain, (0, 0), 9)))


def test_an_empty_sheet_has_nothing_to_compare_with() -> None:
    found = show_through(np.full((1200, 900), 255, np.uint8), 150)

    assert (found.share, found.depth) == (0.0, 0.0)


@pytest.mark.parametrize(("strength", "told"), [(0.0, False), (0.45, True)])
def test_the_page_carries_the_flag(tmp_path: Path, strength: float, told: bool) -> None:
    page, _ = preprocess_page(leaf(strength), 1, DPI, tmp_path, limits=Thresholds(0.25, 0.3, 72), try_lines=None)

    assert (SHOW_THROUGH in page.flags) is told
