"""Questions to search with the pages that truly answer them: of seeded office text, before its letters were misread."""

from __future__ import annotations

import multiprocessing
import random
from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from itertools import islice

from bench import office_text
from pipeline.index import hindi

_SLICE = 1000  # pages that a process looks at together
_ASKED = 150  # questions of a kind
_FEWEST, _MOST = 3, 400  # pages a word stands on that is asked for; of many pages at most one in 500
_ENOUGH = 6  # such words of a page, for questions about it


@dataclass(slots=True)
class Question:
    """What is typed, and the pages that truly answer."""

    kind: str
    typed: str
    right: set[int]


@dataclass(slots=True)
class Truth:
    """What truly stands on the pages: of each token on how many, and of rarer ones on which; and a spelling of each."""

    most: int  # pages that are held of a token
    counts: Counter[str] = field(default_factory=Counter)
    where: dict[str, array[int]] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)

    def add(self, found: dict[str, list[int]], raw: dict[str, str]) -> None:
        for token, numbers in found.items():
            self.counts[token] += len(numbers)
            if self.counts[token] <= self.most or token in _roman_tokens():
                self.where.setdefault(token, array("I")).extend(numbers)
            else:
                self.where.pop(token, None)
        for token, word in raw.items():
            self.raw.setdefault(token, word)

    def right(self, *tokens: str) -> set[int]:
        """The pages on which all of these stand."""
        return set.intersection(*(set(self.where.get(token, ())) for token in tokens))


@cache
def _roman_tokens() -> frozenset[str]:
    return frozenset(token for _, words in office_text.roman_pairs() for token in hindi.terms(words))


def truth(pages: int) -> Truth:
    """Found in the text before it was misread, in processes side by side."""
    standing = Truth(max(_MOST, pages // 500))
    order = office_text.order(pages)
    slices = iter(lambda: list(islice(order, _SLICE)), [])
    with multiprocessing.get_context("spawn").Pool() as pool:
        for found, raw in pool.imap(partial(_standing, pages=pages), slices):
            standing.add(found, raw)
    return standing


def _standing(places: list[tuple[int, int, int]], pages: int) -> tuple[dict[str, list[int]], dict[str, str]]:
    where: defaultdict[str, list[int]] = defaultdict(list)
    raw: dict[str, str] = {}
    for place in places:
        for word in dict.fromkeys(office_text.sheet(place, pages, 0.0).words):
            for token in _terms(word):
                if where[token][-1:] != [place[0]]:
                    where[token].append(place[0])
                raw.setdefault(token, word)
    return dict(where), raw


@lru_cache(maxsize=100_000)
def _terms(word: str) -> tuple[str, ...]:
    return tuple(hindi.terms(word))


def ask(pages: int, rate: float) -> list[Question]:
    """Questions of every kind, with the pages that answer by what truly stands on them."""
    chance, standing = random.Random(11), truth(pages)
    fit = sorted(t for t, n in standing.counts.items() if _FEWEST <= n <= standing.most and len(t) > 2)
    asked = [
        Question("one word", standing.raw[token], standing.right(token))
        for token in office_text.sample(fit, _ASKED, chance)
    ]
    asked += _of_pages(pages, standing, chance)
    misspelt: list[Question] = []
    for token in office_text.sample(fit, 3 * _ASKED, chance):
        typed = office_text.misspelt(standing.raw[token], chance)
        if typed and len(misspelt) < _ASKED and not set(hindi.terms(typed)) & standing.counts.keys():
            misspelt.append(Question("misspelt", typed, standing.right(token)))
    asked += misspelt
    if not rate:
        raw = standing.raw
        spelt = [(t, v) for t in fit for v in office_text.variants(raw[t]) if v != raw[t] and hindi.terms(v) == [t]]
        spelt = chance.sample(spelt, min(_ASKED, len(spelt)))
        asked += [Question("other spelling", variant, standing.right(token)) for token, variant in spelt]
    for roman, words in office_text.roman_pairs():
        asked.append(Question("Roman letters", roman, standing.right(*hindi.terms(words))))
    return [question for question in asked if question.right]


def _of_pages(pages: int, standing: Truth, chance: random.Random) -> list[Question]:
    """Two words of a page, and three that somebody may remember of one."""
    asked, every = [], max(pages // _ASKED, 1)
    for place in islice(office_text.order(pages), every - 1, None, every):
        sheet = office_text.sheet(place, pages, 0.0)
        tokens = {token for word in sheet.words for token in _terms(word) if len(token) > 2}
        rising = sorted(tokens, key=lambda token: (standing.counts[token], token))
        rare = [token for token in rising if standing.counts[token] <= standing.most]
        if len(rare) >= _ENOUGH:
            two = chance.sample(rare, 2)
            asked.append(Question("two words", " ".join(standing.raw[t] for t in two), standing.right(*two)))
            three = chance.sample(rising[: len(rising) // 2], 3)
            asked.append(Question("known page", " ".join(standing.raw[t] for t in three), {sheet.number}))
    return asked
