"""Days, moments and numbers in words of a language, and the language that a recorded text is in."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from pipeline.locale.catalogues import LOCALES

_DEVANAGARI = range(0x0900, 0x0980)


def day_in_words(day: date | None, language: str) -> str:
    """7 नवंबर 2004; 7 November 2004."""
    return format_date(day, "long", locale=LOCALES[language]) if day else ""


def moment_in_words(moment: datetime, language: str) -> str:
    """The day and the time, in this machine's zone."""
    local = moment.astimezone()
    return f"{day_in_words(local.date(), language)}, {format_datetime(local, 'HH:mm', locale=LOCALES[language])}"


def number_in_words(value: float, language: str) -> str:
    """Digits grouped the Indian way: 12,34,567."""
    return format_decimal(value, locale=LOCALES[language])


def script_of(text: str | None) -> str:
    """The `lang` of a recorded text: Hindi as soon as it holds Devanagari, else English."""
    return "hi" if any(ord(char) in _DEVANAGARI for char in text or "") else "en"
