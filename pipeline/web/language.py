"""Hindi and English: which one a visitor reads, the catalogues, dates and numbers in words of the language.

The strings themselves live in `locale/` (English msgids) and are marked with `_()` in templates and code, or with
`N_()` where a table names them and they are translated later. After changing one, in `pipeline/web`:

    pybabel extract -F locale/babel.cfg -k N_ --no-location --no-wrap -o locale/messages.pot .
    pybabel update -N --no-wrap -i locale/messages.pot -d locale -l hi

Offices of different states call the same thing by different terms: नस्ती in Madhya Pradesh is पत्रावली in Uttar Pradesh. The
catalogue `hi` has the terms of Madhya Pradesh; another set is a small catalogue laid over it, `hi_UP`, with the messages
that differ and no others.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Annotated

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from fastapi import Depends, Request
from starlette.types import ASGIApp, Receive, Scope, Send

LANGUAGES = {"hi": "हिन्दी", "en": "English"}
DEFAULT = "hi"
COOKIE = "abhilekh_language"
FOLDER = Path(__file__).parent / "locale"
USUAL_TERMS = "mp"
terms = ContextVar("terms", default=USUAL_TERMS)  # the set of terms of whom is answered just now: `mp` or `up`
_LOCALES = {"hi": Locale("hi", "IN"), "en": Locale("en", "IN")}
_DEVANAGARI = range(0x0900, 0x0980)


def N_(text: str) -> str:
    """Mark a string for the catalogues without translating it yet (the customary name, known to translators)."""
    return text


def chosen(request: Request) -> str:
    """The visitor's language: the one once picked, else the browser's first that we have, else Hindi."""
    picked = request.cookies.get(COOKIE)
    if picked in LANGUAGES:
        return picked
    return next((code for code in _accepted(request.headers.get("accept-language", "")) if code in LANGUAGES), DEFAULT)


TheLanguage = Annotated[str, Depends(chosen)]


def _accepted(header: str) -> list[str]:
    """The main language codes of an Accept-Language header, the most wanted first."""
    wanted: list[tuple[float, str]] = []
    for item in header.split(","):
        tag, _, weight = item.partition(";q=")
        try:
            share = float(weight or 1)
        except ValueError:
            continue
        if share > 0:
            wanted.append((share, tag.strip().partition("-")[0].lower()))
    return [code for _, code in sorted(wanted, key=lambda pair: -pair[0])]


def translations(language: str, terms_set: str | None = None) -> NullTranslations:
    """The catalogue of a language in a set of terms, by default those of whom is answered just now."""
    return _compiled(language, terms_set or terms.get())


@cache
def _compiled(language: str, terms_set: str) -> NullTranslations:
    """Read from the .po files; English is written in the code itself."""
    if language == "en":
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue(language, terms_set))
    compiled.seek(0)
    return Translations(compiled)


def catalogue(language: str, terms_set: str = USUAL_TERMS) -> Catalog:
    """The messages of a language, with those laid over them that a set of terms says otherwise."""
    found = _read(language, language)
    if terms_set == USUAL_TERMS:
        return found
    for message in _read(f"{language}_{terms_set.upper()}", language):
        usual = found.get(message.id, message.context) if message.id else None
        if usual is not None:
            usual.string = message.string
    return found


def _read(folder: str, language: str) -> Catalog:
    with (FOLDER / folder / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


class UseTerms:
    """Middleware: answers every request in one set of terms."""

    def __init__(self, app: ASGIApp, terms_set: str) -> None:
        self.app, self.terms_set = app, terms_set

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        before = terms.set(self.terms_set)
        try:
            await self.app(scope, receive, send)
        finally:
            terms.reset(before)


def marked_strings() -> Iterator[tuple[str | None, str]]:
    """Every msgid that code and templates mark for translation, after its context. Plural forms give their singular."""
    with (FOLDER / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file, "babel.cfg")  # type: ignore[no-untyped-call]
    keywords = DEFAULT_KEYWORDS | {"N_": None}
    for _, _, message, _, context in extract_from_dir(FOLDER.parent, methods, options, keywords=keywords):
        yield context, message if isinstance(message, str) else message[0]


def untranslated(language: str) -> list[str]:
    """The marked strings that the catalogue of `language` lacks, leaves empty, half filled or in doubt."""
    have = catalogue(language)
    return sorted({msgid for context, msgid in marked_strings() if not _translated(have, msgid, context)})


def _translated(have: Catalog, msgid: str, context: str | None) -> bool:
    message = have.get(msgid, context)
    if message is None or message.fuzzy:
        return False
    forms = [message.string] if isinstance(message.string, str) else list(message.string or [])
    return bool(forms) and all(forms)


def day_in_words(day: date | None, language: str) -> str:
    """7 नवंबर 2004; 7 November 2004."""
    return format_date(day, "long", locale=_LOCALES[language]) if day else ""


def moment_in_words(moment: datetime, language: str) -> str:
    """The day and the time, in this machine's zone."""
    local = moment.astimezone()
    return f"{day_in_words(local.date(), language)}, {format_datetime(local, 'HH:mm', locale=_LOCALES[language])}"


def number_in_words(value: float, language: str) -> str:
    """Digits grouped the Indian way: 12,34,567."""
    return format_decimal(value, locale=_LOCALES[language])


def script_of(text: str | None) -> str:
    """The `lang` of a recorded text: Hindi as soon as it holds Devanagari, else English."""
    return "hi" if any(ord(char) in _DEVANAGARI for char in text or "") else "en"
