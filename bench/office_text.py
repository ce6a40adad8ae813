"""Seeded office text for measuring search: real word forms by Zipf's law, invented names, and misread letters.

The forms come from the samples, from the dictionary of `index` and, where Tesseract's tools are there, from its list for
Devanagari; the places and people are invented. Nothing is measured here.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from pipeline.index import hindi

ROOT = Path(__file__).resolve().parent.parent
ROMAN = Path(__file__).parent / "data" / "roman.tsv"
_TESSDATA = Path("/usr/share/tesseract-ocr/5/tessdata")
_MORE_FORMS = 30_000
_PLACES = 20_000
_WORDS, _LINE = 250, 10  # on a page, in a line
_PAGES_OF_A_DOCUMENT = (1, 1, 2, 3)
_ROMAN_PAGES = 4  # on which each of the terms typed in Roman letters stands, at least

# What recognition makes of a letter; the empty string is a letter it does not see.
CONFUSIONS = {
    "ि": ["ी", ""],
    "ी": ["ि", "ो", ""],
    "ु": ["ू", "", "्"],
    "ू": ["ु", ""],
    "े": ["ै", "", "ो"],
    "ै": ["े", ""],
    "ो": ["ा", "ौ", "ी"],
    "ौ": ["ो", "ा"],
    "ा": ["", "ो", "।"],
    "ं": ["", "े"],
    "ँ": ["ं", ""],
    "्": ["", "ु"],
    "ः": [":", ""],
    "घ": ["ध", "छ"],
    "ध": ["घ"],
    "भ": ["म"],
    "म": ["भ", "न"],
    "व": ["ब", "च"],
    "ब": ["व"],
    "थ": ["य"],
    "य": ["थ", "प"],
    "प": ["ष", "य"],
    "ष": ["प"],
    "ट": ["ठ", "द"],
    "ठ": ["ट"],
    "ड": ["ङ", "ढ", "इ"],
    "ढ": ["ड", "द"],
    "द": ["ट", "ढ"],
    "ण": ["ग"],
    "ख": ["रव", "स"],
    "र": ["ए", ""],
    "स": ["म", "र"],
    "न": ["त", "ल"],
    "त": ["न", "ल"],
    "क": ["फ", "व"],
    "फ": ["प", "क"],
    "ग": ["म", "ण"],
    "श": ["श्", "स"],
    "ज": ["ज्", "च"],
    "च": ["व", "ज"],
    "ल": ["त", "न"],
    "ह": ["ड", "इ"],
    "अ": ["आ", "झ"],
    "आ": ["अ"],
    "इ": ["ड", "ह"],
    "उ": ["ऊ", "ड"],
    "ए": ["र", "ऐ"],
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: the words that stand on it and the text as it was read."""

    number: int
    document: int
    page: int
    words: tuple[str, ...]
    text: str


@cache
def forms() -> tuple[str, ...]:
    """Word forms in the order of their frequency: those of the samples first."""
    chance = random.Random(5)
    known_words = [
        word for name in ("letters", "phrases", "files") for word in _words_in(ROOT / "samples" / f"{name}.toml")
    ]
    counts: dict[str, int] = {}
    for word in known_words:
        counts[word] = counts.get(word, 0) + 1
    first = sorted(counts, key=lambda word: (-counts[word], word))
    dictionary = sorted((ROOT / "pipeline/index/words/hindi.txt").read_text(encoding="utf-8").split())
    chance.shuffle(dictionary)
    more = _tesseract_words()
    return tuple(dict.fromkeys([*first, *dictionary, *more]))


