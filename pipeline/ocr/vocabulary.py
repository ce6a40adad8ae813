"""Which words are known: Hindi and English as they are commonly written. The lists lie in `words/`."""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

_PARTS = re.compile(r"[\u0900-\u0963\u0970-\u097f]+|[^\W\d_\u0900-\u097f]+")
_JOINERS = re.compile("[\u200c\u200d]")
_NOT_A_WORD = 2  # letters below which a piece says nothing: initials, the marks of a list


@cache
def known_words() -> frozenset[str]:
    folder = files("pipeline.ocr").joinpath("words")
    lists = [gzip.decompress(folder.joinpath(f"{name}.txt.gz").read_bytes()).decode("utf-8") for name in ("hi", "en")]
    lists.append(folder.joinpath("office.txt").read_text(encoding="utf-8"))
    return frozenset(unicodedata.normalize("NFC", word) for text in lists for word in text.split())


def parts(word: str) -> list[str]:
    """The pieces of a word that are letters, folded as the lists have them; what is shorter than two is left out."""
    text = unicodedata.normalize("NFC", _JOINERS.sub("", word)).lower()
    return [part for part in _PARTS.findall(text) if len(part) >= _NOT_A_WORD]


def known_share(words: Iterable[str]) -> tuple[float, int]:
    """The share of the words' pieces that are known, weighted by their length, and how many pieces there are."""
    pieces = [piece for word in words for piece in parts(word)]
    letters = sum(len(piece) for piece in pieces)
    known = sum(len(piece) for piece in pieces if piece in known_words())
    return (known / letters if letters else 0.0), len(pieces)
