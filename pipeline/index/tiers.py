"""The tiers of an answer as queries to the engine, best first, and walking through them.

A page stands in the first tier that has it. Tiers for a file number come before all others, the strictest that finds
anything alone; those that ask for less than every word only where nothing, or little, has every word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select
from sqlmodel import Session

from pipeline.index.engines import MOST_COUNTED, AnyOf, Scored, TermQuery, TextEngine
from pipeline.index.expansion import ExpandedTerm, Tier, any_of, further
from pipeline.index.near_matches import LOOKED_AT, NearMatch, find_near_matches
from pipeline.index.query import Item
from pipeline.index.rerank import MOST_RERANKED, PageTokens, can_rerank, rerank
from pipeline.index.textindex import CORE, OCR, STRICT, Number, one_token, run_together

_LITTLE = 10  # pages with every word: fewer, and those that lack one word are added
_MOST_CHOICES = 8  # words of which one may be missing; of more, any are asked for
_LEAST_FOR_MOST = 3
_ENOUGH = 200  # pages that have words which are all common: what was misread of these would take long to find
NEAR_MATCH = "glimpsed"  # as answers name the tier of near matches
_STRICT = ("file", "file-core", "file-ocr", Tier.EXACT)


@dataclass(frozen=True, slots=True)
class Step:
    """One tier: its name and what the engine is asked, or else the pages, best first, where they are known already."""

    name: str
    query: TermQuery
    hits: tuple[Scored | NearMatch, ...] | None = None


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page with the tier it stands in and its score inside it; higher is better."""

    page_id: int
    tier: int
    score: float


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """The tiers that count for this query, how many pages there are in all, how the words were taken, and all that may
    stand for them."""

    steps: tuple[Step, ...]
    total: int
    match: str
    words: tuple[tuple[ExpandedTerm, ...], ...]

    @property
    def strict(self) -> int:
        """How many tiers, the first ones, hold just what was typed."""
        return sum(step.name in _STRICT for step in self.steps)

    @property
    def seen(self) -> dict[int, str]:
        """What was taken for a missing word, by pages."""
        hits = [hit for step in self.steps for hit in step.hits or ()]
        return {hit.page_id: hit.token for hit in hits if isinstance(hit, NearMatch)}


@dataclass(frozen=True, slots=True)
class Less:
    """By the place of a word that may be missing, pages that have all the others; whether these are all there are."""

    pages: dict[int, list[int]]
    complete: bool


@dataclass(frozen=True, slots=True)
class _Tiers:
    """The tiers of the words while they are planned, how many pages there are in them, and how the words were taken."""

    steps: tuple[Step, ...]
    total: int
    match: str = "all"

    def below(self, step: Step, total: int, match: str) -> _Tiers:
        """With one more tier, `total` pages in all. Where nothing was found before, it stands alone, taken as `match`."""
        if not self.total:
            return _Tiers((step,), total, match)
        return _Tiers((*self.steps, step), total, self.match)