def _words_in(path: Path) -> Iterator[str]:
    def strings(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for each in value.values():
                yield from strings(each)
        elif isinstance(value, list):
            for each in value:
                yield from strings(each)

    for text in strings(tomllib.loads(path.read_text(encoding="utf-8"))):
        yield from (text[t.start : t.end] for t in hindi.tokens(text) if hindi.is_hindi(t.text))


def _tesseract_words() -> list[str]:
    """A choice of the forms that Tesseract's data for Devanagari lists; none where its tools are not there."""
    data = _TESSDATA / "Devanagari.traineddata"
    if not (shutil.which("combine_tessdata") and shutil.which("dawg2wordlist") and data.exists()):
        return []
    with tempfile.TemporaryDirectory() as folder:
        base = f"{folder}/d."
        subprocess.run(["combine_tessdata", "-u", str(data), base], check=True, capture_output=True)
        command = ["dawg2wordlist", f"{base}lstm-unicharset", f"{base}lstm-word-dawg", f"{base}txt"]
        subprocess.run(command, check=True, capture_output=True)
        words = Path(f"{base}txt").read_text(encoding="utf-8").split()
    some = random.Random(6).sample([w for w in words if hindi.is_hindi(w) and 3 <= len(w) <= 12], 2 * _MORE_FORMS)
    return [word for word in some if hindi.terms(word) == [hindi.normalise(word)]][:_MORE_FORMS]


@cache
def places() -> tuple[str, ...]:
    """Invented villages."""
    chance = random.Random(7)
    begin = "सोन रतन माधो चंपा केसर भोज लाल हीरा देव गंगा जैत मोती सुंदर नंद फूल बीर तारा खैर बेल पीपल ढाक महु करम".split()
    middle = "रा नी गा ली या टी पा ता वा मा चा दे".split()
    end = "पुर पुरा गढ़ खेड़ी टोला डीह नगरिया वाड़ा कुंडी सरैया बावड़ी हट बिगहा चक घाट पाली ".split()
    found = {
        chance.choice(begin) + "".join(chance.choice(middle) for _ in range(chance.randint(0, 2))) + chance.choice(end)
        for _ in range(4 * _PLACES)
    }
    return tuple(sorted(found)[:_PLACES])


@cache
def roman_pairs() -> list[tuple[str, str]]:
    lines = ROMAN.read_text(encoding="utf-8").splitlines()
    return [(roman, words) for roman, words in (line.split("\t") for line in lines)]


def sheets(pages: int, rate: float, seed: int = 1) -> Iterator[Sheet]:
    """So many pages; each letter and sign is misread with this probability. The same seed gives the same pages."""
    return (sheet(place, pages, rate, seed) for place in order(pages, seed))


def order(pages: int, seed: int = 1) -> Iterator[tuple[int, int, int]]:
    """Of each page its number, its document's (that of the first page), and its number in the document."""
    document, left, page = 0, 0, 0
    for number in range(1, pages + 1):
        page += 1
        if left == 0:
            document, left, page = number, random.Random(seed + number).choice(_PAGES_OF_A_DOCUMENT), 1
        left -= 1
        yield number, document, page


def sheet(place: tuple[int, int, int], pages: int, rate: float, seed: int = 1) -> Sheet:
    """One of so many pages, as `order` tells its place."""
    number, document, page = place
    pairs = roman_pairs()
    every = max(pages // (len(pairs) * _ROMAN_PAGES), 1)
    chance = random.Random(seed * 10_000_019 + number)
    village = (chance if page == 1 else random.Random(seed * 10_000_019 + document)).choice(places())
    chosen = chance.choices(forms(), cum_weights=_weights(), k=_WORDS)
    for at in (12, 90, 200):
        chosen[at] = village
    if number % every == 0:
        term = pairs[number // every % len(pairs)][1].split()
        chosen[30 : 30 + len(term)] = term
    noise = random.Random(seed * 7_000_003 + number)
    read = [misread(word, rate, noise) for word in chosen] if rate else chosen
    lines = (" ".join(filter(None, read[i : i + _LINE])) for i in range(0, len(read), _LINE))
    return Sheet(number, document, page, tuple(chosen), "\n".join(lines))


@cache
def _weights() -> list[float]:
    return list(accumulate(1 / (rank + 2.7) ** 1.05 for rank in range(len(forms()))))


def misread(word: str, rate: float, chance: random.Random) -> str:
    """The word with each letter and sign misread by chance."""
    if chance.random() < (1 - rate) ** len(word):
        return word
    found, hit = list(word), False
    for i, char in enumerate(word):
        if chance.random() < rate:
            found[i], hit = _instead(char, chance), True
    if not hit:
        i = chance.randrange(len(word))
        found[i] = _instead(word[i], chance)
    return "".join(found)


def _instead(char: str, chance: random.Random) -> str:
    return chance.choice(CONFUSIONS.get(char, ["", "न", "ा"]))


_MISSPELT = (
    ("ी", "ि"),
    ("ि", "ी"),
    ("ू", "ु"),
    ("ु", "ू"),
    ("ण", "न"),
    ("श", "स"),
    ("ष", "श"),
    ("ं", ""),
    ("ै", "े"),
    ("व", "ब"),
)


def misspelt(word: str, chance: random.Random) -> str | None:
    """The word as somebody may type it who is not sure of it; None where there is no such spelling."""
    found = [(a, b) for a, b in _MISSPELT if a in word[1:]]
    if not found or len(word) < 5:
        return None
    a, b = chance.choice(found)
    return word[0] + word[1:].replace(a, b, 1)


_VARIANTS = (
    ("ं", "ँ"),
    ("ंद", "न्द"),
    ("ंत", "न्त"),
    ("ंब", "म्ब"),
    ("ंप", "म्प"),
    ("ंड", "ण्ड"),
    ("ंच", "ञ्च"),
    ("ाए", "ाये"),
    ("िए", "िये"),
    ("र्म", "र्म्म"),
    ("र्ध", "र्द्ध"),
    ("र्त", "र्त्त"),
    ("ज", "ज़"),
    ("फ", "फ़"),
    ("ड", "ड़"),
    ("ई", "यी"),
)


def variants(word: str) -> list[str]:
    """Other spellings of the same word that are in use."""
    return [word.replace(a, b) for a, b in _VARIANTS if a in word[1:]]


def sample(items: Sequence[str], count: int, chance: random.Random) -> list[str]:
    return chance.sample(list(items), min(count, len(items)))
