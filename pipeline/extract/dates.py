"""Dates as office letters write them, in digits of both scripts and with month names, as ISO dates.

Years of other eras (शक, विक्रम) are in `eras`; which of a letter's dates is its own is decided in `head`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from pipeline.extract.file_number import DATE_LABEL, date_behind
from pipeline.extract.months import month_of
from pipeline.model.digits import western

_OLDEST = 1850
_CENTURY = 100
_MOST_BLANKS = 3
_LOOKED_BACK = 40  # signs before a date: its label, or the number that it is a piece of

# Between day, month and year: the sign that was typed, or what it is read as on worn paper.
_TYPED = rf"\s{{0,{_MOST_BLANKS}}}[./\-–—]\s{{0,{_MOST_BLANKS}}}"
_MISREAD = r"\s?[,:ः।|·॰]\s?"
_SIGN = rf"(?:{_TYPED}|{_MISREAD})"
_NUMERIC = re.compile(
    rf"(?<![0-9])(?P<day>[0-9]{{1,2}})(?P<first>{_SIGN})(?P<month>[0-9]{{1,2}})(?P<second>{_SIGN})"
    r"(?P<year>[0-9]{4}|['’]?[0-9]{2})(?![0-9])"
)
_ISO = re.compile(r"(?<![0-9])(?P<year>(?:1[89]|20)[0-9]{2})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})(?![0-9])")
_WORD = r"[A-Za-z]{3,9}|[\u0904-\u0939\u0958-\u0961][\u0900-\u0963\u200c\u200d]{1,11}"
_BETWEEN = r"[\s.,/\-–—]{0,4}"
_ORDINAL = r"(?:\s?(?:st|nd|rd|th)(?![a-z]))?"
# At the end of a line a full stop is read as 1, too: 6 सितम्बर, 20061.
_DAY_FIRST = re.compile(
    rf"(?<![0-9])(?P<day>[0-9]{{1,2}}){_ORDINAL}{_BETWEEN}(?:(?:day\s+)?of\s+|माह\s+)?(?P<name>{_WORD})"
    rf"(?P<gap>{_BETWEEN})(?:(?:सन्?|वर्ष)\s+)?(?P<year>[0-9]{{4}}(?:(?=1\s*$)|(?![0-9]))|['’]?[0-9]{{2}}(?![0-9]))",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"(?<![\w\u0900-\u0963])(?P<name>{_WORD})\.?\s{{0,{_MOST_BLANKS}}}(?P<day>[0-9]{{1,2}}){_ORDINAL}[\s.,]{{1,3}}"
    r"(?P<year>[0-9]{4})(?![0-9])",
    re.IGNORECASE,
)
_LOST_SIGNS = re.compile(
    rf"(?:{DATE_LABEL.pattern})\W{{0,4}}(?P<day>[0-9]{{2}}) (?P<month>[0-9]{{2}}) (?P<year>[0-9]{{4}})(?![0-9])",
    re.IGNORECASE,
)
_JOINED_BEFORE = re.compile(r"[\w\u0900-\u0963)]([/\-–—_.(]+)$")
_JOINED_AFTER = re.compile(r"\s?[/_(]\s?[\w\u0900-\u0963]|[\-–—]\s?[\w\u0900-\u0963]|\.[0-9]")
_PREFIX_BEFORE = re.compile(r"(?<![\w\u0900-\u0963.])(?:एफ|फा|प|f)[.०]?\s?$", re.IGNORECASE)  # एफ 12-6-84
_LABEL_BEFORE = re.compile(rf"(?:{DATE_LABEL.pattern}|dt\.?)\W*$", re.IGNORECASE)
_YEAR_GOES_ON = re.compile(r"\s[0-9]{2}(?![0-9])")
_SHORT_YEAR_ENDS = re.compile(r"\s*(?:$|[,;।|)\]\t]|\.(?![0-9])|को(?![\u0900-\u0963])|तक|से(?![\u0900-\u0963]))")


class Dated(NamedTuple):
    """A date and its place in the text."""

    when: date
    start: int
    end: int


class Written(NamedTuple):
    """What is written as a date and can be none: its place in the text."""

    start: int
    end: int


def find(text: str, *, today: date) -> Dated | None:
    """The first possible date in `text` with its place; impossible and future dates are passed over.

    Two-digit years are taken as the latest that make a date of the past.
    """
    return next(iter(find_all(text, today=today)), None)


def find_all(text: str, *, today: date) -> tuple[Dated, ...]:
    """All possible dates in the order they stand in; of overlapping readings the first and longest."""
    folded = western(text)  # sign by sign, so that places stay
    found = sorted({*_numeric(folded, today), *_named(folded, today)}, key=lambda dated: (dated.start, -dated.end))
    kept: list[Dated] = []
    for dated in found:
        if not kept or dated.start >= kept[-1].end:
            kept.append(dated)
    return tuple(kept)


def find_impossible(text: str, *, today: date) -> Written | None:
    """What is written as a date first in `text`, signs and full year, and is no day that a paper in a record room can bear:
    31.02.1995, 45.13.1998, one to come, one before 1850. None where a possible date stands before it or over it."""
    folded = western(text)
    written = [
        Written(match.start(), match.end())
        for match in _NUMERIC.finditer(folded)
        if len(match["year"]) == len("1984") and _is_date_by_its_signs(match) and not _is_joined(folded, match)
    ]
    written += [
        Written(match.start(), match.end())
        for match in _DAY_FIRST.finditer(folded)
        if month_of(match["name"])
        and len(match["year"]) == len("1984")
        and not _is_behind_number(folded[: match.start()])
    ]
    first = min(written, default=None)
    possible = find(text, today=today)
    return None if first is None or (possible and possible.start < first.end) else first


def _numeric(text: str, today: date) -> Iterator[Dated]:
    at = 0
    while match := _NUMERIC.search(text, at):
        at = match.start() + 1  # 1. 12.06.1984: the number of a paragraph stands where a day could
        if _is_date_by_its_signs(match) and not _is_joined(text, match):
            when = _possible(match["day"], match["month"], match["year"], today)
            if when:
                yield Dated(when, match.start(), match.end())
                at = match.end()
    for match in _ISO.finditer(text):
        when = _possible(match["day"], match["month"], match["year"], today)
        if when and not _is_joined(text, match):
            yield Dated(when, match.start(), match.end())
    for match in _LOST_SIGNS.finditer(text):
        when = _possible(match["day"], match["month"], match["year"], today)
        if when:
            yield Dated(when, match.start("day"), match.end())


def _is_date_by_its_signs(match: re.Match[str]) -> bool:
    """Whether the signs are those of a date: one misread sign beside a typed one, or two without blanks and a full year."""
    signs = (match["first"], match["second"])
    misread = [sign for sign in signs if not re.search(r"[./\-–—]", sign)]
    if len(misread) == len(signs):
        return len(match["year"]) == len("1984") and not any(re.search(r"\s", sign) for sign in signs)
    return True


def _is_joined(text: str, match: re.Match[str]) -> bool:
    """Whether the digits are a piece of something longer, as of the number 1482/8-3-20 or of the span 2018-19."""
    before, after = text[: match.start()], text[match.end() :]
    full = len(match["year"]) == len("1984")
    if _is_behind_whole_number(text, match):
        return False
    if after[:1] == "." and after[1:2].isdigit():
        return True
    if not full and _YEAR_GOES_ON.match(after) and match["year"] in {"18", "19", "20"}:
        return True  # 12.06.19 84: nobody can tell
    if full and match.re is _NUMERIC and "." in match["first"] and "." in match["second"]:
        return before[-1:] == "." and before[-2:-1].isdigit()
    if _JOINED_AFTER.match(after):
        return True
    return _is_behind_number(before)


def _named(text: str, today: date) -> Iterator[Dated]:
    for pattern in (_DAY_FIRST, _MONTH_FIRST):
        at = 0
        while match := pattern.search(text, at):
            at = match.start() + 1  # 19 दिनांक 23 अप्रैल 2007: a year stands where a day could
            month = month_of(match["name"])
            if month is None or not _is_year(text, match):
                continue
            if _is_behind_number(text[: match.start()]) and not _is_behind_whole_number(text, match):
                continue
            when = _possible(match["day"], str(month), match["year"], today)
            if when:
                yield Dated(when, match.start(), match.end())
                at = match.end()


def _is_behind_whole_number(text: str, match: re.Match[str]) -> bool:
    """Whether the digits stand behind a slash and a number that is whole without them: 1234/स्था/2004/12.05.2004."""
    if text[: match.start()].rstrip()[-1:] != "/":
        return False
    start = max(match.start() - _LOOKED_BACK, 0)
    return date_behind(text, start, match.end()) == match.span()


def _is_behind_number(before: str) -> bool:
    before = before[-_LOOKED_BACK:]
    joined = _JOINED_BEFORE.search(before) or _PREFIX_BEFORE.search(before)
    return joined is not None and not _LABEL_BEFORE.search(before)


def _is_year(text: str, match: re.Match[str]) -> bool:
    """A year in full after the name of a month; two digits only where no word follows them, as it does in 12 मई 20 व्यक्ति."""
    gap = match["gap"] if match.re is _DAY_FIRST else ""
    if len(match["year"]) == len("1984") or match["year"][0] in "'’" or re.search(r"[/\-–—]", gap):
        return True
    return bool(gap) and _SHORT_YEAR_ENDS.match(text, match.end()) is not None


def _possible(day: str, month: str, year: str, today: date) -> date | None:
    """The date if there is such a day, not in the future and not older than the papers of a record room."""
    written = int(year.strip("'’"))
    latest = today.year // _CENTURY * _CENTURY + written
    for full in (written,) if written >= _CENTURY else (latest, latest - _CENTURY):
        try:
            when = date(full, int(month), int(day))
        except ValueError:
            continue
        if when <= today:
            return when if when.year >= _OLDEST else None
    return None
