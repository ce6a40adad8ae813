"""The fields of one document, each with its confidence and the spot it was read from.

Labels tell where a field is; the words' own confidence tells how sure the reading is. Which pages belong together is
decided in `separate`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from pipeline.model import Box, Field, ReadPage, Word
from pipeline.records import dates, file_number

_DATE_LABEL = re.compile(r"दिना[ंक]*क?|दि०|dated?|date", re.IGNORECASE)
_SUBJECT = re.compile(r"^\W*(?:विषय|subject|sub)\s*[:ः.\-–]+\s*", re.IGNORECASE)
_REFERENCE = re.compile(r"^\W*(?:संदर्भ|सन्दर्भ|reference|ref)\s*[:ः.\-–]", re.IGNORECASE)
_TO = re.compile(r"^\W*(?:प्रति|सेवा\s*में|to)\s*[,:;.]?\s*$", re.IGNORECASE)
_GREETING = re.compile(r"^\W*(?:महोदय|महोदया|महाशय|sir|madam|dear)", re.IGNORECASE)
_RULE = re.compile(r"^[\s\-–—_=.]{3,}$")
_SIGNATORY = re.compile(r"^\W{0,2}\(\s*([^()0-9]{3,60}?)\s*\)\W{0,2}$")
_PLACE = re.compile(r"(?<=\s)[A-Za-z\u0904-\u0963]{3,}\s*[,:.;]?\s*$")
_YEAR_LINE = re.compile(r"^\W*(?:वर्ष|year)\s*[:ः.\-–]*\s*[0-9०-९\s/\-–]+\W*$", re.IGNORECASE)
_HEAD_LINES = 14  # lines from the top in which number and date are looked for
_SUBJECT_LINES = 4
_PLAIN_WORDS = 3  # without a digit: more than any file number has


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page: its text, its words, and where its text starts on the page."""

    page: ReadPage
    text: str
    words: tuple[Word, ...]
    start: int

    def field(self, value: str, start: int, end: int) -> Field:
        """A field read from `text[start:end]` of this line."""
        inside = [w for w in self.words if w.start - self.start < end and w.end - self.start > start]
        return _field(value, inside, self.page)


def lines_of(page: ReadPage) -> list[Line]:
    found: list[Line] = []
    for _, group in groupby(page.words, key=lambda word: word.line):
        words = tuple(group)
        start, end = words[0].start, words[-1].end
        found.append(Line(page, page.text[start:end], words, start))
    return found


def _field(value: str, words: Sequence[Word], page: ReadPage) -> Field:
    confidence = min((word.confidence for word in words), default=0.0)
    box: Box | None = None
    for word in words:
        box = word.box if box is None else box.union(word.box)
    return Field(value, round(confidence, 3), page.source_page, box)


def find_fields(pages: Sequence[ReadPage], *, today: date) -> dict[str, Field]:
    """Fields of a document by name: file_no, letter_no, date, subject, reference, sender, recipient, signatory."""
    lines = [line for page in pages if not page.blank for line in lines_of(page)]
    fields: dict[str, Field] = {}
    number = _number(lines)
    if number:
        label, fields["file_no"] = number
        if "पत्र" in label or "ज्ञाप" in label or "letter" in label.lower():
            fields["letter_no"] = fields["file_no"]
    for name, found in (
        ("date", _date(lines, today)),
        ("subject", _subject(lines)),
        ("reference", _reference(lines)),
        ("sender", _sender(lines)),
        ("recipient", _recipient(lines)),
        ("signatory", _signatory(lines)),
    ):
        if found:
            fields[name] = found
    return fields


def _is_head(line: Line) -> bool:
    return not (_SUBJECT.match(line.text) or _REFERENCE.match(line.text))


def _number(lines: Sequence[Line]) -> tuple[str, Field] | None:
    """The number after the first label in the head of the page, up to the date's label or the line's end."""
    for line in lines[:_HEAD_LINES]:
        if not _is_head(line):
            break
        label = file_number.LABEL.search(line.text)
        if not label:
            continue
        rest = line.text[label.end() :]
        stop = _DATE_LABEL.search(rest)
        until = _before_date(rest, stop.start()) if stop else len(rest)
        written = rest[:until].strip(" .,:;।|-–—'\"")
        written = re.sub(r"\s*([/\-–_])\s*", r"\1", written)
        if file_number.parse(written) and not _reads_on(written):
            return label.group(), line.field(written, label.end(), label.end() + until)
    return None


