"""Dates as office letters write them, in digits of both scripts and with month names, as ISO dates."""

from __future__ import annotations

import re
from datetime import date

from pipeline.records.file_number import fold_digits

_MONTHS = {
    "जनवरी": 1, "फरवरी": 2, "फ़रवरी": 2, "मार्च": 3, "अप्रैल": 4, "अप्रेल": 4, "मई": 5, "जून": 6, "जुलाई": 7, "अगस्त": 8,
    "सितम्बर": 9, "सितंबर": 9, "अक्टूबर": 10, "अक्तूबर": 10, "नवम्बर": 11, "नवंबर": 11, "दिसम्बर": 12, "दिसंबर": 12,
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8,
    "september": 9, "october": 10, "november": 11, "december": 12,
}  # fmt: skip
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s?[./\-]\s?(\d{1,2})\s?[./\-]\s?(\d{4}|\d{2})(?!\d)")
_NAMED = re.compile(
    rf"(?<!\d)(\d{{1,2}})\s*(?:st|nd|rd|th)?\s*({'|'.join(_MONTHS)})[\s,]*(\d{{4}})(?!\d)", re.IGNORECASE
)
_OLDEST = 1850
_CENTURY = 100


def find(text: str, *, today: date) -> tuple[date, int, int] | None:
    """The first possible date in `text` with its place (start, end); impossible and future dates are passed over.

    Two-digit years are taken as the latest century that does not lie in the future.
    """
    folded = fold_digits(text)
    found: list[tuple[int, int, date]] = []
    for match in _NUMERIC.finditer(folded):
        day, month, year = (int(group) for group in match.groups())
        when = _possible(day, month, _full_year(year, today), today)
        if when:
            found.append((match.start(), match.end(), when))
    for match in _NAMED.finditer(folded):
        when = _possible(int(match[1]), _MONTHS[match[2].lower()], int(match[3]), today)
        if when:
            found.append((match.start(), match.end(), when))
    if not found:
        return None
    start, end, when = min(found)
    return when, start, end


def _full_year(year: int, today: date) -> int:
    if year >= _CENTURY:
        return year
    full = today.year // _CENTURY * _CENTURY + year
    return full if full <= today.year else full - _CENTURY


def _possible(day: int, month: int, year: int, today: date) -> date | None:
    try:
        when = date(year, month, day)
    except ValueError:
        return None
    return when if when.year >= _OLDEST and when <= today else None
