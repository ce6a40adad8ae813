"""Which words may stand for the words of a query, and in which order: the tiers of an answer.

    exact      the words as they were typed; of a word typed in Roman letters, also its readings
    forms      also other forms of a word: पंचायत, पंचायतों
    near, far  also what recognition made of a word: one letter or sign off, then more
    spelling   also right words, where the typed one is nowhere or hardly anywhere

A right word is never taken for a misreading of another: a misreading is in no dictionary, and rare beside its word. Every
tier holds all that the one before holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from sqlmodel import Session

from pipeline.index import hindi, roman, vocabulary
from pipeline.index.engines import AnyOf, Phrase
from pipeline.index.query import Item
from pipeline.index.textindex import FILE
from pipeline.index.vocabulary import KnownWord

_MOST_FORMS = 12
_MOST_NEAR, _MOST_FAR = 40, 40  # misreadings of one word
_MOST_READINGS, _MOST_BASES = 6, 3  # of a word in Roman letters; those that misreadings are looked for of
_FEW = 2  # pages; so rare a word may be a misreading of any
_SHARE = 0.2  # of the pages of its word, at most, a misreading stands on
_RARE = 0.1  # of the pages of the right word, at most, a misspelling stands on
_MOST_ALSO = 5  # words of each tier that are named beside a word of a query
_MOST_BEGUN = 60  # words that one is the beginning of
COMMON = 10_000  # pages
_HEARD = 2.5  # how far a reading may be from what was typed
_BESIDE = 0.5  # how much further a word of the dictionary may be than one of none
_BEYOND, _FAR_COMMONER, _MOST_COMMONER = 1.0, 50, 3  # and one that is so many times as common; how many such


class Tier(StrEnum):
    EXACT = "exact"
    FORMS = "forms"
    NEAR = "near"
    FAR = "far"
    SPELLING = "spelling"


@dataclass(frozen=True, slots=True)
class ExpandedTerm:
    """A word of a query with what may stand for it, tier by tier; `pages` is how many the typed word stands on.

    `begins` are words of which it is the beginning, where these can be told one by one.
    """

    item: Item
    pages: int = 0
    readings: tuple[KnownWord, ...] = ()
    begins: tuple[str, ...] = ()
    tiers: dict[Tier, tuple[str, ...]] = field(default_factory=dict)
    meant: str | None = None  # the right word that was probably meant

    def upto(self, tier: Tier) -> tuple[Phrase, ...]:
        """The phrases that stand for the word up to this tier."""
        if not self.item.is_word:
            in_number = (tuple(FILE + token for token in self.item.tokens),) if self.item.may_be_number else ()
            begins = ((self.item.field + token,) for token in self.begins)
            return (self.item.marked, *in_number, *begins)
        found = [self.item.tokens[0], *(word.token for word in self.readings)]
        for each in Tier:
            found += self.tiers.get(each, ())
            if each is tier:
                break
        return tuple((self.item.field + token,) for token in dict.fromkeys(found))

    @property
    def begun(self) -> bool:
        """Whether the engine is to find the words that it is the beginning of."""
        return self.item.begun and not self.begins

    @property
    def is_common(self) -> bool:
        """Whether so many pages have it that how often it stands on one tells nothing."""
        return self.pages + sum(word.pages for word in self.readings) > COMMON

    @property
    def bases(self) -> list[KnownWord]:
        """The words that others may be misreadings and forms of."""
        typed = [] if self.readings and not self.pages else [KnownWord(self.item.tokens[0], self.pages)]
        return [*typed, *self.readings] if self.item.is_word else []

    @property
    def also(self) -> list[str]:
        """Some of the words that were also looked for, the likeliest first."""
        found = [word for tier in Tier for word in self.tiers.get(tier, ())[:_MOST_ALSO]]
        return list(dict.fromkeys(found))[: 2 * _MOST_ALSO]


def begin(session: Session, items: Sequence[Item]) -> list[ExpandedTerm]:
    """The words of a query with what may stand for them in the first tier."""
    there = vocabulary.pages(session, sorted({token for item in items for token in item.tokens}))
    found = []
    for item in items:
        pages = min((there.get(token, 0) for token in item.tokens if vocabulary.is_word(token)), default=0)
        if item.is_word:
            readings = _readings(session, item.tokens[0]) if item.tokens[0].isascii() else []
            found.append(ExpandedTerm(item, pages, tuple(readings)))
        elif item.begun and len(item.tokens) == 1 and vocabulary.is_word(item.tokens[0]):
            begins = vocabulary.begun(session, item.tokens[0], _MOST_BEGUN)
            many = sum(word.pages for word in begins)
            # Few of them the engine finds by itself, rare and misread ones among them; many would take it long.
            listed = tuple(word.token for word in begins) if many > COMMON else ()
            found.append(ExpandedTerm(item, many, begins=listed))
        else:
            found.append(ExpandedTerm(item, pages))
    return found


def further(session: Session, words: Sequence[Sequence[ExpandedTerm]]) -> tuple[tuple[ExpandedTerm, ...], ...]:
    """The words of a query with what may stand for them in every tier."""
    bases = {base.token for choice in words for word in choice for base in word.bases}
    forms = vocabulary.forms(session, sorted(bases), _MOST_FORMS)
    return tuple(
        tuple(_further(session, word, forms) if word.item.is_word else word for word in choice) for choice in words
    )


def _further(session: Session, word: ExpandedTerm, forms: Mapping[str, Sequence[KnownWord]]) -> ExpandedTerm:
    bases = word.bases
    likes = {base.token: vocabulary.like(session, base.token) for base in bases[:_MOST_BASES]}
    right = [] if word.readings else _right(bases[0], likes[bases[0].token])
    tiers: dict[Tier, list[str]] = {tier: [] for tier in Tier}
    for base in bases:
        tiers[Tier.FORMS] += [form.token for form in forms[base.token]]
        misread = _misreadings(base, likes.get(base.token, ()))
        tiers[Tier.NEAR] += [word.token for word in misread if word.distance <= 1][:_MOST_NEAR]
        tiers[Tier.FAR] += [word.token for word in misread if word.distance > 1][:_MOST_FAR]
    others = vocabulary.forms(session, [other.token for other in right], _MOST_FORMS) if right else {}
    for other in right:
        tiers[Tier.SPELLING].append(other.token)
        tiers[Tier.SPELLING] += [form.token for form in others[other.token]]
        misread = _misreadings(other, vocabulary.like(session, other.token))
        tiers[Tier.SPELLING] += [each.token for each in misread[:_MOST_NEAR]]
    found = {tier: tuple(dict.fromkeys(words)) for tier, words in tiers.items() if words}
    return replace(word, tiers=found, meant=right[0].token if right else None)


def _readings(session: Session, typed: str) -> list[KnownWord]:
    """The words that a word in Roman letters may stand for: those nearest to it, right ones first among equals."""
    if typed in roman.LETTERS:
        name = roman.LETTERS[typed]
        return [KnownWord(name, found)] if (found := vocabulary.pages(session, [name]).get(name, 0)) else []
    near = vocabulary.sounding(session, typed, min(_HEARD, len(typed) / 3))
    heard = [word for word in near if hindi.is_hindi(word.token)]
    if not heard:
        return []
    nearest = heard[0].distance
    near = [word for word in heard if word.distance <= nearest]
    most = max(word.pages for word in near)
    trusted = [word for word in near if vocabulary.is_right(word.token) or word.pages >= _SHARE * most]
    doubtful = not any(word.token in vocabulary.dictionary() for word in near)
    known = _commoner(heard, nearest, most) if doubtful else []
    return [*known, *sorted(trusted, key=lambda word: (-word.pages, word.token))][:_MOST_READINGS]


def _commoner(heard: Sequence[KnownWord], nearest: float, most: int) -> list[KnownWord]:
    """Words a little further from what was typed than the nearest, none of which is in the dictionary, so that they are
    probably misreadings: of ऑफिस there are so many in a large index that one of them is nearer to `office` than itself.
    `most` is the pages of the commonest of the nearest."""
    further = [word for word in heard if nearest < word.distance <= nearest + _BEYOND]
    found = [word for word in further if word.pages >= _FAR_COMMONER * most]
    beside = [word for word in further if word.distance <= nearest + _BESIDE and 2 * word.pages >= most]
    found += [word for word in beside if word not in found and vocabulary.is_right(word.token)]
    return sorted(found, key=lambda word: (-word.pages, word.token))[:_MOST_COMMONER]


def _misreadings(base: KnownWord, like: Sequence[KnownWord]) -> list[KnownWord]:
    """Those of the words that recognition probably made of this one."""
    stem = hindi.stem(base.token)
    most = max(_FEW, _SHARE * base.pages)
    return [
        word
        for word in like
        if word.pages <= most and not vocabulary.is_right(word.token) and hindi.stem(word.token) != stem
    ]


def _right(base: KnownWord, like: Sequence[KnownWord]) -> list[KnownWord]:
    """The right words of which the typed one may be a misspelling: the nearest that are far commoner."""
    if vocabulary.is_right(base.token):
        return []
    commoner = [word for word in like if base.pages <= _RARE * word.pages or (not base.pages and word.pages)]
    if not commoner:
        return []
    nearest = commoner[0].distance
    best = sorted((word for word in commoner if word.distance == nearest), key=lambda word: -word.pages)
    least = _RARE * best[0].pages
    return [word for word in best[:3] if word.pages >= least]


def any_of(choice: Sequence[ExpandedTerm], tier: Tier) -> AnyOf:
    """A choice of a query as the engine is asked it."""
    phrases = [phrase for widened in choice for phrase in widened.upto(tier)]
    begun, common = any(widened.begun for widened in choice), any(widened.is_common for widened in choice)
    return AnyOf(tuple(dict.fromkeys(phrases)), begun, common)
