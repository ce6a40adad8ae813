"""Parse the query string of a search.

Reading never raises; what cannot be understood becomes a problem by the name of its parameter, in the visitor's
language, and the caller decides whether that is a friendly page or an error. Searching itself is in `pipeline.index`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import parse_qsl, urlencode

from pipeline.model import typed_date
from pipeline.model.document import DocumentKind, DocumentState
from pipeline.model.search import Order, Query

PARAMETERS = ("q", "file_no", "office", "from", "to", "kind", "status", "sort")
PAGE_SIZE = 20
MOST_HITS = 100
LAST_OFFSET = 1_000_000
LONGEST_TEXT = 400
_LONGEST_TRAIL = 8000  # signs of a query string: Hindi takes nine each

Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class SearchParams:
    """The parameters as typed (cleaned), the query they make, and what could not be understood."""

    typed: dict[str, str]
    query: Query
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not self.typed

    @property
    def has_filters(self) -> bool:
        return bool(self.typed.keys() - {"q", "sort"})

    @property
    def asks_for_nothing(self) -> bool:
        """Whether neither words nor a filter were given."""
        return not (self.typed.keys() - {"sort"})

    def trail(self, offset: int | None = None) -> str:
        """The query string that leads back to these results, from `offset` on."""
        start = self.query.offset if offset is None else offset
        return urlencode(self.typed | ({"offset": str(start)} if start else {}))

    def instead(self, **values: str | None) -> str:
        """The query string of the same question with some parameters of another value, None for none; from the start."""
        named = {name.removesuffix("_"): value for name, value in values.items()}  # `from_`: a keyword of Python
        given = {name: named.get(name, self.typed.get(name)) for name in PARAMETERS}
        return urlencode({name: value for name, value in given.items() if value})


def read(parameters: Mapping[str, str], _: Translate) -> SearchParams:
    """Make a query of `q`, `file_no`, `office`, `from`, `to`, `kind`, `status`, `sort`, `limit` and `offset`."""
    typed = {name: text for name in PARAMETERS if (text := clean(parameters.get(name, "")))}
    problems: dict[str, str] = {}
    since, until = (_day(name, typed.get(name, ""), problems, _) for name in ("from", "to"))
    if since and until and since > until:
        problems["to"] = _("The last day lies before the first.")
    query = Query(
        text=typed.get("q", ""),
        file_no=typed.get("file_no"),
        office=typed.get("office"),
        since=since,
        until=until,
        kind=_kind(typed.get("kind", ""), problems, _),
        limit=_count("limit", parameters, (1, PAGE_SIZE, MOST_HITS), problems, _),
        offset=_count("offset", parameters, (0, 0, LAST_OFFSET), problems, _),
        state=_state(typed.get("status", ""), problems, _),
        order=_order(typed.get("sort", ""), problems, _),
    )
    return SearchParams(typed, query, problems)


def parameters(query_string: str) -> dict[str, str]:
    """The parameters of a query string that somebody kept or sent; anything but ours is left out."""
    found = dict(parse_qsl(query_string[:_LONGEST_TRAIL], errors="replace"))
    return {name: found[name] for name in PARAMETERS if name in found}


def title(asked: SearchParams) -> str:
    """What a question may be called: its words, else its filters."""
    return asked.query.text or ", ".join(value for name, value in asked.typed.items() if name != "sort")


def clean(text: str) -> str:
    """One line of NFC text without control characters, at most `LONGEST_TEXT` long. Joiners stay: Hindi needs them."""
    shown = "".join(" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in text)
    return " ".join(unicodedata.normalize("NFC", shown).split())[:LONGEST_TEXT].strip()


def to_day(text: str, *, end: bool) -> date:
    """A day written 2004-11-07, 7.11.2004, 7/11/2004 or 2004 (its first or, for `end`, its last day).

    Devanagari digits count. Raises `ValueError`.
    """
    first, last = typed_date.to_days(text)
    return last if end else first


def _day(name: str, text: str, problems: dict[str, str], _: Translate) -> date | None:
    if not text:
        return None
    try:
        return to_day(text, end=name == "to")
    except ValueError:
        problems[name] = _("“%(text)s” is not a date. Write it like 07-11-2004, or only the year.") % {"text": text}
        return None


def _kind(text: str, problems: dict[str, str], _: Translate) -> DocumentKind | None:
    if not text:
        return None
    try:
        return DocumentKind(text)
    except ValueError:
        problems["kind"] = _("There is no kind of document called “%(text)s”.") % {"text": text}
        return None


def _state(text: str, problems: dict[str, str], _: Translate) -> DocumentState | None:
    if not text:
        return None
    try:
        return DocumentState(text)
    except ValueError:
        problems["status"] = _("There is no state called “%(text)s”.") % {"text": text}
        return None


def _order(text: str, problems: dict[str, str], _: Translate) -> Order:
    try:
        return Order(text or Order.BEST)
    except ValueError:
        problems["sort"] = _("There is no order called “%(text)s”.") % {"text": text}
        return Order.BEST


def _count(
    name: str, parameters: Mapping[str, str], bounds: tuple[int, int, int], problems: dict[str, str], _: Translate
) -> int:
    """A whole number between the outer bounds; the middle one when none is given or it cannot be used."""
    least, usual, most = bounds
    text = clean(parameters.get(name, ""))
    if not text:
        return usual
    if text.isdecimal() and least <= int(text) <= most:
        return int(text)
    details = {"name": name, "least": least, "most": most}
    problems[name] = _("“%(name)s” is a whole number from %(least)s to %(most)s.") % details
    return usual
