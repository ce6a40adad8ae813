"""The query language: what somebody typed, understood with patience. Any string means something; none is an error.

    सीमांकन सोनपुरा        both words            "नगर निगम"             side by side
    सोनपु*                 the beginning         सड़क OR मार्ग           either (also |)
    -निरस्त                not on the page       19-76/2019, 19-76      a number, whole or a part
    विषय:सीमांकन  subject:…    in the subject        फाइल:19-76  file:…     of this file
    दिनांक:2018..2020  date:…  in these years        कार्यालय:…  office:…   of this office

What is not understood after a field's name is searched for as plain words. Which words stand for others is decided in
`widening`; finding them is not done here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date

from pipeline.index import hindi
from pipeline.index.engines import Phrase
from pipeline.index.textindex import SUBJECT
from pipeline.model import typed_date
from pipeline.model.digits import western_of_any

MOST_WORDS = 24  # of one question; the rest of what somebody pasted is not looked at
_LONGEST = 4000  # signs
_FIELDS = {
    "file": "file",
    "fileno": "file",
    "फाइल": "file",
    "फाईल": "file",
    "नस्ती": "file",
    "पत्रावली": "file",
    "मिसिल": "file",
    "subject": "subject",
    "विषय": "subject",
    "date": "date",
    "year": "date",
    "दिनांक": "date",
    "तारीख": "date",
    "वर्ष": "date",
    "office": "office",
    "कार्यालय": "office",
}
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})
_PIECE = re.compile(
    r"(?P<sign>(?<!\S)-(?=[^\s\d-]))?(?:(?P<field>[^\W\d]+):\s*(?=\S))?"
    r'(?:"(?P<phrase>[^"]*)"?|(?P<bar>\|)(?=\s|$)|(?P<plain>[^\s"]+))'
)
_RANGE = re.compile(r"(.+?)\s*(?:\.\.+|…)\s*(.+)")
_YEARS = re.compile(r"(\d{4})[-–](\d{2}|\d{4})")


@dataclass(frozen=True, slots=True)
class Item:
    """One word, or several side by side, as tokens. `exact` was quoted and is taken as it is; `field` marks its tokens."""

    tokens: Phrase
    begun: bool = False
    exact: bool = False
    field: str = ""

    @property
    def is_word(self) -> bool:
        """Whether other words may stand for it."""
        return len(self.tokens) == 1 and not (self.exact or self.begun) and not hindi.is_number(self.tokens[0])

    @property
    def may_be_number(self) -> bool:
        """Whether it may be a part of a file number."""
        return not self.field and not self.exact and any(hindi.is_number(token) for token in self.tokens)

    @property
    def marked(self) -> Phrase:
        return tuple(self.field + token for token in self.tokens)


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A question taken apart: every inner tuple is a choice; `never` are not to be there; the rest narrows."""

    words: tuple[tuple[Item, ...], ...] = ()
    never: tuple[Item, ...] = ()
    file: str | None = None
    office: str | None = None
    since: date | None = None
    until: date | None = None
    cut: bool = False  # there was more than is looked at

    @property
    def narrows(self) -> bool:
        return any(given is not None for given in (self.file, self.office, self.since, self.until))

    @property
    def items(self) -> list[Item]:
        return [item for choice in self.words for item in choice]


def read(text: str) -> ParsedQuery:
    """Take a question apart. Never raises."""
    is_long = len(text) > _LONGEST
    text = unicodedata.normalize("NFC", text[:_LONGEST].translate(_QUOTES))
    said, choose = ParsedQuery(), False
    for match in _PIECE.finditer(_fields_apart(text)):
        if match["bar"] or (match["plain"] == "OR" and not match["field"]):
            choose = bool(said.words)
            continue
        field = _FIELDS.get(_folded(match["field"] or ""), "")
        value = match["phrase"] if match["phrase"] is not None else match["plain"] or ""
        if field and field != "subject" and (narrowed := _narrowed(said, field, value)):
            said = narrowed
            continue
        if match["field"] and not field:
            value = f"{match['field']} {value}"
        items = _items(value, quoted=match["phrase"] is not None, field=SUBJECT if field == "subject" else "")
        if match["sign"]:
            said = replace(said, never=said.never + tuple(items))
        elif items and choose:
            said = replace(
                said, words=(*said.words[:-1], (*said.words[-1], items[0]), *((item,) for item in items[1:]))
            )
        else:
            said = replace(said, words=said.words + tuple((item,) for item in items))
        choose = choose and not items
    cut = is_long or len(said.words) > MOST_WORDS or len(said.never) > MOST_WORDS
    return replace(said, words=said.words[:MOST_WORDS], never=said.never[:MOST_WORDS], cut=cut)


def _folded(name: str) -> str:
    return "".join(hindi.terms(name))


def _fields_apart(text: str) -> str:
    """The names of fields in the letters that the pattern knows: vowel signs are no letters to it."""
    return re.sub(
        r"([\w\u0900-\u0963]+)\s*:",
        lambda match: f"{_FIELDS[name]}:" if (name := _folded(match[1])) in _FIELDS else match[0],
        text,
    )


def _items(value: str, *, quoted: bool, field: str) -> list[Item]:
    tokens = tuple(hindi.terms(value))
    if not tokens:
        return []
    if quoted:
        return [Item(tokens, exact=True, field=field)]
    begun = value.endswith("*")
    if len(tokens) > 1 and any(hindi.is_number(token) for token in tokens) and not value.count(" "):
        return [Item(tokens, begun=begun, field=field)]
    last = len(tokens) - 1
    return [Item((token,), begun=begun and i == last, field=field) for i, token in enumerate(tokens)]


def _narrowed(said: ParsedQuery, field: str, value: str) -> ParsedQuery | None:
    """The question narrowed by a field; None where its value is not understood."""
    if field == "file":
        return replace(said, file=value) if hindi.terms(value) else None
    if field == "office":
        return replace(said, office=value) if value.strip() else None
    days = to_days(value)
    return replace(said, since=days[0], until=days[1]) if days else None


def to_days(text: str) -> tuple[date, date] | None:
    """The first and the last day of `2018`, `2018..2020`, `2018-19`, `7.11.2004` or `7.11.2004..2005`; None for others."""
    text = western_of_any(text.strip())
    if found := _RANGE.fullmatch(text):
        first, last = to_days(found[1]), to_days(found[2])
        return (first[0], last[1]) if first and last and first[0] <= last[1] else None
    try:
        if found := _YEARS.fullmatch(text):
            last_year = found[1][: -len(found[2])] + found[2]  # 2018-19
            first, last = typed_date.to_days(found[1]), typed_date.to_days(last_year)
            return (first[0], last[1]) if first[0] <= last[1] else None
        return typed_date.to_days(text)
    except ValueError:
        return None
