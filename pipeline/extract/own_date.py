"""A document's own date, from the head of its first page or its foot, and what is written there as a date and can be none.
Dates of the papers that it answers are in `references`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from pipeline.extract import dates, eras, file_number
from pipeline.extract.evidence import DOUBTED, date_stands_free, is_row, is_running_head
from pipeline.extract.file_number import DATE_LABEL
from pipeline.extract.head import head_of
from pipeline.extract.landmarks import COPIES, INWARD, OTHER_DAY, REFERENCE, SUBJECT, is_prose
from pipeline.extract.lines import TextLine
from pipeline.model.document import Field

# Set by hand; how far the confidences can be believed is measured in docs/benchmarks.md ("Fields").
_AT_FOOT = 0.85  # the most that a date is sure which stands under the text and has no label
_WORDS_BESIDE, _WORDS_BELOW = 4, 2  # a date stands alone where hardly a word stands beside it
_LEAST_LISTED, _NEXT = 3, 2  # dates that make a column; lines from one to the next
_FULL_STOP = re.compile(r"[\u0900-\u0963]\s*।")
_WORD = re.compile(r"[A-Za-z\u0904-\u0939][\w\u0900-\u0963]+")


class _Candidate(NamedTuple):
    """A date that may be the document's: where it stands, and whether by itself there."""

    line: TextLine
    dated: dates.Dated
    is_free: bool

    @property
    def field(self) -> Field:
        found = self.line.field(self.dated.when.isoformat(), self.dated.start, self.dated.end)
        return found if self.is_free else _at_most(found, DOUBTED)


def own_date(lines: Sequence[TextLine], today: date) -> dict[str, Field]:
    """`date`, beside its label in the head or alone there; else the first that somebody signed with, or at the foot. Dates
    in rows of tables, in columns and in running heads are passed over; one in a sentence or a list, or one of several, is
    in doubt.

    A year of another era is noted as `date_saka` or `date_vikram`; a day of the national calendar counts where the head has
    no other. Where the head has a date that no paper can bear, there is no date, and `date_impossible` has it as it is
    written.
    """
    listed = _listed(lines, today)
    lines = [line for line in lines if id(line) not in listed]
    head = [line for line in head_of(lines) if not is_row(line) and not is_running_head(line)]
    fields = _eras(head)
    is_unread = _is_unread(head)
    own = _labelled(head, today) or (None if is_unread else _alone(head, today)) or _from_saka(head, today)
    if own is None and (impossible := _impossible(head, today)):
        return {"date_impossible": impossible, **fields}
    own = own or (None if is_unread else _signed(lines, len(head_of(lines)), today))
    return {"date": own, **fields} if own else fields


def _listed(lines: Sequence[TextLine], today: date) -> set[int]:
    """The lines, by `id`, of every column of dates: three or more that have one without a label and hardly a word besides,
    with no more than one other line between them."""
    dated = [
        at for at, line in enumerate(lines) if not DATE_LABEL.search(line.text) and _on_line(line, today, _WORDS_BESIDE)
    ]
    found, run = set[int](), list[int]()
    for at in [*dated, len(lines) + _NEXT + 1]:
        if run and at - run[-1] > _NEXT:
            found |= {id(lines[one]) for one in run} if len(run) >= _LEAST_LISTED else set()
            run = []
        run.append(at)
    return found


def _labelled(head: Sequence[TextLine], today: date) -> Field | None:
    """The first date behind its label; one that stands by itself before one in a sentence."""
    found = list(_behind_labels(head, today))
    chosen = next((one for one in found if one.is_free), next(iter(found), None))
    return chosen.field if chosen else None


def _behind_labels(head: Sequence[TextLine], today: date) -> Iterator[_Candidate]:
    for line in head:
        label = _own_label(line)
        if label is None:
            continue
        for dated in _of_common_era(line, today):
            if dated.start >= label.end():
                yield _Candidate(line, dated, date_stands_free(line, dated.start, dated.end))
                break


def _own_label(line: TextLine) -> re.Match[str] | None:
    """The label of a date on the line, if it is not that of another day."""
    label = DATE_LABEL.search(line.text)
    before = line.text[: label.start()] if label else ""
    return None if INWARD.search(before) or OTHER_DAY.search(before) else label


def _of_common_era(line: TextLine, today: date) -> list[dates.Dated]:
    """The line's dates; those whose year is said to be of another era are none."""
    saka, vikram = eras.find_saka(line.text), eras.find_vikram(line.text)
    places = [*([(saka.start, saka.end)] if saka else []), *([vikram] if vikram else [])]
    found = dates.find_all(line.text, today=today)
    return [one for one in found if not any(one.start < end and one.end > start for start, end in places)]


