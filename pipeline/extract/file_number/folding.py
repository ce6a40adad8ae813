"""Signs and letters of file numbers in both scripts, folded to one. What the parts mean is not known here."""

from __future__ import annotations

import re
import unicodedata

from pipeline.model.digits import TO_WESTERN

EDGES = " .,:;।-–—"  # what stands around a number and is no part of it
LETTER = r"[A-Z\u0900-\u0963\u0971-\u097f]"  # of a number that is spelled; digits are folded before

# The abbreviation sign, often typed as a zero or as a small letter o: आ०लि०, उ0प्र0, उoप्रo.
_LAGHAVA = re.compile(r"(?<=[\u0902-\u0939\u093c\u093e-\u094d])(?:[०0](?![०-९0-9])|[oO°](?![A-Za-z0-9०-९]))")
_RUN = re.compile(r"[0-9]+|[A-Za-z]+|[\u0900-\u0963\u0971-\u097f]+")
_BARE_MARKS = re.compile(r"[\u0900-\u0903\u093a-\u093c\u093e-\u094f\u0951-\u0957\u0962\u0963]+")

_SEPARATORS = str.maketrans("[]{}॰·_\\⁄∕‐‑‒–—−", "()()..////------")
_CHANGE_OF_SCRIPT = re.compile(r"(?<=[A-Za-z])(?=[\u0900-\u0963])|(?<=[\u0900-\u0963])(?=[A-Za-z])")
_BLANKS, _AROUND_SIGN = re.compile(r"\s+"), re.compile(r"[. ]*([/()-])[. ]*")
_BESIDE_DIGIT, _AROUND_STOP = re.compile(r"[. ]+(?=[0-9])|(?<=[0-9])[. ]+"), re.compile(r"[. ]*\.[. ]*")

_STROKES = re.compile(
    r"(?<=[-–])[|।]{1,3}(?=\s|$|\()|(?<=[A-Za-z\u0904-\u0963]\.)(?:[|।]{1,3}(?=\()|[|।]{2,3}(?=\s|$))"
)

# The names of Latin letters as they are written in Devanagari. Longer names first: एक्स before ए.
_NAMES = {
    "डब्ल्यू": "W",
    "डब्लू": "W",
    "एक्स": "X",
    "क्यू": "Q",
    "आई": "I",
    "एफ": "F",
    "एच": "H",
    "एल": "L",
    "एम": "M",
    "एन": "N",
    "आर": "R",
    "एस": "S",
    "वाई": "Y",
    "जेड": "Z",
    "बी": "B",
    "सी": "C",
    "डी": "D",
    "जी": "G",
    "जे": "J",
    "के": "K",
    "पी": "P",
    "टी": "T",
    "यू": "U",
    "वी": "V",
    "ए": "A",
    "ई": "E",
    "ओ": "O",
}
_INITIALS = re.compile("|".join(_NAMES))
_ALL_INITIALS = re.compile(rf"(?:{_INITIALS.pattern})+")

# Sections, and letters that stand for others. अ stands for A in the heads of revenue cases.
_FOLDED = {
    "अ": "A",
    "फ": "F",
    "रा": "RA",
    "राज": "RAJ",
    "स्था": "ESTT",
    "स्थापना": "ESTT",
    "ESTABLISHMENT": "ESTT",
    "ESTAB": "ESTT",
    "EST": "ESTT",
    "प्रशा": "ADMIN",
    "प्रशासन": "ADMIN",
    "ADMN": "ADMIN",
    "ADM": "ADMIN",
    "ADMINISTRATION": "ADMIN",
    "सतर्कता": "VIG",
    "VIGILANCE": "VIG",
    "पांच": "पाँच",
    "पॉच": "पाँच",
    "छः": "छह",
    "छै": "छह",
    "पंद्रह": "पन्द्रह",
    "उन्तीस": "उनतीस",
}

# What Tesseract takes for each other, folded for the forgiving key only. Digits stay what they are.
_LATIN_TWINS = str.maketrans({"O": "0", "Q": "0", "D": "0", "I": "1", "L": "1", "S": "5", "B": "8", "Z": "2"})
_NAGARI_TWINS = str.maketrans(
    {"व": "ब", "ध": "घ", "म": "भ", "य": "थ", "ष": "प", "ँ": "ं", "ः": None, "\u093c": None, "ी": "ि", "ू": "ु"}
)
_NASAL = re.compile(r"[ङञणनम]\u094d(?=[क-म])")


def roman(text: str) -> str:
    """The text with the strokes that a Roman figure was read as set right, sign by sign: स्था-।। is स्था-II."""
    return _STROKES.sub(lambda strokes: "I" * len(strokes[0]), text)


def fold_digits(text: str) -> str:
    return unicodedata.normalize("NFC", text).translate(TO_WESTERN)


def clean(text: str) -> str:
    """The text composed, without joiners and without what stands around a number."""
    return unicodedata.normalize("NFC", text).replace("\u200c", "").replace("\u200d", "").strip(EDGES)


def without_laghava(text: str) -> str:
    """Signs of abbreviation as full stops; a colon that was typed for the visarga of छः as one."""
    return _LAGHAVA.sub(".", text).replace("छ:", "छः")


def fold_letters(run: str) -> str:
    """A run of letters in capitals; names of Latin letters and known sections in Latin."""
    upper = run.upper()
    if upper in _FOLDED:
        return _FOLDED[upper]
    if _ALL_INITIALS.fullmatch(run):
        return _INITIALS.sub(lambda name: _NAMES[name[0]], run)
    return upper


def split(bare: str) -> list[str]:
    """Folded runs of letters and of digits; every separator ends a run, and so does a change from one to the other.

    Vowel signs that stand alone are what a misread separator leaves, and no part.
    """
    return [(run.lstrip("0") or "0") if run.isdigit() else fold_letters(run) for run, _ in runs(bare)]


def runs(bare: str) -> list[tuple[str, int]]:
    """The runs of letters and of digits as they are written, each with its place."""
    return [(run[0], run.start()) for run in _RUN.finditer(bare) if not _BARE_MARKS.fullmatch(run[0])]


def spell(bare: str) -> str:
    """The number with folded letters and one sign for each kind of separator: what the patterns of a grammar match.

    `एफ. 12 (3) राज / 6 / 2018` is spelled `F 12(3)RAJ/6/2018`. Signs that no number has stay as they are.
    """
    text = _folded_runs(_between_scripts(bare.translate(_SEPARATORS)))
    text = _AROUND_SIGN.sub(r"\1", _BLANKS.sub(" ", text))
    return _AROUND_STOP.sub(".", _BESIDE_DIGIT.sub(" ", text)).strip(" ./-")


def _folded_runs(text: str) -> str:
    return _RUN.sub(lambda run: run[0] if run[0].isdigit() else fold_letters(run[0]), text)


def _between_scripts(text: str) -> str:
    return _CHANGE_OF_SCRIPT.sub(".", text)


def forgive(bare: str) -> str:
    """The key in which letters and digits that are taken for each other are one: `8-I5/2O18` meets `B-15/2018`."""
    text = _folded_runs(_between_scripts(bare))
    text = _NASAL.sub("ं", text.upper().translate(_LATIN_TWINS)).translate(_NAGARI_TWINS)
    return "/".join(split(text))
