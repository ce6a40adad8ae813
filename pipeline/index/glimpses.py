"""Pages that have every word of a question but one, and in its place something that looks like it.

What recognition made of a word may be too far from it to be looked for among all the words there are. On the few pages that
hold the other words it is told: a word that no dictionary knows, and that is like the missing one, is most likely it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select
from sqlmodel import Session, col, select

from pipeline.index import hindi, likeness, vocabulary
from pipeline.index.engines import AnyOf, Ask, Engine
from pipeline.index.tables import IndexedRow
from pipeline.index.textindex import unpack
from pipeline.index.widening import Widened

_LOOKED_AT = 60  # pages for each word that may be missing


@dataclass(frozen=True, slots=True)
class Glimpse:
    """A page, the word on it that is taken for the missing one, and how alike they are; 1 is the same."""

    page_id: int
    token: str
    score: float


def glimpses(
    session: Session,
    engine: Engine,
    words: Sequence[Sequence[Widened]],
    widest: Sequence[AnyOf],
    ask: Callable[[Sequence[AnyOf]], Ask],
    within: Select[tuple[int]] | None,
) -> list[Glimpse]:
    """The pages, best first, each once. `widest` is how the words are asked for at most; `ask` makes a question of some."""
    best: dict[int, Glimpse] = {}
    for place, choice in enumerate(words):
        others = [word for i, word in enumerate(widest) if i != place]
        missing = choice[0].item
        if len(choice) > 1 or missing.field or not missing.is_word or all(word.common for word in others):
            continue
        pages = [hit.page_id for hit in engine.find(session, ask(others), _LOOKED_AT, within)]
        for found in _on(session, pages, missing.tokens[0]):
            if found.page_id not in best or found.score > best[found.page_id].score:
                best[found.page_id] = found
    return sorted(best.values(), key=lambda found: (-found.score, found.page_id))


def _on(session: Session, pages: Sequence[int], word: str) -> list[Glimpse]:
    """Those of the pages that hold something like the word."""
    if len(word) <= likeness.SHORT or not likeness.is_worth_it(word):  # too many words are like a short one
        return []
    rows = session.execute(select(IndexedRow.page_id, IndexedRow.tokens).where(col(IndexedRow.page_id).in_(pages)))
    stem, found = hindi.stem(word), []
    for page, packed in rows:
        alike = [
            (score, token)
            for token, score in likeness.seeming(word, unpack(packed))
            if vocabulary.is_word(token) and not vocabulary.is_right(token) and hindi.stem(token) != stem
        ]
        if alike:
            score, token = max(alike)
            found.append(Glimpse(page, token, score))
    return found
