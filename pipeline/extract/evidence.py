"""How far the shape of a page says that what was found on it is the field, and not something of its kind in a list, a table,
a sentence or the running head of a book. How well it was read is in the words' own confidence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from pipeline.extract import file_number
from pipeline.extract.dates import find_all
from pipeline.extract.eras import find_saka, find_vikram
from pipeline.extract.file_number import DATE_LABEL, LABEL, Grammar, Paper
from pipeline.extract.head import Numbered, numbers_in
from pipeline.extract.headings import is_addressed, is_government, is_subject
from pipeline.extract.landmarks import FROM, GREETING, HEAD_LINES, SENTENCE_WORD, is_item, is_prose
from pipeline.extract.lines import TextLine
from pipeline.model.document import DocumentKind, Field

# Set by hand, confidences 0…1; what is reported with them is in docs/benchmarks.md ("Fields").
DOUBTED = 0.5  # the most that a field is sure where nothing says that it is the field: in doubt, see `SURE_FROM`
_MARKS_NEEDED = {DocumentKind.LETTER: 2, DocumentKind.ORDER: 1, DocumentKind.NOTING: 1, DocumentKind.COVER: 1}
_LETTERHEAD_LINES, _LETTERHEAD_WORDS = 6, 8
_PLACE_WORDS = 4  # between a number and its date
_WORDS_BEFORE, _WORDS_BEHIND = (
    8,
    2,
)  # beside number and date: from more before them, or so many behind, it is a sentence
_ADDRESS_WORDS = 40  # of a sender or a recipient; more is running text
_RUNNING_HEAD_LINES, _RUNNING_HEAD_WORDS = 3, 16
_GAZETTE = re.compile(r"राजपत्र|गजट|gazette", re.IGNORECASE)
_SERIAL = re.compile(r"^\W*[0-9०-९]{0,4}\W*$")
_WORD = re.compile(r"[A-Za-z\u0904-\u0939][\w\u0900-\u0963]*")
_RUNS_ON = re.compile(
    r"^[^\w\u0900-\u0963]{0,3}(?:को|से|तक|के|की|का|में|पर|द्वारा|रोजी|चे|च्या|which|that|and|was|is|has)(?![\w\u0900-\u0963])",
    re.IGNORECASE,
)
_PARTICLE = re.compile(r"(?<![\w\u0900-\u0963])(?:ने|को|से|में|अपने|उक्त|its|by|had)(?![\w\u0900-\u0963])", re.IGNORECASE)
_NAMES = frozenset({"sender", "recipient"})
_OWN_NUMBERS = frozenset({"file_no", "letter_no"})
_EDGES = " .,:;|।(-–—"


def is_row(line: TextLine) -> bool:
    """Whether the line is a row of a table: cells, of which the first is a serial or none has a number or date behind its
    label."""
    cells = line.text.split("\t")
    if len(cells) == 1:
        return False
    return _SERIAL.match(cells[0]) is not None or not any(map(_is_labelled, cells))


def _is_labelled(cell: str) -> bool:
    return (LABEL.match(cell) or DATE_LABEL.match(cell)) is not None and re.search("[0-9०-९]", cell) is not None


def is_running_head(line: TextLine) -> bool:
    """Whether the line is that of a gazette over each of its pages."""
    return _GAZETTE.search(line.text) is not None and len(line.text.split()) <= _RUNNING_HEAD_WORDS


def date_stands_free(line: TextLine, start: int, end: int) -> bool:
    """Whether the date at `start` to `end` of the line is no entry of a table or list and no piece of a sentence."""
    if _is_listed(line) or is_running_head(line) or _RUNS_ON.match(line.text[end:]):
        return False
    behind = line.text[end:]
    if saka := find_saka(behind):
        behind = behind[: saka.start] + " " + behind[saka.end :]
    if vikram := find_vikram(behind):
        behind = behind[: vikram[0]] + " " + behind[vikram[1] :]
    return _words(line.text[:start]) <= _WORDS_BEFORE and _words(behind) < _WORDS_BEHIND


def number_stands_free(numbered: Numbered) -> bool:
    """The same of a number; place and date may stand beside it."""
    line, (start, end) = numbered.line, numbered.found.number
    if _is_listed(line) or _RUNS_ON.match(line.text[end:]):
        return False
    dated = next((found for found in find_all(line.text, today=date.max) if found.start >= end), None)
    if dated and not date_stands_free(line, dated.start, dated.end):
        return False
    between = line.text[end : dated.start] if dated else line.text[end:]
    return _words(line.text[:start]) <= _WORDS_BEFORE and _words(between) <= _PLACE_WORDS


def _is_listed(line: TextLine) -> bool:
    is_sentence = line.in_sentence or is_prose(line) or SENTENCE_WORD.search(line.text) or _PARTICLE.search(line.text)
    return bool(is_sentence) or is_row(line) or is_item(line)


def _words(text: str) -> int:
    """Words besides a number and the labels of numbers and dates."""
    found = file_number.find(text, file_number.NO_FORMS)
    if found:
        text = text[: (found.label or found.number)[0]] + text[found.number[1] :]
    return len(_WORD.findall(LABEL.sub(" ", DATE_LABEL.sub(" ", text))))


def is_letter(lines: Sequence[TextLine], kind: DocumentKind, grammar: Grammar) -> bool:
    """Whether a document is what its heading says: its first lines have, each by itself on its line, what such a paper has
    of number, date, address, subject, greeting and letterhead; and no gazette's running head stands above them."""
    head = [line for line in lines[:HEAD_LINES] if not is_row(line)]
    if kind not in _MARKS_NEEDED or any(is_running_head(line) for line in head[:_RUNNING_HEAD_LINES]):
        return False
    texts = [line.text for line in head if not is_prose(line)]
    alone = [line.text for line in head if not _is_listed(line)]
    marks = (
        any(number_stands_free(one) for one in numbers_in(head, grammar)) or any(map(_is_unread_number, alone)),
        any(_is_dated(line) for line in head),
        any(is_addressed(text) or FROM.match(text) for text in texts),
        any(map(is_subject, texts)),
        any(GREETING.match(text) for text in texts),
        any(is_government(text) and _is_short(text) for text in alone[:_LETTERHEAD_LINES]),
    )
    return sum(marks) >= _MARKS_NEEDED[kind]


