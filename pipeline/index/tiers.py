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
from pipeline.index.query import Item
from pipeline.index.textindex import CORE, OCR, STRICT, Number, one_token, run_together
from pipeline.index.widening import Tier, Widened, any_of

_LITTLE = 10  # pages with every word: fewer, and those that lack one word are added
_MOST_CHOICES = 8  # words of which one may be missing; of more, any are asked for
_LEAST_FOR_MOST = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One tier: its name and what the engine is asked."""

    name: str
    ask: Ask


@dataclass(frozen=True, slots=True)
class Found:
    """A page with the tier it stands in and its score inside it; higher is better."""

    page_id: int
    tier: int
    score: float


@dataclass(frozen=True, slots=True)
class Plan:
    """The tiers that count for this question, how many pages the widest has, and how the words were taken."""

    steps: tuple[Step, ...]
    total: int
    match: str


def plan(
    session: Session,
    engine: Engine,
    widened: Sequence[Sequence[Widened]],
    never: Sequence[Item],
    number: Number | None,
    narrowed: Sequence[AnyOf],
    within: Select[Any] | None,
) -> Plan:
    """Decide by counts alone which tiers there are: every page of an answer goes by the same ones."""
    without = tuple(AnyOf((item.marked,), item.begun) for item in never)

    def ask(words: Sequence[AnyOf], least: int = 0) -> Ask:
        # What narrows must always hold, so it stands apart from the words of which some may be missing.
        return Ask(tuple(words), without, least, tuple(narrowed))

    def count(step: Step) -> int:
        return engine.count(session, step.ask, within)

    by_number = [step for step in _by_number(number, ask) if count(step)][:1]
    steps = [Step(str(tier), ask([any_of(choice, tier) for choice in widened])) for tier in Tier] if widened else []
    steps = [step for i, step in enumerate(steps) if i == 0 or step.ask != steps[i - 1].ask]
    total = count(steps[-1]) if steps else 0
    match = "all"
    last = [any_of(choice, Tier.SPELLING) for choice in widened]
    if not total and last and not by_number:
        begun = Step("prefix", ask([*last[:-1], replace(last[-1], begun=True)]))
        if more := count(begun):
            steps, total, match = [begun], more, "prefix"
    if total < _LITTLE and _LEAST_FOR_MOST <= len(last) <= _MOST_CHOICES and not by_number:
        most = Step("most", ask(last, len(last) - 1))
        if total < (more := count(most)):
            steps, match, total = [*(steps if total else []), most], match if total else most.name, more
    if not total and len(last) > 1 and not by_number:
        some = Step("any", ask(last, 1))
        if more := count(some):
            steps, total, match = [some], more, "any"
    if by_number:
        extra = count(by_number[0])
        total = min(total + extra - _both(session, engine, by_number[0], steps, within), MOST_COUNTED)
    return Plan((*by_number, *steps), total, match)


def _both(session: Session, engine: Engine, number: Step, steps: Sequence[Step], within: Select[Any] | None) -> int:
    """How many pages both the number and the words find."""
    if not steps:
        return 0
    widest = steps[-1].ask
    both = replace(widest, always=(*widest.always, *number.ask.words))
    return engine.count(session, both, within)


def _by_number(number: Number | None, ask: Any) -> list[Step]:
    if number is None:
        return []
    keys = (
        ("file", STRICT + one_token(number.key)),
        ("file-core", CORE + one_token(number.core)),
        ("file-ocr", OCR + run_together(number.ocr)),
    )
    return [Step(name, ask([AnyOf(((key,),))])) for name, key in keys]


def walk(session: Session, engine: Engine, plan: Plan, upto: int, within: Select[Any] | None) -> list[Found]:
    """The first pages through all tiers, in order; each once."""
    found: dict[int, Found] = {}
    for tier, step in enumerate(plan.steps):
        for hit in engine.find(session, step.ask, upto, within):
            if hit.page_id not in found:
                found[hit.page_id] = Found(hit.page_id, tier, hit.score)
        if len(found) >= upto:
            break
    return list(found.values())[:upto]
