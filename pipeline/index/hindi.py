"""The analyser: how text and queries become the tokens that are compared. One for every engine.

What it folds, rule by rule (each is a test by example; `docs/search.md` tells them to people):

    forms        ﬁle → file, １２ → 12, joiners out            NFKC, then NFC
    nukta        ज़मीन → जमीन, both encodings
    nasals       चाँद → चांद, हिन्दी → हिंदी, सम्बन्ध → संबंध
    glides       गये → गए, जायेगा → जाएगा, स्थायी → स्थाई
    doubling     अर्द्ध → अर्ध, कर्त्तव्य → कर्तव्य, महत्त्व → महत्व
    visarga      दुःख → दुख, अतः → अत, नि:शुल्क → निशुल्क
    lāghava      उ०प्र० = उ0प्र0 = उ.प्र. → उ, प्र
    numbers      १,२५,००० → 125000, 07 → 7; 19-76/2019 → 19, 76, 2019, side by side
    case         TAHSIL → tahsil

Analysing tokens again changes nothing. The stem is another thing: it groups the forms of a word, and never stands in for
the word. How words sound is in `roman`, how they look in `likeness`.
"""

from __future__ import annotations

import re
import string
import threading
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import NamedTuple

import snowballstemmer

from pipeline.model.digits import western_of_any

VERSION = 2  # of the rules: pages that were analysed by others are analysed again (see `textindex`)

_SIGNS = r"\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u200c\u200d\u0300-\u036f"
_RUN = r"[\u0900-\u0963\u0971-\u097f]+"  # letters and signs of Devanagari in one go: no other than the rest allows
_LETTERS = rf"[^\W\d_](?:{_RUN}|[^\W\d_]|[{_SIGNS}])*"
# After these a colon is a visarga that was typed so: नि:शुल्क, दु:ख, अन्त:.
_COLON = rf"(?:नि|दु|अंत|अन्त|पुन|प्रात):(?=[\u0904-\u0939]){_LETTERS}"
_GROUPED = r"\d{1,3}(?:,\d\d)*,\d{3}(?![\d,])"  # 1,25,000
_AFTER = r"(?=[\s\u0964,])"
_USUAL = rf"[\u0904-\u0939]{_RUN}+{_AFTER}"  # most words, told quickly: the rest would find the same
_WORD = re.compile(rf"{_USUAL}|{_COLON}|{_LETTERS}|{_GROUPED}|\d+")
_ZEROS = frozenset("०0")
_DEVANAGARI_END = re.compile(r"[\u0902-\u0939\u093c\u093e-\u094d]")
# Letters with nukta, the nukta itself, joiners, visarga and the colon in its place, chandrabindu.
_FOLDED: dict[int, str | None] = {
    0x0958: "क",
    0x0959: "ख",
    0x095A: "ग",
    0x095B: "ज",
    0x095C: "ड",
    0x095D: "ढ",
    0x095E: "फ",
    0x095F: "य",
    0x0929: "न",
    0x0931: "र",
    0x0934: "ळ",
    0x093C: None,
    0x200C: None,
    0x200D: None,
    0x0903: None,
    0x003A: None,
    0x002C: None,
    0x0901: "\u0902",
}
# With which letter the token of a word begins, by the word's first: of others that is not known beforehand.
_BEGINS = {chr(code): chr(code) for code in range(0x904, 0x93A)}
_BEGINS |= {chr(code): letter for code, letter in _FOLDED.items() if letter and letter in _BEGINS}
_BEGINS |= {letter: letter.lower() for letter in string.ascii_letters}
_MARKS = frozenset("्" + "".join(map(chr, range(0x300, 0x370))))  # after a first letter that may become another
_RULES = (
    # A nasal joined to a consonant of its own class sounds, and is often written, as anusvara.
    (re.compile("ङ्(?=[क-घ])|ञ्(?=[च-झ])|ण्(?=[ट-ढ])|न्(?=[त-ध])|म्(?=[प-भ])"), "ं"),
    # After a vowel या a letter य is a glide that is often left out before ए and ई.
    (re.compile("(?<=[\u0904-\u0939\u093e-\u094c])ये"), "ए"),
    (re.compile("(?<=[\u0904-\u0939\u093e-\u094c])यी"), "ई"),
    # A consonant doubled after र्, and in three clusters.
    (re.compile(r"(?<=र्)(?:([क-ह])्(?=\1)|द्(?=ध)|च्(?=छ)|क्(?=ख)|ग्(?=घ)|ट्(?=ठ)|ब्(?=भ))"), ""),
    (re.compile("त्(?=त्व)|ज्(?=ज्व)"), ""),
)
# A word of letters and signs that no folding touches: most words, told at once.
_LETTER = "\u0904-\u0928\u092a-\u0930\u0932\u0933\u0935-\u0939"
_PLAIN = re.compile(f"[{_LETTER}][{_LETTER}\u0902\u093d-\u094d]*")
_ANY_RULE = re.compile("|".join(pattern.pattern for pattern, _ in _RULES))


