"""Which words may stand for the words of a question, and in which order: the tiers of an answer.

    exact      the words as they were typed; of a word typed in Roman letters, also its readings
    forms      also other forms of a word: पंचायत, पंचायतों
    near, far  also what recognition made of a word: one letter or sign off, then more
    spelling   also right words, where the typed one is nowhere or hardly anywhere

A right word is never taken for a misreading of another: a misreading is in no dictionary, and rare beside its word. Every
tier holds all that the one before holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlmodel import Session

from pipeline.index import hindi, roman, vocabulary
from pipeline.index.engines import AnyOf, Phrase
from pipeline.index.query import Item
from pipeline.index.textindex import FILE
from pipeline.index.vocabulary import Known

_MOST_FORMS = 12
_MOST_NEAR, _MOST_FAR = 40, 40  # misreadings of one word
_MOST_READINGS, _MOST_BASES = 6, 3  # of a word in Roman letters; those that misreadings are looked for of
_FEW = 2  # pages; so rare a word may be a misreading of any
_SHARE = 0.2  # of the pages of its word, at most, a misreading stands on
_RARE = 0.1  # of the pages of the right word, at most, a misspelling stands on
_TOLD = 5  # words that are told for each word of a question
_HEARD = 2.5  # how far a reading may be from what was typed


class Tier(StrEnum):
    EXACT = "exact"
    FORMS = "forms"
    NEAR = "near"
    FAR = "far"
    SPELLING = "spelling"


@dataclass(frozen=True, slots=True)
class Widened:
    """A word of a question with what may stand for it, tier by tier; `pages` is how many the typed word stands on."""

    item: Item
    pages: int = 0
    readings: tuple[str, ...] = ()
    tiers: dict[Tier, tuple[str, ...]] = field(default_factory=dict)
    meant: str | None = None  # the right word that was probably meant

    def upto(self, tier: Tier) -> tuple[Phrase, ...]:
        """The phrases that stand for the word up to this tier."""
        if not self.item.is_word:
            in_number = (tuple(FILE + token for token in self.item.tokens),) if self.item.may_be_number else ()
            return (self.item.marked, *in_number)
        found = [self.item.tokens[0], *self.readings]
        for each in Tier:
            found += self.tiers.get(each, ())
            if each is tier:
                break
        return tuple((self.item.field + token,) for token in dict.fromkeys(found))

    @property
    def also(self) -> list[str]:
        """Some of the words that were also looked for, those first that are told first."""
        found = [word for tier in Tier for word in self.tiers.get(tier, ())[:_TOLD]]
        return list(dict.fromkeys(found))[: 2 * _TOLD]


def widen(session: Session, item: Item) -> Widened:
    """What may stand for this word."""
    if not item.is_word:
        return Widened(item)
    token = item.tokens[0]
    pages = vocabulary.pages(session, [token]).get(token, 0)
    readings = _readings(session, token) if token.isascii() else []
    bases = [Known(token, pages)] if pages or not readings else []
    bases += readings
    likes = {base.token: vocabulary.like(session, base.token) for base in bases[:_MOST_BASES]}
    right = [] if readings else _right(bases[0], likes[token])
    tiers: dict[Tier, list[str]] = {tier: [] for tier in Tier}
    for base in bases:
        forms = vocabulary.forms(session, base.token, _MOST_FORMS)
        tiers[Tier.FORMS] += [form.token for form in forms]
        misread = _misreadings(base, likes.get(base.token, ()))
        tiers[Tier.NEAR] += [word.token for word in misread if word.distance <= 1][:_MOST_NEAR]
        tiers[Tier.FAR] += [word.token for word in misread if word.distance > 1][:_MOST_FAR]
    for word in right:
        tiers[Tier.SPELLING].append(word.token)
        tiers[Tier.SPELLING] += [form.token for form in vocabulary.forms(session, word.token, _MOST_FORMS)]
        misread = _misreadings(word, vocabulary.like(session, word.token))
        tiers[Tier.SPELLING] += [each.token for each in misread[:_MOST_NEAR]]
    meant = right[0].token if right else None
    found = {tier: tuple(dict.fromkeys(words)) for tier, words in tiers.items() if words}
    return Widened(item, pages, tuple(word.token for word in readings), found, meant)


def _readings(session: Session, typed: str) -> list[Known]:
    """The words that a word in Roman letters may stand for: those nearest to it, right ones first among equals."""
    if typed in roman.LETTERS:
        name = roman.LETTERS[typed]
        return [Known(name, found)] if (found := vocabulary.pages(session, [name]).get(name, 0)) else []
    heard = [word for word in vocabulary.sounding(session, typed) if hindi.is_hindi(word.token)]
    heard = [word for word in heard if word.distance <= min(_HEARD, len(typed) / 3)]
    if not heard:
        return []
    nearest = heard[0].distance
    near = [word for word in heard if word.distance <= nearest]
    most = max(word.pages for word in near)
    trusted = [word for word in near if vocabulary.is_right(word.token) or word.pages >= _SHARE * most]
    return sorted(trusted, key=lambda word: (-word.pages, word.token))[:_MOST_READINGS]


def _misreadings(base: Known, like: Sequence[Known]) -> list[Known]:
    """Those of the words that recognition probably made of this one."""
    stem = hindi.stem(base.token)
    most = max(_FEW, _SHARE * base.pages)
    return [
        word
        for word in like
        if word.pages <= most and not vocabulary.is_right(word.token) and hindi.stem(word.token) != stem
    ]


def _right(base: Known, like: Sequence[Known]) -> list[Known]:
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


def any_of(choice: Sequence[Widened], tier: Tier) -> AnyOf:
    """A choice of a question as the engine is asked it."""
    phrases = [phrase for widened in choice for phrase in widened.upto(tier)]
    return AnyOf(tuple(dict.fromkeys(phrases)), begun=any(widened.item.begun for widened in choice))
