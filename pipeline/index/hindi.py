"""The analyser: how text and queries become the tokens that are compared. One for every engine.

Rules, each with its example in the tests: compatibility forms unified (NFKC, then NFC); joiners out; nukta folded (ज़ → ज);
chandrabindu and homorganic nasals become anusvara (चाँद → चांद, हिन्दी → हिंदी); digits of both scripts meet; case folded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_DIGITS = str.maketrans("०१२३४५६७८९", "0123456789")
# A word: letters, vowel signs and joiners of any script; or a run of digits.
_WORD = re.compile(
    r"[^\W\d_](?:[^\W\d_]|[\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u200c\u200d\u0300-\u036f])*|\d+"
)
# Letters with nukta, the nukta itself, joiners, chandrabindu.
_FOLDED: dict[int, str | None] = {
    0x0958: "क", 0x0959: "ख", 0x095A: "ग", 0x095B: "ज", 0x095C: "ड", 0x095D: "ढ", 0x095E: "फ", 0x095F: "य",
    0x093C: None, 0x200C: None, 0x200D: None, 0x0901: "\u0902",
}  # fmt: skip
# A nasal joined to a consonant of its own class sounds, and is often written, as anusvara.
_HOMORGANIC = re.compile("ङ्(?=[क-घ])|ञ्(?=[च-झ])|ण्(?=[ट-ढ])|न्(?=[त-ध])|म्(?=[प-भ])")


@dataclass(frozen=True, slots=True)
class Token:
    """A token and the range of the text it was made from."""

    text: str
    start: int
    end: int


def normalise(word: str) -> str:
    """The token of one word. Normalising a token again changes nothing."""
    word = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", word)).translate(_FOLDED)
    return _HOMORGANIC.sub("ं", word).translate(_DIGITS).casefold()


def tokens(text: str) -> Iterator[Token]:
    """The tokens of `text` in order, with their places."""
    for match in _WORD.finditer(text):
        token = normalise(match.group())
        if token:
            yield Token(token, match.start(), match.end())


def terms(text: str) -> list[str]:
    """The tokens alone."""
    return [token.text for token in tokens(text)]