class Planner:
    """Decides by counts alone which tiers there are: every page of an answer goes by the same ones."""

    def __init__(
        self,
        session: Session,
        engine: TextEngine,
        never: Sequence[Item],
        narrowed: Sequence[AnyOf],
        within: Select[Any] | None,
    ) -> None:
        self.session = session
        self.engine = engine
        self.without = tuple(AnyOf((item.marked,), item.begun) for item in never)
        self.narrowed = tuple(narrowed)
        self.within = within
        self.page_refs = PageTokens(session)

    def plan(self, words: Sequence[Sequence[ExpandedTerm]], number: Number | None) -> SearchPlan:
        by_number = [step for step in self._by_number(number) if self._count(step)][:1]
        tiers, words = self._by_words(words, alone=not by_number)
        total = tiers.total
        if by_number:
            extra = self._count(by_number[0])
            total = min(total + extra - self._both(by_number[0], tiers.steps), MOST_COUNTED)
        return SearchPlan((*by_number, *tiers.steps), total, tiers.match, tuple(map(tuple, words)))

    def _by_words(
        self, words: Sequence[Sequence[ExpandedTerm]], *, alone: bool
    ) -> tuple[_Tiers, Sequence[Sequence[ExpandedTerm]]]:
        """The tiers of the words, and the words with all that may stand for them; tiers that ask for less than all words
        only if the words stand `alone`."""
        if not words:
            return _Tiers((), 0), words
        exact = self._step(Tier.EXACT, words)
        found = self._count(exact)
        common = all(word.common for word in exact.query.words)
        if found >= (_ENOUGH if common else MOST_COUNTED):  # nobody will see what comes below
            return _Tiers((exact,), found), words
        words = further(self.session, words)
        steps = [self._step(tier, words) for tier in Tier]
        steps = [step for i, step in enumerate(steps) if i == 0 or step.query != steps[i - 1].query]
        pages = self._few(steps[-1].query, MOST_RERANKED) if found <= MOST_RERANKED else None
        total = found if len(steps) == 1 else self._count(steps[-1]) if pages is None else len(pages)
        if total == found:
            steps = steps[:1]
        if pages is not None:
            steps = self._reranked(steps, pages)
        tiers = _Tiers(tuple(steps), total)
        if not alone:
            return tiers, words
        return self._with_less(tiers, words, [any_of(choice, Tier.SPELLING) for choice in words]), words

    def _few(self, query: TermQuery, most: int) -> list[int] | None:
        """The pages that answer, the newest first; None where there are more."""
        pages = [hit.page_id for hit in self.engine.find(self.session, query, most + 1, self.within, newest=True)]
        return pages if len(pages) <= most else None

    def _reranked(self, steps: list[Step], pages: Sequence[int]) -> list[Step]:
        """The tiers with their pages, where the pages' own tokens tell which these are."""
        if not all(can_rerank(step.query) for step in steps):
            return steps
        hits = rerank(self.page_refs, [step.query for step in steps], pages)
        return [replace(step, hits=tuple(some)) for step, some in zip(steps, hits, strict=True)]

    def _with_near_matches(
        self, tiers: _Tiers, words: Sequence[Sequence[ExpandedTerm]], last: list[AnyOf], less: Less
    ) -> _Tiers:
        """The tiers, and below them pages with something like a word that is missing."""
        whole = {page for step in tiers.steps for page in self._pages(step)} if tiers.total else ()
        found = find_near_matches(self.page_refs, words, less.pages)
        new = tuple(match for match in found if match.page_id not in whole)
        if not new:
            return tiers
        return tiers.below(Step(NEAR_MATCH, self._query(last), new), tiers.total + len(new), tiers.match)

    def _pages(self, step: Step) -> list[int]:
        """The pages of a tier, of those not known yet the newest."""
        if step.hits is not None:
            return [hit.page_id for hit in step.hits]
        return [hit.page_id for hit in self.engine.find(self.session, step.query, _LITTLE, self.within, newest=True)]

    def _less(self, last: list[AnyOf]) -> Less:
        """Pages that have all words but one, for each that may be missing; common words alone are not enough."""
        found, all_of_them = {}, True
        for place in range(len(last)):
            others = self._query([word for i, word in enumerate(last) if i != place])
            if all(word.common for word in others.words):
                continue
            hits = self.engine.find(self.session, others, LOOKED_AT + 1, self.within, newest=True)
            all_of_them = all_of_them and len(hits) <= LOOKED_AT
            found[place] = [hit.page_id for hit in hits[:LOOKED_AT]]
        return Less(found, all_of_them and bool(found))

    def _with_less(self, tiers: _Tiers, words: Sequence[Sequence[ExpandedTerm]], last: list[AnyOf]) -> _Tiers:
        """The tiers, and below them, where they find little, those that ask for less, one kind after the other."""
        tiers = self._or_prefix(tiers, words, last)
        tiers = self._with_one_missing(tiers, words, last)
        return self._or_any(tiers, last)

    def _or_prefix(self, tiers: _Tiers, words: Sequence[Sequence[ExpandedTerm]], last: list[AnyOf]) -> _Tiers:
        """Where no page has every word: those that have the last one as a beginning."""
        begun = None if tiers.total else self._begun(words, last)
        if begun is None:
            return tiers
        total = self._count(begun)
        return _Tiers((begun,), total, begun.name) if total else tiers

    def _with_one_missing(self, tiers: _Tiers, words: Sequence[Sequence[ExpandedTerm]], last: list[AnyOf]) -> _Tiers:
        """Where few pages have every word: below them those with something like a missing word, or without it."""
        if tiers.total >= _LITTLE or not 1 < len(last) <= _MOST_CHOICES:
            return tiers
        less = self._less(last)
        tiers = self._with_near_matches(tiers, words, last, less)
        if tiers.total >= _LITTLE or len(last) < _LEAST_FOR_MOST:
            return tiers
        most = self._most(words, less)
        total = self._count(most) if most.hits is None else len(most.hits)
        return tiers.below(most, total, most.name) if total > tiers.total else tiers

    def _or_any(self, tiers: _Tiers, last: list[AnyOf]) -> _Tiers:
        """Where nothing was found at all: pages that have any of the words."""
        if tiers.total or len(last) == 1:
            return tiers
        some = Step("any", self._query(last, 1))
        total = self._count(some)
        return _Tiers((some,), total, some.name) if total else tiers

    def _most(self, words: Sequence[Sequence[ExpandedTerm]], less: Less) -> Step:
        """Pages that have all words but one. What may stand for them is taken no further than near: it would take long."""
        step = Step("most", self._query([any_of(choice, Tier.NEAR) for choice in words], len(words) - 1))
        pages = dict.fromkeys(page for some in less.pages.values() for page in some)
        return self._reranked([step], list(pages))[0] if less.complete else step

    def _begun(self, words: Sequence[Sequence[ExpandedTerm]], last: list[AnyOf]) -> Step | None:
        """The last word as a beginning; None where it is common, and so not one that is still being typed."""
        if any(widened.is_common for widened in words[-1]):
            return None
        return Step("prefix", self._query([*last[:-1], replace(last[-1], begun=True)]))

    def _step(self, tier: Tier, words: Sequence[Sequence[ExpandedTerm]]) -> Step:
        return Step(str(tier), self._query([any_of(choice, tier) for choice in words]))

    def _query(self, words: Sequence[AnyOf], least: int = 0) -> TermQuery:
        # What narrows must always hold, so it stands apart from the words of which some may be missing.
        return TermQuery(tuple(words), self.without, least, self.narrowed)

    def _count(self, step: Step) -> int:
        return self.engine.count(self.session, step.query, self.within)

    def _both(self, number: Step, steps: Sequence[Step]) -> int:
        """How many pages both the number and the words find."""
        if not steps:
            return 0
        widest = steps[-1].query
        both = replace(widest, always=(*widest.always, *number.query.words))
        return self.engine.count(self.session, both, self.within)

    def _by_number(self, number: Number | None) -> list[Step]:
        if number is None:
            return []
        keys = (
            ("file", STRICT + one_token(number.key)),
            ("file-core", CORE + one_token(number.core)),
            ("file-ocr", OCR + run_together(number.ocr)),
        )
        return [Step(name, self._query([AnyOf(((key,),))])) for name, key in keys]


def walk(
    session: Session, engine: TextEngine, plan: SearchPlan, upto: int, within: Select[Any] | None
) -> list[FoundPage]:
    """The first pages through all tiers, in order; each once."""
    found: dict[int, FoundPage] = {}
    for tier, step in enumerate(plan.steps if plan.total else ()):
        hits: Sequence[Scored | NearMatch] | None = step.hits
        if hits is None:
            hits = engine.find(session, step.query, upto, within, most=plan.total)
        for hit in hits:
            if hit.page_id not in found:
                found[hit.page_id] = FoundPage(hit.page_id, tier, hit.score)
        if len(found) >= min(upto, plan.total):
            break
    return list(found.values())[:upto]