def _reads_on(written: str) -> bool:
    """Whether this is a sentence with a number in it: "142/2 में स्थित अपनी भूमि"."""
    return (
        sum(1 for part in written.split() if part.isalpha() or not any(char.isdigit() for char in part)) >= _PLAIN_WORDS
    )


def _before_date(text: str, end: int) -> int:
    """Where the number ends: before the date's label, and before the place that often stands there ("भोपाल, दिनांक")."""
    place = _PLACE.search(text[:end])
    return place.start() if place else end


def _date(lines: Sequence[Line], today: date) -> Field | None:
    """The date beside its label in the head; else a date standing alone there."""
    head = [line for line in lines[:_HEAD_LINES] if _is_head(line)]
    for labelled in (True, False):
        for line in head:
            label = _DATE_LABEL.search(line.text)
            if labelled and not label:
                continue
            offset = label.end() if labelled and label else 0
            found = dates.find(line.text[offset:], today=today)
            if found:
                when, start, end = found
                return line.field(when.isoformat(), offset + start, offset + end)
    return None


def _subject(lines: Sequence[Line]) -> Field | None:
    """Everything from the subject's label to its full stop, a blank rule, or the next part of the letter."""
    for index, line in enumerate(lines):
        label = _SUBJECT.match(line.text)
        if not label:
            continue
        taken = [line]
        if not line.text.rstrip().endswith(("।", "|")):
            for following in lines[index + 1 : index + _SUBJECT_LINES]:
                if _ends_subject(following):
                    break
                taken.append(following)
                if following.text.rstrip().endswith(("।", "|")):
                    break
        text = " ".join([line.text[label.end() :], *(more.text for more in taken[1:])]).strip(" ।|.-–")
        if not text:
            return None
        words = [w for w in line.words if w.start - line.start >= label.end()]
        words += [word for more in taken[1:] for word in more.words]
        return _field(text, words, line.page)
    return None


def _ends_subject(line: Line) -> bool:
    text = line.text
    return bool(
        _REFERENCE.match(text) or _GREETING.match(text) or _RULE.match(text) or _DATE_LABEL.match(text.lstrip())
        or _YEAR_LINE.match(text) or _TO.match(text)
    )  # fmt: skip


def _reference(lines: Sequence[Line]) -> Field | None:
    for line in lines:
        label = _REFERENCE.match(line.text)
        if label and line.text[label.end() :].strip():
            return line.field(line.text[label.end() :].strip(" ।|"), label.end(), len(line.text))
    return None


def _sender(lines: Sequence[Line]) -> Field | None:
    """The letterhead: what stands above the number, the date and the recipient, or right under a number at the top."""
    head: list[Line] = []
    for line in lines[:6]:
        if line is lines[0] and file_number.LABEL.match(line.text):
            continue
        if file_number.LABEL.search(line.text) or _DATE_LABEL.search(line.text) or _TO.match(line.text):
            break
        if not _is_head(line):
            break
        head.append(line)
    if not head:
        return None
    words = [word for line in head for word in line.words]
    return _field(", ".join(line.text.strip(" ,।|") for line in head), words, head[0].page)


def _recipient(lines: Sequence[Line]) -> Field | None:
    for index, line in enumerate(lines):
        if not _TO.match(line.text):
            continue
        taken: list[Line] = []
        for following in lines[index + 1 : index + 6]:
            if not _is_head(following) or _GREETING.match(following.text):
                break
            taken.append(following)
        if taken:
            words = [word for more in taken for word in more.words]
            return _field(", ".join(more.text.strip(" ,।|") for more in taken), words, taken[0].page)
    return None


def _signatory(lines: Sequence[Line]) -> Field | None:
    """The last name that stands alone in brackets."""
    for line in reversed(lines):
        match = _SIGNATORY.match(line.text)
        if match:
            return line.field(match[1], match.start(1), match.end(1))
    return None
