"""The query language: parse what somebody typed. Any string means something; none is an error.

    सीमांकन सोनपुरा        both words            "नगर निगम"             side by side
    सोनपु*                 the beginning         सड़क OR मार्ग           either (also |)
    -निरस्त                not on the page       19-76/2019, 19-76      a number, whole or a part
    विषय:सीमांकन  subject:…    in the subject        फाइल:19-76  file:…     of this file
    दिनांक:2018..2020  date:…  in these years        कार्यालय:…  office:…   of this office

What is not understood after a field's name is searched for as plain words. Which words stand for others is decided in
`expansion`; finding them is not done here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from pipeline.index import hindi
from pipeline.index.engines import Phrase
from pipeline.index.textindex import SUBJECT
from pipeline.model import typed_date
from pipeline.model.digits import western_of_any

MOST_WORDS = 24  # of one query; the rest of what somebody pasted is not looked at
_LONGEST = 4000  # signs of one query; set by hand
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
    """A parsed query: every inner tuple is a choice; `never` are not to be there; the rest narrows."""

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


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands between blanks or quotation marks. `field` is what the name before it stands for, empty of plain words."""

    value: str
    field: str = ""
    is_quoted: bool = False
    is_excluded: bool = False
    is_or: bool = False

    @classmethod
    def of(cls, match: re.Match[str]) -> _Piece:
        name, is_quoted = match["field"] or "", match["phrase"] is not None
        is_or = match["bar"] is not None or (match["plain"] == "OR" and not name)
        field = _FIELDS.get(_folded(name), "")
        value = match["phrase"] if is_quoted else match["plain"] or ""
        if name and not field:  # a word before a colon that names no field is a word
            value = f"{name} {value}"
        return cls(value, field, is_quoted, match["sign"] is not None, is_or)


def parse(text: str) -> ParsedQuery:
    """Parse a query. Never raises."""
    is_long = len(text) > _LONGEST
    text = unicodedata.normalize("NFC", text[:_LONGEST].translate(_QUOTES))
    parsed, after_or = ParsedQuery(), False
    for piece in map(_Piece.of, _PIECE.finditer(_fields_apart(text))):
        if piece.is_or:
            after_or = bool(parsed.words)
        elif (narrowed := _narrowed(parsed, piece)) is not None:
            parsed = narrowed
        else:
            items = _items(piece)
            parsed = _with(parsed, items, is_excluded=piece.is_excluded, is_choice=after_or)
            after_or = after_or and not items
    is_cut = is_long or len(parsed.words) > MOST_WORDS or len(parsed.never) > MOST_WORDS
    return replace(parsed, words=parsed.words[:MOST_WORDS], never=parsed.never[:MOST_WORDS], cut=is_cut)


def _with(parsed: ParsedQuery, items: Sequence[Item], *, is_excluded: bool, is_choice: bool) -> ParsedQuery:
    """The query with these words: not to be there, another choice for the word before, or to be there as well."""
    if is_excluded:
        return replace(parsed, never=(*parsed.never, *items))
    if not (items and is_choice):
        return replace(parsed, words=(*parsed.words, *((item,) for item in items)))
    *before, last = parsed.words
    first, *others = items
    return replace(parsed, words=(*before, (*last, first), *((item,) for item in others)))


def _folded(name: str) -> str:
    return "".join(hindi.terms(name))


def _fields_apart(text: str) -> str:
    """The names of fields in the letters that the pattern knows: vowel signs are no letters to it."""
    return re.sub(
        r"([\w\u0900-\u0963]+)\s*:",
        lambda match: f"{_FIELDS[name]}:" if (name := _folded(match[1])) in _FIELDS else match[0],
        text,
    )


def _items(piece: _Piece) -> list[Item]:
    """The words of a piece; what was quoted, and what reads as a number, as one."""
    value, field = piece.value, SUBJECT if piece.field == "subject" else ""
    tokens = tuple(hindi.terms(value))
    if not tokens:
        return []
    if piece.is_quoted:
        return [Item(tokens, exact=True, field=field)]
    begun = value.endswith("*")
    if len(tokens) > 1 and any(hindi.is_number(token) for token in tokens) and not value.count(" "):
        return [Item(tokens, begun=begun, field=field)]
    last = len(tokens) - 1
    return [Item((token,), begun=begun and i == last, field=field) for i, token in enumerate(tokens)]


def _narrowed(parsed: ParsedQuery, piece: _Piece) -> ParsedQuery | None:
    """The query narrowed by a field; None where the piece names none, or its value is not understood."""
    match piece.field:
        case "file":
            return replace(parsed, file=piece.value) if hindi.terms(piece.value) else None
        case "office":
            return replace(parsed, office=piece.value) if piece.value.strip() else None
        case "date":
            days = to_days(piece.value)
            return replace(parsed, since=days[0], until=days[1]) if days else None
    return None


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
