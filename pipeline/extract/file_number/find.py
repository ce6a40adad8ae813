"""A number in a line of a page: where its label and itself stand, and what kind of paper it numbers.

Which of a page's lines belong to its head, and which of several numbers is the file's, is decided in `extract.fields`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pipeline.extract.file_number.date_behind import date_behind
from pipeline.extract.file_number.folding import EDGES, roman
from pipeline.extract.file_number.grammar import Grammar
from pipeline.extract.file_number.keys import GOOD_FIT, LONE, FileNumber, fit, parse
from pipeline.extract.file_number.labels import DATE_LABEL, LABEL, Paper, near_label, paper_of
from pipeline.extract.file_number.refusals import THING_BEFORE

_LONGEST_LINE = 400
_MOST_PIECES = 12  # of a number, counted by its blanks
_UNLABELLED_STARTS = 4  # beginnings of words looked at in a line without a label
_AROUND = "\t|/'\"\u201c\u201d"
_REFERENCE = re.compile(r"^\W*(?:संदर्भ|सन्दर्भ|reference|ref)(?![a-z])|आपका|आपके|उपर्युक्त", re.IGNORECASE)
_GAP = re.compile(r"\s{3,}|\t|[,;।](?:\s|$)|\s\|\s")  # nothing of a number stands beyond
_PREFIX = re.compile(r"(?:एफ|फा|प|F)", re.IGNORECASE)  # its full stop is read as a comma, too: एफ, 31(487)राज/31/1981
_PIECE_END = re.compile(r"(?<=[^\s/\-–—_(])(?=\s+[^\s/\-–—_)]|\s*$)")
_PLAIN = re.compile(r"[A-Za-z\u0904-\u0939][\w\u0900-\u0963]+[.,]?$")
_CLEAN_BEFORE = re.compile(r"(?:^|[,;:।|()\t]|\s{2})\s*$")


@dataclass(frozen=True, slots=True)
class FoundNumber:
    """A number found in a line. Spans are offsets into the line; `label` is None where the number stood without one."""

    label: tuple[int, int] | None
    number: tuple[int, int]
    parsed: FileNumber
    paper: Paper
    fit: float


def find(line: str, grammar: Grammar) -> FoundNumber | None:
    """The first number of the line that a label, or a prefix of its own, says to be one.

    It ends before the label of a date, before a place name, and at the line's end.
    """
    if len(line) > _LONGEST_LINE:
        return None
    line = roman(line)
    for label in LABEL.finditer(line):
        found = _labelled(line, label, grammar)
        if found is not None:
            return found
    return _unlabelled(line, grammar) or _near(line, grammar)


def _labelled(line: str, label: re.Match[str], grammar: Grammar) -> FoundNumber | None:
    if THING_BEFORE.search(line[: label.start()]):
        return None
    end = label.end()
    while again := LABEL.match(line, end):
        end = again.end()
    start, stop, parsed, fits = _best(line, end, grammar)
    if parsed is None:
        return None
    paper = paper_of(line[label.start() : end])
    if paper is Paper.UNTOLD and fits <= LONE and not _CLEAN_BEFORE.search(line[: label.start()]):
        return None  # "छात्र संख्या 913": a plain number is one only where its label opens the line or names a paper
    if _REFERENCE.search(line[: label.start()]):
        paper = Paper.REFERENCE
    return FoundNumber((label.start(), end), (start, stop), parsed, paper, fits)


def _near(line: str, grammar: Grammar) -> FoundNumber | None:
    """A number of a known form behind a label that opens the line and is misread."""
    end = near_label(line)
    if end is None or LABEL.search(line, 0, end):
        return None
    start, stop, parsed, fits = _best(line, end, grammar)
    if parsed is None or parsed.form is None or fits < GOOD_FIT:
        return None
    return FoundNumber((0, end), (start, stop), parsed, paper_of(line[:end]), fits)


def _unlabelled(line: str, grammar: Grammar) -> FoundNumber | None:
    """A number of a form that opens with a prefix of its own: Rajasthan's प., Madhya Pradesh's एफ."""
    forms = replace(grammar, forms=tuple(form for form in grammar.forms if not form.labelled))
    if not forms.forms:
        return None
    for word in [*re.finditer(r"(?<!\S)[^\s\d]", line)][:_UNLABELLED_STARTS]:
        start, stop, parsed, fits = _best(line, word.start(), forms)
        if parsed is not None and parsed.form and fits >= GOOD_FIT:
            return FoundNumber(None, (start, stop), parsed, Paper.FILE, fits)
    return None


def _best(line: str, start: int, grammar: Grammar) -> tuple[int, int, FileNumber | None, float]:
    """The span of the number that begins at `start`: of all places where it can end, the one that fits best."""
    start += len(line[start:]) - len(line[start:].lstrip(EDGES + _AROUND))
    best: tuple[float, int] = (0.0, start)
    for stop in _stops(line, start):
        fits = fit(line[start:stop], grammar)
        if fits > best[0] or (fits == best[0] and _belongs(line[start:stop], line[best[1] : stop])):
            best = (fits, stop)
    fits, stop = best
    stop = start + len(line[start:stop].rstrip(EDGES + _AROUND))
    return start, stop, parse(line[start:stop], grammar) if fits else None, fits


def _belongs(number: str, added: str) -> bool:
    """Whether what makes the number longer, and fits no worse, is of it: no plain word, unless it names a volume."""
    if not _PLAIN.search(added.strip()):
        return True
    parsed = parse(number)
    return parsed is not None and parsed.key != parsed.group


def _stops(line: str, start: int) -> Iterator[int]:
    """Where the number can end: after each of its pieces, up to a date's label or a gap."""
    dated = DATE_LABEL.search(line, start)
    limit = dated.start() if dated else len(line)
    behind = date_behind(line, start, limit)
    limit = behind[0] if behind else limit
    gap = _GAP.search(line, start, limit)
    while gap and (gap.start() == start or _PREFIX.fullmatch(line, start, gap.start())):
        gap = _GAP.search(line, gap.end(), limit)
    limit = min(limit, gap.start()) if gap else limit
    ends = [found.start() for found in _PIECE_END.finditer(line, start, limit) if found.start() > start]
    if limit not in ends:
        ends.append(limit)
    return iter(ends[:_MOST_PIECES])
