"""Dates in Indian eras: शक of the Indian national calendar, put into the common one, and विक्रम संवत, noted only.

A year counts as of an era only where its name stands beside it: months are common to both eras.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

from pipeline.extract.months import saka_month_of
from pipeline.model.digits import western

_SAKA = r"(?:शक(?![\u0900-\u0963])|शाके|saka(?![a-z]))(?:\s*(?:संवत्?|सम्वत्?|samvat|era))?"
_MARK = rf"[\s,.(\[]{{0,3}}{_SAKA}"
_WORD = r"[A-Za-z]{4,12}|[\u0904-\u0939\u0958-\u0961][\u0900-\u0963\u200c\u200d]{1,11}"
_DAY = r"(?P<day>[0-9]{1,2})"
_NAME = rf"(?P<name>{_WORD})"
_YEAR = r"(?P<year>1[789][0-9]{2})"
_SAKA_DATES = tuple(
    re.compile(rf"(?<![0-9A-Za-z\u0900-\u0963]){pattern}(?![0-9])", re.IGNORECASE)
    for pattern in (
        rf"{_DAY}[\s.,]{{0,3}}{_NAME}[\s.,]{{1,3}}{_YEAR}{_MARK}\)?",
        rf"{_NAME}[\s.]{{1,3}}{_DAY}[\s.,]{{1,3}}{_YEAR}{_MARK}\)?",
        rf"{_DAY}[\s.,]{{0,3}}{_NAME}[\s.,]{{1,3}}{_SAKA}[\s.,:-]{{0,3}}{_YEAR}",
        rf"(?:{_SAKA}[\s.,:-]{{0,3}}{_YEAR}|{_YEAR.replace('year', 'late')}{_MARK}\)?)",
    )
)
_VIKRAM = re.compile(
    r"(?<![\u0900-\u0963A-Za-z])(?:विक्रम(?:ी)?\s*(?:संवत्?|सम्वत्?)?|(?<!शक )(?:संवत्?|सम्वत्?)|वि[.०0॰]\s*सं[.०0॰]?|vikram\s*samvat)"
    r"[\s.,:-]{0,3}(?:1[89]|20)[0-9]{2}(?![0-9])",
    re.IGNORECASE,
)
_YEARS_BEHIND = 78  # a year of this era begins in March of the common year with this many more
_LONG, _SHORT = 31, 30
_LAST_LONG_MONTH = 6  # Bhadra


class SakaDate(NamedTuple):
    """A date of the national calendar: its place in the text, and the day it is, or None where only the year is told."""

    when: date | None
    start: int
    end: int


def find_saka(text: str) -> SakaDate | None:
    """The first date or year that is said to be शक."""
    folded = western(text)
    for pattern in _SAKA_DATES:
        for match in pattern.finditer(folded):
            named = match.groupdict()
            if "day" not in named:
                return SakaDate(None, match.start(), match.end())
            month = saka_month_of(match["name"])
            if month is not None:
                return SakaDate(
                    saka_to_common(int(match["year"]), month, int(match["day"])), match.start(), match.end()
                )
    return None


def find_vikram(text: str) -> tuple[int, int] | None:
    """Where a year of विक्रम संवत stands."""
    match = _VIKRAM.search(western(text))
    return (match.start(), match.end()) if match else None


def saka_to_common(year: int, month: int, day: int) -> date | None:
    """The day in the common calendar, or None where the month has no such day.

    The national calendar (Calendar Reform Committee, in use from 22 March 1957 = 1 Chaitra 1879): the year Y begins on
    22 March of Y + 78, in leap years on 21 March. Chaitra has 30 days, in leap years 31; the next five months 31, the
    other six 30.
    """
    common = year + _YEARS_BEHIND
    leap = common % 4 == 0 and (common % 100 != 0 or common % 400 == 0)
    lengths = [_LONG if leap else _SHORT] + [_LONG if n <= _LAST_LONG_MONTH else _SHORT for n in range(2, 13)]
    if not 1 <= month <= len(lengths) or not 1 <= day <= lengths[month - 1]:
        return None
    return date(common, 3, 21 if leap else 22) + timedelta(days=sum(lengths[: month - 1]) + day - 1)
