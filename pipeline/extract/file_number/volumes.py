"""Part files and volumes of one number: `भाग-2`, `खण्ड 3`, `Vol. II`, `Part-I`. Taken off its end, and named."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.extract.file_number.folding import fold_letters, runs

_WORDS = {
    "VOL": re.compile(r"VOL(?:UME)?|ख(?:ण्|ं|न्)ड|जिल्द|वॉल्यूम|वाल्यूम"),
    "PART": re.compile(r"PART|PT|भाग|पार्ट"),
}
_ANY_WORD = re.compile("|".join(word.pattern for word in _WORDS.values()))
_FILE = re.compile(r"FILE|फ\u093c?ाइल|पत्रावली")  # भाग पत्रावली-2
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV")
_COUNTED = ("एक", "दो", "तीन", "चार", "पाँच", "छह", "सात", "आठ", "नौ", "दस")
_ORDINALS = ("प्रथम", "द्वितीय", "तृतीय", "चतुर्थ", "पंचम")
_VALUES = {word: str(at) for words in (_ROMAN, _COUNTED, _ORDINALS) for at, word in enumerate(words, start=1)}
_MOST_DIGITS = 2  # of the number of a volume; three or four are a serial or a year


@dataclass(frozen=True, slots=True)
class Volume:
    """The volume and the part of a file, each a number or a capital letter, or None."""

    volume: str | None = None
    part: str | None = None

    @property
    def key(self) -> tuple[str, ...]:
        named = (("VOL", self.volume), ("PART", self.part))
        return tuple(piece for name, value in named if value for piece in (name, value))


def split_volume(bare: str) -> tuple[str, Volume]:
    """The number without its volume and part, and these. Where no number is left, nothing is taken off."""
    found: dict[str, str] = {}
    body = bare
    if not _ANY_WORD.search(bare.upper()):
        return body, Volume()
    while cut := _cut(body, found):
        body, name, value = cut
        found[name] = value
    return body, Volume(found.get("VOL"), found.get("PART"))


def _cut(body: str, found: dict[str, str]) -> tuple[str, str, str] | None:
    """What stands before the volume's word at the end, which word it is, and its value; each word counts once."""
    inside = runs(body)
    if len(inside) > 2 and _FILE.fullmatch(inside[-2][0].upper()):  # noqa: PLR2004 - word, file, value
        del inside[-2]
    if len(inside) < 3:  # noqa: PLR2004 - a number, word, value
        return None
    (word, at), value = inside[-2], _value(inside[-1][0])
    name = next((name for name, known in _WORDS.items() if name not in found and known.fullmatch(word.upper())), None)
    if name is None or value is None or not re.search("[0-9]", body[:at]):
        return None
    return body[:at].rstrip(" \t.,:/_([{-–—"), name, value


def _value(run: str) -> str | None:
    if run.isdigit():
        value = run.lstrip("0") or "0"
        return value if len(value) <= _MOST_DIGITS else None
    folded = fold_letters(run)
    return _VALUES.get(folded) or (folded if re.fullmatch("[A-Zक-ङ]", folded) else None)
