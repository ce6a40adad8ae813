"""Words that stand before a number, as they are written and as scans of them are read. What follows is not looked at."""

from __future__ import annotations

import re
from enum import StrEnum

from rapidfuzz import fuzz, process

# What may stand before a number: a word for "number", with or without the kind of paper it numbers.
_ABBREVIATED = r"[.०0॰]?\s*"
_KIND_HI = (
    r"नस्ती|संचिका|पत्रावली|मि[सश]ि?ल|फ\u093c?ा(?:इल|ईल)?|एफ|पत्र|क्रम?|यादी|यादि|ज्ञाप(?:न)?|आदेश|पृष्ठांकन|पृष्ठा|प[ृूु]|"
    rf"रा{_ABBREVIATED}प्र|प्र(?:करण)?|यू{_ABBREVIATED}ओ|डी{_ABBREVIATED}ओ|शासनादेश|अधिसूचना|"
    rf"(?:अर्द्ध|अर्ध|अ){_ABBREVIATED}(?:शासकीय|शा){_ABBREVIATED}(?:पत्र)?"
)
_KIND_EN = r"file|f|letter|memo|order|endorsement|endst|ref|d\s*\.?\s*o|u\s*\.?\s*o"
# Readings of worn type: a lost dot above, a lost stroke of क्र, ख read as रव.
_NUMBERED = r"(?:क्र|क|ऋ(?:्र)?)मा+[ंँ]?क|क्रंमाक"
_COUNTED = r"स[ंँ]?(?:ख्य|रव्य|खय|ख्‍य)ा"
_LABELS = (
    rf"(?:(?:{_KIND_HI}){_ABBREVIATED}[-–]?\s*)?(?:{_COUNTED}|{_NUMBERED}|क्र|ऋ(?=\.)|स[ंँ]|नम्बर|नंबर|नं)|"
    rf"(?:{_KIND_HI}){_ABBREVIATED}स(?=[.०0॰])|"
    rf"ज्ञापा[ंँ]?क|पत्रा[ंँ]?क|(?:(?:{_KIND_EN})\s*\.?\s*)?n(?:o|umber)"
)
# The sign of abbreviation after a label is often typed as a zero: सं०12, क्र0 12.
LABEL = re.compile(
    rf"(?<![\w\u0900-\u097f])(?:{_LABELS})(?:[०0]|ः|(?![^\W\d_]|[\u0900-\u0965\u0971-\u097f]))\|?\s*[.,॰:ः/-]*(?:\|(?=\s))?\s*",
    re.IGNORECASE,
)
DATE_LABEL = re.compile(
    r"दि[ंन]*ना?[ंँ]?[नक]*क|[दट]ि[नतल]ा[ंँ][कवफ]|(?<![\u0900-\u0963.०0॰])दि[.०0॰:]|(?<![a-z])dated?(?![a-z])|(?<![a-z])dt[.:]",
    re.IGNORECASE,
)
_START = re.compile(r"[0-9०-९A-Za-z\u0904-\u0939\u0958-\u0961\u0972-\u097f]")


# Labels in full, and how near a line's first words must come to one, in per cent.
_SPELT = (
    "क्रमांक",
    "संख्या",
    "पत्रांक",
    "ज्ञापांक",
    "पत्र संख्या",
    "पत्र क्रमांक",
    "फाइल संख्या",
    "फाइल क्रमांक",
    "मिसिल संख्या",
    "नस्ती क्रमांक",
    "पत्रावली संख्या",
    "प्रकरण क्रमांक",
    "यादी क्रमांक",
    "संचिका संख्या",
    "आदेश क्रमांक",
)
_NEAR = 70.0
_WORDS_BEFORE = re.compile(
    r"^\W{0,2}(?P<label>[\u0904-\u0939][\u0900-\u0963]{3,8}(?:\s[\u0904-\u0939][\u0900-\u0963]{3,8})?[\s.:ः\-–—]{1,4})"
    r"(?=(?:[^\W\d_][\u0900-\u0963]*[.\s-]*)?[0-9०-९][^\s]*[/(-])"
)


class Paper(StrEnum):
    """What a label says that its number numbers."""

    FILE = "file"
    LETTER = "letter"
    ENDORSEMENT = "endorsement"
    REFERENCE = "reference"
    MEMO = "memo"
    ORDER = "order"
    CASE = "case"
    UNTOLD = "untold"


_PAPERS = (
    (Paper.ENDORSEMENT, r"पृ(?:ष्ठा|ष्ठांकन)|प[ृूु](?:[.०0॰\s]|क्र)|endst|endorsement"),
    (Paper.REFERENCE, r"ref"),
    (Paper.CASE, r"प्र[.०0॰\s]*क्र|प्रकरण"),
    (Paper.MEMO, r"ज्ञाप|memo|याद"),
    (Paper.ORDER, r"आदेश|अधिसूचना|order"),
    (Paper.LETTER, r"पत्र(?!ावली)|letter|अ[.०0॰\s]*शा|अर्द्?ध|d\s*\.?\s*o\s*\.?\s*n|डी[.०0॰\s]*ओ"),
    (Paper.FILE, r"नस्ती|संचिका|पत्रावली|मि[सश]ि?ल|फ|एफ|file|^\W*f"),
)


def paper_of(label: str) -> Paper:
    """The kind of paper that the label names."""
    return next((paper for paper, word in _PAPERS if re.search(word, label, re.IGNORECASE)), Paper.UNTOLD)


def near_label(line: str) -> int | None:
    """Where the number begins behind a label that opens the line and is misread by a sign or two, or None."""
    words = _WORDS_BEFORE.match(line)
    if words is None:
        return None
    text = re.sub(r"[\s.:ः\-–—]+$", "", words["label"])
    near = process.extractOne(text, _SPELT, scorer=fuzz.ratio, score_cutoff=_NEAR)
    return words.end() if near else None


def without_labels(written: str) -> str:
    """What follows the labels, up to the label of a date."""
    dated = DATE_LABEL.search(written)
    rest = written[: dated.start()] if dated else written
    rest = rest[_first_letter(rest) :]
    while label := LABEL.match(rest):
        rest = rest[label.end() :]
        rest = rest[_first_letter(rest) :]
    return rest


def _first_letter(text: str) -> int:
    found = _START.search(text)
    return found.start() if found else 0
