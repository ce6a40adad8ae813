"""The nouns of the board, as frozen values: how far the work is, by office, by day and by operator.

What does not live here: anything that touches a file, a database or the network.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date


@dataclass(frozen=True, slots=True)
class Done:
    """What was done in some time. `confidence` is the mean over the pages that are not blank; None where there is none."""

    pages: int = 0
    blank: int = 0
    documents: int = 0
    received: int = 0
    rejected: int = 0
    confidence_sum: float = 0.0
    hours: int = 0  # in which at least one page was read

    @property
    def confidence(self) -> float | None:
        written = self.pages - self.blank
        return self.confidence_sum / written if written else None

    @property
    def pages_an_hour(self) -> float | None:
        return self.pages / self.hours if self.hours else None

    def __add__(self, other: Done) -> Done:
        return Done(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)})


@dataclass(frozen=True, slots=True)
class Stock:
    """What there is now: files of the register, documents by state, and what is still to be worked on."""

    registered: int = 0
    scanned: int = 0
    closed: int = 0
    documents: int = 0
    reviewed: int = 0
    to_review: int = 0
    waiting_batches: int = 0
    waiting_pages: int = 0
    rejected: int = 0

    def __add__(self, other: Stock) -> Stock:
        return Stock(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)})


@dataclass(frozen=True, slots=True)
class OfficeLine:
    """An office with what it has and what was done there in the days asked for."""

    office: str | None
    name_hi: str
    name_en: str
    stock: Stock
    done: Done


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    done: Done


@dataclass(frozen=True, slots=True)
class Operator:
    """`name` is None for what came by the inbox without a name."""

    office: str | None
    name: str | None
    done: Done


@dataclass(frozen=True, slots=True)
class Board:
    """How far the work is: `days` has every day from the first to the last, `lines` every office that was asked for."""

    since: date
    until: date
    lines: tuple[OfficeLine, ...]
    days: tuple[Day, ...]
    operators: tuple[Operator, ...]
    total: Stock = field(default_factory=Stock)
    done: Done = field(default_factory=Done)
