"""Names of months: those of the common calendar, as they are written, abbreviated and misread, and those of the Indian
national calendar. Dates are put together in `dates` and `eras`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_NAMES = {
    "जनवरी": 1,
    "फरवरी": 2,
    "मार्च": 3,
    "अप्रैल": 4,
    "मई": 5,
    "जून": 6,
    "जुलाई": 7,
    "अगस्त": 8,
    "सितंबर": 9,
    "अक्टूबर": 10,
    "अक्तूबर": 10,
    "नवंबर": 11,
    "दिसंबर": 12,
    "january": 1,
    "february": 2,
    "march": 3,
    "april": 4,
    "may": 5,
    "june": 6,
    "july": 7,
    "august": 8,
    "september": 9,
    "october": 10,
    "november": 11,
    "december": 12,
}
_SHORT = {
    "जन": 1,
    "फर": 2,
    "अप्रै": 4,
    "जुल": 7,
    "अग": 8,
    "सित": 9,
    "अक्टू": 10,
    "अक्तू": 10,
    "नव": 11,
    "दिस": 12,
    "मइ": 5,
    "जुन": 6,
    "जूत": 6,
    "माच": 3,
    "मार्व": 3,
    "jan": 1,
    "feb": 2,
    "mar": 3,
    "apr": 4,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "sept": 9,
    "oct": 10,
    "nov": 11,
    "dec": 12,
}
_SAKA = {
    "चैत्र": 1,
    "वैशाख": 2,
    "बैशाख": 2,
    "ज्येष्ठ": 3,
    "जेठ": 3,
    "आषाढ़": 4,
    "श्रावण": 5,
    "सावन": 5,
    "भाद्रपद": 6,
    "भाद्र": 6,
    "भादों": 6,
    "आश्विन": 7,
    "अश्विन": 7,
    "क्वार": 7,
    "कार्तिक": 8,
    "अग्रहायण": 9,
    "मार्गशीर्ष": 9,
    "अगहन": 9,
    "पौष": 10,
    "पूस": 10,
    "माघ": 11,
    "फाल्गुन": 12,
    "फागुन": 12,
    "chaitra": 1,
    "vaisakha": 2,
    "vaishakha": 2,
    "jyaistha": 3,
    "jyaishtha": 3,
    "asadha": 4,
    "ashadha": 4,
    "sravana": 5,
    "shravana": 5,
    "bhadra": 6,
    "bhadrapada": 6,
    "asvina": 7,
    "ashvina": 7,
    "kartika": 8,
    "agrahayana": 9,
    "margashirsha": 9,
    "pausa": 10,
    "pausha": 10,
    "magha": 11,
    "phalguna": 12,
}
_UNIT = re.compile(r"[क-ह]\u094d|.", re.DOTALL)  # half a consonant is read or lost as one
_NASAL = re.compile(r"[ङञणनम]\u094d(?=[क-मव])")  # व for a worn ब
_LEAST_UNITS = 4  # a shorter name is too near to other words to be guessed


def month_of(word: str) -> int | None:
    """The month 1…12 that the word names, or the one name that it misses by a single letter."""
    folded = _fold(word)
    exact = _NAMES_FOLDED.get(folded)
    return exact if exact is not None else _nearest(folded, _NAMES_FOLDED)


def saka_month_of(word: str) -> int | None:
    """The month 1…12 of the Indian national calendar, from Chaitra, in the same way."""
    folded = _fold(word)
    exact = _SAKA_FOLDED.get(folded)
    return exact if exact is not None else _nearest(folded, _SAKA_FOLDED)


def _fold(word: str) -> str:
    text = unicodedata.normalize("NFC", word.replace("\u200c", "").replace("\u200d", "")).replace("\u093c", "")
    return _NASAL.sub("ं", text.replace("ँ", "ं")).casefold()


def _nearest(word: str, names: Mapping[str, int]) -> int | None:
    units = _UNIT.findall(word)
    near = {
        month
        for name, month in names.items()
        if len(_UNIT.findall(name)) >= _LEAST_UNITS and _one_edit_apart(units, _UNIT.findall(name))
    }
    return near.pop() if len(near) == 1 else None


def _one_edit_apart(one: list[str], other: list[str]) -> bool:
    """Whether one letter is changed, lost or too many."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    rest, beyond = one[start:], other[start:]
    return rest[1:] == beyond[1:] or rest[1:] == beyond or rest == beyond[1:]


_NAMES_FOLDED = {_fold(name): month for name, month in (_NAMES | _SHORT).items()}
_SAKA_FOLDED = {_fold(name): month for name, month in _SAKA.items()}
