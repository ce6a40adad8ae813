"""Texts of errors without the paths of the machine that they arose on: what visitors of the web see of them.

The log and the commands keep the whole path; whoever reads those may look into the folders as well.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path, PurePath
from typing import Any

from pipeline.locale import Message

_SIGNS = r"[^\s/'\"“”‘’(),;:<>|।]+"
_PART = rf"{_SIGNS}(?: {_SIGNS}){{0,5}}"  # of a path, before another stroke; a folder's name may have blanks in it
_LAST = r"[^\s/'\"“”‘’(),;<>।]*"


@cache
def _below_the_root() -> re.Pattern[str]:
    """A path that begins with a folder that this machine has: an address of the web or of the API does not."""
    known = sorted((re.escape(path.name) for path in Path("/").iterdir()), key=len, reverse=True)
    begin = rf"(?:(?:file|sqlite)://+|(?<![\w/.])/)(?:{'|'.join(known)})(?![\w-])"
    return re.compile(rf"{begin}(?:/{_PART}(?=/))*(?:/{_LAST})?")


def without_paths(text: str) -> str:
    """The text with the last name of every path of this machine in the path's place."""
    return _below_the_root().sub(_last_name, text)


def _last_name(found: re.Match[str]) -> str:
    path = found[0]
    kept = path.rstrip(".:?!/")
    return PurePath(kept).name + path[len(kept) :].replace("/", "")


def without_paths_in(value: Any) -> Any:
    """The same of every text in a value of lists and mappings; a path becomes its name."""
    if isinstance(value, str):
        return without_paths(value)
    if isinstance(value, PurePath):
        return value.name
    if isinstance(value, dict):
        return {key: without_paths_in(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [without_paths_in(held) for held in value]
    return value


def public_details(details: dict[str, object]) -> dict[str, object]:
    """The details of an error as visitors may see them. What they typed themselves they may see again."""
    if details.get("what") == "address":
        return dict(details)
    return {name: _public(value) for name, value in details.items()}


def _public(value: object) -> object:
    if isinstance(value, PurePath):
        return value.name
    if isinstance(value, Message):
        return Message(value.msgid, **public_details(value.fields))
    if isinstance(value, str) and value.startswith("/") and "\n" not in value and Path(value).exists():
        return PurePath(value).name  # as a whole, whatever signs are in it
    return without_paths(str(value)) if isinstance(value, str | BaseException) else value