class TextToken(NamedTuple):
    """A token and the range of the text it was made from."""

    text: str
    start: int
    end: int


def normalise(word: str) -> str:
    """The token of one word. Normalising a token again changes nothing."""
    while not _is_settled(word):
        plain = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", word)).translate(_FOLDED)
        folded = unicodedata.normalize("NFC", plain.casefold())
        for pattern, instead in _RULES:
            folded = pattern.sub(instead, folded)
        if folded[:1].isdecimal():
            folded = western_of_any(folded).lstrip("0") or "0"
        if folded == word:
            break
        word = folded
    return word


def _is_settled(word: str) -> bool:
    return bool(_PLAIN.fullmatch(word)) and not _ANY_RULE.search(word)


def tokens(text: str) -> Iterator[TextToken]:
    """The tokens of `text` in order, with their places."""
    for word, (start, end) in _words(text):
        for token in _analysed(word):
            yield TextToken(token, start, end)


def analysed(text: str) -> tuple[list[str], list[tuple[int, int]]]:
    """What `tokens` gives as two lists, tokens and places: several times as fast."""
    words = _words(text)
    found = [_analysed(word) for word, _ in words]
    places = [place for (_, place), tokens in zip(words, found, strict=True) for _ in tokens]
    return [token for tokens in found for token in tokens], places


def standing(text: str, wanted: Collection[str]) -> list[tuple[int, int]]:
    """The places of these tokens: as `analysed`, but only words that may be one of them are looked at closely."""
    found = []
    for match in _beginning(frozenset(token[:1] for token in wanted)).finditer(text):
        word = match[1]
        if word is not None and (word not in _ZEROS or not _abbreviates(text, match.start(1))):
            found += [match.span(1) for token in _analysed(word) if token in wanted]
    return found


@lru_cache(maxsize=1_000)
def _beginning(letters: frozenset[str]) -> re.Pattern[str]:
    """Words whose token may begin with one of these letters, or else the end; usual words that may not are passed over."""
    others = "".join(char for char, letter in _BEGINS.items() if letter not in letters)
    passed = rf"[{others}](?![{''.join(sorted(_MARKS))}]){_RUN}+{_AFTER}[\W_]*+|" if others else ""
    return re.compile(rf"(?:{passed}[\W_])*+(?:({_WORD.pattern})|\Z)")


def _words(text: str) -> list[tuple[str, tuple[int, int]]]:
    words = [(match.group(), match.span()) for match in _WORD.finditer(text)]
    if _ZEROS.isdisjoint(text):
        return words
    return [(word, place) for word, place in words if word not in _ZEROS or not _abbreviates(text, place[0])]


def _abbreviates(text: str, start: int) -> bool:
    """Whether what stands there is the sign of abbreviation, typed as a zero."""
    return bool(start and _DEVANAGARI_END.match(text, start - 1))


