"""A document's own number, from the head of its first page. Its date is in `own_date`, numbers of others' papers in
`references`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from pipeline.extract import file_number
from pipeline.extract.file_number import DATE_LABEL, FoundNumber, Grammar, Paper
from pipeline.extract.landmarks import GREETING, HEAD_LINES, INWARD, REFERENCE, SUBJECT, is_prose
from pipeline.extract.lines import TextLine
from pipeline.model.document import Field

_LETTERS_OWN = {Paper.LETTER, Paper.MEMO}
# Set by hand; how far the confidences can be believed is measured in docs/benchmarks.md ("Fields").
_PLAIN_FIT = 0.3  # fit of a number without any separator
_MENDED, _DOUBTED = 0.85, 0.5  # the most that a mended number is sure; one whose digits the mending touched
_CLEAR = 0.4  # cost by which the best way of mending must be cheaper than the next
_OUTSIDE = re.compile(r"^(?:18|19|20)[0-9]{2}$")
_OWN_REFERENCE = re.compile(r"^\W*(?:our\s+)?ref(?:erence)?\.?\s*no", re.IGNORECASE)
_SHORT_PREFIX = re.compile(r"^\W{0,2}[^\W\d_]{1,3}[\u0900-\u0963]*[.:ः]?\s*[0-9०-९].{0,40}?[/(].{0,40}?[0-9०-९]")
_WORN_PREFIX = re.compile(r"(?<=^प)\s?[:ः](?=\s?[0-9०-९])")
_PLACE_BEHIND = re.compile(r"[\s,]+[A-Za-z\u0904-\u0963]{2,}$")


class Numbered(NamedTuple):
    """A number found in a line: the line, what was found, the field, and whether its label opens the line."""

    line: TextLine
    found: FoundNumber
    field: Field

    @property
    def opens(self) -> bool:
        label = self.found.label
        return label is None or not re.search(r"[\w\u0900-\u0963]", self.line.text[: label[0]])


def head_of(lines: Sequence[TextLine]) -> list[TextLine]:
    """The lines above subject, reference, greeting and text; of a page without these the first fourteen."""
    head: list[TextLine] = []
    for line in lines[:HEAD_LINES]:
        if SUBJECT.match(line.text) or REFERENCE.match(line.text) or GREETING.match(line.text) or is_prose(line):
            break
        head.append(line)
    return head


def numbers_in(lines: Sequence[TextLine], grammar: Grammar) -> Iterator[Numbered]:
    """The first number of each line."""
    for line in lines:
        found = file_number.find(line.text, grammar)
        if found is not None and _is_filled(found):
            yield Numbered(line, found, _number_field(line, found, grammar))


def is_numbered(line: TextLine, grammar: Grammar) -> bool:
    """Whether the line opens with a number, with or without its label."""
    found = file_number.find(line.text, grammar)
    return found is not None and not re.search(r"[\w\u0900-\u0963]", line.text[: (found.label or found.number)[0]])


def own_numbers(lines: Sequence[TextLine], grammar: Grammar) -> dict[str, Field]:
    """`file_no` and `letter_no`: a label that names the file goes before one that names nothing, this before a letter's."""
    head = head_of(lines)
    found = [n for n in numbers_in(head, grammar) if n.found.paper is not Paper.ENDORSEMENT and not _is_inward(n)]
    found = [n for n in found if n.found.paper is not Paper.REFERENCE or _OWN_REFERENCE.match(n.line.text)]
    below = [line for line in lines[len(head) : HEAD_LINES] if not REFERENCE.match(line.text)]
    found += [n for n in numbers_in(below, grammar) if n.opens and n.found.label and n.found.paper is Paper.FILE]
    letter = next((n for n in found if n.found.paper in _LETTERS_OWN), None)
    chosen = _first_of(found) or _mended_prefix(head, grammar)
    fields: dict[str, Field] = {}
    if chosen:
        fields["file_no"] = chosen.field
    if letter:
        fields["letter_no"] = letter.field
    elif chosen and chosen.found.paper is Paper.FILE and chosen.found.label:
        untold = next((n for n in found if n.found.paper is Paper.UNTOLD and n.opens), None)
        if untold:
            fields["letter_no"] = untold.field
    return fields


