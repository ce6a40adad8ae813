"""What a page's heading says it is: cover, noting sheet, order, letter, or nothing of the kind.

Headings are large and few, and often misread by a sign or two; the words that matter are known, so that a line near enough
to one of them counts as it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from pipeline.model import DocumentKind, ReadPage
from pipeline.records import file_number
from pipeline.records.fields import lines_of

_TITLES = {
    "नस्ती आवरण": DocumentKind.COVER, "नस्ती": DocumentKind.COVER, "पत्रावली": DocumentKind.COVER,
    "मिसिल आवरण": DocumentKind.COVER, "file cover": DocumentKind.COVER,
    "नोटशीट": DocumentKind.NOTING, "टीप पत्र": DocumentKind.NOTING, "टिप्पणी": DocumentKind.NOTING,
    "टिप्पणी एवं आदेश": DocumentKind.NOTING, "note sheet": DocumentKind.NOTING, "noting": DocumentKind.NOTING,
    "आदेश": DocumentKind.ORDER, "कार्यालय आदेश": DocumentKind.ORDER, "ज्ञाप": DocumentKind.ORDER, "ज्ञापन": DocumentKind.LETTER,
    "कार्यालय ज्ञापन": DocumentKind.LETTER, "परिपत्र": DocumentKind.ORDER, "अधिसूचना": DocumentKind.ORDER,
    "office order": DocumentKind.ORDER, "office memorandum": DocumentKind.LETTER, "circular": DocumentKind.ORDER,
}  # fmt: skip
_NEAR, _NEAR_SHORT, _SHORT = 72.0, 86.0, 8  # per cent alike, and for titles of fewer signs than that
_LEAST_SIGNS = 4  # of a line that may be a misread title
_EDGES = re.compile(r"^[^\w\u0900-\u097f]+|[^\w\u0900-\u097f]+$|[-_]")
# No \b here: vowel signs are no word characters to `re`, and प्रति would be found in प्रतिवेदन and प्रतिलिपि.
_OPENING = re.compile(r"^\W*(?:विषयः?|प्रति|सेवा\s*में?|subject|to)(?![\w\u0900-\u097f])", re.IGNORECASE | re.MULTILINE)
_ADDRESSED = re.compile(r"^\W*(?:प्रति|सेवा\s*में?|महोदय|महोदया|to|sir)(?![\w\u0900-\u097f])", re.IGNORECASE | re.MULTILINE)
_SUBJECT = re.compile(r"^\W*(?:विषयः?|subject)(?![\w\u0900-\u097f])", re.IGNORECASE | re.MULTILINE)
_YEAR = re.compile(r"^\W*(?:वर्ष|सन|year)\W*[0-9०-९]{4}", re.IGNORECASE | re.MULTILINE)
_HEADING_LINES = 4
_HEAD_LINES = 14
_MOST_OF_COVER = 12  # lines


@dataclass(frozen=True, slots=True)
class Heading:
    """What kind of page this is, and whether a document can start with it."""

    kind: DocumentKind
    opens: bool


def look(page: ReadPage) -> Heading:
    """What the heading says this page is."""
    lines = [line.text for line in lines_of(page)]
    head = "\n".join(lines[:_HEAD_LINES])
    title = next(filter(None, map(_title, lines[:_HEADING_LINES])), None)
    has_number = bool(file_number.LABEL.search(head))
    if title in (DocumentKind.COVER, DocumentKind.NOTING):
        return Heading(title, True)
    if title is DocumentKind.ORDER or any(_title(line) is DocumentKind.ORDER for line in lines[:_HEAD_LINES]):
        return Heading(DocumentKind.ORDER, has_number)
    if _is_cover(lines, head, has_number=has_number):
        return Heading(DocumentKind.COVER, True)
    if has_number and _OPENING.search(head):
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


def _is_cover(lines: Sequence[str], head: str, *, has_number: bool) -> bool:
    """A few lines with number, subject and year that are addressed to nobody and dated by no day."""
    return (
        has_number
        and len(lines) <= _MOST_OF_COVER
        and bool(_SUBJECT.search(head) and _YEAR.search("\n".join(lines)))
        and not _ADDRESSED.search(head)
        and not file_number.DATE_LABEL.search(head)
    )
