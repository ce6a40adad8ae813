"""Scanner profiles read from their files, one TOML each. A bad one is refused with its file, the line and the reason.

What a profile means is in `profiles`; every key is explained in `scanners/README.md`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline.errors import ProfileError
from pipeline.ingest.profiles import GENERIC, Profile
from pipeline.locale import N_, Message

# The reasons pydantic finds; the braces are filled from what it tells of them.
_REASONS: dict[str, str] = {
    "extra_forbidden": N_("there is no such key"),
    "missing": N_("it is missing"),
    "literal_error": N_("it must be {expected}"),
    "string_type": N_("it must be text in quotes"),
    "string_too_short": N_("it must not be empty"),
    "string_pattern_mismatch": N_("it must be small Latin letters, digits and hyphens"),
    "tuple_type": N_("it must be a list in square brackets"),
    "too_short": N_("the list must not be empty"),
    "bool_type": N_("it must be true or false"),
    "int_type": N_("it must be a whole number"),
    "float_type": N_("it must be a number"),
    "greater_than": N_("it must be more than {gt:g}"),
    "greater_than_equal": N_("it must be at least {ge:g}"),
    "less_than_equal": N_("it must be at most {le:g}"),
    "model_type": N_("it must be a table"),
}


def load_profiles(folder: Path) -> list[Profile]:
    """Every profile of the folder, and `GENERIC` where none looks after the inbox itself. Raises `ProfileError`."""
    if not folder.is_dir():
        raise ProfileError(
            origin=folder,
            line=1,
            cause=Message("there is no such folder (intake.profiles)"),
        )
    found: dict[Path, Profile] = {}
    for path in sorted(folder.glob("*.toml")):
        text = _text_of(path)
        profile = _read(path, text)
        for other, known in found.items():
            _require_distinct(profile, known, path, text, other)
        found[path] = profile
    profiles = list(found.values())
    return profiles if any(not p.folder_parts for p in profiles) else [*profiles, GENERIC]


def _text_of(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise _error(path, 1, Message("it cannot be read ({cause})", cause=why)) from error
    try:
        return data.decode("utf-8-sig")  # some editors put a mark in front
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _error(path, line, Message("it is not saved as UTF-8")) from error


def _read(path: Path, text: str) -> Profile:
    try:
        return Profile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        number = int(line[1]) if line else text.count("\n") + 1
        cause = re.sub(r" \(at .*\)$", "", str(error))
        raise _error(path, number, Message("it is no TOML ({cause})", cause=cause)) from error
    except ValidationError as error:
        first = error.errors()[0]
        context: dict[str, Any] = first.get("ctx", {})
        names = str(context["key"]).split(".") if "key" in context else [p for p in first["loc"] if isinstance(p, str)]
        known = _REASONS.get(first["type"])
        reason = context.get("cause") or (Message(known, **context) if known else first["msg"])
        cause_of_key = Message("“{key}”: {cause}", key=".".join(names), cause=reason)
        raise _error(path, line_of(text, names), cause_of_key) from error


def _require_distinct(profile: Profile, known: Profile, path: Path, text: str, other: Path) -> None:
    if profile.name == known.name:
        cause = Message("“name”: {profile} has it already", profile=other.name)
        raise _error(path, line_of(text, ["name"]), cause)
    if profile.folder_parts == known.folder_parts:
        cause = Message("“folder”: {profile} looks after it", profile=other.name)
        raise _error(path, line_of(text, ["folder"]), cause)


def _error(path: Path, line: int, cause: Message) -> ProfileError:
    return ProfileError(origin=path, line=line, cause=cause)


def line_of(text: str, names: Sequence[str]) -> int:
    """The line, from 1, on which a key stands; of a key that is not there, its table's; else the first."""
    table: list[str] = []
    line, depth = 1, 0
    for number, written in enumerate(text.splitlines(), start=1):
        header, key = re.match(r"\s*\[\s*([\w.-]+)\s*\]", written), re.match(r"\s*\"?([\w.-]+)\"?\s*=", written)
        if header:
            table = header[1].split(".")
        elif not key:
            continue
        here = table if header else [*table, *(key[1].split(".") if key else ())]
        if len(here) > depth and here == list(names[: len(here)]):
            line, depth = number, len(here)
    return line
