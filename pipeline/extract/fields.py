"""The fields of one document, each with its confidence and the spot it was read from.

Labels show where a field is; the words' own confidence shows how sure the reading is. Numbers and dates are found in `head`
and `references`, names in `correspondents`; here stand the subject and the whole. Which pages belong together is decided
in `separate`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from pipeline.extract.correspondents import find_recipient, find_sender, find_signatory
from pipeline.extract.evidence import weighed
from pipeline.extract.file_number import NO_FORMS, Grammar, has_odd_year
from pipeline.extract.head import is_numbered, own_numbers
from pipeline.extract.headings import classify
from pipeline.extract.landmarks import SUBJECT, ends_part, is_item, is_prose
from pipeline.extract.lines import TextLine, field_of, lines_of
from pipeline.extract.own_date import own_date
from pipeline.extract.references import find_endorsement, find_reference
from pipeline.model.document import DocumentKind, Field
from pipeline.model.page import ReadPage

__all__ = ["TextLine", "find_fields", "lines_of"]

_SUBJECT_LINES = 4
_DOUBTED = 0.7  # the most that digits are sure on a page where they make an impossible year
_FINITE = re.compile(r"(?<![\w\u0900-\u0963])(?:है|हैं|था|थे|थी|करें|करावें|जावे|जाये|जाए)(?![\w\u0900-\u0963])")
_WIDER = 1.25  # how much wider than the next the space above a line is that begins a paragraph
_SUBJECT_ENDS = re.compile(r"[।|]\s*$|(?:सं|सम्|सन्)ब(?:ं|न्)?ध\s+मे[ंँ]?\W*$|(?<![\u0900-\u0963])[बव]ाबत्?\W*$|विषयक\W*$")


def find_fields(
    pages: Sequence[ReadPage], *, today: date, grammar: Grammar = NO_FORMS, kind: DocumentKind | None = None
) -> dict[str, Field]:
    """Fields of a document by name; those that are not on its pages are left out. `kind` is what its heading says it is;
    None where that is still to be told.

    file_no, letter_no, date, date_impossible, date_saka, date_vikram, subject, reference, reference_no, reference_date,
    sender, recipient, signatory, designation, signatory_office, endorsement_no, endorsement_date. Dates are ISO, all else
    is as written. A field is as sure as its least sure word, a number that had to be mended with `grammar` less, and in
    doubt where the page's shape does not say that it is the field.
    """
    lines = [line for page in pages if not page.blank for line in lines_of(page)]
    fields = own_numbers(lines, grammar) | own_date(lines, today)
    for name, found in (
        ("subject", _subject(lines)),
        ("sender", find_sender(lines, lambda line: is_numbered(line, grammar))),
        ("recipient", find_recipient(lines)),
    ):
        if found:
            fields[name] = found
    fields |= find_reference(lines, grammar, today) | find_signatory(lines)
    fields |= find_endorsement(lines, grammar, today, fields.get("date"))
    number = fields.get("file_no")
    fields = _digits_doubted(fields) if number and has_odd_year(number.value, grammar) else fields
    return weighed(fields, lines, kind or _kind_of(pages), grammar)


def _kind_of(pages: Sequence[ReadPage]) -> DocumentKind:
    first = next((page for page in pages if not page.blank), None)
    return classify(first).kind if first else DocumentKind.OTHER


def _digits_doubted(fields: dict[str, Field]) -> dict[str, Field]:
    """The fields of a page whose number has an impossible year: some digit is taken for another in all that is read there,
    however well the readings agree."""
    return {
        name: replace(field, confidence=min(field.confidence, _DOUBTED)) if name.endswith(("no", "date")) else field
        for name, field in fields.items()
    }


def _begins_text(above: TextLine, line: TextLine, lines: Sequence[TextLine]) -> bool:
    """Whether the letter's text begins with this line: it is a sentence, or more space lies above it than below it."""
    if _FINITE.search(line.text):
        return True
    after = next((other for other, one in zip(lines[1:], lines, strict=False) if one is line), None)
    if after is None or after.page is not line.page or ends_part(after) or not is_prose(line):
        return False
    return _top(line) - _top(above) > _WIDER * (_top(after) - _top(line)) > 0


def _top(line: TextLine) -> float:
    return sum(word.box.y + word.box.h / 2 for word in line.words) / len(line.words)


def _subject(lines: Sequence[TextLine]) -> Field | None:
    """Everything from the subject's label to its full stop, a blank rule, or the next part of the letter."""
    for index, line in enumerate(lines):
        label = SUBJECT.match(line.text)
        if not label:
            continue
        taken = [line]
        for following in lines[index + 1 : index + _SUBJECT_LINES]:
            ended = _SUBJECT_ENDS.search(taken[-1].text[label.end() if len(taken) == 1 else 0 :])
            if ended or following.page is not line.page or ends_part(following) or is_item(following):
                break
            if _begins_text(taken[-1], following, lines):
                break
            taken.append(following)
        text = " ".join([line.text[label.end() :], *(more.text for more in taken[1:])]).strip(" ।|.-–")
        if not text:
            continue
        words = line.words_in(label.end(), len(line.text)) + [word for more in taken[1:] for word in more.words]
        return field_of(text, words, line.page)
    return None
