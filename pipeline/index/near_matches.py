"""Pages that have every word of a query but one, and in its place something that looks like it.

What recognition made of a word may be too far from it to be looked for among all the words there are. On the few pages that
hold the other words it shows: a word that no dictionary knows, and that is like the missing one, is most likely it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.index import hindi, ocr_similarity, vocabulary
from pipeline.index.expansion import ExpandedTerm
from pipeline.index.rerank import PageTokens

LOOKED_AT = 100  # pages for each word that may be missing


@dataclass(frozen=True, slots=True)
class NearMatch:
    """A page, the word on it that is taken for the missing one, and how alike they are; 1 is the same."""

    page_id: int
    token: str
    score: float


def find_near_matches(
    page_refs: PageTokens, words: Sequence[Sequence[ExpandedTerm]], others: Mapping[int, Sequence[int]]
) -> list[NearMatch]:
    """The pages, best first, each once. `others` are, by the place of a word, the pages that have all the other words."""
    best: dict[int, NearMatch] = {}
    for place, pages in others.items():
        missing = words[place][0].item
        if len(words[place]) > 1 or missing.field or not missing.is_word:
            continue
        for found in _on(page_refs, pages, missing.tokens[0]):
            if found.page_id not in best or found.score > best[found.page_id].score:
                best[found.page_id] = found
    return sorted(best.values(), key=lambda found: (-found.score, found.page_id))


def _on(page_refs: PageTokens, pages: Sequence[int], word: str) -> list[NearMatch]:
    """Those of the pages that hold something like the word."""
    if not ocr_similarity.is_worth_it(word):
        return []
    there = {page: set(tokens) for page, tokens in page_refs.of(pages).items()}
    stem = hindi.stem(word)
    alike = {
        token: score
        for token, score in ocr_similarity.seeming(word, list(set().union(*there.values())))
        if vocabulary.is_word(token) and not vocabulary.is_right(token) and hindi.stem(token) != stem
    }
    found = []
    for page, tokens in there.items():
        if held := tokens & alike.keys():
            score, token = max((alike[token], token) for token in held)
            found.append(NearMatch(page, token, score))
    return found
