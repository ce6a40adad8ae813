"""Part files and volumes of one number: `भाग-2`, `खण्ड 3`, `Vol. II`, `Part-I`. Taken off its end, and named."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORDS = {
    "VOL": r"vol(?:ume)?|ख(?:ण्|ं|न्)ड|जिल्द|वॉल्यूम|वाल्यूम",
    "PART": r"part|pt|भाग|पार्ट",
}
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV")
_COUNTED = ("एक", "दो", "तीन", "चार", "पाँच", "छह", "सात", "आठ", "नौ", "दस")
_ORDINALS = ("प्रथम", "द्वितीय", "तृतीय", "चतुर्थ", "पंचम")
_VALUES = {word: str(at) for words in (_ROMAN, _COUNTED, _ORDINALS) for at, word in enumerate(words, start=1)}
_VALUES |= {"पांच": "5", "छः": "6", "अ": "A", "ए": "A", "बी": "B", "सी": "C"}
_VALUE = r"[0-9]{1,2}|[A-Za-z]{1,4}|[\u0900-\u0963]{1,8}"
_TAIL = {
    name: re.compile(
        rf"(?<![A-Za-z\u0900-\u0963])(?:{words})\s*(?:फ\u093c?ाइल|पत्रावली|file)?[\s.:/(_–-]*({_VALUE})[\s.)\]/-]*$",
        re.IGNORECASE,
    )
    for name, words in _WORDS.items()
}


@dataclass(frozen=True, slots=True)
class Volume:
    """The volume and the part of a file, each a number or a capital letter, or None."""

    volume: str | None = None
    part: str | None = None

    @property
    def key(self) -> tuple[str, ...]:
        told = (("VOL", self.volume), ("PART", self.part))
        return tuple(piece for name, value in told if value for piece in (name, value))


def split_volume(bare: str) -> tuple[str, Volume]:
    """The number without its volume and part, and these. Where no number is left, nothing is taken off."""
    found: dict[str, str] = {}
    body = bare
    while len(found) < len(_TAIL):
        cut = next((cut for name in _TAIL if name not in found and (cut := _cut(body, name))), None)
        if cut is None:
            break
        body, name, value = cut
        found[name] = value
    return body, Volume(found.get("VOL"), found.get("PART"))


def _cut(body: str, name: str) -> tuple[str, str, str] | None:
    tail = _TAIL[name].search(body)
    if tail is None or not re.search("[0-9]", body[: tail.start()]):
        return None
    rest, value = body[: tail.start()].rstrip(" \t.,:/_([{-–—"), tail[1].upper()
    if value.isdigit():
        return rest, name, value.lstrip("0") or "0"
    known = _VALUES.get(value) or (value if re.fullmatch("[A-Zक-ङ]", value) else None)
    return (rest, name, known) if known else None
