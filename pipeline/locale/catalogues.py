"""The catalogues, one folder a language, and how a text is looked up in one. English is written in the code itself.

Offices of different states call the same thing by different terms: नस्ती in Madhya Pradesh is पत्रावली in Uttar Pradesh. The
catalogue `hi` has the terms of Madhya Pradesh; another set is a small catalogue laid over it, `hi_UP`, with the messages
that differ and no others.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent
DEFAULT = "hi"
USUAL_TERMS = "mp"
_asked_in: ContextVar[str | None] = ContextVar("terms", default=None)  # the set of terms of whom is answered just now
_of_process = [USUAL_TERMS]  # that of everything else in this process, whatever thread it runs in
_ENGLISH = "en"
_COUNTRY = "IN"


def codes(folder: Path = FOLDER) -> list[str]:
    """The languages there are: the default first, then the other catalogues, English last."""
    have = sorted(path.parts[-3] for path in folder.glob("*/LC_MESSAGES/messages.po") if "_" not in path.parts[-3])
    return [*sorted(have, key=lambda code: code != DEFAULT), _ENGLISH]


LOCALES = {code: Locale(code, _COUNTRY) for code in codes()}
LANGUAGES = {code: str(Locale(code).get_display_name(code)) for code in LOCALES}  # each by the name it has for itself


def translations(language: str, terms_set: str | None = None) -> NullTranslations:
    """The catalogue of a language in a set of terms, by default those of whom is answered just now.

    English, and a language without a catalogue, is as in the code.
    """
    return _compiled(language, terms_set or terms_in_use())


def terms_in_use() -> str:
    """The set of terms in which texts are told just now: `mp` or `up`."""
    return _asked_in.get() or _of_process[0]


def use_terms(terms_set: str) -> None:
    """Tell all texts of this process in a set of terms, in every thread of it."""
    _of_process[0] = terms_set


@contextmanager
def answering_in(terms_set: str) -> Iterator[None]:
    """Tell the texts of one answer in a set of terms."""
    before = _asked_in.set(terms_set)
    try:
        yield
    finally:
        _asked_in.reset(before)


@cache
def _compiled(language: str, terms_set: str) -> NullTranslations:
    if language == _ENGLISH or language not in LANGUAGES:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue(language, terms_set))
    compiled.seek(0)
    return Translations(compiled)


def catalogue(language: str, terms_set: str = USUAL_TERMS) -> Catalog:
    """The messages of a language, with those laid over them that a set of terms says otherwise."""
    found = _read(language, language)
    overlay = f"{language}_{terms_set.upper()}"
    if terms_set == USUAL_TERMS or not _file_of(overlay).exists():
        return found
    for message in _read(overlay, language):
        usual = found.get(message.id, message.context) if message.id else None
        if usual is not None:
            usual.string = message.string
    return found


def _read(folder: str, language: str) -> Catalog:
    with _file_of(folder).open("rb") as file:
        return read_po(file, locale=language)


def _file_of(folder: str) -> Path:
    return FOLDER / folder / "LC_MESSAGES" / "messages.po"
