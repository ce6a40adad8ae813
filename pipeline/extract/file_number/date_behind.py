"""A date that is written behind a number with nothing but a slash between them: 1234/स्था/2004/12.05.2004 are two fields."""

from __future__ import annotations

import re
from datetime import date

from pipeline.extract.months import month_of
from pipeline.model.digits import western

_SIGN = r"\s?(?P<sign>[./\-–])\s?"
_NUMERIC = re.compile(
    rf"/\s?(?P<date>(?P<day>[0-9]{{1,2}}){_SIGN}(?P<month>[0-9]{{1,2}})\s?(?P=sign)\s?(?P<year>[0-9]{{4}}|[0-9]{{2}}))"
    r"(?![0-9/(\-–]|\.[0-9])"
)
_NAMED = re.compile(
    r"/\s?(?P<date>(?P<day>[0-9]{1,2})[\s.-]{1,2}(?P<name>[A-Za-z]{3,9}|[\u0904-\u0939][\u0900-\u0963]{1,11})[\s.,-]{1,3}"
    r"(?P<year>[0-9]{4}))(?![0-9])"
)
_YEAR = re.compile(r"(?<![0-9])(?:(?:18|19|20)[0-9]{2}|[0-9]{2})(?=[^0-9]*$|-[0-9]{2,4}[^0-9]*$)")
_CENTURY = 100
_YEARS_APART = 1  # between the year in a number and that of its date: numbers run on over the turn of the year


def date_behind(line: str, start: int = 0, end: int | None = None) -> tuple[int, int] | None:
    """Where a date stands behind the number that begins at `start`, both before `end`; None where it may be of the number.

    With full stops it is a date where letters or a separator stand before it: no number is written with them. With dashes or
    slashes the last part of the number must be the date's year or the one before, as in 45-A/99/12-3-1999.
    """
    folded = western(line[:end])
    for found in (*_NUMERIC.finditer(folded, start), *_NAMED.finditer(folded, start)):
        number = folded[start : found.start()]
        if _is_day(found) and re.search("[0-9]", number) and _is_apart(found, number):
            return found.span("date")
    return None


def _is_day(found: re.Match[str]) -> bool:
    named = found.groupdict()
    month = int(named["month"]) if "month" in named else month_of(named["name"])
    try:
        date(_full(named["year"]), month or 0, int(named["day"]))
    except ValueError:
        return False
    return True


def _full(year: str) -> int:
    return int(year) if len(year) == len("1984") else 2000 + int(year)


def _is_apart(found: re.Match[str], number: str) -> bool:
    """Whether the number is whole without the date."""
    named = found.groupdict()
    is_full = len(named["year"]) == len("1984")
    if is_full and ("name" in named or named["sign"] == "."):
        return True
    own = _YEAR.search(number)
    if own is None or (not is_full and named.get("sign") != "."):
        return False
    later = (int(named["year"]) - int(own[0])) % _CENTURY
    same_century = len(own[0]) != len("1984") or not is_full or abs(int(named["year"]) - int(own[0])) <= _YEARS_APART
    return later <= _YEARS_APART and same_century
