"""How words sound, for Hindi typed in Roman letters: one coarse key for both scripts, and a finer spelling to choose by.

`sound` is what words are looked up by: consonants only, aspirates and doubled letters folded, so that `namantaran`,
`naamaantaran` and नामांतरण share `nmntrn`. `spelling` keeps the vowels (length folded) and drops the inherent a where it
is not spoken; of the words of one sound those are meant whose spelling is nearest to the typed one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from pipeline.index.hindi import is_hindi

_CONSONANTS = {
    "क": "k",
    "ख": "kh",
    "ग": "g",
    "घ": "gh",
    "ङ": "n",
    "च": "ch",
    "छ": "chh",
    "ज": "j",
    "झ": "jh",
    "ञ": "n",
    "ट": "t",
    "ठ": "th",
    "ड": "d",
    "ढ": "dh",
    "ण": "n",
    "त": "t",
    "थ": "th",
    "द": "d",
    "ध": "dh",
    "न": "n",
    "प": "p",
    "फ": "f",
    "ब": "b",
    "भ": "bh",
    "म": "m",
    "य": "y",
    "र": "r",
    "ल": "l",
    "ळ": "l",
    "व": "v",
    "श": "sh",
    "ष": "sh",
    "स": "s",
    "ह": "h",
}
_VOWELS = {
    "अ": "a",
    "आ": "a",
    "इ": "i",
    "ई": "i",
    "उ": "u",
    "ऊ": "u",
    "ऋ": "ri",
    "ए": "e",
    "ऐ": "e",
    "ओ": "o",
    "औ": "o",
    "ऑ": "o",
    "ऍ": "e",
    "ा": "a",
    "ि": "i",
    "ी": "i",
    "ु": "u",
    "ू": "u",
    "ृ": "ri",
    "े": "e",
    "ै": "e",
    "ो": "o",
    "ौ": "o",
    "ॉ": "o",
    "ॅ": "e",
}
_HALANT, _ANUSVARA, _INHERENT = "्", "ं", "ə"
# A spoken consonant before a silent inherent a: vowel, consonant, ə, consonant, vowel (नगर पालिका, not नगरअ).
_SILENT = re.compile(
    r"(?<=[aiueo])n?(?:ch?h?|sh|[kgtdjpb]h?|[nmyrlvsfh])ə(?=(?:ch?h?|sh|[kgtdjpb]h?|[nmyrlvsfh])[aiueoə])"
)
# What people type for one sound, in this order.
_TYPED = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        ("x", "ksh"),
        ("q", "k"),
        ("w", "v"),
        ("z", "j"),
        ("ph", "f"),
        ("ck", "k"),
        ("c(?=[eiy])", "s"),
        ("c(?!h)", "k"),
        ("aa+", "a"),
        ("ee+|ii+|ie$", "i"),
        ("oo+|uu+", "u"),
        ("ai|ei", "e"),
        ("au|ou", "o"),
        ("[ts]ion$", "shan"),
        ("aon$", "anv"),
        ("sch", "sk"),
        ("chh+", "chh"),
    )
)
_LABIAL_M = re.compile("m(?=[pb])")
_ASPIRATE = re.compile("(?<=[^aiueoə])h")
_DOUBLED = re.compile(r"(.)\1+")
# A single letter is spoken by its name: e-office, m p.
LETTERS = {
    "a": "ए",
    "b": "बी",
    "c": "सी",
    "d": "डी",
    "e": "ई",
    "f": "एफ",
    "g": "जी",
    "h": "एच",
    "i": "आई",
    "j": "जे",
    "k": "के",
    "l": "एल",
    "m": "एम",
    "n": "एन",
    "o": "ओ",
    "p": "पी",
    "q": "क्यू",
    "r": "आर",
    "s": "एस",
    "t": "टी",
    "u": "यू",
    "v": "वी",
    "w": "डब्ल्यू",
    "x": "एक्स",
    "y": "वाई",
    "z": "जेड",
}
_SHORT = 3  # letters of a word whose last vowel counts: seva and raja differ from others by it alone
_NASALS = 4  # consonants before which a nasal may have been left out
LONGEST = 40  # letters of a word whose sound is worth keeping


def sound(token: str) -> str:
    """The key of a word in either script; empty where it has no sound (numbers, other scripts, endless words)."""
    if len(token) > LONGEST or not (is_hindi(token) or (token.isascii() and token.isalpha())):
        return ""
    latin = _letters(token) if is_hindi(token) else _typed(token)
    firm = _DOUBLED.sub(r"\1", _ASPIRATE.sub("", _DOUBLED.sub(r"\1", latin))).replace("f", "p")
    return _LABIAL_M.sub("n", _without_vowels(firm)) or "_"


def _without_vowels(latin: str) -> str:
    return "".join(c for i, c in enumerate(latin) if c not in "aiueoə" and (c != "y" or not i))


@lru_cache(maxsize=50_000)
def spelling(token: str) -> str:
    """The word as it would be typed, vowels of either length alike, unspoken vowels out."""
    if not is_hindi(token):
        latin = _typed(token)
        latin = latin.removesuffix("a") if len(latin) > _SHORT else latin
    else:
        latin = _letters(token).removesuffix(_INHERENT)
        latin = _from_behind(latin).replace(_INHERENT, "a")
        latin = latin.removesuffix("a") if len(latin) > _SHORT else latin
    latin = latin.replace("chh", "ch").replace("chch", "ch").replace("ai", "e").replace("au", "o")
    return _DOUBLED.sub(r"\1", _LABIAL_M.sub("n", latin))


def _from_behind(latin: str) -> str:
    """Unspoken inherent vowels out, the last first: a vowel that is gone keeps the one before it."""
    places = [match.end() - 1 for match in re.finditer(_INHERENT, latin)]
    for place in reversed(places):
        for match in _SILENT.finditer(latin.replace(_INHERENT, "a", latin[:place].count(_INHERENT))):
            if match.end() - 1 == place:
                latin = latin[:place] + latin[place + 1 :]
                break
    return latin


def _letters(token: str) -> str:
    """A Hindi word letter by letter, with ə for every inherent a."""
    latin = ""
    token = token.replace("ज्ञ", "ग्य").replace("\u0901", _ANUSVARA)
    for index, char in enumerate(token):
        if char in _CONSONANTS:
            following = token[index + 1 : index + 2]
            latin += _CONSONANTS[char]
            if following != _HALANT and following not in _VOWELS:
                latin += _INHERENT
        elif char in _VOWELS:
            latin += _VOWELS[char]
        elif char == _ANUSVARA:
            latin += "n"
    return latin


def _typed(token: str) -> str:
    for pattern, instead in _TYPED:
        token = pattern.sub(instead, token)
    return token


def sounds_of(typed: str) -> list[str]:
    """The keys that a typed word may have: an r may be a ड़, and a v an ओ or उ that was heard as one."""
    key = sound(typed)
    if not key:
        return []
    found = [key]
    found += [key[:i] + "d" + key[i + 1 :] for i, c in enumerate(key) if c == "r" and i]
    if key.endswith("n"):
        found.append(key[:-1] or "_")  # mein, gaon: the nasal is not always heard
    found.append(key + "n")
    found += [key[:i] + "n" + key[i:] for i in range(1, min(len(key), _NASALS))]  # batwara: बंटवारा
    return list(dict.fromkeys(found))


def apart(typed: str, word: str) -> float:
    """How far a word is from what was typed; 0 where it would be typed just so."""
    one, other = spelling(typed), spelling(word)
    if one == other:
        return 0.0
    near = Levenshtein.distance(one, other)
    # Letters that people take for each other weigh half.
    folded = Levenshtein.distance(_alike(one), _alike(other))
    return (near + folded) / 2


def near(typed: str, words: Sequence[str], most: float) -> list[tuple[str, float]]:
    """Those of the words that are no further from what was typed than `most`, and how far they are."""
    # Half the distance as it is typed is the least there may be, so that few words need a closer look.
    spelt, cutoff = [spelling(word) for word in words], int(2 * most)
    alike = process.extract(spelling(typed), spelt, scorer=Levenshtein.distance, score_cutoff=cutoff, limit=None)
    found = [(words[place], apart(typed, words[place])) for _, _, place in alike]
    return [(word, far) for word, far in found if far <= most]


_ALIKE = str.maketrans({"e": "i", "o": "u", "v": "b", "f": "p", "y": "i", "d": "r"})


@lru_cache(maxsize=50_000)
def _alike(latin: str) -> str:
    return _DOUBLED.sub(r"\1", _ASPIRATE.sub("", latin.replace("y", "")).translate(_ALIKE).replace("ch", "c"))
