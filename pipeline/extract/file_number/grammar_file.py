"""The grammar read from its files. A bad entry is refused with the file, the line, the cause and the next step.

What patterns mean is in `grammar`; `config/file_numbers.toml` explains how they are written.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from pipeline.errors import NumberFormsError
from pipeline.extract.file_number.grammar import Grammar, NumberForm, PatternError, compile_pattern, merged, read_as
from pipeline.extract.file_number.keys import spelled
from pipeline.locale import Message

_TEXTS = ("name", "en", "hi", "state")
_KEYS = {*_TEXTS, "patterns", "examples", "labelled"}


def load_grammar(delivered: Path | None, own: Path | None = None) -> Grammar:
    """The delivered forms and before them the office's own, where there are such files. Raises `NumberFormsError`."""
    first = _forms(own) if own and own.exists() else []
    return merged(first, _forms(delivered) if delivered else [])


def _forms(path: Path) -> list[NumberForm]:
    text = _text_of(path)
    entries = _parsed(path, text)
    forms: list[NumberForm] = []
    for number, entry in enumerate(entries, start=1):
        form = _form(_Place(path, text, number), entry)
        if any(form.name == other.name for other in forms):
            raise _Place(path, text, number).error("name", Message("“{name}” is there twice", name=form.name))
        forms.append(form)
    return forms


def _text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")  # some editors put a mark in front
    except OSError as error:
        why = error.strerror or str(error)
        raise _error(path, 1, Message("it cannot be read ({cause})", cause=why)) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _error(path, line, Message("it is not saved as UTF-8")) from error


def _parsed(path: Path, text: str) -> list[Any]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        cause = re.sub(r" \(at .*\)$", "", str(error))
        at = int(line[1]) if line else text.count("\n") + 1
        raise _error(path, at, Message("it is no TOML ({cause})", cause=cause)) from error
    strange = next((key for key in table if key != "form"), None)
    if strange:
        at = next(at for at, line in enumerate(text.splitlines(), start=1) if strange in line)
        raise _error(path, at, Message("“{strange}” is not known; entries are [[form]]", strange=strange))
    entries = table.get("form", [])
    if not isinstance(entries, list):
        raise _error(path, 1, Message("write [[form]] with two brackets"))
    return entries


class _Place:
    """One entry of a file, for telling where something is wrong."""

    def __init__(self, path: Path, text: str, number: int) -> None:
        self.path, self.text, self.number = path, text, number

    def error(self, key: str, cause: Message) -> NumberFormsError:
        place = Message("form {number}, “{key}”: {cause}", number=self.number, key=key, cause=cause)
        return _error(self.path, self._line(key), place)

    def _line(self, key: str) -> int:
        """The line, from 1, of a key of this entry, else of its head."""
        seen, at = 0, 1
        for line, written in enumerate(self.text.splitlines(), start=1):
            if re.match(r"\s*\[\[\s*form\s*\]\]", written):
                seen += 1
                at = line if seen == self.number else at
            elif seen == self.number and re.match(rf"\s*{re.escape(key)}\s*=", written):
                return line
        return at


def _form(place: _Place, entry: dict[str, Any]) -> NumberForm:
    strange = next((key for key in entry if key not in _KEYS), None)
    if strange:
        raise place.error(strange, Message("there is no such key"))
    texts = {key: _text(place, entry, key) for key in _TEXTS}
    labelled = entry.get("labelled", True)
    if not isinstance(labelled, bool):
        raise place.error("labelled", Message("it must be true or false"))
    try:
        patterns = tuple(compile_pattern(pattern) for pattern in _list(place, entry, "patterns"))
    except PatternError as error:
        raise place.error("patterns", error.cause) from error
    form = NumberForm(**texts, patterns=patterns, labelled=labelled)
    for example in _list(place, entry, "examples"):
        if read_as(form, spelled(example)) is None:
            raise place.error("examples", Message("“{example}” does not fit its patterns", example=example))
    return form


def _text(place: _Place, entry: dict[str, Any], key: str) -> str:
    value = entry.get(key, "" if key == "state" else None)
    if not isinstance(value, str) or (key != "state" and not value.strip()):
        raise place.error(key, Message("it must be text in quotes"))
    return value


def _list(place: _Place, entry: dict[str, Any], key: str) -> list[str]:
    value = entry.get(key)
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        raise place.error(key, Message("it must be a list of texts in square brackets"))
    return value


def _error(path: Path, line: int, cause: Message) -> NumberFormsError:
    return NumberFormsError(origin=path, line=line, cause=cause)
