"""Numbers and dates of other papers that a letter names: the one it answers, and its own endorsement to others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from pipeline.extract import dates
from pipeline.extract.file_number import DATE_LABEL, LABEL, Grammar, Paper
from pipeline.extract.head import Numbered, head_of, numbers_in
from pipeline.extract.landmarks import COPIES, REFERENCE, ends_part, is_item, is_prose
from pipeline.extract.lines import TextLine, field_of
from pipeline.model.document import Field

_REFERENCE_LINES = 4
_FIRST_LINES = 6  # of the text, in which a letter says what it answers
_SHORT_LINE = 8  # words of a line that still belongs to a reference
_RUNS_ON = re.compile(r"(?:एवं|तथा|व|और|,|and|&)\s*$", re.IGNORECASE)
_ANSWERED = re.compile(
    r"(?<![\u0900-\u0963])(?:आपके|आपका|अपने|your)\s(?:.{0,40}?)(?:पत्र|ज्ञाप|परिपत्र|letter|memo)", re.IGNORECASE
)
_SAME_DAY = re.compile(r"(?:तद्?|सम|उसी\s|even\s)-?\s*(?:दिनांक|दिनाँक|date)", re.IGNORECASE)
_SINCE_NUMBER = 2  # lines from the number of an endorsement to the word for copies


def find_reference(lines: Sequence[TextLine], grammar: Grammar, today: date) -> dict[str, Field]:
    """`reference` as written, and `reference_no` and `reference_date` of the first paper in it; where no line is labelled
    so, of the paper that the first lines of the text say is answered."""
    for index, line in enumerate(lines):
        label = REFERENCE.match(line.text)
        if not label:
            continue
        taken = _running_on(lines[index : index + _REFERENCE_LINES], today)
        text = " ".join([line.text[label.end() :], *(more.text for more in taken[1:])]).strip(" ।|")
        if not text:
            continue
        words = line.words_in(label.end(), len(line.text)) + [w for more in taken[1:] for w in more.words]
        return {"reference": field_of(text, words, line.page), **_paper_of(taken, grammar, today)}
    start = len(head_of(lines))
    for line in lines[start : start + _FIRST_LINES]:
        if _ANSWERED.search(line.text) and (found := _paper_of([line], grammar, today)) and "reference_no" in found:
            return found
    return {}


def _running_on(lines: Sequence[TextLine], today: date) -> list[TextLine]:
    """The labelled line with those under it that belong to the reference; all on one page."""
    taken = [lines[0]]
    for line in lines[1:]:
        before = taken[-1].text
        label_only = len(taken) == 1 and not before[_label_end(before) :].strip()
        opens_date = DATE_LABEL.match(line.text.strip(" .,:;"))
        if line.page is not lines[0].page or (ends_part(line) and not opens_date):
            break
        dated = any(dates.find(more.text, today=today) for more in taken)
        more = dates.find(line.text, today=today) and not dated and len(line.text.split()) <= _SHORT_LINE
        listed = is_item(line) and LABEL.search(line.text) and (is_item(taken[0]) or _is_list(before))
        if not (label_only or more or listed or (_RUNS_ON.search(before) and not is_prose(line))):
            break
        taken.append(line)
    return taken


def _label_end(text: str) -> int:
    label = REFERENCE.match(text)
    return label.end() if label else 0


def _is_list(text: str) -> bool:
    return re.match(r"\W{0,2}[0-9०-९१a-dक-घ]{1,2}\s?[.)]", text[_label_end(text) :]) is not None


def _paper_of(lines: Sequence[TextLine], grammar: Grammar, today: date) -> dict[str, Field]:
    """Number and date of the first paper named in these lines; its date is the first after the number."""
    fields: dict[str, Field] = {}
    after = (0, 0)
    for numbered in numbers_in(lines, grammar):
        fields["reference_no"] = numbered.field
        after = (lines.index(numbered.line), numbered.found.number[1])
        break
    for index, line in enumerate(lines):
        for dated in dates.find_all(line.text, today=today):
            if (index, dated.start) >= after:
                return {**fields, "reference_date": line.field(dated.when.isoformat(), dated.start, dated.end)}
    return fields


def find_endorsement(lines: Sequence[TextLine], grammar: Grammar, today: date, own: Field | None) -> dict[str, Field]:
    """`endorsement_no` and `endorsement_date`: the number with पृ., or the one right above the copies; its date stands
    beside it, or is `own`, the letter's date, where it says तद्दिनांक."""
    head = head_of(lines)
    below = lines[len(head) :]
    numbered = next((n for n in numbers_in(lines, grammar) if n.found.paper is Paper.ENDORSEMENT), None)
    numbered = numbered or _above_copies(below, grammar)
    if numbered is None:
        return {}
    fields = {"endorsement_no": numbered.field}
    at = lines.index(numbered.line)
    dated = dates.find(numbered.line.text[numbered.found.number[1] :], today=today)
    same = _SAME_DAY.search(numbered.line.text)
    if dated:
        offset = numbered.found.number[1]
        fields["endorsement_date"] = numbered.line.field(
            dated.when.isoformat(), offset + dated.start, offset + dated.end
        )
    elif same and own:
        named = numbered.line.field(own.value, same.start(), same.end())
        fields["endorsement_date"] = replace(named, confidence=min(named.confidence, own.confidence))
    elif at + 1 < len(lines) and DATE_LABEL.match(lines[at + 1].text.strip()):
        following = dates.find(lines[at + 1].text, today=today)
        if following:
            fields["endorsement_date"] = lines[at + 1].field(following.when.isoformat(), following.start, following.end)
    return fields


def _above_copies(below: Sequence[TextLine], grammar: Grammar) -> Numbered | None:
    """The number right above प्रतिलिपि, where its label opens the line."""
    for index, line in enumerate(below):
        if not COPIES.match(line.text):
            continue
        above = below[max(index - _SINCE_NUMBER, 0) : index]
        found = [n for n in numbers_in(above, grammar) if n.opens and n.found.paper is not Paper.REFERENCE]
        if found:
            return found[-1]
    return None
