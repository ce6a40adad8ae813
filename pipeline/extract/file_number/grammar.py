"""The forms that numbers are written in, as values: patterns in, compiled forms out, and the reading of one number.

Patterns stand in `config/file_numbers.toml`, which explains them; `grammar_file` reads it. Keys do not depend on forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from pipeline.extract.file_number.folding import LETTER, fold_letters
from pipeline.locale import Message

_LONGEST = 100  # no number is longer; what is, has no form
_FIRST_YEAR = 1850  # of papers in record rooms
_ROMAN_TAIL = r"(?:[.-]?[IVX]{1,5})?"
_WORDS = rf"{LETTER}+(?:(?:[. ]|(?<=भू)-){LETTER}+){{0,4}}"  # भू-अभि. is one section
_PIECES = {
    "serial": r"[0-9]{1,9}",
    "section": rf"{_WORDS}(?:{_ROMAN_TAIL}\((?:{LETTER}{{1,4}}|[0-9]{{1,2}})\))?{_ROMAN_TAIL}",
    "head": r"(?:[A-Z]{1,2}|[\u0904-\u0939])",
    "year": r"(?:(?:1[89]|20)[0-9]{2}(?:-[0-9]{4}|-[0-9]{2})?|[0-9]{2}(?:-[0-9]{2})?)",
}
_FULL_YEAR = r"(?:1[89]|20)[0-9]{2}(?:-[0-9]{4}|-[0-9]{2})?"
_TOKEN = re.compile(r"\{(?P<piece>[^{}]*)\}|(?P<letters>[A-Za-z]+|[\u0900-\u0963]+)|(?P<digits>[0-9]+)|(?P<sign>.)")
_SIGNS = {"/": "/", "-": "-", "(": r"\(", ")": r"\)", " ": "[ .-]?", ".": "[ .]?", "[": "(?:", "]": ")?"}


class PatternError(ValueError):
    """A pattern that cannot be understood."""

    def __init__(self, cause: Message) -> None:
        super().__init__(str(cause))
        self.cause = cause


@dataclass(frozen=True, slots=True)
class NumberForm:
    """One way of writing numbers. `labelled` is False where it opens with a prefix of its own and needs no label."""

    name: str
    en: str
    hi: str
    state: str
    patterns: tuple[re.Pattern[str], ...]
    labelled: bool = True


@dataclass(frozen=True, slots=True)
class NumberPart:
    """A named part of a number: its role (serial, section, year, head) and how it is spelled."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class NumberReading:
    """How a form understands a number."""

    form: NumberForm
    parts: tuple[NumberPart, ...]

    @property
    def years(self) -> tuple[str, ...]:
        return tuple(part.text for part in self.parts if part.role == "year")


@dataclass(frozen=True, slots=True)
class Grammar:
    """All forms, those of the office first. The first that understands a number names it.

    `last_year` is the latest that a number can name. What is read of a batch goes by the day the batch came in (`until`), so
    that it does not depend on the day on which it is read.
    """

    forms: tuple[NumberForm, ...] = ()
    last_year: int = field(default_factory=lambda: date.today().year + 1)

    def until(self, day: date) -> Grammar:
        """The same for papers that are not younger than this day."""
        return replace(self, last_year=day.year + 1)

    def readings(self, spelled: str) -> Iterator[NumberReading]:
        """Every form's reading of a number spelled by `letters.spell`."""
        if len(spelled) <= _LONGEST:
            for form in self.forms:
                reading = read_as(form, spelled)
                if reading is not None:
                    yield reading

    def read(self, spelled: str) -> NumberReading | None:
        """The first reading with plausible years, else the first of all."""
        first: NumberReading | None = None
        for reading in self.readings(spelled):
            if all(is_plausible(year, self.last_year) for year in reading.years):
                return reading
            first = first or reading
        return first

    def named(self, name: str | None) -> NumberForm | None:
        return next((form for form in self.forms if form.name == name), None)


def read_as(form: NumberForm, spelled: str) -> NumberReading | None:
    """The number as this form understands it, or None."""
    for pattern in form.patterns:
        found = pattern.fullmatch(spelled)
        if found:
            named = ((name.rsplit("_", 1)[0], text) for name, text in found.groupdict().items() if text)
            return NumberReading(form, tuple(NumberPart(role, _normal(role, text)) for role, text in named))
    return None


def _normal(role: str, text: str) -> str:
    return (text.lstrip("0") or "0") if role == "serial" else text


def is_plausible(year: str, last_year: int) -> bool:
    """Whether a year or a span can be one: papers are not older than record rooms, and 2018 is followed by 19."""
    first, _, second = year.partition("-")
    if len(first) == len("2018") and not _FIRST_YEAR <= int(first) <= last_year:
        return False
    return not second or (int(first) + 1) % 10 ** len(second) == int(second)


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern such as `F {serial}-{serial}/{year}[/{section}]` as a regular expression. Raises `PatternError`."""
    _require_balance(pattern)
    taken: list[str] = []
    count = 0
    for token in _TOKEN.finditer(pattern):
        if token["piece"] is not None:
            name, expression = _piece(token["piece"])
            taken.append(f"(?P<{name}_{count}>{expression})")
            count += 1
        elif token["letters"]:
            taken.append(re.escape(fold_letters(token["letters"])))
        elif token["digits"]:
            taken.append(token["digits"])
        elif token["sign"] in _SIGNS:
            taken.append(_SIGNS[token["sign"]])
        else:
            raise PatternError(Message("the sign “{sign}” cannot stand in a pattern", sign=token["sign"]))
    if "{serial" not in pattern:
        raise PatternError(Message("it has no {serial}"))
    return re.compile("".join(taken))


def _piece(written: str) -> tuple[str, str]:
    """The name of a piece and its expression; `{year:4}` wants all four digits, `{section:स्था|लेखा}` one of these."""
    name, _, wish = written.partition(":")
    if name not in _PIECES:
        names = ", ".join(f"{{{known}}}" for known in _PIECES)
        raise PatternError(Message("there is no {{{name}}}; there are {names}", name=name, names=names))
    if not wish:
        return name, _PIECES[name]
    if name == "year" and wish == "4":
        return name, _FULL_YEAR
    span = re.fullmatch(r"([1-9])(?:-([1-9]))?", wish)
    if name == "serial" and span and span[1] <= (span[2] or span[1]):
        return name, f"[0-9]{{{span[1]},{span[2] or span[1]}}}"
    if name in {"section", "head"} and all(
        re.fullmatch(r"[A-Za-z]+|[\u0900-\u0963]+", word) for word in wish.split("|")
    ):
        return name, f"(?:{'|'.join(fold_letters(word) for word in wish.split('|'))})"
    raise PatternError(Message("{{{piece}}} is not understood", piece=written))


def _require_balance(pattern: str) -> None:
    if not pattern.strip():
        raise PatternError(Message("the pattern is empty"))
    for opened, closed in ("{}", "[]", "()"):
        depth = 0
        for sign in pattern:
            depth += (sign == opened) - (sign == closed)
            if depth < 0:
                break
        if depth:
            raise PatternError(Message("“{opened}” and “{closed}” do not pair", opened=opened, closed=closed))


def merged(own: Sequence[NumberForm], delivered: Sequence[NumberForm]) -> Grammar:
    """The office's own forms before those that are delivered; one of the same name replaces the delivered one."""
    names = {form.name for form in own}
    return Grammar((*own, *(form for form in delivered if form.name not in names)))