@lru_cache(maxsize=200_000)
def _analysed(word: str) -> tuple[str, ...]:
    """The tokens of one word: one, but for rare signs that stand for several words."""
    token = normalise(word)
    if _PLAIN.fullmatch(token):
        return (token,)
    found = _WORD.findall(token)
    if found in ([], [token]):
        return tuple(found)
    return tuple(piece for part in found for piece in _analysed(part))


def terms(text: str) -> list[str]:
    """The tokens alone."""
    words = _WORD.findall(text) if _ZEROS.isdisjoint(text) else [word for word, _ in _words(text)]
    return [token for word in words for token in _analysed(word)]


def is_number(token: str) -> bool:
    return token[:1].isdecimal()


def is_hindi(token: str) -> bool:
    return "\u0900" <= token[:1] <= "\u097f"


# Endings of nouns and adjectives, the longest first, and what the stem has in their place.
_ENDINGS = (
    ("ियों", "ी"),
    ("ियां", "ी"),
    ("ुओं", "ु"),
    ("ुएं", "ु"),
    ("ूओं", "ु"),
    ("ाओं", ""),
    ("ाएं", ""),
    ("ओं", ""),
    ("एं", ""),
    ("ियो", "ी"),
    ("ाओ", ""),
    ("ों", ""),
    ("ें", ""),
    ("ीं", "ी"),
    ("ूं", "ु"),
    ("ो", ""),
    ("े", ""),
    ("ा", ""),
    ("ि", "ी"),
    ("ू", "ु"),
    ("ए", ""),
)
_CONSONANT = re.compile("[क-ह]")
_LEAST_CONSONANTS = 2  # of what is left of a word without its ending
_ENGLISH, _ONE_AT_A_TIME = snowballstemmer.stemmer("english"), threading.Lock()  # it keeps the word in itself


@lru_cache(maxsize=100_000)
def stem(token: str) -> str:
    """What the forms of one word share: लड़का, लड़के, लड़कों. Of numbers and other scripts, the token itself.

    It also takes ऑ for आ (ऑफिस, आफिस), which as a rule of `normalise` would make हॉल and हाल one word.
    """
    if token.isascii():
        if not token.isalpha():
            return token
        with _ONE_AT_A_TIME:
            return str(_ENGLISH.stemWord(token))
    if not is_hindi(token):
        return token
    word = token.replace("ऑ", "आ").replace("ॉ", "ा")
    for ending, instead in _ENDINGS:
        if word.endswith(ending):
            left = word.removesuffix(ending)
            if len(_CONSONANT.findall(left)) >= _LEAST_CONSONANTS and not left.endswith("्"):
                return left + instead
    return word


# Endings of English words, for `forms`; the stemmer tells which of them belong.
_SUFFIXES = (
    "",
    "e",
    "y",
    "s",
    "es",
    "ies",
    "ed",
    "ied",
    "ing",
    "er",
    "ers",
    "ly",
    "al",
    "ion",
    "ions",
    "ation",
    "ment",
    "ments",
)


@lru_cache(maxsize=10_000)
def forms(token: str) -> frozenset[str]:
    """The words that may share the token's stem: those that `stem` takes back to it. For other scripts, none."""
    base = stem(token)
    if token.isascii():
        begins = {base, base + base[-1:], base.removesuffix("i"), base.removesuffix("e")}
        made = {begin + suffix for begin in begins for suffix in _SUFFIXES} if token.isalpha() else set()
    elif is_hindi(token):
        made = {base, *(base.removesuffix(kept) + ending for ending, kept in _ENDINGS if base.endswith(kept))}
        made |= {word.replace("आ", "ऑ") for word in made} | {word.replace("ा", "ॉ", 1) for word in made}
    else:
        made = set()
    return frozenset(word for word in made if word and stem(word) == base)
