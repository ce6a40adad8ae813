"""Days as people type them into a form, a list or a query, in digits of any script.

Dates that stand in the text of a letter, with month names and misread signs, are found in `extract.dates`.
"""

from __future__ import annotations

import re
from datetime import date

_DAY_FIRST = re.compile(r"(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_YEAR = re.compile(r"\d{4}")


def looks_like_day(text: str) -> bool:
    """Whether it is written as day, month and year, whether or not there is such a day."""
    return _DAY_FIRST.fullmatch(text) is not None


def to_day(text: str) -> date:
    """The day written `7.11.2004`, `7/11/2004`, `7-11-2004` or `2004-11-07`. Raises `ValueError`."""
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _DAY_FIRST.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
    else:
        raise ValueError(text)
    return date(year, month, day)


def to_days(text: str) -> tuple[date, date]:
    """The first and the last day of a year written `2004`, or a single day, as both. Raises `ValueError`."""
    if _YEAR.fullmatch(text):
        return date(int(text), 1, 1), date(int(text), 12, 31)
    day = to_day(text)
    return day, day
