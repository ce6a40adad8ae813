"""Real pages are found with what was typed of them; without them the bench says what is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench import real, sheets


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    grey = np.full((40, 30, 3), 255, np.uint8)
    yellow = grey.copy()
    yellow[..., 2] = 190
    Image.fromarray(grey).save(tmp_path / "b.png", dpi=(200, 200))
    Image.fromarray(yellow).save(tmp_path / "a.jpg")
    (tmp_path / "b.gt.txt").write_text("पाठ १२", encoding="utf-8")
    (tmp_path / "b.rows.txt").write_text("1-2-68\t12\n1-2-68\t15\n", encoding="utf-8")
    return tmp_path


def wish(folder: Path, *names: str) -> real.Wish:
    return real.Wish(folder, names, peers=False, steps=False, write=False, details=None)


def test_pages_of_both_kinds_are_found_with_or_without_a_text(folder: Path) -> None:
    found = sheets.real(folder)

    assert [(page.path.name, page.text, page.dpi) for page in found] == [("a.jpg", "", 300), ("b.png", "पाठ १२", 200)]


def test_without_pages_a_word_about_them(tmp_path: Path) -> None:
    told = real.run(wish(tmp_path / "nowhere"))

    assert "no real pages" in told
    assert str(tmp_path / "nowhere") in told


def test_a_page_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(SystemExit, match="c"):
        real.run(wish(folder, "b", "c"))


def test_pages_are_read_by_the_product_and_told(folder: Path) -> None:
    # In a process of its own: the measuring waits for every child there is, and a test run may have others.
    command = [sys.executable, "-m", "bench", "real", "--alone", "--no-steps", "--folder", str(folder)]

    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3]).stdout

    assert "| a, colour | – |" in told
    assert "| b | 1.0000 |" in told  # nothing stands on it
    assert "| rows of tables whole | 0 of 2 (0.000) |" in told
