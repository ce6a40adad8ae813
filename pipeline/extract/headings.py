"""Classify a page by its heading: cover, noting sheet, order, letter, or nothing of the kind.

Headings are large and few, and often misread by a sign or two; the words that matter are known, so that a line near enough
to one of them counts as it. No one word is needed: a letter is known by what most of its head says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from pipeline.extract import file_number
from pipeline.extract.landmarks import GREETING, HEAD_LINES, SUBJECT, is_prose
from pipeline.extract.lines import TextLine, lines_of
from pipeline.model.document import DocumentKind
from pipeline.model.page import ReadPage

_TITLES = {
    "नस्ती आवरण": DocumentKind.COVER,
    "नस्ती": DocumentKind.COVER,
    "पत्रावली": DocumentKind.COVER,
    "मिसिल आवरण": DocumentKind.COVER,
    "फाइल आवरण": DocumentKind.COVER,
    "पत्रावली आवरण": DocumentKind.COVER,
    "आवरण पृष्ठ": DocumentKind.COVER,
    "संचिका": DocumentKind.COVER,
    "मिसिल": DocumentKind.COVER,
    "file cover": DocumentKind.COVER,
    "नोटशीट": DocumentKind.NOTING,
    "टीप पत्र": DocumentKind.NOTING,
    "टिप्पणी": DocumentKind.NOTING,
    "टीप": DocumentKind.NOTING,
    "टिप्पणी एवं आदेश": DocumentKind.NOTING,
    "कार्यालयीन टीप": DocumentKind.NOTING,
    "कार्यालय टिप्पणी": DocumentKind.NOTING,
    "आवेदन पत्र": DocumentKind.OTHER,  # as near to the next as a misread one
    "आदेश पत्रक": DocumentKind.NOTING,
    "आदेश पत्र": DocumentKind.NOTING,
    "note sheet": DocumentKind.NOTING,
    "noting": DocumentKind.NOTING,
    "आदेश": DocumentKind.ORDER,
    "कार्यालय आदेश": DocumentKind.ORDER,
    "ज्ञाप": DocumentKind.ORDER,
    "ज्ञापन": DocumentKind.LETTER,
    "कार्यालय ज्ञापन": DocumentKind.LETTER,
    "परिपत्र": DocumentKind.ORDER,
    "अधिसूचना": DocumentKind.ORDER,
    "office order": DocumentKind.ORDER,
    "office memorandum": DocumentKind.LETTER,
    "circular": DocumentKind.ORDER,
}
_NEAR, _NEAR_SHORT, _SHORT = 72.0, 86.0, 8  # per cent alike, and for titles of fewer signs than that
_LEAST_SIGNS = 4  # of a line that may be a misread title
_EDGES = re.compile(r"^[^\w\u0900-\u097f]+|[^\w\u0900-\u097f]+$|[-_]")
_YEAR = re.compile(r"^\W*(?:वर्ष|सन|year)\W*[0-9०-९]{4}", re.IGNORECASE | re.MULTILINE)
# No \b here: vowel signs are no word characters to `re`, and प्रति would be found in प्रतिवेदन and प्रतिलिपि.
_ADDRESSED = re.compile(r"^\W*(?:प्रति|सेवा\s*में?|to)(?![\w\u0900-\u097f])", re.IGNORECASE)
_TO_WHOM = ("प्रति", "सेवा में")
_NEAR_TO_WHOM = 75.0
_SUBJECT_WORD = re.compile(r"^\W*(?P<word>[\u0904-\u0939][\u0900-\u0963]{2,5})\s?[:ः.\-–—]")
_NEAR_SUBJECT = 70.0
_GOVERNMENT = re.compile(
    r"शासन(?![\u0900-\u0963])|सरकार|कार्यालय|विभाग|मंत्रालय|मन्त्रालय|न्यायालय|निदेशालय|संचालनालय|समाहरणालय|सचिवालय|अनुभाग|"
    r"government|office\s+of|ministry|department|court",
    re.IGNORECASE,
)
_LATER_PAGE = re.compile(
    r"^\W{0,4}[-–—(/]\W{0,2}(?:[2-9२-९]|[1१][0-9०-९])\W{0,2}[-–—)/]\W{0,4}$"
)  # - 2 -, (3), // 2 //
_LETTERHEAD_LINES = 6
_HEADING_LINES = 6
_MOST_OF_COVER = 12  # lines
_ENOUGH = 3  # of number, date, address, subject, greeting and letterhead, to make a letter


@dataclass(frozen=True, slots=True)
class Heading:
    """What kind of page this is, and whether a document can start with it."""

    kind: DocumentKind
    opens: bool


def classify(page: ReadPage, *, first: bool = False) -> Heading:
    """Classify the page. `first` of several pages: one with few words, a number and no address covers the
    others, even where nothing else on it can be read."""
    lines = lines_of(page)
    head = lines[:HEAD_LINES]
    title = next(filter(None, (_title(line.text) for line in lines[:_HEADING_LINES])), None)
    has_number = any(map(_has_number, head))
    if title in (DocumentKind.COVER, DocumentKind.NOTING):
        return Heading(title, True)
    if title is DocumentKind.ORDER or any(_title(line.text) is DocumentKind.ORDER for line in head):
        return Heading(DocumentKind.ORDER, has_number)
    if has_number and len(lines) <= _MOST_OF_COVER and _is_cover(lines, first=first):
        return Heading(DocumentKind.COVER, True)
    if _is_letter(head, has_number=has_number):
        return Heading(DocumentKind.LETTER, True)
    return Heading(DocumentKind.OTHER, False)


def _title(line: str) -> DocumentKind | None:
    """The kind that a line names which holds a title and nothing else."""
    text = re.sub(r"\s+", " ", _EDGES.sub("", line)).strip().lower()
    if len(text) < _LEAST_SIGNS:
        return _TITLES.get(text)
    found = process.extractOne(text, _TITLES.keys(), scorer=fuzz.ratio, score_cutoff=_NEAR)
    if found is None:
        return None
    name, alike, _ = found
    return _TITLES[name] if alike >= (_NEAR_SHORT if len(name) < _SHORT else _NEAR) else None


def _is_cover(lines: Sequence[TextLine], *, first: bool) -> bool:
    """A few lines with number, subject and year that are addressed to nobody and dated by no day."""
    texts = [line.text for line in lines]
    if any(is_addressed(text) or GREETING.match(text) or file_number.DATE_LABEL.match(text.strip()) for text in texts):
        return False
    if any(map(is_subject, texts)) and _YEAR.search("\n".join(texts)):
        return True
    return first and not any(is_prose(line) and not is_subject(line.text) for line in lines)


def _is_letter(head: Sequence[TextLine], *, has_number: bool) -> bool:
    """A number with address or subject, or most of what letters begin with; no page that is marked as a later one of its
    letter, unless it is addressed to somebody."""
    texts = [line.text for line in head]
    has_address, has_subject = any(map(is_addressed, texts)), any(map(is_subject, texts))
    if not has_address and texts and _LATER_PAGE.match(texts[0]):
        return False
    if has_number and (has_address or has_subject):
        return True
    is_dated = any(file_number.DATE_LABEL.search(text) for text in texts if not is_subject(text))
    is_greeted = any(GREETING.match(text) for text in texts)
    has_letterhead = any(is_government(text) for text in texts[:_LETTERHEAD_LINES])
    return sum((has_number, has_address, has_subject, is_dated, is_greeted, has_letterhead)) >= _ENOUGH


def _has_number(line: TextLine) -> bool:
    return file_number.LABEL.search(line.text) is not None or file_number.near_label(line.text) is not None


def is_addressed(line: str) -> bool:
    """Whether this is प्रति or सेवा में, as it is written or with a sign misread."""
    if _ADDRESSED.match(line):
        return True
    text = _EDGES.sub("", line).strip()
    return len(text) >= _LEAST_SIGNS and max(fuzz.ratio(text, word) for word in _TO_WHOM) >= _NEAR_TO_WHOM


def is_government(line: str) -> bool:
    """Whether the line names a government or an office, as a letterhead does."""
    return _GOVERNMENT.search(line) is not None


def is_subject(line: str) -> bool:
    """Whether the line opens with the subject's label, as it is written or with a sign misread."""
    word = _SUBJECT_WORD.match(line)
    return SUBJECT.match(line) is not None or (word is not None and fuzz.ratio(word["word"], "विषय") >= _NEAR_SUBJECT)
