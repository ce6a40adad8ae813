"""What translators work on: every marked text, and which of them a catalogue lacks. Run after changing a text:

    cd pipeline
    pybabel extract -F locale/babel.cfg -k N_ -k Message --no-location --no-wrap -o locale/messages.pot web .
    pybabel update -N --no-wrap -i locale/messages.pot -d locale -l hi

A further language begins with `pybabel init --no-wrap -i locale/messages.pot -d locale -l mr`.
"""

from __future__ import annotations

from functools import cache

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from pipeline.locale.catalogues import FOLDER, catalogue

KEYWORDS = DEFAULT_KEYWORDS | {"N_": None, "Message": None}


@cache
def marked_strings() -> frozenset[tuple[str | None, str]]:
    """Every msgid that code and templates mark for translation, after its context. Plural forms give their singular."""
    with (FOLDER / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file, "babel.cfg")  # type: ignore[no-untyped-call]
    found = extract_from_dir(FOLDER.parent, methods, options, keywords=KEYWORDS)
    return frozenset(
        (context, message if isinstance(message, str) else message[0]) for _, _, message, _, context in found
    )


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
