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

# The reasons pydantic finds, in both languages; the braces are filled from what it tells of them.
_REASONS: dict[str, tuple[str, str]] = {
    "extra_forbidden": ("there is no such key", "ऐसी कोई कुंजी नहीं है"),
    "missing": ("it is missing", "यह नहीं दिया गया है"),
    "literal_error": ("it must be {expected}", "यहाँ इनमें से एक हो: {expected}"),
    "string_type": ("it must be text in quotes", "यह उद्धरण चिह्नों में पाठ हो"),
    "string_too_short": ("it must not be empty", "यह खाली न हो"),
    "string_pattern_mismatch": (
        "it must be small Latin letters, digits and hyphens",
        "इसमें केवल छोटे लैटिन अक्षर, अंक और योजक चिह्न हों",
    ),
    "tuple_type": ("it must be a list in square brackets", "यह कोष्ठक [ ] में सूची हो"),
    "too_short": ("the list must not be empty", "सूची खाली न हो"),
    "bool_type": ("it must be true or false", "यह true या false हो"),
    "int_type": ("it must be a whole number", "यह पूर्ण संख्या हो"),
    "float_type": ("it must be a number", "यह संख्या हो"),
    "greater_than": ("it must be more than {gt:g}", "यह {gt:g} से अधिक हो"),
    "greater_than_equal": ("it must be at least {ge:g}", "यह कम से कम {ge:g} हो"),
    "less_than_equal": ("it must be at most {le:g}", "यह अधिक से अधिक {le:g} हो"),
    "model_type": ("it must be a table", "यह तालिका हो"),
    "refused": ("{en}", "{hi}"),
}


def load_profiles(folder: Path) -> list[Profile]:
    """Every profile of the folder, and `GENERIC` where none looks after the inbox itself. Raises `ProfileError`."""
    if not folder.is_dir():
        raise ProfileError(
            origin=folder,
            line=1,
            cause="there is no such folder (intake.profiles)",
            cause_hi="ऐसा कोई फ़ोल्डर नहीं है (intake.profiles)",
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
        raise _error(path, 1, f"it cannot be read ({why})", f"यह पढ़ी नहीं जा सकी ({why})") from error
    try:
        return data.decode("utf-8-sig")  # some editors put a mark in front
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _error(path, line, "it is not saved as UTF-8", "यह UTF-8 में सहेजी नहीं गई है") from error


def _read(path: Path, text: str) -> Profile:
    try:
        return Profile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        number = int(line[1]) if line else text.count("\n") + 1
        cause = re.sub(r" \(at .*\)$", "", str(error))
        raise _error(path, number, f"it is no TOML ({cause})", f"यह TOML नहीं है ({cause})") from error
    except ValidationError as error:
        first = error.errors()[0]
        context: dict[str, Any] = first.get("ctx", {})
        names = str(context["key"]).split(".") if "key" in context else [p for p in first["loc"] if isinstance(p, str)]
        en, hi = _REASONS.get(first["type"], ("{msg}", "{msg}"))
        values = {"msg": first["msg"], **context}
        key = ".".join(names)
        raise _error(
            path, line_of(text, names), f"“{key}”: {en.format_map(values)}", f"“{key}”: {hi.format_map(values)}"
        ) from error


def _require_distinct(profile: Profile, known: Profile, path: Path, text: str, other: Path) -> None:
    if profile.name == known.name:
        cause = (f"“name”: {other.name} has it already", f"“name”: यह {other.name} में पहले से है")
        raise _error(path, line_of(text, ["name"]), *cause)
    if profile.folder_parts == known.folder_parts:
        cause = (f"“folder”: {other.name} looks after it", f"“folder”: इसे {other.name} देखता है")
        raise _error(path, line_of(text, ["folder"]), *cause)


def _error(path: Path, line: int, en: str, hi: str) -> ProfileError:
    return ProfileError(origin=path, line=line, cause=en, cause_hi=hi)


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
