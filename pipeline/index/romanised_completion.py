"""Words whose beginning is typed in Roman letters: `namant` may become नामांतरण.

The vocabulary is kept by what words look and sound like as a whole, not by how they begin when spoken. So the commonest
words are held by their spelling, in order, and fetched anew now and then.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from operator import itemgetter

from sqlmodel import Session

from pipeline.index import roman, vocabulary
from pipeline.index.hindi import is_hindi
from pipeline.index.vocabulary import KnownWord

_COMMONEST = 5_000  # words; spelling them takes some 50 ms
_SECONDS = 300.0  # for which they are held
_LEAST = 3  # letters that tell something
_LAST = "\U0010ffff"


class RomanisedCompletion:
    """The commonest words of one vocabulary by how they are spelled in Roman letters. May be asked by several threads."""

    def __init__(self) -> None:
        self._held: list[tuple[str, KnownWord]] = []
        self._until = 0.0
        self._fetching = threading.Lock()

    def begun(self, session: Session, typed: str, limit: int) -> list[KnownWord]:
        """Hindi words that are spelled so at their beginning, the commonest first."""
        beginning = roman.spelling(typed)
        if len(beginning) < _LEAST or is_hindi(typed):
            return []
        held = self._words(session)
        first, last = (bisect_left(held, end, key=itemgetter(0)) for end in (beginning, beginning + _LAST))
        found = [word for _, word in held[first:last]]
        return sorted(found, key=lambda word: (-word.pages, word.token))[:limit]

    def _words(self, session: Session) -> list[tuple[str, KnownWord]]:
        with self._fetching:
            if time.monotonic() >= self._until:
                words = vocabulary.commonest(session, _COMMONEST)
                self._held = sorted(
                    ((roman.spelling(word.token), word) for word in words if is_hindi(word.token)), key=itemgetter(0)
                )
                self._until = time.monotonic() + _SECONDS
            return self._held