def _first_of(found: Sequence[Numbered]) -> Numbered | None:
    for wanted in ({Paper.FILE, Paper.CASE}, {Paper.UNTOLD}):
        for numbered in found:
            if numbered.found.paper in wanted and (wanted != {Paper.UNTOLD} or numbered.found.fit > _PLAIN_FIT):
                return numbered
    return next(iter(found), None)


def _is_inward(numbered: Numbered) -> bool:
    """Whether it is the number under which somebody entered the paper, or that of a paper spoken of."""
    label = numbered.found.label
    return label is not None and INWARD.search(numbered.line.text[: label[1]]) is not None


def _is_filled(found: FoundNumber) -> bool:
    """Whether the number was given: of क्रमांक /स्था./2024 only the section and the year are there."""
    digits = [part for part in found.parsed.parts if part.isdigit()]
    return found.parsed.form is not None or len(found.parsed.parts) == 1 or not all(map(_OUTSIDE.match, digits))


def _number_field(line: TextLine, found: FoundNumber, grammar: Grammar) -> Field:
    (start, end), after = found.number, found.label[1] if found.label else 0
    if start > after and line.text[start - 1] in "|।":
        start -= 1  # a rule beside the number, or its first digit
    value, at_most = _mended(file_number.roman(line.text)[start:end], found.fit, grammar)
    field = line.field(value, start, end)
    return replace(field, confidence=min(field.confidence, at_most))


def _mended(written: str, fit: float, grammar: Grammar) -> tuple[str, float]:
    """The number as it stands or, where it is of no known form, mended; and the most that it is sure."""
    has_stroke, is_worn = written[:1] in {"|", "।"}, _WORN_PREFIX.search(written) is not None
    written = _WORN_PREFIX.sub(".", written)
    is_doubtful = fit < file_number.GOOD_FIT or has_stroke
    candidates = file_number.repairs(written, grammar) if is_doubtful and grammar.forms else []
    if not candidates or candidates[0][0] == written:
        return _trimmed(written), _DOUBTED if has_stroke else _MENDED if is_worn else 1.0
    best, cost = candidates[0]
    if not re.search("[१-९]", written):
        best = best.replace("१", "1")  # the ० of आ०लि० says nothing of the digits' script
    before, after = file_number.parse(written), file_number.parse(best)
    is_clear = len(candidates) == 1 or candidates[1][1] - cost >= _CLEAR
    same_digits = before is not None and after is not None and before.core == after.core
    return _trimmed(best), _MENDED if is_clear and same_digits else _DOUBTED


def _mended_prefix(head: Sequence[TextLine], grammar: Grammar) -> Numbered | None:
    """A number without a label whose prefix of its own is damaged: प: 5(32)शिक्षा/1994."""
    forms = replace(grammar, forms=tuple(form for form in grammar.forms if not form.labelled))
    for line in head if forms.forms else ():
        dated = DATE_LABEL.search(line.text)
        end = dated.start() if dated else len(line.text)
        whole = line.text[:end].rstrip(" ,.:;-–—")
        if not _SHORT_PREFIX.match(whole):
            continue
        for written in (whole, _PLACE_BEHIND.sub("", whole)):
            value, at_most = _mended(written, 0.0, forms)
            found = file_number.find(value, forms)
            if found is not None and found.label is None:
                beyond = len(value) - found.number[1]
                field = line.field(value[slice(*found.number)], 0, len(written) - beyond)
                return Numbered(line, found, replace(field, confidence=min(field.confidence, at_most, _MENDED)))
    return None


def _trimmed(written: str) -> str:
    """The number as one would type it: no blanks around its signs, and the colon of छ: as the visarga that it is."""
    joined = re.sub(r"\s*([/\-–_])\s*", r"\1", written.strip(" .,:;।|-–—'\""))
    return joined.replace("छ:", "छः")
