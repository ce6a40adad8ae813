"""What chance decides of invented papers: words from `data/records.toml`, days, and how a date is written."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.model.digits import TO_DEVANAGARI

_WORDS = Path(__file__).parent / "data" / "records.toml"
_ORIGIN_YEARS = (1962, 2025)


class Chance:
    """What chance decides, from one seed."""

    def __init__(self, *seeds: int) -> None:
        self.numbers = np.random.default_rng(seeds)

    def one(self, options: Sequence[Any]) -> Any:
        return options[int(self.numbers.integers(len(options)))]

    def of(self, low: int, high: int) -> int:
        """From low to high, both of them possible."""
        return int(self.numbers.integers(low, high + 1))

    def some(self, share: float) -> bool:
        return bool(self.numbers.random() < share)


@cache
def words() -> dict[str, Any]:
    return tomllib.loads(_WORDS.read_text(encoding="utf-8"))


def placed(chance: Chance, district: str) -> str:
    """The date's label, at times with the place before it."""
    label = chance.one(words()["date_labels"])
    return f"{district}, {label}" if chance.some(0.2) else str(label)


def some_day(chance: Chance) -> date:
    return date(chance.of(*_ORIGIN_YEARS), chance.of(1, 12), chance.of(1, 28))


def filled_in(chance: Chance, text: str, day: date, **more: str) -> str:
    known = words()
    filled = text.format(
        a=chance.of(1, 48),
        b=chance.of(2, 780),
        c=chance.of(20, 9999),
        c5=chance.of(11001, 45050),
        y=day.year,
        ys=f"{day.year}-{(day.year + 1) % 100:02}",
        yy=f"{day.year % 100:02}",
        s=chance.one(known["sections"]),
        s2=chance.one(known["sections"]),
        **{"village": chance.one(known["villages"]), "person": chance.one(known["people"]), "district": "सतना", **more},
    )
    return filled.strip()


def date_text(chance: Chance, day: date, *, hindi: bool) -> str:
    known = words()
    name = chance.one([known["months"], known["more_months"]])[day.month - 1]
    text = chance.one(
        [
            f"{day:%d.%m.%Y}",
            f"{day:%d.%m.%Y}",
            f"{day.day}/{day.month}/{day:%Y}",
            f"{day:%d-%m-%Y}",
            f"{day:%d/%m/%Y}",
            f"{day.day} {name}, {day.year}",
            f"{day.day} {name} {day.year}",
            f"{day:%d} {name}, {day.year}",
            *([f"{day.day}.{day.month}.{day:%y}", f"{day.day}-{day.month}-{day:%y}"] if day.year < 2000 else []),
        ]
    )
    return str(text.translate(TO_DEVANAGARI) if hindi else text)
