"""How a written file number is understood: label off, digits of both scripts and separators unified, letters folded.

The key is what two spellings of one number share: `F.No.11013/4/2018` and `फा.नं. ११०१३/४/२०१८` meet, `12/34` and
`1/234` never do.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

DIGITS = str.maketrans("०१२३४५६७८९", "0123456789")
_OCR_TWINS = str.maketrans({"O": "0", "Q": "0", "D": "0", "I": "1", "L": "1", "S": "5", "B": "8", "Z": "2"})

# What may stand before a number. Longer labels first, so that "पत्र क्रमांक" is not left with "पत्र".
_LABELS = (
    r"नस्ती\s*(?:क्रमांक|क्र|सं)|मिसिल\s*(?:संख्या|सं|क्रमांक)|फा(?:इल|ईल)?[.०॰]?\s*(?:संख्या|सं|नं|क्र)|"
    r"पत्र\s*(?:संख्या|सं|क्रमांक|क्र)|(?:रा[.०॰]?\s*प्र|प्र(?:करण)?)[.०॰]?\s*(?:क्रमांक|क्र)|पृष्ठांकन\s*(?:क्रमांक|क्र)|"
    r"ज्ञापांक|पत्रांक|क्रमांक|संख्या|क्र|सं|नं|"
    r"file\s*n(?:o|umber)|f\s*[.]?\s*n\s*o|letter\s*no|no"
)
LABEL = re.compile(
    rf"(?<![\w\u0900-\u097f])(?:{_LABELS})(?:[०0](?![०-९0-9])|(?![\w\u0900-\u097f]))\s*[.॰:ः/-]*\s*", re.IGNORECASE
)
_DATE = re.compile(r"\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2})")
# The abbreviation sign, often typed as a zero: आ०लि०, उ0प्र0.
_LAGHAVA = re.compile(r"(?<=[\u0902-\u0939\u093c\u093e-\u094d])[०0॰](?![०-९0-9])")

# Letters and sections that are written in either script.
_FOLDED = {
    "एफ": "F", "फ": "F", "स्था": "ESTT", "स्थापना": "ESTT", "प्रशा": "ADMIN", "रा": "RA", "राज": "RAJ",
    "सतर्कता": "VIG", "आर": "R", "सी": "C", "डी": "D", "बी": "B",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileNumber:
    """A number as written and as understood. `key` is strict; `core` keeps digits only; `ocr` forgives look-alikes."""

    written: str
    key: str
    core: str
    ocr: str
    parts: tuple[str, ...]


def fold_digits(text: str) -> str:
    return unicodedata.normalize("NFC", text).translate(DIGITS)


def parse(text: str) -> FileNumber | None:
    """The number written in `text`, or None where there is none: no digit, or just a plain date."""
    written = unicodedata.normalize("NFC", text).replace("\u200c", "").replace("\u200d", "").strip(" .,:;।-–—")
    label = LABEL.match(written)
    bare = fold_digits(_LAGHAVA.sub(".", written[label.end() :] if label else written)).strip(" .,:;।-–—")
    if not any(char.isdigit() for char in bare) or _DATE.fullmatch(bare):
        return None
    parts = tuple(_fold_part(part) for part in _split(bare))
    if not parts:
        return None
    key = "/".join(parts)
    core = "/".join(part for part in parts if part.isdigit())
    return FileNumber(written, key, core, key.translate(_OCR_TWINS), parts)


def _split(bare: str) -> list[str]:
    """Runs of letters and runs of digits; every separator ends a run, and so does a change from one to the other."""
    return re.findall(r"[0-9]+|[A-Za-z]+|[\u0900-\u097f]+", re.sub(r"[॰.]", " ", bare))


def _fold_part(part: str) -> str:
    if part.isdigit():
        return part.lstrip("0") or "0"
    return _FOLDED.get(part, part.upper())


def looks_like_one(text: str) -> bool:
    """Whether somebody who types this probably means a file number: digits with a separator between parts."""
    return bool(re.search(r"[0-9][/\-(_]|[/\-)_][0-9]", fold_digits(text))) and parse(text) is not None
