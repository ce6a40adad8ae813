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

# What may stand before a number: a word for "number", with or without the kind of paper it numbers.
_ABBREVIATED = r"[.०0॰]?\s*"
_KIND_HI = (
    r"नस्ती|मिसिल|फ\u093c?ा(?:इल|ईल)?|एफ|पत्र|क्रम?|यादी|यादि|ज्ञाप(?:न)?|आदेश|पृष्ठांकन|पृष्ठा|पृ|"
    rf"रा{_ABBREVIATED}प्र|प्र(?:करण)?|यू{_ABBREVIATED}ओ|डी{_ABBREVIATED}ओ|"
    rf"(?:अर्द्ध|अर्ध|अ){_ABBREVIATED}(?:शासकीय|शा){_ABBREVIATED}(?:पत्र)?"
)
_KIND_EN = r"file|f|letter|memo|order|endorsement|endst|ref|d\s*\.?\s*o|u\s*\.?\s*o"
_LABELS = (
    rf"(?:(?:{_KIND_HI}){_ABBREVIATED}[-–]?\s*)?(?:संख्या|क्रमा[ंँ]क|क्रंमाक|क्र|सं|नम्बर|नंबर|नं)|ज्ञापा[ंँ]क|पत्रा[ंँ]क|"
    rf"(?:(?:{_KIND_EN})\s*\.?\s*)?n(?:o|umber)"
)
# The sign of abbreviation after a label is often typed as a zero: सं०12, क्र0 12.
LABEL = re.compile(
    rf"(?<![\w\u0900-\u097f])(?:{_LABELS})(?:[०0]|(?![^\W\d_]|[\u0900-\u0965\u0970-\u097f]))\s*[.॰:ः/-]*\s*",
    re.IGNORECASE,
)
_DATE_LABEL = re.compile(r"दिना[ंँ]क|दि[.०0॰]|\bdated?\b", re.IGNORECASE)
_DATE = re.compile(
    r"\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2})|"
    r"\d{1,2}(?:st|nd|rd|th)?\s*(?:जन|फ\u093c?र|मार्च|अप्र|मई|जून|जुल|अग|सित|अक्|नव|दिस|"
    r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[^\W\d]*[\u0900-\u097f]*[\s,]*\d{4}",
    re.IGNORECASE,
)
_UNFILLED = re.compile(r"[._…]{3,}[\s/-]*(?:19|20)\d\d$")  # a form without its number: ____/2019
# The abbreviation sign, often typed as a zero: आ०लि०, उ0प्र0.
_LAGHAVA = re.compile(r"(?<=[\u0902-\u0939\u093c\u093e-\u094d])[०0॰](?![०-९0-9])")

# Letters and sections that are written in either script. अ stands for A in the heads of revenue cases.
_FOLDED = {
    "अ": "A", "ए": "A", "बी": "B", "सी": "C", "डी": "D", "ई": "E", "एफ": "F", "फ": "F", "जी": "G", "एच": "H",
    "आई": "I", "जे": "J", "के": "K", "एल": "L", "एम": "M", "एन": "N", "ओ": "O", "पी": "P", "क्यू": "Q", "आर": "R",
    "एस": "S", "टी": "T", "यू": "U", "वी": "V", "डब्ल्यू": "W", "एक्स": "X", "वाई": "Y", "जेड": "Z",
    "स्था": "ESTT", "स्थापना": "ESTT", "प्रशा": "ADMIN", "रा": "RA", "राज": "RAJ", "सतर्कता": "VIG",
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
    bare = fold_digits(_LAGHAVA.sub(".", _without_labels(written))).strip(" .,:;।-–—")
    if not re.search("[0-9]", bare) or _DATE.fullmatch(bare) or _UNFILLED.search(fold_digits(written)):
        return None
    parts = tuple(_fold_part(part) for part in _split(bare))
    if not parts:
        return None
    key = "/".join(parts)
    core = "/".join(part for part in parts if part.isdigit())
    return FileNumber(written, key, core, key.translate(_OCR_TWINS), parts)


def _without_labels(written: str) -> str:
    """What follows the labels, up to the label of a date."""
    dated = _DATE_LABEL.search(written)
    rest = written[: dated.start()] if dated else written
    rest = rest[_first_letter(rest) :]
    while label := LABEL.match(rest):
        rest = rest[label.end() :]
        rest = rest[_first_letter(rest) :]
    return rest


def _first_letter(text: str) -> int:
    found = re.search(r"[0-9०-९A-Za-z\u0904-\u0939]", text)
    return found.start() if found else 0


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