def _impossible(head: Sequence[TextLine], today: date) -> Field | None:
    """What the head has as its date, behind the label or alone on a line, and no paper can bear."""
    for line in head:
        label = _own_label(line)
        after = label.end() if label else 0
        written = dates.find_impossible(line.text[after:], today=today)
        if written is None or eras.find_saka(line.text) or eras.find_vikram(line.text) or INWARD.search(line.text):
            continue
        start, end = after + written.start, after + written.end
        if label or (_is_beside_few(line, start, end, _WORDS_BESIDE) and date_stands_free(line, start, end)):
            return line.field(line.text[start:end].strip(), start, end)
    return None


def _is_unread(head: Sequence[TextLine]) -> bool:
    """Whether digits stand beside the label of a date and make none: a day left open, or a worn one."""
    labels = [(line, DATE_LABEL.search(line.text)) for line in head if not INWARD.search(line.text)]
    return any(label and re.search(r"[0-9०-९]", line.text[label.end() :]) for line, label in labels)


def _alone(head: Sequence[TextLine], today: date) -> Field | None:
    """The first date of the head beside which hardly a word stands; in doubt where another one stands so."""
    found = [one for line in head if (one := _on_line(line, today, _WORDS_BESIDE))]
    return _first_of(found, 1.0)


def _on_line(line: TextLine, today: date, most_words: int) -> _Candidate | None:
    dated = next(iter(_of_common_era(line, today)), None)
    if dated is None or INWARD.search(line.text) or OTHER_DAY.search(line.text[: dated.start]):
        return None
    if not _is_beside_few(line, dated.start, dated.end, most_words):
        return None
    return _Candidate(line, dated, date_stands_free(line, dated.start, dated.end))


def _is_beside_few(line: TextLine, start: int, end: int, most_words: int) -> bool:
    beside = _without_number(line.text[:start]) + " " + line.text[end:]
    return len(_WORD.findall(beside)) <= most_words and not _FULL_STOP.search(beside)


def _first_of(found: Sequence[_Candidate], at_most: float) -> Field | None:
    if not found:
        return None
    several = len({one.dated.when for one in found}) > 1
    return _at_most(found[0].field, DOUBTED if several else at_most)


def _at_most(field: Field, confidence: float) -> Field:
    return replace(field, confidence=min(field.confidence, confidence))


def _without_number(text: str) -> str:
    found = file_number.find(text, file_number.NO_FORMS)
    return text[: (found.label or found.number)[0]] + text[found.number[1] :] if found else text


def _signed(lines: Sequence[TextLine], below: int, today: date) -> Field | None:
    """The first date alone on a line under the head, or beside a label that opens a line; not those of endorsements. In
    doubt where another day stands so."""
    found = list(_below_text(lines[below:], today))
    labelled = bool(found) and DATE_LABEL.search(found[0].line.text[: found[0].dated.start]) is not None
    return _first_of(found, 1.0 if labelled else _AT_FOOT)


def _below_text(lines: Sequence[TextLine], today: date) -> Iterator[_Candidate]:
    quoted, above = False, ""
    for line in lines:
        is_of_other = OTHER_DAY.search(above) is not None  # "नस्ती प्रारंभ करने का दिनांक" / "4.5.2003"
        above = line.text
        if COPIES.match(line.text) or re.match(r"\W*पृ", line.text):
            return
        if REFERENCE.match(line.text) or SUBJECT.match(line.text):
            quoted = not dates.find(line.text, today=today)
            continue
        label = DATE_LABEL.match(line.text.lstrip(" .,:;-–—("))
        runs_on, quoted = quoted and label, False  # a reference: "… पत्र क्रमांक 5" / "दिनांक 4.4.1991"
        if runs_on or is_of_other or is_prose(line) or is_row(line) or is_running_head(line):
            continue
        if found := _on_line(line, today, _WORDS_BELOW):
            yield found


def _eras(head: Sequence[TextLine]) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for line in head:
        saka, vikram = eras.find_saka(line.text), eras.find_vikram(line.text)
        if saka and "date_saka" not in fields:
            fields["date_saka"] = line.field(line.text[saka.start : saka.end], saka.start, saka.end)
        if vikram and "date_vikram" not in fields:
            fields["date_vikram"] = line.field(line.text[slice(*vikram)], *vikram)
    return fields


def _from_saka(head: Sequence[TextLine], today: date) -> Field | None:
    for line in head:
        saka = eras.find_saka(line.text)
        if saka and saka.when and saka.when <= today:
            return line.field(saka.when.isoformat(), saka.start, saka.end)
    return None
