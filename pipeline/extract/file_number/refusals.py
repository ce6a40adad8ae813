"""What has digits and is no file number: dates, amounts, telephones, sections of laws, land. Each with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.extract.file_number.folding import EDGES, fold_digits
from pipeline.extract.file_number.labels import DATE_LABEL
from pipeline.locale import Message

_MONTHS = r"जन|फ\u093c?र|मार्च|अप्र|मई|जून|जुल|अग|सित|अक्|नव|दिस|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DATE = re.compile(
    r"(?:0?[1-9]|[12][0-9]|3[01])(?P<sign>[/-])(?:0?[1-9]|1[0-2])(?P=sign)(?:[0-9]{4}|[0-9]{2})|"
    r"[0-9]{1,2}\.[0-9]{1,2}\.(?:[0-9]{4}|[0-9]{2})|"
    rf"[0-9]{{1,2}}(?:st|nd|rd|th)?\s*(?:{_MONTHS})[^\W\d]*[\u0900-\u097f]*[\s,]*[0-9]{{4}}",
    re.IGNORECASE,
)
_UNFILLED = re.compile(r"[._…]{3,}[\s/-]*(?:19|20)\d\d$")  # a form without its number: ____/2019
_AMOUNT = re.compile(
    r"^(?:₹|रु(?:प(?:ये|ए|या|यों|यो))?|rs|inr)(?![a-z\u0900-\u097f])\W*[0-9]|"
    r"[0-9],[0-9]{2,3}(?:,|$|\.|/-)|[0-9]\W*(?:रु(?:पये|पए)?|लाख|करोड़)\W*$",
    re.IGNORECASE,
)
_CLOSED_AMOUNT = re.compile(r"^\W*[0-9][0-9,.]*\s*/\s*[-=–—]+\W*$")  # 500/-
_PERCENTAGE = re.compile(r"^[0-9.\s/]+(?:%|प्रतिशत|percent|per\s*cent)\W*$", re.IGNORECASE)
_TELEPHONE = re.compile(r"(?:\+?\s*91[\s-]*|0)?[6-9][0-9]{4}[\s-]?[0-9]{5}|\(?0[1-9][0-9]{1,3}\)?[\s/-]+[0-9]{6,8}")
_PIN = re.compile(r"[A-Za-z\u0900-\u0963]{3,}\s?[-–—]\s?[1-8][0-9]{2}\s?[0-9]{3}")
_LAW = re.compile(
    r"^(?:उप)?(?:धारा|नियम|अनुच्छेद|विनियम|कंडिका|कण्डिका|section|sec|rule|article|clause|para)(?:ओं|s)?"
    r"(?![a-z\u0900-\u097f])\W*[0-9]+[A-Za-zक-ह]?(?:\s*\(\s*[\w\u0900-\u097f]{1,4}\s*\))*\W*$|^u\s*/\s*s\W*[0-9]",
    re.IGNORECASE,
)
_TIME = re.compile(r"^[0-9]{1,2}[:.][0-9]{2}\s*(?:बजे|a\.?m|p\.?m|hrs)|^[0-9]{1,2}\s*बजे", re.IGNORECASE)

# Things that are numbered and are no papers. Their numbers are often written as those of files are.
_COUNTED = r"(?:\W*(?:क्रमा[ंँ]?क|क्र|संख्या|सं|नम्बर|नंबर|नं|no|number)[.०0॰]?)?"
_THINGS = (
    r"खसरा|खतौनी|रकबा|प्लॉट|प्लाट|भूखण्ड|भूखंड|मकान|वार्ड|वाहन|कक्ष|पृष्ठ|पेज|देयक|बिल|वाउचर|चेक|चैक|बैंक\s*खाता|खाता|"
    r"मोबाइल|मोबाईल|मो|दूरभाष|फोन|फ\u093cोन|फैक्स|आधार|पिन|पिनकोड|पिन\s*कोड|सर्वे|राशन\s*कार्ड|"
    r"khasra|plot|ward|vehicle|room|page|bill|voucher|cheque|mobile|phone|tel|fax|aadhaar|pin|pin\s*code|account|a/c"
)
_THING = re.compile(rf"^(?:{_THINGS})(?![a-z\u0900-\u0963]){_COUNTED}\W*[0-9]", re.IGNORECASE)
THING_BEFORE = re.compile(
    rf"(?<![\w\u0900-\u0963])(?:{_THINGS}|छात्र|पद|कुल|सदस्य|परिवार|जन|पशु|अनु|सरल|स)[\s.-]*$", re.IGNORECASE
)
_PLAIN_WORD = re.compile(r"(?<!\S)[A-Za-z\u0904-\u0963]{2,}[,;।]?(?!\S)")
_SENTENCE_WORDS = 4  # more than any number has


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a text is no file number, and what to do."""

    reason: str
    cause: Message


_WHY = {
    "empty": Refusal(
        "empty",
        Message("it has no digit; type the number as it stands on the paper"),
    ),
    "unfilled": Refusal(
        "unfilled",
        Message("the place for the number is empty; the number has still to be given"),
    ),
    "date": Refusal("date", Message("it is a date; search for it with --from and --to")),
    "amount": Refusal(
        "amount",
        Message("it is an amount of money; leave out “रु.” and “/-” if a number is meant"),
    ),
    "percentage": Refusal(
        "percentage",
        Message("it is a percentage; type the number that stands beside the label"),
    ),
    "telephone": Refusal("telephone", Message("it is a telephone number; search for it as text")),
    "pin": Refusal("pin", Message("it is a place with its PIN code; search for it as text")),
    "law": Refusal(
        "law",
        Message("it is a section or rule of a law; search for it as text"),
    ),
    "time": Refusal("time", Message("it is a time of day; type the number that stands beside the label")),
    "thing": Refusal(
        "thing",
        Message("it numbers land, a bill, a vehicle or the like, not a paper; search for it as text"),
    ),
    "sentence": Refusal(
        "sentence",
        Message("it is a sentence with a number in it; type the number alone"),
    ),
}


NO_DIGIT = _WHY["empty"]


def refusal_of(written: str, bare: str) -> Refusal | None:
    """Why `written` is no number; `bare` is what it is without labels, with folded digits and free edges."""
    reason = _shape(fold_digits(written).rstrip(), bare)
    return _WHY[reason] if reason else None


def _shape(written: str, bare: str) -> str | None:
    if _UNFILLED.search(written.rstrip(EDGES)):
        return "unfilled"
    if not re.search("[0-9]", bare):
        return "date" if DATE_LABEL.match(written.lstrip(EDGES)) and re.search("[0-9]", written) else "empty"
    for reason, found in (
        ("date", _DATE.fullmatch(bare)),
        ("amount", _AMOUNT.search(bare) or _CLOSED_AMOUNT.search(written)),
        ("percentage", _PERCENTAGE.search(bare)),
        ("telephone", _TELEPHONE.fullmatch(bare)),
        ("pin", _PIN.fullmatch(bare)),
        ("law", _LAW.search(bare)),
        ("time", _TIME.search(bare)),
        ("thing", _THING.search(bare)),
        ("sentence", len(_PLAIN_WORD.findall(bare.strip(EDGES))) >= _SENTENCE_WORDS),
    ):
        if found:
            return reason
    return None
