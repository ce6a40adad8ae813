"""Letters beyond the fourteen: put together from `phrases.toml` by chance. The same index gives the same letter."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import numpy as np

from pipeline.model.digits import TO_DEVANAGARI
from samples.letters import HERE, Letter

LEVELS = ("clean", "office", "office", "aged", "aged", "poor")
TURNS = (0, 0, 0, 0, 0, 90, 180, 270)


def invent_letter(index: int, seed: int) -> Letter:
    """Invent letter number `index`; its village differs from that of every other index below 160."""
    phrases = tomllib.loads((HERE / "phrases.toml").read_text(encoding="utf-8"))
    chance = np.random.default_rng([seed, index])
    state, topic = _pick(chance, phrases["state"]), _pick(chance, phrases["topic"])
    day = date(1968, 1, 1).replace(
        year=int(chance.integers(1968, 2024)), month=int(chance.integers(1, 13)), day=int(chance.integers(1, 29))
    )
    words = _words(chance, _village(index, phrases), day)
    old_digits = day.year < 1995 and bool(chance.integers(0, 2))

    def written(text: str) -> str:
        return text.translate(TO_DEVANAGARI) if old_digits else text

    return Letter(
        level=_pick(chance, LEVELS),
        dpi=_pick(chance, (200, 300)),
        turn=_pick(chance, TURNS),
        font=_pick(chance, phrases["fonts"]),
        colour=bool(chance.integers(0, 2)),
        layout=_pick(chance, ("centre", "left")),
        head=tuple(state["head"]),
        office=state["head"][1],
        district=state["district"],
        label=state["label"],
        file_no=written(state["number"].format(**words)),
        date=day,
        date_text=written(_date_text(day, chance, phrases["months"])),
        to_label=state["to_label"],
        to=tuple(state["to"]),
        subject=written(topic["subject"].format(**words)),
        body=tuple(written(part.format(**words)) for part in topic["body"]),
        signed_by=_pick(chance, phrases["people"]),
        signatory=state["signatory"],
        village=words["village"],
        stamp=f"{state['signatory']} • {state['district']} •",
    )


def _words(chance: np.random.Generator, village: str, day: date) -> dict[str, Any]:
    """What the wording is filled with."""
    return {
        "village": village,
        "n": chance.integers(101, 2500),
        "m": chance.integers(11, 95),
        "k": chance.integers(2, 9),
        "year": day.year,
        "money": f"{chance.integers(12, 99)},{chance.integers(100, 999)}",
    }


def _village(index: int, phrases: dict[str, Any]) -> str:
    """A name of two halves; walking the table by a step prime to its size meets every pair once."""
    first, last = phrases["villages_first"], phrases["villages_last"]
    place = index * 37 % (len(first) * len(last))
    return str(first[place // len(last)] + last[place % len(last)])


def _date_text(day: date, chance: np.random.Generator, months: list[str]) -> str:
    month = months[day.month - 1]
    spellings = (
        f"{day:%d.%m.%Y}",
        f"{day.day}/{day.month}/{day:%Y}",
        f"{day:%d-%m-%Y}",
        f"{day.day} {month} {day.year}",
        f"{day.day} {month}, {day.year}",
    )
    return str(_pick(chance, spellings))


def _pick(chance: np.random.Generator, options: Any) -> Any:
    return options[int(chance.integers(0, len(options)))]
