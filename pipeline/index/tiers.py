"""The tiers of an answer as questions to the engine, best first, and walking through them.

A page stands in the first tier that has it. Tiers for a file number come before all others, the strictest that finds
anything alone; those that ask for less than every word only where nothing, or little, has every word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select
from sqlmodel import Session

from pipeline.index.engines import MOST_COUNTED, AnyOf, Ask, Engine
from pipeline.index.glimpses import Glimpse, glimpses
from pipeline.index.query import Item
from pipeline.index.textindex import CORE, OCR, STRICT, Number, one_token, run_together
from pipeline.index.widening import Tier, Widened, any_of, further

_LITTLE = 10  # pages with every word: fewer, and those that lack one word are added
_MOST_CHOICES = 8  # words of which one may be missing; of more, any are asked for
_LEAST_FOR_MOST = 3
_STRICT = ("file", "file-core", "file-ocr", Tier.EXACT)


@dataclass(frozen=True, slots=True)
class Step:
    """One tier: its name and what the engine is asked, or else the pages that were found in another way."""

    name: str
    ask: Ask
    seen: tuple[Glimpse, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A page with the tier it stands in and its score inside it; higher is better."""

    page_id: int
    tier: int
    score: float


@dataclass(frozen=True, slots=True)
class Plan:
    """The tiers that count for this question, how many pages there are in all, how the words were taken, and all that may
    stand for them."""

    steps: tuple[Step, ...]
    total: int
    match: str
    words: tuple[tuple[Widened, ...], ...]

    @property
    def strict(self) -> int:
        """How many tiers, the first ones, hold just what was typed."""
        return sum(step.name in _STRICT for step in self.steps)

    @property
    def seen(self) -> dict[int, str]:
        """What was taken for a missing word, by pages."""
        return {found.page_id: found.token for step in self.steps for found in step.seen}


class Planner:
    """Decides by counts alone which tiers there are: every page of an answer goes by the same ones."""

    def __init__(
        self,
        session: Session,
        engine: Engine,
        never: Sequence[Item],
        narrowed: Sequence[AnyOf],
        within: Select[Any] | None,
    ) -> None:
        self.session = session
        self.engine = engine
        self.without = tuple(AnyOf((item.marked,), item.begun) for item in never)
        self.narrowed = tuple(narrowed)
        self.within = within

    def plan(self, words: Sequence[Sequence[Widened]], number: Number | None) -> Plan:
        by_number = [step for step in self._by_number(number) if self._count(step)][:1]
        steps, total, match, words = self._by_words(words, alone=not by_number)
        if by_number:
            extra = self._count(by_number[0])
            total = min(total + extra - self._both(by_number[0], steps), MOST_COUNTED)
        return Plan((*by_number, *steps), total, match, tuple(map(tuple, words)))

    def _by_words(
        self, words: Sequence[Sequence[Widened]], *, alone: bool
    ) -> tuple[list[Step], int, str, Sequence[Sequence[Widened]]]:
        """The tiers of the words; those that ask for less than all only if they stand `alone`."""
        if not words:
            return [], 0, "all", words
        exact = self._step(Tier.EXACT, words)
        found = self._count(exact)
        if found >= MOST_COUNTED:  # nobody will see what comes below
            return [exact], found, "all", words
        words = further(self.session, words)
        steps = [self._step(tier, words) for tier in Tier]
        steps = [step for i, step in enumerate(steps) if i == 0 or step.ask != steps[i - 1].ask]
        last = [any_of(choice, Tier.SPELLING) for choice in words]
        total = self._count(steps[-1]) if len(steps) > 1 else found
        if total == found:
            steps = steps[:1]
        if not alone:
            return steps, total, "all", words
        return *self._with_less(steps, total, words, last), words

    def _with_glimpses(
        self, steps: list[Step], total: int, words: Sequence[Sequence[Widened]], last: list[AnyOf]
    ) -> tuple[list[Step], int]:
        """The tiers, and below them, where they find little, pages with something like a word that is missing."""
        if total >= _LITTLE or not 1 < len(last) <= _MOST_CHOICES:
            return steps, total
        whole = {hit.page_id for hit in self.engine.find(self.session, steps[-1].ask, _LITTLE, self.within)}
        seen = glimpses(self.session, self.engine, words, last, self._ask, self.within)
        new = tuple(found for found in seen if found.page_id not in whole)
        if not new:
            return steps, total
        return [*(steps if total else []), Step("glimpsed", self._ask(last), new)], total + len(new)

    def _with_less(
        self, steps: list[Step], total: int, words: Sequence[Sequence[Widened]], last: list[AnyOf]
    ) -> tuple[list[Step], int, str]:
        """The tiers, and below them, where they find little, those that ask for less."""
        match = "all"
        if not total:
            begun = Step("prefix", self._ask([*last[:-1], replace(last[-1], begun=True)]))
            if more := self._count(begun):
                steps, total, match = [begun], more, "prefix"
        steps, total = self._with_glimpses(steps, total, words, last)
        if total < _LITTLE and _LEAST_FOR_MOST <= len(last) <= _MOST_CHOICES:
            most = Step("most", self._ask(last, len(last) - 1))
            if total < (more := self._count(most)):
                steps, match, total = [*(steps if total else []), most], match if total else most.name, more
        if not total and len(last) > 1:
            some = Step("any", self._ask(last, 1))
            if more := self._count(some):
                steps, total, match = [some], more, "any"
        return steps, total, match

    def _step(self, tier: Tier, words: Sequence[Sequence[Widened]]) -> Step:
        return Step(str(tier), self._ask([any_of(choice, tier) for choice in words]))

    def _ask(self, words: Sequence[AnyOf], least: int = 0) -> Ask:
        # What narrows must always hold, so it stands apart from the words of which some may be missing.
        return Ask(tuple(words), self.without, least, self.narrowed)

    def _count(self, step: Step) -> int:
        return self.engine.count(self.session, step.ask, self.within)

    def _both(self, number: Step, steps: Sequence[Step]) -> int:
        """How many pages both the number and the words find."""
        if not steps:
            return 0
        widest = steps[-1].ask
        both = replace(widest, always=(*widest.always, *number.ask.words))
        return self.engine.count(self.session, both, self.within)

    def _by_number(self, number: Number | None) -> list[Step]:
        if number is None:
            return []
        keys = (
            ("file", STRICT + one_token(number.key)),
            ("file-core", CORE + one_token(number.core)),
            ("file-ocr", OCR + run_together(number.ocr)),
        )
        return [Step(name, self._ask([AnyOf(((key,),))])) for name, key in keys]


def walk(session: Session, engine: Engine, plan: Plan, upto: int, within: Select[Any] | None) -> list[Found]:
    """The first pages through all tiers, in order; each once."""
    found: dict[int, Found] = {}
    for tier, step in enumerate(plan.steps):
        hits = step.seen or engine.find(session, step.ask, upto, within, most=plan.total)
        for hit in hits:
            if hit.page_id not in found:
                found[hit.page_id] = Found(hit.page_id, tier, hit.score)
        if len(found) >= min(upto, plan.total):
            break
    return list(found.values())[:upto]
