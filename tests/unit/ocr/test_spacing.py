"""Words that type cut apart are put together, and others are not."""

from __future__ import annotations

import pytest

from pipeline.model.page import Box
from pipeline.ocr.engine import Recognised
from pipeline.ocr.spacing import joined


def line(text: str, gap: int) -> list[Recognised]:
    words, x = [], 0
    for part in text.split(" "):
        words.append(Recognised(part, Box(x, 0, 20 * len(part), 40), 0.9, 0))
        x += 20 * len(part) + gap
    return words


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("दिनांक 13. 04. 1980", "दिनांक 13.04.1980"),
        ("पत्र 6688/ 25/ स्था./ 2019", "पत्र 6688/25/स्था./ 2019"),
        ("एफ १९- ७६ / २०१९", "एफ १९-७६/२०१९"),
        ("होगा ।", "होगा।"),
        ("( विजय मिश्रा)", "(विजय मिश्रा)"),
        ("रुपये 6, 65, 578/ -", "रुपये 6,65,578/-"),
        ("रुपये 8,700/- के भुगतान", "रुपये 8,700/- के भुगतान"),
        ("1, 2, 3 और 4", "1, 2, 3 और 4"),
        ("1. अधीक्षक, झाँसी", "1. अधीक्षक, झाँसी"),
        ("अगस्त 8, 2022 को", "अगस्त 8, 2022 को"),
    ],
)
def test_what_belongs_together_is_joined(read: str, meant: str) -> None:
    assert " ".join(word.text for word in joined(line(read, gap=12))) == meant


def test_words_that_stand_apart_stay_apart() -> None:
    assert len(joined(line("13. 04. 1980", gap=60))) == 3


def test_the_box_and_the_confidence_are_those_of_both() -> None:
    (word,) = joined([Recognised("1980", Box(0, 5, 80, 30), 0.5, 0), Recognised("/25", Box(90, 0, 60, 40), 1.0, 0)])

    assert word.box == Box(0, 0, 150, 40) and word.confidence == pytest.approx((0.5 * 4 + 1.0 * 3) / 7)
