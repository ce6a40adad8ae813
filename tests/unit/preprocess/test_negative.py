"""Negatives are told from pages, from sheets on a dark glass, and from pictures."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.preprocess.imaging import Image
from pipeline.preprocess.negative import is_negative
from samples import truth

LETTERS = truth.load()["letters"][:4]


def scan(index: int) -> Image:
    return np.asarray(cv2.imread(str(truth.SCANS / LETTERS[index]["file"])), np.uint8)


@pytest.mark.parametrize("index", range(len(LETTERS)))
def test_a_page_is_none_and_its_negative_is_one(index: int) -> None:
    page = scan(index)

    assert not is_negative(page)
    assert is_negative(np.asarray(255 - page, np.uint8))


def test_a_faded_grey_negative_is_one() -> None:
    page = cv2.cvtColor(scan(0), cv2.COLOR_BGR2GRAY)

    assert is_negative(np.asarray(40 + (255 - page.astype(np.int32)) * 0.5, np.uint8))


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_small_sheet_on_a_dark_glass_is_none(share: float) -> None:
    page = scan(0)
    glass = np.full_like(page, 25)
    height, width = (round(side * share) for side in page.shape[:2])
    glass[200 : 200 + height, 100 : 100 + width] = cv2.resize(page, (width, height))[: glass.shape[0] - 200]

    assert not is_negative(glass)


def test_an_empty_black_page_and_a_photograph_are_none() -> None:
    black = np.random.default_rng(3).normal(20, 4, (1400, 1000)).clip(0, 255).astype(np.uint8)
    y, x = np.mgrid[:1400, :1000]
    photograph = np.asarray(60 + 50 * np.sin(x / 170) * np.cos(y / 230), np.uint8)

    assert not is_negative(black) and not is_negative(photograph)