def _is_short(text: str) -> bool:
    return len(text.split()) <= _LETTERHEAD_WORDS


def _is_unread_number(text: str) -> bool:
    """Whether the label of a number opens a line on which hardly anything else stands."""
    label = LABEL.match(text.lstrip(_EDGES))
    return label is not None and len(_WORD.findall(text)) <= _WORDS_BEFORE


def _is_dated(line: TextLine) -> bool:
    label = DATE_LABEL.search(line.text)
    if label is None or _is_listed(line):
        return False
    found = next((one for one in find_all(line.text, today=date.max) if one.start >= label.end()), None)
    start, end = (found.start, found.end) if found else label.span()
    return date_stands_free(line, start, end)


def weighed(
    fields: Mapping[str, Field], lines: Sequence[TextLine], kind: DocumentKind, grammar: Grammar
) -> dict[str, Field]:
    """The fields with confidences that say how sure it is that each is the field, too. On a page that is no letter, order,
    note sheet or cover all are in doubt but a number whose label names the file."""
    if not is_letter(lines, kind, grammar):
        named = _named_file(lines, grammar)
        return {
            name: field if name == "file_no" and field.value in named else doubted(field)
            for name, field in fields.items()
        }
    free = {
        one.field.value: number_stands_free(one)
        for one in numbers_in(lines[:HEAD_LINES], grammar)
        if one.field.value in {field.value for field in fields.values()}
    }
    found = dict(fields)
    for name, field in fields.items():
        if name in _NAMES and not _is_name(field):
            found[name] = doubted(field)
        if name in _OWN_NUMBERS and not free.get(field.value, True):
            found[name] = doubted(field)
    return found


def _named_file(lines: Sequence[TextLine], grammar: Grammar) -> set[str]:
    found = (one for one in numbers_in(lines[:HEAD_LINES], grammar) if one.found.paper is Paper.FILE)
    return {one.field.value for one in found if one.found.label and one.opens and number_stands_free(one)}


def _is_name(field: Field) -> bool:
    return len(field.value.split()) <= _ADDRESS_WORDS and "\t" not in field.value


def doubted(field: Field) -> Field:
    """The field in doubt, however well it was read."""
    return replace(field, confidence=min(field.confidence, DOUBTED))
